// A small software rasteriser for ImGui's draw data and the canvas batches: pictures of a Rig without a browser, for people to look at.
//
//   test_ui "[.shot]"     writes PPM files into the folder that BINNACLE_SHOTS names
#pragma once

#include <string>

#include "ui/ui_rig.hpp"

namespace ui::testing {

// Writes the last frame at the rig's pixel ratio as a binary PPM. False when the file cannot be written.
bool write_picture(Rig& rig, const std::string& path);

}  // namespace ui::testing
