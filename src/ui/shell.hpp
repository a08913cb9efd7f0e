// Shell: the whole window of Binnacle, drawn once per frame between ImGui::NewFrame() and ImGui::Render().
//
// The tab (src/web) and the null-backend tests own the ImGui context and drive the Shell in the same way:
//
//   ui::Shell shell(app, platform);
//   shell.load_fonts({.ui = inter400, .ui_semibold = inter600, .mono = mono400});
//   loop: shell.begin(input); ImGui::NewFrame(); shell.draw(); ImGui::Render(); shell.finish();
//   next frame: on input, on app.on_change() for visible topics, at shell.next_wake_ms().
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/app.hpp"
#include "ui/semantics.hpp"

namespace ui {

class CommandTable;

// What only the host can do.
class Platform {
public:
    virtual ~Platform() = default;
    virtual void copy_text(std::string_view text) = 0;
    virtual void save_file(std::string_view name, std::string_view mime, std::string_view text) = 0;  // as a download
    virtual void open_url(std::string_view url) = 0;          // a new tab; https and same-origin only
    virtual void reload_page() = 0;
    virtual void use_backend(std::string_view name) = 0;      // loads the page anew with that one
    // Deletes what hub and cluster keep in this browser, when the page is loaded next.
    virtual void delete_documents() = 0;
    virtual void set_document_title(std::string_view title) = 0;
    // Asks the person for a file and gives its name and bytes; nothing when they change their mind. `accept`: ".yml,.yaml". Only from
    // within a frame that a press has caused: browsers open the chooser for nobody else.
    virtual void choose_file(std::string_view accept, base::UniqueFunction<void(std::string name, std::string bytes)> done) = 0;
    [[nodiscard]] virtual bool can_choose_files() const = 0;
    virtual std::string diagnostics() = 0;                     // JSON text of window.binnacle.snapshot() and friends, for "Copy diagnostics"
    [[nodiscard]] virtual bool is_mac() const = 0;             // ⌘ instead of Ctrl in shortcuts
};

struct FontData {
    std::span<const std::uint8_t> ui, ui_semibold, mono;  // TTF; must outlive the Shell
};

struct FrameInput {
    float width = 1280;   // logical px
    float height = 800;
    float pixel_ratio = 1;
    std::int64_t now_ms = 0;        // monotonic
    std::int64_t unix_ms = 0;
    bool system_dark = true;
    bool reduced_motion = false;
    bool coarse_pointer = false;    // touch: 44 px targets
    bool embed = false;             // ?embed=1
    bool developer = false;         // ?dev=1: fps in the status bar
};

class Shell {
public:
    Shell(model::App& app, Platform& platform);
    ~Shell();

    void load_fonts(const FontData& fonts);
    void begin(const FrameInput& input);   // before NewFrame: applies theme and scale, takes semantic actions
    void draw();                           // between NewFrame and Render
    void finish();                         // after Render: closes the semantics frame

    // ?bench=graph: the canvas alone in the whole window, without bars, panels and overlays.
    void set_canvas_only(bool canvas_only);

    // Topics that the last frame showed; a change of others needs no frame.
    [[nodiscard]] model::TopicSet visible_topics() const;
    // When the next frame is due by itself (running transition: now; caret blink, a minute step, a toast's end), monotonic ms; nullopt: never.
    [[nodiscard]] std::optional<std::int64_t> next_wake_ms() const;
    [[nodiscard]] Semantics& semantics();
    [[nodiscard]] const CommandTable& commands() const;
    // Background of the current theme as 0xRRGGBB, for the clear colour and the page.
    [[nodiscard]] std::uint32_t background_rgb() const;
    // True when this key chord is one of ours right now (the platform then prevents the browser's default). `key` as KeyboardEvent.key.
    [[nodiscard]] bool owns_key(std::string_view key, bool ctrl, bool shift, bool alt, bool meta) const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace ui
