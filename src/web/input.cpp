#include "web/input.hpp"

#include <emscripten/emscripten.h>
#include <imgui_internal.h>

#include <cfloat>
#include <cmath>

#include "web/bindings.hpp"
#include "web/frame_loop.hpp"

namespace web {

namespace {

// A pinch on a trackpad comes as wheel events with Ctrl set; after this silence it is over.
constexpr std::int64_t kPinchEndMs = 150;
// Browsers report a pinch as a wheel of 100 px per factor e. Ours is to follow the fingers, and a notch zooms by this factor
// (CanvasView): so many notches to e.
constexpr float kZoomPerNotch = 1.18f;
const float kNotchesPerE = 1.0f / std::log(kZoomPerNotch);

// The first takes a click, or the text from assistive technology; in the next the field is active.
constexpr int kFramesToActivate = 2;

int imgui_button(int dom_button) {
    switch (dom_button) {
        case 0: return ImGuiMouseButton_Left;
        case 1: return ImGuiMouseButton_Middle;
        case 2: return ImGuiMouseButton_Right;
        default: return -1;  // back and forward are the browser's
    }
}

const char* css_cursor(ImGuiMouseCursor cursor) {
    switch (cursor) {
        case ImGuiMouseCursor_None: return "none";
        case ImGuiMouseCursor_TextInput: return "text";
        case ImGuiMouseCursor_ResizeAll: return "move";
        case ImGuiMouseCursor_ResizeNS: return "ns-resize";
        case ImGuiMouseCursor_ResizeEW: return "ew-resize";
        case ImGuiMouseCursor_ResizeNESW: return "nesw-resize";
        case ImGuiMouseCursor_ResizeNWSE: return "nwse-resize";
        case ImGuiMouseCursor_Hand: return "pointer";
        case ImGuiMouseCursor_Wait: return "wait";
        case ImGuiMouseCursor_Progress: return "progress";
        case ImGuiMouseCursor_NotAllowed: return "not-allowed";
        default: return "default";
    }
}

}  // namespace

Input::Input(InputHost& host, base::Scheduler& scheduler, bool mac) : host_(host), scheduler_(scheduler), mac_(mac) {}

void Input::start() {
    ImGuiIO& io = ImGui::GetIO();
    io.BackendFlags |= ImGuiBackendFlags_HasMouseCursors;
    io.ConfigMacOSXBehaviors = mac_;
    ImGuiPlatformIO& platform = ImGui::GetPlatformIO();
    platform.Platform_ClipboardUserData = this;
    platform.Platform_GetClipboardTextFn = [](ImGuiContext*) {
        return static_cast<Input*>(ImGui::GetPlatformIO().Platform_ClipboardUserData)->clipboard_.c_str();
    };
    platform.Platform_SetClipboardTextFn = [](ImGuiContext*, const char* text) {
        static_cast<Input*>(ImGui::GetPlatformIO().Platform_ClipboardUserData)->copy_text(text);
    };
    platform.Platform_ImeUserData = this;
    platform.Platform_SetImeDataFn = [](ImGuiContext*, ImGuiViewport*, ImGuiPlatformImeData* data) {
        static_cast<Input*>(ImGui::GetPlatformIO().Platform_ImeUserData)->send_caret(*data);
    };
    bn_input_start(this);
}

void Input::send_caret(const ImGuiPlatformImeData& data) {
    if (data.WantVisible) bn_input_caret(data.InputPos.x * scale_, data.InputPos.y * scale_, data.InputLineHeight * scale_);
}

void Input::after_frame() {
    moved_since_frame_ = !ImGui::GetCurrentContext()->InputEventsQueue.empty();
    if (!moved_since_frame_ && unsettled_frames_ > 0) --unsettled_frames_;
    const bool wanted = ImGui::GetIO().WantTextInput;
    if (wanted != text_wanted_) {
        text_wanted_ = wanted;
        bn_input_text_wanted(wanted ? 1 : 0);
    }
    const ImGuiMouseCursor cursor = ImGui::GetMouseCursor();
    if (cursor != cursor_) {
        cursor_ = cursor;
        bn_input_cursor(css_cursor(cursor));
    }
}

// ---- pointer

void Input::sync_modifiers(const KeyModifiers& mods) {
    ImGuiIO& io = ImGui::GetIO();
    // AltGr is Ctrl+Alt to the browser and types a character: neither is meant.
    const KeyModifiers meant{mods.ctrl && !mods.alt_graph, mods.shift, mods.alt && !mods.alt_graph, mods.meta, false};
    if (meant.ctrl != pushed_.ctrl) io.AddKeyEvent(ImGuiMod_Ctrl, meant.ctrl);
    if (meant.shift != pushed_.shift) io.AddKeyEvent(ImGuiMod_Shift, meant.shift);
    if (meant.alt != pushed_.alt) io.AddKeyEvent(ImGuiMod_Alt, meant.alt);
    if (meant.meta != pushed_.meta) io.AddKeyEvent(ImGuiMod_Super, meant.meta);
    pushed_ = meant;
}

void Input::move_to(float x, float y) {
    ImGui::GetIO().AddMousePosEvent(x, y);
    moved_since_frame_ = true;
}

// ImGui lets an item that others may overlap (the canvas) be pressed only where it was hovered a frame before. A press that comes with
// its move, as from a finger or a quick hand, gets that frame here.
void Input::settle_hover() {
    constexpr int kMostFrames = 4;  // the queue may hold what a frame takes one by one
    for (int i = 0; i < kMostFrames && moved_since_frame_; ++i) host_.draw_now();
}

// A key is meant for what the click or the text before it has made active, however fast it comes.
void Input::settle_press() {
    constexpr int kMostFrames = 4;
    for (int i = 0; i < kMostFrames && unsettled_frames_ > 0; ++i) host_.draw_now();
}

void Input::on_pointer(Pointer kind, float x, float y, int button, ImGuiMouseSource source, int modifier_bits) {
    ImGuiIO& io = ImGui::GetIO();
    if (!pinch_end_.pending()) sync_modifiers(modifiers_from_bits(modifier_bits));
    io.AddMouseSourceEvent(source);
    const int mouse_button = imgui_button(button);
    switch (kind) {
        case Pointer::move:
            move_to(x, y);
            return host_.want_frames(FrameLoop::kMoveFrames);
        case Pointer::down:
            escape_was_last_ = false;
            move_to(x, y);
            settle_hover();
            if (mouse_button >= 0) io.AddMouseButtonEvent(mouse_button, true);
            unsettled_frames_ = kFramesToActivate;
            break;
        case Pointer::up:
            unsettled_frames_ = kFramesToActivate;
            io.AddMousePosEvent(x, y);
            if (mouse_button >= 0) io.AddMouseButtonEvent(mouse_button, false);
            // A finger that is gone hovers over nothing.
            if (source == ImGuiMouseSource_TouchScreen) io.AddMousePosEvent(-FLT_MAX, -FLT_MAX);
            break;
        case Pointer::cancel:
            // Released away from everything, so that nothing is clicked.
            io.AddMousePosEvent(-FLT_MAX, -FLT_MAX);
            for (const int each : {ImGuiMouseButton_Left, ImGuiMouseButton_Middle, ImGuiMouseButton_Right}) {
                if (io.MouseDown[each]) io.AddMouseButtonEvent(each, false);
            }
            if (!io.MouseDown[ImGuiMouseButton_Left]) io.AddMouseButtonEvent(ImGuiMouseButton_Left, false);
            break;
        case Pointer::leave:
            if (!ImGui::IsAnyMouseDown()) io.AddMousePosEvent(-FLT_MAX, -FLT_MAX);
            break;
    }
    host_.want_frames(FrameLoop::kSettleFrames);
}

void Input::on_pinch(float x, float y, float ratio, float dx, float dy) {
    ImGuiIO& io = ImGui::GetIO();
    io.AddMousePosEvent(x, y);
    const float zoom = std::log(std::fmax(ratio, 0.01f));
    // Two fingers either spread or move: what there is more of counts, in px of the finger.
    constexpr float kTypicalSpreadPx = 200;
    if (std::fabs(zoom) * kTypicalSpreadPx >= std::hypot(dx, dy)) {
        KeyModifiers mods = held_;
        mods.ctrl = true;
        sync_modifiers(mods);
        pinch_end_ = scheduler_.after(kPinchEndMs, [this] { sync_modifiers(held_); });
        io.AddMouseWheelEvent(0, zoom * kNotchesPerE);
    } else {
        pinch_end_.cancel();
        sync_modifiers(held_);
        io.AddMouseWheelEvent(dx / 100, dy / 100);
    }
    host_.want_frames(FrameLoop::kMoveFrames);
}

void Input::on_wheel(float x, float y, float dx_notches, float dy_notches, int modifier_bits) {
    ImGuiIO& io = ImGui::GetIO();
    io.AddMouseSourceEvent(ImGuiMouseSource_Mouse);
    io.AddMousePosEvent(x, y);
    const KeyModifiers mods = modifiers_from_bits(modifier_bits);
    sync_modifiers(mods);
    // Ctrl that no key set is a pinch; it stays set until the pinch ends, or each step would take ImGui two frames.
    if (mods.ctrl && !held_.ctrl) {
        pinch_end_ = scheduler_.after(kPinchEndMs, [this] { sync_modifiers(held_); });
        dy_notches *= kNotchesPerE;
    } else {
        pinch_end_.cancel();
    }
    io.AddMouseWheelEvent(dx_notches, dy_notches);
    host_.want_frames(FrameLoop::kMoveFrames);
}

void Input::on_long_press(float x, float y) {
    ImGuiIO& io = ImGui::GetIO();
    on_pointer(Pointer::cancel, x, y, 0, ImGuiMouseSource_TouchScreen, 0);
    move_to(x, y);
    settle_hover();
    io.AddMouseButtonEvent(ImGuiMouseButton_Right, true);
    io.AddMouseButtonEvent(ImGuiMouseButton_Right, false);
    host_.want_frames(FrameLoop::kSettleFrames + 2);
}

// ---- keyboard

bool Input::leaves_to_browser(ImGuiKey key, std::string_view name, const KeyModifiers& mods, Place place) {
    if (browser_owns(name, mods, mac_)) return true;
    if (command_down(mods) && (key == ImGuiKey_V || key == ImGuiKey_Insert)) return true;  // a paste event follows
    if (key == ImGuiKey_Tab && escape_was_last_) return true;
    const bool enter = key == ImGuiKey_Enter || key == ImGuiKey_KeypadEnter;
    // The button's own keys; with Ctrl or Cmd they are a shortcut.
    if (place == Place::mirrored_control) return key == ImGuiKey_Tab || (!command_down(mods) && (key == ImGuiKey_Space || enter));
    if (place == Place::mirrored_field) {
        return !(key == ImGuiKey_Escape || enter || host_.owns_key(name, mods));
    }
    return false;
}

bool Input::prevents(ImGuiKey key, std::string_view name, const KeyModifiers& mods, Place place) {
    if (command_down(mods) && (key == ImGuiKey_C || key == ImGuiKey_X)) return false;  // a copy event follows
    if (place == Place::mirrored_field) return key != ImGuiKey_Enter && host_.owns_key(name, mods);
    if (command_down(mods)) {
        // Undo and select all of a text field would act on the hidden text area.
        const bool edits = key == ImGuiKey_A || key == ImGuiKey_Z || key == ImGuiKey_Y || edits_text(key);
        return (text_wanted_ && edits) || host_.owns_key(name, mods);
    }
    if (edits_text(key)) return true;
    // Characters for our text area have to reach it. On the canvas they would scroll, or start the browser's quick search.
    return place == Place::canvas ? !mods.alt : place == Place::mirrored_control && host_.owns_key(name, mods);
}

bool Input::on_key(bool down, std::string_view name, std::string_view code, int modifier_bits, bool repeat, Place place) {
    ImGuiIO& io = ImGui::GetIO();
    const KeyModifiers mods = modifiers_from_bits(modifier_bits);
    const ImGuiKey key = imgui_key(name, code);
    held_ = mods;
    pinch_end_.cancel();
    sync_modifiers(mods);
    host_.want_frames(FrameLoop::kSettleFrames);

    if (!down) {
        if (key != ImGuiKey_None) io.AddKeyEvent(key, false);
        // While Cmd is held macOS reports no key's release.
        if (mac_ && name == "Meta") io.ClearInputKeys();
        return false;
    }
    const bool to_browser = leaves_to_browser(key, name, mods, place);
    if (name != "Shift") escape_was_last_ = key == ImGuiKey_Escape;
    if (to_browser) return false;
    // What was typed into a mirrored field reaches the program's own field by its next frames.
    if (place == Place::mirrored_field) unsettled_frames_ = kFramesToActivate;
    settle_press();
    if (key != ImGuiKey_None) {
        // ImGui makes its own repeats by time; the browser's tell when nothing else asks for frames.
        if (repeat) io.AddKeyEvent(key, false);
        io.AddKeyEvent(key, true);
    }
    if (place == Place::canvas || place == Place::mirrored_control) {
        const std::string text(typed_text(name, mods));
        if (!text.empty()) io.AddInputCharactersUTF8(text.c_str());
    }
    return prevents(key, name, mods, place);
}

void Input::on_text(const char* utf8) {
    ImGui::GetIO().AddInputCharactersUTF8(utf8);
    host_.want_frames(FrameLoop::kSettleFrames);
}

void Input::on_focus(bool focused) {
    ImGui::GetIO().AddFocusEvent(focused);
    held_ = {};
    pushed_ = {};
    host_.want_frames(FrameLoop::kSettleFrames);
}

bool Input::settle() {
    host_.draw_now();
    host_.want_frames(FrameLoop::kSettleFrames);
    return ImGui::GetIO().WantTextInput;
}

// ---- clipboard

void Input::copy_text(std::string_view text) {
    clipboard_ = text;
    clipboard_changed_ = true;
    if (!in_copy_event_) bn_clipboard_write(clipboard_.c_str());
}

void Input::press_with_command(ImGuiKey key) {
    ImGuiIO& io = ImGui::GetIO();
    KeyModifiers mods;
    (mac_ ? mods.meta : mods.ctrl) = true;
    sync_modifiers(mods);
    io.AddKeyEvent(key, true);
    io.AddKeyEvent(key, false);
    sync_modifiers(held_);
    host_.want_frames(FrameLoop::kSettleFrames + 2);
}

const char* Input::on_copy() {
    // By the browser's menu there was no key.
    if (!held_.ctrl && !held_.meta) press_with_command(ImGuiKey_C);
    in_copy_event_ = true;
    clipboard_changed_ = false;
    // The clipboard may be written only within this event, so the views get their frame now; two, because ImGui takes a changed
    // modifier and its key one after the other.
    host_.draw_now();
    if (!clipboard_changed_) host_.draw_now();
    in_copy_event_ = false;
    return clipboard_changed_ ? clipboard_.c_str() : nullptr;
}

void Input::on_paste(const char* utf8) {
    clipboard_ = utf8;
    press_with_command(ImGuiKey_V);
}

}  // namespace web

