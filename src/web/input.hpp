// Input: pointer, wheel, keyboard, IME and clipboard events of the page to Dear ImGui, and back: cursor shape, caret place, whether
// text is wanted. JavaScript's half (js/lib_input.js) only listens; what an event means is decided here.
//
//   Input input(host, scheduler, page.mac);
//   input.start();                  // ImGui context exists, the page's elements too
//   ... after each frame: input.after_frame();
#pragma once

#include <imgui.h>

#include <string>
#include <string_view>

#include "base/scheduler.hpp"
#include "web/keys.hpp"

namespace web {

class InputHost {
public:
    virtual ~InputHost() = default;
    virtual void want_frames(int frames) = 0;
    virtual void draw_now() = 0;
    [[nodiscard]] virtual bool owns_key(std::string_view key, const KeyModifiers& mods) = 0;
};

class Input {
public:
    Input(InputHost& host, base::Scheduler& scheduler, bool mac);
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    void start();
    void after_frame();
    // CSS px per logical px of the UI (the user's text size). Events come in CSS px, everything here is logical.
    void set_scale(float scale) { scale_ = scale; }
    [[nodiscard]] float scale() const { return scale_; }
    // To the clipboard from anywhere but a copy event ("Copy" buttons).
    void copy_text(std::string_view text);

    // ---- called by the browser
    enum class Pointer { move, down, up, cancel, leave };
    enum class Place { canvas, text_area, mirrored_control, mirrored_field };
    void on_pointer(Pointer kind, float x, float y, int button, ImGuiMouseSource source, int modifier_bits);
    void on_pinch(float x, float y, float ratio, float dx, float dy);
    void on_wheel(float x, float y, float dx_notches, float dy_notches, int modifier_bits);
    void on_long_press(float x, float y);
    // True: the browser's default is to be prevented.
    bool on_key(bool down, std::string_view key, std::string_view code, int modifier_bits, bool repeat, Place place);
    void on_text(const char* utf8);
    void on_focus(bool focused);
    // Draws what waits; true when text is wanted then.
    bool settle();
    // What is to go to the clipboard, or null.
    const char* on_copy();
    void on_paste(const char* utf8);

private:
    void sync_modifiers(const KeyModifiers& mods);
    [[nodiscard]] bool leaves_to_browser(ImGuiKey key, std::string_view name, const KeyModifiers& mods, Place place);
    [[nodiscard]] bool prevents(ImGuiKey key, std::string_view name, const KeyModifiers& mods, Place place);
    [[nodiscard]] bool command_down(const KeyModifiers& mods) const { return mac_ ? mods.meta : mods.ctrl; }
    void press_with_command(ImGuiKey key);
    void send_caret(const ImGuiPlatformImeData& data);
    void move_to(float x, float y);
    void settle_hover();
    void settle_press();

    InputHost& host_;
    base::Scheduler& scheduler_;
    bool mac_;
    float scale_ = 1;
    KeyModifiers pushed_;            // what ImGui was told last
    KeyModifiers held_;              // by key events, not by the flags of a pinch
    base::Timer pinch_end_;
    bool moved_since_frame_ = false;
    int unsettled_frames_ = 0;  // to be drawn before a key counts
    bool escape_was_last_ = false;   // Esc, then Tab leaves the canvas
    std::string clipboard_;
    bool clipboard_changed_ = false;
    bool in_copy_event_ = false;
    bool text_wanted_ = false;
    ImGuiMouseCursor cursor_ = ImGuiMouseCursor_Arrow;
};

}  // namespace web
