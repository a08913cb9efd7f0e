#include "ui/ui_raster.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>

#include "ui/canvas_batch.hpp"

namespace ui::testing {

namespace {

struct Color {
    float r = 0, g = 0, b = 0, a = 0;
};

Color unpack(ImU32 c) {
    return {static_cast<float>(c & 255U) / 255, static_cast<float>((c >> 8) & 255U) / 255, static_cast<float>((c >> 16) & 255U) / 255, static_cast<float>(c >> 24) / 255};
}

struct Target {
    int width = 0, height = 0;
    std::vector<float> rgb;
    ImVec4 clip{};

    void blend(int x, int y, Color c) {
        float* at = &rgb[static_cast<std::size_t>(y * width + x) * 3];
        at[0] += (c.r - at[0]) * c.a;
        at[1] += (c.g - at[1]) * c.a;
        at[2] += (c.b - at[2]) * c.a;
    }
    // `shade` gets the three weights of a pixel inside.
    void triangle(ImVec2 a, ImVec2 b, ImVec2 c, const std::function<Color(float, float, float)>& shade) {
        const float area = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
        if (area == 0) return;
        if (area < 0) return triangle(a, c, b, [&](float w0, float w1, float w2) { return shade(w0, w2, w1); });
        const int x0 = static_cast<int>(std::max({std::floor(std::min({a.x, b.x, c.x})), clip.x, 0.0f}));
        const int x1 = static_cast<int>(std::min({std::ceil(std::max({a.x, b.x, c.x})), clip.z, static_cast<float>(width)}));
        const int y0 = static_cast<int>(std::max({std::floor(std::min({a.y, b.y, c.y})), clip.y, 0.0f}));
        const int y1 = static_cast<int>(std::min({std::ceil(std::max({a.y, b.y, c.y})), clip.w, static_cast<float>(height)}));
        for (int y = y0; y < y1; ++y) {
            for (int x = x0; x < x1; ++x) {
                const float px = static_cast<float>(x) + 0.5f;
                const float py = static_cast<float>(y) + 0.5f;
                const float w0 = ((b.x - px) * (c.y - py) - (b.y - py) * (c.x - px)) / area;
                const float w1 = ((c.x - px) * (a.y - py) - (c.y - py) * (a.x - px)) / area;
                const float w2 = 1 - w0 - w1;
                // Shared edges belong to one triangle only.
                const auto inside = [](float w, ImVec2 p, ImVec2 q) { return w > 0 || (w == 0 && (q.y > p.y || (q.y == p.y && q.x < p.x))); };
                if (!inside(w0, b, c) || !inside(w1, c, a) || !inside(w2, a, b)) continue;
                blend(x, y, shade(w0, w1, w2));
            }
        }
    }
};

void draw_batch(Target& target, const CanvasBatch& batch, float ratio) {
    const auto at = [&](float x, float y) {
        return ImVec2((x * batch.transform.scale + batch.transform.offset_x) * ratio, (y * batch.transform.scale + batch.transform.offset_y) * ratio);
    };
    const std::size_t end = std::min<std::size_t>(batch.indices.size(), static_cast<std::size_t>(batch.first_index) + batch.index_count);
    for (std::size_t i = batch.first_index; i + 2 < end; i += 3) {
        if (!batch.flat.empty()) {
            const FlatVertex& a = batch.flat[batch.indices[i]];
            const FlatVertex& b = batch.flat[batch.indices[i + 1]];
            const FlatVertex& c = batch.flat[batch.indices[i + 2]];
            target.triangle(at(a.x, a.y), at(b.x, b.y), at(c.x, c.y), [&](float, float, float) { return unpack(a.color); });
            continue;
        }
        const SdfVertex& a = batch.sdf[batch.indices[i]];
        const SdfVertex& b = batch.sdf[batch.indices[i + 1]];
        const SdfVertex& c = batch.sdf[batch.indices[i + 2]];
        const float px_scale = batch.transform.scale * ratio;
        target.triangle(at(a.x, a.y), at(b.x, b.y), at(c.x, c.y), [&](float w0, float w1, float w2) {
            const float u = std::abs(a.u * w0 + b.u * w1 + c.u * w2) - (a.half_w - a.radius);
            const float v = std::abs(a.v * w0 + b.v * w1 + c.v * w2) - (a.half_h - a.radius);
            const float outside = std::sqrt(std::max(u, 0.0f) * std::max(u, 0.0f) + std::max(v, 0.0f) * std::max(v, 0.0f));
            const float distance = (outside + std::min(std::max(u, v), 0.0f) - a.radius) * px_scale;
            float cover = std::clamp(0.5f - distance, 0.0f, 1.0f);
            if (a.stroke > 0) cover *= std::clamp(distance + a.stroke * px_scale + 0.5f, 0.0f, 1.0f);
            Color color = unpack(a.color);
            color.a *= cover;
            return color;
        });
    }
}

void draw_command(Target& target, const ImDrawList& list, const ImDrawCmd& command, float ratio) {
    ImTextureData* texture = command.TexRef._TexData;
    for (unsigned i = 0; i + 2 < command.ElemCount; i += 3) {
        const ImDrawVert* v[3];
        for (unsigned k = 0; k < 3; ++k) v[k] = &list.VtxBuffer[static_cast<int>(list.IdxBuffer[static_cast<int>(command.IdxOffset + i + k)] + command.VtxOffset)];
        const auto at = [&](const ImDrawVert* p) { return ImVec2(p->pos.x * ratio, p->pos.y * ratio); };
        target.triangle(at(v[0]), at(v[1]), at(v[2]), [&](float w0, float w1, float w2) {
            const Color a = unpack(v[0]->col);
            const Color b = unpack(v[1]->col);
            const Color c = unpack(v[2]->col);
            Color out{a.r * w0 + b.r * w1 + c.r * w2, a.g * w0 + b.g * w1 + c.g * w2, a.b * w0 + b.b * w1 + c.b * w2, a.a * w0 + b.a * w1 + c.a * w2};
            if (texture == nullptr || texture->Pixels == nullptr) return out;
            // Bilinear, as the browser samples.
            const float x = (v[0]->uv.x * w0 + v[1]->uv.x * w1 + v[2]->uv.x * w2) * static_cast<float>(texture->Width) - 0.5f;
            const float y = (v[0]->uv.y * w0 + v[1]->uv.y * w1 + v[2]->uv.y * w2) * static_cast<float>(texture->Height) - 0.5f;
            const int x0 = static_cast<int>(std::floor(x));
            const int y0 = static_cast<int>(std::floor(y));
            float alpha = 0;
            for (int dy = 0; dy < 2; ++dy) {
                for (int dx = 0; dx < 2; ++dx) {
                    const int tx = std::clamp(x0 + dx, 0, texture->Width - 1);
                    const int ty = std::clamp(y0 + dy, 0, texture->Height - 1);
                    const unsigned char* pixel = static_cast<unsigned char*>(texture->GetPixelsAt(tx, ty));
                    const float weight = (dx == 1 ? x - static_cast<float>(x0) : 1 - (x - static_cast<float>(x0))) * (dy == 1 ? y - static_cast<float>(y0) : 1 - (y - static_cast<float>(y0)));
                    alpha += weight * static_cast<float>(pixel[texture->BytesPerPixel - 1]) / 255;
                }
            }
            out.a *= alpha;
            return out;
        });
    }
}

}  // namespace

bool write_picture(Rig& rig, const std::string& path) {
    ImGui::SetCurrentContext(rig.context);
    const float ratio = rig.input.pixel_ratio;
    Target target;
    target.width = static_cast<int>(std::lround(rig.input.width * ratio));
    target.height = static_cast<int>(std::lround(rig.input.height * ratio));
    target.rgb.resize(static_cast<std::size_t>(target.width * target.height) * 3);
    const std::uint32_t background = rig.shell->background_rgb();
    for (std::size_t i = 0; i < target.rgb.size(); ++i) target.rgb[i] = static_cast<float>((background >> (16 - 8 * (i % 3))) & 255U) / 255;
    const ImDrawData* data = ImGui::GetDrawData();
    for (const ImDrawList* list : data->CmdLists) {
        for (const ImDrawCmd& command : list->CmdBuffer) {
            target.clip = ImVec4(command.ClipRect.x * ratio, command.ClipRect.y * ratio, command.ClipRect.z * ratio, command.ClipRect.w * ratio);
            if (command.UserCallback == &canvas_batch_callback) draw_batch(target, *static_cast<const CanvasBatch*>(command.UserCallbackData), ratio);
            else if (command.UserCallback == nullptr) draw_command(target, *list, command, ratio);
        }
    }
    std::ofstream file(path, std::ios::binary);
    file << "P6\n" << target.width << ' ' << target.height << "\n255\n";
    std::string bytes(target.rgb.size(), '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(static_cast<unsigned char>(std::lround(std::clamp(target.rgb[i], 0.0f, 1.0f) * 255)));
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return file.good();
}

}  // namespace ui::testing
