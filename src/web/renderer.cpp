#include "web/renderer.hpp"

#include <GLES3/gl3.h>
#include <emscripten/html5_webgl.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <unordered_map>
#include <vector>

#include "ui/canvas_batch.hpp"
#include "web/gl_program.hpp"

namespace web {

namespace {

static_assert(sizeof(ImDrawIdx) == 4, "large canvases pass 65,535 vertices");

// A batch key that no frame has shown for so long gives its buffers back.
constexpr std::uint64_t kBatchLifetimeFrames = 600;

struct Scissor {
    int x = 0, y = 0, width = 0, height = 0;
    friend bool operator==(const Scissor&, const Scissor&) = default;
    [[nodiscard]] bool empty() const { return width <= 0 || height <= 0; }
};

// The atlas is Alpha8; an RGBA texture (none of ours) loses its colour.
void upload(const ImTextureData& texture, const ImTextureRect& rect, bool whole) {
    const int bytes = texture.BytesPerPixel;
    const unsigned char* pixels = texture.Pixels + (static_cast<std::size_t>(rect.y) * static_cast<std::size_t>(texture.Width) + rect.x) * static_cast<std::size_t>(bytes);
    std::vector<unsigned char> alpha;
    if (bytes == 4) {
        alpha.resize(static_cast<std::size_t>(texture.Width) * rect.h);
        for (std::size_t i = 0; i < static_cast<std::size_t>(texture.Width) * (rect.h - 1U) + rect.w; ++i) alpha[i] = pixels[i * 4 + 3];
        pixels = alpha.data();
    }
    glPixelStorei(GL_UNPACK_ALIGNMENT, 1);
    glPixelStorei(GL_UNPACK_ROW_LENGTH, texture.Width);
    if (whole) {
        glTexImage2D(GL_TEXTURE_2D, 0, GL_R8, rect.w, rect.h, 0, GL_RED, GL_UNSIGNED_BYTE, pixels);
    } else {
        glTexSubImage2D(GL_TEXTURE_2D, 0, rect.x, rect.y, rect.w, rect.h, GL_RED, GL_UNSIGNED_BYTE, pixels);
    }
}

}  // namespace

class Renderer::Impl {
public:
    bool create(const char* selector) {
        EmscriptenWebGLContextAttributes attributes;
        emscripten_webgl_init_context_attributes(&attributes);
        attributes.majorVersion = 2;
        attributes.alpha = false;
        attributes.depth = false;
        attributes.stencil = false;
        attributes.antialias = false;  // ImGui and the SDF shader draw their own soft edges
        attributes.preserveDrawingBuffer = false;
        attributes.enableExtensionsByDefault = false;
        attributes.failIfMajorPerformanceCaveat = false;
        context_ = emscripten_webgl_create_context(selector, &attributes);
        if (context_ <= 0) return false;
        emscripten_webgl_make_context_current(context_);
        return create_objects();
    }

    [[nodiscard]] bool available() const { return ready_; }

    void render(ImDrawData& data, int width_px, int height_px, std::uint32_t background_rgb) {
        ++frame_;
        update_textures(data);
        if (!ready_ || width_px <= 0 || height_px <= 0) return;
        counters_.draw_calls = 0;
        counters_.vertices = static_cast<std::uint64_t>(data.TotalVtxCount);

        set_frame_state(width_px, height_px, background_rgb);
        view_x_ = 2.0f / data.DisplaySize.x;
        view_y_ = -2.0f / data.DisplaySize.y;
        upload_lists(data);
        draw_lists(data, height_px);
        drop_old_batches();
    }

    void context_lost() {
        ready_ = false;
        ui_ = {};
        flat_ = {};
        sdf_ = {};
        array_ = vertices_ = indices_ = 0;
        for (auto& [key, batch] : batches_) batch.forget();
        batches_.clear();
        forget_textures();
    }

    void context_restored() {
        forget_textures();  // those that got kNoTexture meanwhile
        if (context_ > 0) create_objects();
    }

