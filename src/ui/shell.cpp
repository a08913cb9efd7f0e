#include "ui/shell.hpp"

#include <imgui.h>
#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "ui/canvas/canvas_view.hpp"
#include "ui/commands.hpp"
#include "ui/fonts.hpp"
#include "ui/keys.hpp"
#include "ui/theme.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

constexpr std::int64_t kCaretHalfMs = 530;
constexpr std::int64_t kCaretBlinksForMs = 10'000;
constexpr std::int64_t kIdleMs = 1'000;

// What must have come to rest before frames may stop: ImGui answers some input one frame later.
struct Rest {
    ImGuiID active = 0, hovered = 0, focused = 0;
    int popups = 0;
    bool text = false;
    ImGuiMouseCursor cursor = 0;
    friend bool operator==(const Rest&, const Rest&) = default;
};

Rest rest_now() {
    const ImGuiContext& g = *ImGui::GetCurrentContext();
    return {.active = g.ActiveId, .hovered = g.HoveredId, .focused = g.NavId, .popups = g.OpenPopupStack.Size, .text = g.WantTextInputNextFrame > 0, .cursor = g.MouseCursor};
}

// A window that was opened in this frame is measured first and seen in the next.
bool any_window_hidden() {
    for (const ImGuiWindow* window : ImGui::GetCurrentContext()->Windows) {
        if (window->Active && (window->HiddenFramesCanSkipItems > 0 || window->HiddenFramesCannotSkipItems > 0)) return true;
    }
    return false;
}

}  // namespace

class Shell::Impl {
public:
    Impl(model::App& app_ref, Platform& platform_ref) : app(app_ref), platform(platform_ref), commands(platform_ref.is_mac()) {
        register_shell_commands(commands, app, views, layers, platform);
        register_resource_commands(commands, app, views, layers, platform);
        canvas.register_commands(commands, app);
    }

    void begin(const FrameInput& frame_input);
    void draw();
    void finish();
    [[nodiscard]] KeyPress press_of(std::string_view key, bool ctrl, bool shift, bool alt, bool meta) const;

    model::App& app;
    Platform& platform;
    CommandTable commands;
    Semantics semantics;
    FontFiles font_files;
    Fonts fonts;
    bool fonts_loaded = false;
    Theme theme = dark_theme();
    bool styled = false;
    bool styled_coarse = false;
    FrameInput input;
    ViewState views;
    Layers layers;
    CanvasView canvas;
    bool canvas_only = false;
    model::TopicSet topics = ~model::TopicSet{0};
    std::optional<std::int64_t> wake_at_ms;
    std::vector<ImWchar> early_text;  // typed while a field waits for the keyboard, for the frame in which it has it

private:
    [[nodiscard]] UiContext context() {
        return {.app = app, .theme = theme, .fonts = fonts, .semantics = semantics, .commands = commands, .input = input, .platform = platform, .wake_at_ms = -1, .layers = &layers};
    }
    void run_keys();
    [[nodiscard]] bool field_is_coming() const { return !layers.to_open.empty() || layers.field_frames > 0 || views.focus_log_search; }
    void take_early_text();
    void keep_early_text();
    void blink_caret(UiContext& ctx);
    void draw_page(UiContext& ctx);
    void draw_work(UiContext& ctx, const Layout& layout);
    void draw_canvas(UiContext& ctx, const Layout& layout);
    void draw_splitters(UiContext& ctx, const Layout& layout);
    void follow_selection();
    void follow_title();
    void follow_modal(const std::vector<std::string>& asked);
    void measure(UiContext& ctx);

    int popups_before = 0;
    std::int64_t last_input_ms = 0;
    std::int64_t last_frame_ms = 0;
    float frames_per_second = 0;
    Rest rest;
    std::set<std::string> last_selection;
    std::string title;
    std::string modal;
};

