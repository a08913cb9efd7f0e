// How Dear ImGui is compiled, seen by its own files and by everything that includes imgui.h (IMGUI_USER_CONFIG).
#pragma once

// A large canvas or log passes 65,535 vertices in one list.
#define ImDrawIdx unsigned int
#define IMGUI_USE_WCHAR32 // emoji and the rest beyond U+FFFF can be typed

// The hooks behind the semantics tree; Binnacle implements them itself (src/ui).
#define IMGUI_ENABLE_TEST_ENGINE

#define IMGUI_DISABLE_OBSOLETE_FUNCTIONS
#define IMGUI_DISABLE_DEMO_WINDOWS
#define IMGUI_DISABLE_DEBUG_TOOLS
#define IMGUI_DISABLE_DEFAULT_FONT   // fonts come with the site: 12 kB less
#define IMGUI_DISABLE_FILE_FUNCTIONS // no files below the gateway
#define IMGUI_DISABLE_DEFAULT_SHELL_FUNCTIONS