    Counters counters_;

private:
    bool create_objects() {
        ui_.create();
        flat_.create();
        sdf_.create();
        glGenVertexArrays(1, &array_);
        glGenBuffers(1, &vertices_);
        glGenBuffers(1, &indices_);
        glBindVertexArray(array_);
        glBindBuffer(GL_ARRAY_BUFFER, vertices_);
        glBindBuffer(GL_ELEMENT_ARRAY_BUFFER, indices_);
        const auto attribute = [](GLuint location, GLint components, GLenum type, GLboolean normalised, std::size_t offset) {
            glEnableVertexAttribArray(location);
            glVertexAttribPointer(location, components, type, normalised, sizeof(ImDrawVert), reinterpret_cast<const void*>(offset));
        };
        attribute(0, 2, GL_FLOAT, GL_FALSE, offsetof(ImDrawVert, pos));
        attribute(1, 2, GL_FLOAT, GL_FALSE, offsetof(ImDrawVert, uv));
        attribute(2, 4, GL_UNSIGNED_BYTE, GL_TRUE, offsetof(ImDrawVert, col));
        ready_ = ui_.program != 0 && flat_.program != 0 && sdf_.program != 0;
        return ready_;
    }

    static void forget_textures() {
        for (ImTextureData* texture : ImGui::GetPlatformIO().Textures) {
            if (texture->TexID == ImTextureID_Invalid) continue;
            texture->SetTexID(ImTextureID_Invalid);
            texture->SetStatus(ImTextureStatus_Destroyed);
        }
    }

    void update_textures(ImDrawData& data) {
        if (data.Textures == nullptr) return;
        for (ImTextureData* texture : *data.Textures) {
            if (texture->Status != ImTextureStatus_OK) update_texture(*texture);
        }
    }