void Shell::Impl::begin(const FrameInput& frame_input) {
    input = frame_input;
    const model::ThemeChoice choice = app.ui().theme;
    const bool dark = choice == model::ThemeChoice::dark || (choice == model::ThemeChoice::system && input.system_dark);
    if (!styled || theme.dark != dark || styled_coarse != input.coarse_pointer) {
        theme = dark ? dark_theme() : light_theme();
        apply_style(theme, input.coarse_pointer);
        styled = true;
        styled_coarse = input.coarse_pointer;
    }
    views.dark = dark;
    ImGui::GetIO().ConfigInputTextCursorBlink = false;  // blink_caret() does, and stops
    semantics.begin_frame();
}

KeyPress Shell::Impl::press_of(std::string_view key, bool ctrl, bool shift, bool alt, bool meta) const {
    return {.key = key, .ctrl = ctrl, .shift = shift, .alt = alt, .meta = meta, .repeat = false, .text_editing = text_field_active()};
}

void Shell::Impl::run_keys() {
    const int popups = ImGui::GetCurrentContext()->OpenPopupStack.Size;
    // A layer has the keys to itself, also the Escape that has just closed it.
    const bool layered = popups > 0 || popups_before > 0;
    popups_before = popups;
    const std::vector<PressedKey> pressed = pressed_keys();
    if (!pressed.empty() || ImGui::IsAnyMouseDown()) last_input_ms = input.now_ms;
    if (layered) return;
    for (const PressedKey& key : pressed) {
        KeyPress press = press_of(key.key, key.ctrl, key.shift, key.alt, key.meta);
        press.repeat = key.repeat;
        press.text_editing = press.text_editing || field_is_coming();
        const bool typed = press.key.size() == 1 && !press.ctrl && !press.meta && !press.alt;
        const bool ours = commands.press(press, input.now_ms);
        // "/" sends the keyboard to a field: the character itself must not follow.
        if (ours && typed) ImGui::GetIO().InputQueueCharacters.find_erase(static_cast<ImWchar>(press.key[0]));
    }
}

void Shell::Impl::blink_caret(UiContext& ctx) {
    ImVec4& caret = ImGui::GetStyle().Colors[ImGuiCol_InputTextCursor];
    caret = ImGui::ColorConvertU32ToFloat4(theme.text);
    if (!text_field_active() || input.reduced_motion) return;
    const std::int64_t since_ms = input.now_ms - last_input_ms;
    if (since_ms >= kCaretBlinksForMs) return;
    if ((since_ms / kCaretHalfMs) % 2 == 1) caret.w = 0;
    ctx.wake_in(kCaretHalfMs - since_ms % kCaretHalfMs);
}

void Shell::Impl::follow_selection() {
    const auto& canvas_state = app.canvas();
    std::set<std::string> selection = canvas_state.selected_nodes;
    selection.insert(canvas_state.selected_edges.begin(), canvas_state.selected_edges.end());
    if (selection == last_selection) return;
    last_selection = std::move(selection);
    views.sheet_dismissed = false;
}

void Shell::Impl::follow_title() {
    std::string wanted = app.workflow().name.empty() ? std::string("Binnacle") : app.workflow().name + " · Binnacle";
    if (wanted == title) return;
    title = std::move(wanted);
    platform.set_document_title(title);
}

// UiState::active_modal and the dialog on the screen are the same: whoever changes first is followed.
// `asked`: the dialogs that were to open when the frame began; one that still is belongs to nobody who draws it now.
void Shell::Impl::follow_modal(const std::vector<std::string>& asked) {
    std::erase_if(layers.to_open, [&](const std::string& id) { return std::find(asked.begin(), asked.end(), id) != asked.end(); });
    const std::string& wanted = app.ui().active_modal;
    if (wanted != modal) {
        if (!wanted.empty()) layers.to_open.push_back(wanted);
        else layers.to_close.push_back(modal);
        modal = wanted;
        return;
    }
    if (!layers.to_open.empty()) return;  // still on its way
    const std::string& shown = layers.shown;
    if (shown == modal) return;
    modal = shown;
    if (shown.empty()) app.close_modal();
    else app.open_modal(shown);
}

