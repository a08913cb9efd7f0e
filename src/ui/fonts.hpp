// Fonts: the three faces, loaded with the line heights that text_size (theme.hpp) promises.
//
//   FontFiles files{with_line_height(inter400, kLineHeight, kAscent), ...};   Fonts fonts = ui::add_fonts(*io.Fonts, files);
#pragma once

#include <imgui.h>

#include <cstdint>
#include <span>
#include <vector>

#include "ui/theme.hpp"

namespace ui {

// The font file with other vertical metrics in its `hhea` table: a line of `line_height` em whose baseline lies `ascent` em below its
// top. Dear ImGui scales a face so that this line is the font size. Anything that is no TrueType file comes back unchanged.
[[nodiscard]] std::vector<std::uint8_t> with_line_height(std::span<const std::uint8_t> ttf, float line_height, float ascent);

struct FontFiles {
    std::vector<std::uint8_t> ui, semibold, mono;  // what the atlas reads glyphs from: must outlive it
};
// Adds the faces to the current context's atlas; the first becomes the default.
[[nodiscard]] Fonts add_fonts(ImFontAtlas& atlas, const FontFiles& files);

}  // namespace ui