    void update_texture(ImTextureData& texture) {
        if (texture.Status == ImTextureStatus_WantCreate) {
            GLuint name = 0;
            if (ready_) {
                glGenTextures(1, &name);
                glBindTexture(GL_TEXTURE_2D, name);
                glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_LINEAR);
                glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_LINEAR);
                glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_S, GL_CLAMP_TO_EDGE);
                glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_WRAP_T, GL_CLAMP_TO_EDGE);
                const ImTextureRect whole{0, 0, static_cast<unsigned short>(texture.Width), static_cast<unsigned short>(texture.Height)};
                upload(texture, whole, true);
                ++counters_.texture_uploads;
            }
            // Without a context any valid name will do: nothing is drawn with it, and a restore makes all anew.
            texture.SetTexID(name != 0 ? name : kNoTexture);
            texture.SetStatus(ImTextureStatus_OK);
        } else if (texture.Status == ImTextureStatus_WantUpdates) {
            if (ready_) {
                glBindTexture(GL_TEXTURE_2D, static_cast<GLuint>(texture.TexID));
                upload(texture, texture.UpdateRect, false);
                ++counters_.texture_uploads;
            }
            texture.SetStatus(ImTextureStatus_OK);
        } else if (texture.Status == ImTextureStatus_WantDestroy && texture.UnusedFrames > 0) {
            const auto name = static_cast<GLuint>(texture.TexID);
            if (ready_ && texture.TexID != kNoTexture) glDeleteTextures(1, &name);
            texture.SetTexID(ImTextureID_Invalid);
            texture.SetStatus(ImTextureStatus_Destroyed);
        }
    }

    void set_frame_state(int width_px, int height_px, std::uint32_t background_rgb) const {
        glViewport(0, 0, width_px, height_px);
        glDisable(GL_SCISSOR_TEST);
        glClearColor(static_cast<float>(background_rgb >> 16 & 0xff) / 255.0f, static_cast<float>(background_rgb >> 8 & 0xff) / 255.0f,
                     static_cast<float>(background_rgb & 0xff) / 255.0f, 1.0f);
        glClear(GL_COLOR_BUFFER_BIT);
        glEnable(GL_SCISSOR_TEST);
        glEnable(GL_BLEND);
        glBlendFunc(GL_SRC_ALPHA, GL_ONE_MINUS_SRC_ALPHA);
        glActiveTexture(GL_TEXTURE0);
    }

    // All lists into one vertex and one index buffer. WebGL2 has no base vertex, so the indices are shifted on the way.
    void upload_lists(const ImDrawData& data) {
        vertex_bytes_.resize(static_cast<std::size_t>(data.TotalVtxCount));
        index_values_.resize(static_cast<std::size_t>(data.TotalIdxCount));
        ImDrawVert* vertex = vertex_bytes_.data();
        ImDrawIdx* index = index_values_.data();
        ImDrawIdx base = 0;
        for (const ImDrawList* list : data.CmdLists) {
            vertex = std::copy(list->VtxBuffer.begin(), list->VtxBuffer.end(), vertex);
            index = std::transform(list->IdxBuffer.begin(), list->IdxBuffer.end(), index, [base](ImDrawIdx i) { return i + base; });
            base += static_cast<ImDrawIdx>(list->VtxBuffer.Size);
        }
        glBindVertexArray(array_);
        glBindBuffer(GL_ARRAY_BUFFER, vertices_);
        glBufferData(GL_ARRAY_BUFFER, static_cast<GLsizeiptr>(vertex_bytes_.size() * sizeof(ImDrawVert)), vertex_bytes_.data(), GL_STREAM_DRAW);
        glBufferData(GL_ELEMENT_ARRAY_BUFFER, static_cast<GLsizeiptr>(index_values_.size() * sizeof(ImDrawIdx)), index_values_.data(), GL_STREAM_DRAW);
    }

    // Commands that differ in nothing but their indices become one draw call.
    struct Run {
        Scissor scissor;
        ImTextureID texture = ImTextureID_Invalid;
        std::size_t first = 0;
        std::size_t count = 0;
    };

    void draw_lists(const ImDrawData& data, int height_px) {
        bound_program_ = 0;
        bound_texture_ = ImTextureID_Invalid;
        scissor_ = {-1, -1, -1, -1};
        Run run;
        std::size_t list_first = 0;
        for (const ImDrawList* list : data.CmdLists) {
            for (const ImDrawCmd& command : list->CmdBuffer) {
                const Scissor scissor = scissor_of(command, data, height_px);
                if (command.UserCallback != nullptr) {
                    flush(run);
                    if (command.UserCallback == &ui::canvas_batch_callback) {
                        if (!scissor.empty()) draw_batch(*static_cast<const ui::CanvasBatch*>(command.UserCallbackData), data, scissor);
                    } else if (command.UserCallback != ImDrawCallback_ResetRenderState) {
                        command.UserCallback(list, &command);
                    }
                    continue;
                }
                if (command.ElemCount == 0 || scissor.empty()) continue;
                const unsigned cleared = clear_backgrounds(*list, command, data, height_px, scissor, run);
                if (cleared == command.ElemCount) continue;
                const std::size_t first = list_first + command.IdxOffset + cleared;
                const ImTextureID texture = command.GetTexID();
                if (run.count > 0 && run.first + run.count == first && run.texture == texture && run.scissor == scissor) {
                    run.count += command.ElemCount - cleared;
                    continue;
                }
                flush(run);
                run = {scissor, texture, first, command.ElemCount - cleared};
            }
            list_first += static_cast<std::size_t>(list->IdxBuffer.Size);
        }
        flush(run);
    }

    // Large opaque rectangles at the head of a command, the backgrounds of windows and panels, are cleared rather than drawn: on a CPU
    // rasteriser a blended and textured fill of 1280 x 720 px costs some 15 ms, a clear next to nothing. Says how many indices that took.
    unsigned clear_backgrounds(const ImDrawList& list, const ImDrawCmd& command, const ImDrawData& data, int height_px, const Scissor& scissor, Run& run) {
        constexpr int kWorthwhilePx = 64 * 64;
        unsigned taken = 0;
        for (; taken + 6 <= command.ElemCount; taken += 6) {
            const ImDrawIdx* index = list.IdxBuffer.Data + command.IdxOffset + taken;
            const ImDrawIdx a = index[0];
            if (index[1] != a + 1 || index[2] != a + 2 || index[3] != a || index[4] != a + 2 || index[5] != a + 3) break;  // ImDrawList::PrimRect
            const ImDrawVert* corner = list.VtxBuffer.Data + command.VtxOffset + a;
            const auto box = solid_box(corner, data, height_px);
            if (!box || box->width * box->height < kWorthwhilePx) break;
            const int left = std::max(box->x, scissor.x), bottom = std::max(box->y, scissor.y);
            const int right = std::min(box->x + box->width, scissor.x + scissor.width);
            const int top = std::min(box->y + box->height, scissor.y + scissor.height);
            if (right <= left || top <= bottom) continue;
            flush(run);
            use_scissor({left, bottom, right - left, top - bottom});
            const ImVec4 color = ImGui::ColorConvertU32ToFloat4(corner->col);
            glClearColor(color.x, color.y, color.z, 1.0f);
            glClear(GL_COLOR_BUFFER_BIT);
        }
        return taken;
    }

    // The pixels of a rectangle of one opaque colour without a texture, when its edges lie on pixels.
    static std::optional<Scissor> solid_box(const ImDrawVert* corner, const ImDrawData& data, int height_px) {
        const ImVec2 white = ImGui::GetFontTexUvWhitePixel();
        for (int i = 0; i < 4; ++i) {
            const bool plain = corner[i].col == corner[0].col && corner[i].uv.x == white.x && corner[i].uv.y == white.y;
            if (!plain || corner[i].col >> IM_COL32_A_SHIFT != 255) return std::nullopt;
        }
        const ImVec2 min = corner[0].pos, max = corner[2].pos;
        if (corner[1].pos.x != max.x || corner[1].pos.y != min.y || corner[3].pos.x != min.x || corner[3].pos.y != max.y) return std::nullopt;
        const float edges[] = {(min.x - data.DisplayPos.x) * data.FramebufferScale.x, (min.y - data.DisplayPos.y) * data.FramebufferScale.y,
                               (max.x - data.DisplayPos.x) * data.FramebufferScale.x, (max.y - data.DisplayPos.y) * data.FramebufferScale.y};
        for (const float edge : edges) {
            if (std::abs(edge - std::round(edge)) > 0.01f) return std::nullopt;
        }
        const int left = static_cast<int>(std::round(edges[0])), top = static_cast<int>(std::round(edges[1]));
        const int right = static_cast<int>(std::round(edges[2])), bottom = static_cast<int>(std::round(edges[3]));
        return Scissor{left, height_px - bottom, right - left, bottom - top};
    }

    static Scissor scissor_of(const ImDrawCmd& command, const ImDrawData& data, int height_px) {
        const ImVec2 scale = data.FramebufferScale;
        const int left = static_cast<int>((command.ClipRect.x - data.DisplayPos.x) * scale.x + 0.5f);
        const int top = static_cast<int>((command.ClipRect.y - data.DisplayPos.y) * scale.y + 0.5f);
        const int right = static_cast<int>((command.ClipRect.z - data.DisplayPos.x) * scale.x + 0.5f);
        const int bottom = static_cast<int>((command.ClipRect.w - data.DisplayPos.y) * scale.y + 0.5f);
        return {std::max(left, 0), std::max(height_px - bottom, 0), right - std::max(left, 0), std::min(bottom, height_px) - top};
    }

    void use_scissor(const Scissor& scissor) {
        if (scissor == scissor_) return;
        scissor_ = scissor;
        glScissor(scissor.x, scissor.y, scissor.width, scissor.height);
    }

    bool use_program(GLuint program) {
        if (program == bound_program_) return false;
        bound_program_ = program;
        glUseProgram(program);
        return true;
    }

    void flush(Run& run) {
        if (run.count == 0) return;
        if (use_program(ui_.program)) {
            glUniform2f(ui_.view, view_x_, view_y_);
            glBindVertexArray(array_);
        }
        if (run.texture != bound_texture_) {
            bound_texture_ = run.texture;
            glBindTexture(GL_TEXTURE_2D, static_cast<GLuint>(run.texture));
        }
        use_scissor(run.scissor);
        glDrawElements(GL_TRIANGLES, static_cast<GLsizei>(run.count), GL_UNSIGNED_INT,
                       reinterpret_cast<const void*>(run.first * sizeof(ImDrawIdx)));
        ++counters_.draw_calls;
        run.count = 0;
    }

    void draw_batch(const ui::CanvasBatch& batch, const ImDrawData& data, const Scissor& scissor) {
        if (batch.indices.empty() || (batch.flat.empty() && batch.sdf.empty())) return;
        const std::uint32_t total = static_cast<std::uint32_t>(batch.indices.size());
        if (batch.first_index >= total) return;
        const std::uint32_t count = std::min(batch.index_count, total - batch.first_index);
        GlBatch& buffers = batches_[batch.key];
        buffers.last_frame = frame_;
        if (buffers.prepare(batch)) ++counters_.batch_uploads;
        const ui::CanvasTransform& t = batch.transform;
        if (buffers.is_sdf()) {
            if (use_program(sdf_.program)) glUniform2f(sdf_.view, view_x_, view_y_);
            glUniform3f(sdf_.transform, t.scale, t.offset_x, t.offset_y);
            glUniform1f(sdf_.pixel_scale, t.scale * data.FramebufferScale.x);
        } else {
            if (use_program(flat_.program)) glUniform2f(flat_.view, view_x_, view_y_);
            glUniform3f(flat_.transform, t.scale, t.offset_x, t.offset_y);
        }
        use_scissor(scissor);
        glDrawElements(GL_TRIANGLES, static_cast<GLsizei>(count), GL_UNSIGNED_INT,
                       reinterpret_cast<const void*>(static_cast<std::size_t>(batch.first_index) * sizeof(std::uint32_t)));
        ++counters_.draw_calls;
    }

    void drop_old_batches() {
        if (frame_ % kBatchLifetimeFrames != 0) return;
        std::erase_if(batches_, [this](const auto& entry) { return entry.second.last_frame + kBatchLifetimeFrames < frame_; });
    }

    static constexpr ImTextureID kNoTexture = static_cast<ImTextureID>(-1);

    EMSCRIPTEN_WEBGL_CONTEXT_HANDLE context_ = 0;
    bool ready_ = false;
    UiProgram ui_;
    FlatProgram flat_;
    SdfProgram sdf_;
    GLuint array_ = 0;
    GLuint vertices_ = 0;
    GLuint indices_ = 0;
    std::vector<ImDrawVert> vertex_bytes_;
    std::vector<ImDrawIdx> index_values_;
    std::unordered_map<std::uint32_t, GlBatch> batches_;
    std::uint64_t frame_ = 0;
    float view_x_ = 0;
    float view_y_ = 0;
    GLuint bound_program_ = 0;
    ImTextureID bound_texture_ = ImTextureID_Invalid;
    Scissor scissor_;
};

Renderer::Renderer() : impl_(std::make_unique<Impl>()) {}
Renderer::~Renderer() = default;
bool Renderer::create(const char* canvas_selector) { return impl_->create(canvas_selector); }
bool Renderer::available() const { return impl_->available(); }
void Renderer::render(ImDrawData& data, int width_px, int height_px, std::uint32_t background_rgb) {
    impl_->render(data, width_px, height_px, background_rgb);
}
void Renderer::context_lost() { impl_->context_lost(); }
void Renderer::context_restored() { impl_->context_restored(); }
const Renderer::Counters& Renderer::counters() const { return impl_->counters_; }

}  // namespace web
