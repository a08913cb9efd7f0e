#include "ui/fonts.hpp"

#include <cmath>
#include <cstring>

namespace ui {

namespace {

std::uint32_t read_u32(std::span<const std::uint8_t> bytes, std::size_t at) {
    return (std::uint32_t{bytes[at]} << 24) | (std::uint32_t{bytes[at + 1]} << 16) | (std::uint32_t{bytes[at + 2]} << 8) | bytes[at + 3];
}

std::uint16_t read_u16(std::span<const std::uint8_t> bytes, std::size_t at) {
    return static_cast<std::uint16_t>((bytes[at] << 8) | bytes[at + 1]);
}

void write_i16(std::vector<std::uint8_t>& bytes, std::size_t at, int value) {
    bytes[at] = static_cast<std::uint8_t>((value >> 8) & 0xff);
    bytes[at + 1] = static_cast<std::uint8_t>(value & 0xff);
}

// Offset of a table, or 0.
std::size_t find_table(std::span<const std::uint8_t> ttf, const char* tag, std::size_t smallest) {
    if (ttf.size() < 12) return 0;
    const std::size_t count = read_u16(ttf, 4);
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t entry = 12 + i * 16;
        if (entry + 16 > ttf.size()) return 0;
        if (std::memcmp(ttf.data() + entry, tag, 4) != 0) continue;
        const std::size_t offset = read_u32(ttf, entry + 8);
        return offset + smallest <= ttf.size() ? offset : 0;
    }
    return 0;
}

ImFont* add_face(ImFontAtlas& atlas, const std::vector<std::uint8_t>& file, float size, const char* name) {
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    config.PixelSnapH = false;
    std::strncpy(config.Name, name, sizeof config.Name - 1);
    // ImGui takes void* but only reads.
    return atlas.AddFontFromMemoryTTF(const_cast<std::uint8_t*>(file.data()), static_cast<int>(file.size()), size, &config);
}

}  // namespace

std::vector<std::uint8_t> with_line_height(std::span<const std::uint8_t> ttf, float line_height, float ascent) {
    std::vector<std::uint8_t> out(ttf.begin(), ttf.end());
    const std::size_t head = find_table(ttf, "head", 54);
    const std::size_t hhea = find_table(ttf, "hhea", 36);
    if (head == 0 || hhea == 0) return out;
    const float units_per_em = read_u16(ttf, head + 18);
    write_i16(out, hhea + 4, static_cast<int>(std::lround(ascent * units_per_em)));
    write_i16(out, hhea + 6, static_cast<int>(std::lround((ascent - line_height) * units_per_em)));
    write_i16(out, hhea + 8, 0);  // line gap
    return out;
}

Fonts add_fonts(ImFontAtlas& atlas, const FontFiles& files) {
    Fonts fonts;
    fonts.ui = add_face(atlas, files.ui, text_size::kUi, "Inter");
    fonts.semibold = add_face(atlas, files.semibold, text_size::kUi, "Inter semibold");
    fonts.mono = add_face(atlas, files.mono, text_size::kMono, "JetBrains Mono");
    return fonts;
}

}  // namespace ui