void Shell::Impl::measure(UiContext& ctx) {
    const std::int64_t gap_ms = input.now_ms - last_frame_ms;
    last_frame_ms = input.now_ms;
    if (!input.developer) return;
    if (gap_ms >= kIdleMs) frames_per_second = 0;
    else if (gap_ms > 0) frames_per_second = frames_per_second == 0 ? 1000.0f / static_cast<float>(gap_ms) : frames_per_second * 0.9f + 100.0f / static_cast<float>(gap_ms);
    const int shown = static_cast<int>(std::lround(frames_per_second));
    views.idle_text = shown == 0 ? "idle · 0 fps" : std::to_string(shown) + " fps";
    if (shown > 0) ctx.wake_in(kIdleMs);  // once, to say "idle"
}

void Shell::Impl::draw_canvas(UiContext& ctx, const Layout& layout) {
    const Box& box = layout.canvas;
    if (box.empty()) return;
    begin_record_group(ctx, id_of("canvas"), box.min, box.max, {.role = Role::main, .name = "Canvas"});
    if (!draw_workflow_state(ctx, layout)) {
        if (begin_region(ctx, "canvas-region", box.min, box.max, theme.background)) {
            if (canvas_only) canvas.draw_bare(ctx, box.min, box.max);
            else canvas.draw(ctx, box.min, box.max);
        }
        end_region(ctx);
        if (!canvas_only && !layout.compact && layout.inspector.empty()) {
            const float size = button_height(ctx);
            const ImVec2 min(box.max.x - size - 12, box.min.y + 12);
            if (begin_region(ctx, "show-details", min, ImVec2(min.x + size, min.y + size), theme.surface)) {
                if (command_button(ctx, "view.toggle_inspector", "", {.icon = Icon::menu, .name = "Show details"})) ctx.wake_in(0);
            }
            end_region(ctx);
        }
    }
    end_record_group(ctx);
}

void Shell::Impl::draw_splitters(UiContext& ctx, const Layout& layout) {
    if (layout.compact) return;
    model::PanelState sizes = app.panels();
    bool changed = false;
    // Their hit area lies over the panels at both sides.
    if (!layout.inspector.empty()) {
        float width = layout.inspector.width();
        const Box& box = layout.inspector;
        if (begin_region(ctx, "inspector-handle", ImVec2(box.min.x - 3, box.min.y), ImVec2(box.min.x + 3, box.max.y), 0U)) {
            const SplitterResult result = splitter(ctx, "inspector-splitter", box.min, ImVec2(box.min.x, box.max.y), width,
                                                   {.vertical = true, .smallest = layout.inspector_smallest, .largest = layout.inspector_largest,
                                                    .initial = model::PanelState{}.inspector_width, .name = "Width of the details"});
            if (result.changed) sizes.inspector_width = width;
            changed |= result.changed;
        }
        end_region(ctx);
    }
    if (!layout.dock.empty() && app.ui().dock_open) {
        float height = layout.dock.height();
        const Box& box = layout.dock;
        if (begin_region(ctx, "dock-handle", ImVec2(box.min.x, box.min.y - 3), ImVec2(box.max.x, box.min.y + 3), 0U)) {
            const SplitterResult result = splitter(ctx, "dock-splitter", box.min, ImVec2(box.max.x, box.min.y), height,
                                                   {.vertical = false, .smallest = layout.dock_smallest, .largest = layout.dock_largest,
                                                    .initial = model::PanelState{}.dock_height, .name = "Height of the dock"});
            if (result.changed) sizes.dock_height = height;
            changed |= result.changed;
        }
        end_region(ctx);
    }
    if (!changed) return;
    app.set_panel_sizes(sizes);
    ctx.wake_in(0);
}