extern "C" {
using web::Input;

EMSCRIPTEN_KEEPALIVE void bn_input_pointer(Input* self, int kind, float x, float y, int button, int source, int mods) {
    const float scale = self->scale();
    self->on_pointer(static_cast<Input::Pointer>(kind), x / scale, y / scale, button, static_cast<ImGuiMouseSource>(source), mods);
}
EMSCRIPTEN_KEEPALIVE void bn_input_pinch(Input* self, float x, float y, float ratio, float dx, float dy) {
    const float scale = self->scale();
    self->on_pinch(x / scale, y / scale, ratio, dx / scale, dy / scale);
}
EMSCRIPTEN_KEEPALIVE void bn_input_wheel(Input* self, float x, float y, float dx, float dy, int mods) {
    self->on_wheel(x / self->scale(), y / self->scale(), dx, dy, mods);
}
EMSCRIPTEN_KEEPALIVE void bn_input_long_press(Input* self, float x, float y) { self->on_long_press(x / self->scale(), y / self->scale()); }
EMSCRIPTEN_KEEPALIVE int bn_input_key(Input* self, int down, const char* key, const char* code, int mods, int repeat, int place) {
    return self->on_key(down != 0, key, code, mods, repeat != 0, static_cast<Input::Place>(place)) ? 1 : 0;
}
EMSCRIPTEN_KEEPALIVE void bn_input_text(Input* self, const char* utf8) { self->on_text(utf8); }
EMSCRIPTEN_KEEPALIVE void bn_input_focus(Input* self, int focused) { self->on_focus(focused != 0); }
EMSCRIPTEN_KEEPALIVE int bn_input_settle(Input* self) { return self->settle() ? 1 : 0; }
EMSCRIPTEN_KEEPALIVE const char* bn_input_copy(Input* self) { return self->on_copy(); }
EMSCRIPTEN_KEEPALIVE void bn_input_paste(Input* self, const char* utf8) { self->on_paste(utf8); }
}