void Shell::Impl::draw_work(UiContext& ctx, const Layout& layout) {
    const bool dock_open = layout.compact ? views.compact_dock_open : app.ui().dock_open;
    draw_canvas(ctx, layout);
    draw_inspector(ctx, views, layout);
    draw_dock(ctx, views, layout);
    draw_splitters(ctx, layout);

    topics |= model::kTopicCanvas;
    if (!layout.inspector.empty()) topics |= model::kTopicInspector | (views.inspector_tab == "events" ? model::kTopicEvents : 0U);
    if (!layout.dock.empty()) {
        topics |= model::kTopicEvents & (dock_open && app.ui().dock_tab != "logs" ? ~0U : 0U);
        if (dock_open && app.ui().dock_tab != "events" && app.ui().dock_tab != "problems") topics |= model::kTopicLogs;
        // It shows what happens, whatever it is about.
        if (dock_open && app.ui().dock_tab == "developer" && app.ui().developer) topics = ~model::TopicSet{0};
    }
}

void Shell::Impl::draw_page(UiContext& ctx) {
    topics = model::kTopicChrome | model::kTopicToasts;
    views.workflows_visible = false;
    if (canvas_only) {
        const Layout layout = make_layout({.width = input.width, .height = input.height, .canvas_only = true});
        topics = model::kTopicCanvas;
        draw_canvas(ctx, layout);
        return;
    }
    if (app.session().phase != model::SessionPhase::signed_in) {
        draw_session_page(ctx, views);
        draw_toasts(ctx, views, Layout{});
        return;
    }
    const std::vector<std::string> asked = layers.to_open;
    layers.shown.clear();
    if (app.ui().rail != "profile") views.profile_forms.reset();
    views.session_forms.reset();  // nobody needs the password any more
    follow_selection();
    const PageDraw page = input.embed ? nullptr : full_page(app.ui().rail);
    const bool compact = input.width < kCompactWidth;
    const bool selected = !app.canvas().selected_nodes.empty() || !app.canvas().selected_edges.empty();
    const Layout layout = make_layout({.width = input.width, .height = input.height, .embed = input.embed, .coarse_pointer = input.coarse_pointer,
                                       .banner = !app.connection().online, .canvas_only = false, .full_page = page != nullptr,
                                       .inspector = compact ? selected && !views.sheet_dismissed : app.ui().inspector_open,
                                       .dock_open = compact ? views.compact_dock_open : app.ui().dock_open,
                                       .rail = app.ui().sidebar_open, .rail_words = !app.ui().sidebar_collapsed, .sizes = app.panels()});
    draw_rail(ctx, layout);
    draw_top_bar(ctx, views, layout);
    draw_offline_banner(ctx, layout);
    if (page) {
        page(ctx, views, layout);
        topics |= model::kTopicPages;
    } else {
        draw_work(ctx, layout);
    }
    draw_status_bar(ctx, views, layout);
    if (views.builds.form_shown || views.imports.shown || views.exports.shown || (!page && app.ui().dock_tab == "build")) topics |= model::kTopicBuilds;
    if (views.history.form_shown || (!page && app.ui().dock_tab == "history")) topics |= model::kTopicHistory;
    draw_dialogs(ctx, views);
    follow_modal(asked);
    draw_toasts(ctx, views, layout);
    const bool list_in_rail = layout.rail_words && rail_workflows_open(app);
    const bool list_shown = views.workflows_visible || list_in_rail || dialog_is_open("palette") || app.workflow().phase != model::LoadPhase::ready;
    if (list_shown) topics |= model::kTopicWorkflows;
}

void Shell::Impl::draw() {
    UiContext ctx = context();
    take_early_text();
    run_keys();
    const ImVector<ImWchar>& queue = ImGui::GetIO().InputQueueCharacters;
    if (field_is_coming() || !text_field_active()) early_text.assign(queue.begin(), queue.end());  // before any field drops them
    blink_caret(ctx);
    measure(ctx);
    follow_title();

    ImGui::SetNextWindowPos(ImVec2(0, 0));
    ImGui::SetNextWindowSize(ImVec2(input.width, input.height));
    ImGui::PushStyleColor(ImGuiCol_WindowBg, theme.background);
    ImGui::Begin("##binnacle", nullptr,
                 ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus |
                     ImGuiWindowFlags_NoScrollWithMouse);
    ImGui::PopStyleColor();
    {
        FontScope font(fonts.ui, text_size::kUi);
        draw_page(ctx);
    }
    end_placed();
    ImGui::End();
    keep_early_text();
    if (!layers.to_open.empty() || !early_text.empty()) ctx.wake_in(0);
    wake_at_ms = ctx.wake_at_ms >= 0 ? std::optional(ctx.wake_at_ms) : std::nullopt;
}

// A field takes the keyboard a frame or two after it was sent there (a dialog opens, "/" was pressed). What is typed meanwhile is for it,
// and ImGui would drop it: it is held back, and put before what is typed later.
void Shell::Impl::take_early_text() {
    if (early_text.empty()) return;
    ImVector<ImWchar>& queue = ImGui::GetIO().InputQueueCharacters;
    for (std::size_t i = early_text.size(); i-- > 0;) queue.insert(queue.begin(), early_text[i]);
    early_text.clear();
}

void Shell::Impl::keep_early_text() {
    const ImGuiContext& g = *ImGui::GetCurrentContext();
    // A click has put the keyboard elsewhere, and a field that was clicked has taken the text.
    if (g.ActiveId != 0 && g.ActiveIdSource == ImGuiInputSource_Mouse) layers.field_frames = 0;
    if (!field_is_coming()) early_text.clear();
    if (layers.field_frames > 0) --layers.field_frames;
}

void Shell::Impl::finish() {
    semantics.finish_frame();
    semantics.expire_actions();
    const Rest now = rest_now();
    if (now != rest || any_window_hidden() || semantics.has_actions()) wake_at_ms = input.now_ms;
    rest = now;
}

Shell::Shell(model::App& app, Platform& platform) : impl_(std::make_unique<Impl>(app, platform)) {}
Shell::~Shell() = default;

void Shell::load_fonts(const FontData& fonts) {
    impl_->font_files = {.ui = with_line_height(fonts.ui, kLineHeight, kAscent),
                         .semibold = with_line_height(fonts.ui_semibold, kLineHeight, kAscent),
                         .mono = with_line_height(fonts.mono, kMonoLineHeight, kMonoAscent)};
    impl_->fonts = add_fonts(*ImGui::GetIO().Fonts, impl_->font_files);
    impl_->commands.set_mac_glyphs(impl_->fonts.ui->IsGlyphInFont(0x2318));
    impl_->fonts_loaded = true;
}

void Shell::set_canvas_only(bool canvas_only) { impl_->canvas_only = canvas_only; }
void Shell::begin(const FrameInput& input) { impl_->begin(input); }
void Shell::draw() {
    IM_ASSERT(impl_->fonts_loaded && "load_fonts() comes before the first frame");
    impl_->draw();
}
void Shell::finish() { impl_->finish(); }
model::TopicSet Shell::visible_topics() const { return impl_->topics; }
std::optional<std::int64_t> Shell::next_wake_ms() const { return impl_->wake_at_ms; }
Semantics& Shell::semantics() { return impl_->semantics; }
const CommandTable& Shell::commands() const { return impl_->commands; }
std::uint32_t Shell::background_rgb() const { return to_rgb_hex(impl_->theme.background); }

bool Shell::owns_key(std::string_view key, bool ctrl, bool shift, bool alt, bool meta) const {
    if (impl_->app.session().phase != model::SessionPhase::signed_in) return false;
    return impl_->commands.owns(impl_->press_of(key, ctrl, shift, alt, meta), impl_->input.now_ms);
}

}  // namespace ui
