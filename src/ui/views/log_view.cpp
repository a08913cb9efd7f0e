#include "ui/views/log_view.hpp"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "model/live_resource.hpp"
#include "model/stream_words.hpp"
#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

constexpr float kRow = text_size::kMono;
constexpr float kPadX = 12;
constexpr float kPadY = 5;
constexpr int kLevelColumns = 6;
constexpr std::uint64_t kNone = LogSearch::kNone;

// "checkout-7d9c5-x2k4f" is shown by its last two parts.
std::string_view short_source(std::string_view source) {
    const std::size_t last = source.rfind('-');
    if (last == std::string_view::npos || last == 0) return source;
    const std::size_t before = source.rfind('-', last - 1);
    return before == std::string_view::npos || source.size() <= 24 ? source : source.substr(before + 1);
}

ImU32 level_color(const Theme& theme, model::LogLevel level) {
    switch (level) {
        case model::LogLevel::error: return theme.danger_text;
        case model::LogLevel::warning: return theme.warning;
        case model::LogLevel::info: return theme.success;
        default: return theme.muted;
    }
}

std::string rate_words(double lines_per_second) {
    if (lines_per_second < 0.05) return "0/s";
    if (lines_per_second < 1000) return base::short_number(lines_per_second, lines_per_second < 10 ? 1 : 0) + "/s";
    return base::short_number(lines_per_second / 1000, 1) + " k/s";
}

// What stands before the message, in columns of the mono face.
struct Columns {
    int time = 0, source = 0, level = 0;
    [[nodiscard]] int prefix() const { return time + source + level; }
};

Columns columns_of(const model::LogBuffer& log, float width) {
    Columns out;
    if (log.size() == 0) return out;
    const model::LogLine last = log.line(log.size() - 1);
    if (!last.timestamp.empty()) out.time = static_cast<int>(clock_of(last.timestamp).size()) + 1;
    if (!last.source.empty() && width > 620) out.source = static_cast<int>(std::min<std::size_t>(short_source(last.source).size(), 26)) + 1;
    out.level = kLevelColumns;
    return out;
}

}  // namespace

std::size_t LogView::index_of(const model::LogBuffer& log, std::uint64_t sequence) const {
    const std::uint64_t first = log.appended() - log.size();
    return sequence < first || sequence >= log.appended() ? log.size() : static_cast<std::size_t>(sequence - first);
}

bool LogView::is_selected(std::uint64_t sequence) const {
    if (anchor_ == kNone || cursor_ == kNone) return false;
    return sequence >= std::min(anchor_, cursor_) && sequence <= std::max(anchor_, cursor_);
}

std::string LogView::selected_text(const model::App& app) const {
    std::string out;
    const model::LogBuffer& log = app.log();
    for (std::size_t i = 0; i < log.size(); ++i) {
        const model::LogLine line = log.line(i);
        if (is_selected(line.sequence)) out += std::string(line.raw) + "\n";
    }
    return out;
}

std::string LogView::visible_text(const model::App& app) const {
    std::string out;
    const model::LogBuffer& log = app.log();
    for (std::size_t i = 0; i < log.size(); ++i) {
        const model::LogLine line = log.line(i);
        if (first_visible_ != kNone && line.sequence >= first_visible_ && line.sequence <= last_visible_) out += std::string(line.raw) + "\n";
    }
    return out;
}

std::string LogView::all_text(const model::App& app) {
    std::string out;
    out.reserve(app.log().bytes() + app.log().size());
    for (std::size_t i = 0; i < app.log().size(); ++i) out += std::string(app.log().line(i).raw) + "\n";
    return out;
}

void LogView::copy(UiContext& ctx, const std::string& text) {
    if (text.empty()) return;
    ctx.platform.copy_text(text);
    const auto lines = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    ctx.app.show_toast(model::ToastKind::info, "Copied " + base::grouped(lines) + (lines == 1 ? " line" : " lines"), "");
}

void LogView::find(model::App& app, int direction) {
    search_.update(app.log(), app.log_panel().search);
    scroll_to_ = search_.move(direction);
    if (scroll_to_ != kNone && app.log_panel().follow) app.set_log_follow(false);
}

void LogView::draw_toolbar(UiContext& ctx, bool focus_search) {
    model::App& app = ctx.app;
    const model::LogPanelState& panel = app.log_panel();
    const model::LogBuffer& log = app.log();
    if (pod_id_ != panel.pod_id) {
        pod_id_ = panel.pod_id;
        anchor_ = cursor_ = kNone;
        rate_.reset();
        appended_seen_ = log.appended();
        dropped_seen_ = log.dropped();
    }
    search_.update(log, panel.search);
    const bool small = ImGui::GetContentRegionAvail().x < 620;
    const float height = button_height(ctx);

    // Which pod.
    std::vector<SelectItem> items;
    std::vector<std::string> labels;
    labels.reserve(app.pods().pods.size());
    for (const model::PodView& pod : app.pods().pods) {
        std::string label = pod.name;
        if (!pod.ready) label += " · " + (pod.reason.empty() ? pod.phase : pod.reason);
        labels.push_back(std::move(label));
        items.push_back({pod.id, labels.back()});
    }
    std::string pod_id = panel.pod_id;
    // A narrow bar has its other buttons in a menu, so that the fields keep some room.
    constexpr float kGap = 8;
    const float narrow_room = ImGui::GetContentRegionAvail().x - 2 * (height + kGap) - kGap;
    if (select(ctx, "pod", pod_id, items, {.name = "Pod", .placeholder = "No pod", .disabled = items.empty(), .width = small ? std::floor(narrow_room * 0.45f) : 200.0f, .height = height}))
        app.follow_pod(pod_id);

    // How it fares.
    if (const model::LiveResourceState& status = app.live_resource().state(); !small && status.id == panel.pod_id && !status.word.empty()) {
        ImGui::SameLine(0, 10);
        const bool bad = status.word == "failed" || status.word == "warning" || status.word == "deleted";
        status_dot(ctx, bad ? ctx.theme.danger : status.ready ? ctx.theme.success : status.word == "completed" ? ctx.theme.success : ctx.theme.warning, model::resource_words(status), ctx.theme.muted);
    }

    // Where the stream stands, while it does not simply flow.
    const model::StreamView stream = app.log_stream();
    std::int64_t words_change_ms = -1;
    std::string words = model::stream_words(stream, ctx.input.now_ms, &words_change_ms);
    if (words_change_ms > 0) ctx.wake_in(words_change_ms);

    // Search.
    ImGui::SameLine();
    std::string count;
    if (!panel.search.empty()) {
        count = search_.total() == 0 ? "no match"
                                     : (search_.current_number() > 0 ? base::grouped(search_.current_number()) + " of " : std::string()) + base::grouped(search_.total());
    }
    std::string search = panel.search;
    const float reconnect_room = model::can_reconnect(stream) ? height + kGap : 0.0F;
    const float search_width = small ? std::max(narrow_room - reconnect_room - std::floor(narrow_room * 0.45f), 60.0f)
                                     : std::clamp(ImGui::GetContentRegionAvail().x - 200.0f - reconnect_room, 90.0f, 240.0f);
    const FieldResult field = input_text(ctx, "log-search", search,
                                         {.name = "Search log", .placeholder = "Search", .trailing = count, .search = true, .focus = focus_search,
                                          .select_all_on_focus = true, .width = search_width, .height = height});
    if (field.changed) {
        app.set_log_search(search);
        search_.update(log, search);
        if (!search.empty()) find(app, 1);
    }
    if (field.submitted) find(app, field.shift_submit ? -1 : 1);
    if (!panel.search.empty() && !small) {
        ImGui::SameLine(0, 2);
        if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::chevron_up, .tooltip = "Previous match", .shortcut = "Shift Enter", .disabled = search_.total() == 0}))
            find(app, -1);
        ImGui::SameLine(0, 2);
        if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::chevron_down, .tooltip = "Next match", .shortcut = "Enter", .disabled = search_.total() == 0}))
            find(app, 1);
    }

    ImGui::SameLine();
    const std::string_view follow_label = small ? "" : "Follow";
    if (button(ctx, follow_label, {.icon = small ? Icon::follow : Icon::none, .id = "follow", .name = "Follow", .tooltip = "Keep the newest line in view", .selected = panel.follow}))
        app.set_log_follow(!panel.follow);
    if (!small) {
        ImGui::SameLine();
        if (button(ctx, "Wrap", {.tooltip = "Wrap long lines", .selected = panel.wrap})) app.set_log_wrap(!panel.wrap);
    }
    ImGui::SameLine();
    draw_toolbar_menu(ctx, small);
    if (!small) {
        ImGui::SameLine();
        if (button(ctx, "", {.icon = Icon::trash, .tooltip = "Clear the view", .disabled = log.size() == 0})) app.clear_log();
    }

    if (model::can_reconnect(stream)) {
        ImGui::SameLine();
        if (button(ctx, "", {.icon = Icon::refresh, .id = "log-reconnect", .name = "Reconnect the log", .tooltip = words})) app.reconnect_log();
    }

    // How much, how fast. A stream that ends lets the rate fall to zero with one more frame.
    const double rate = rate_.update(log.appended(), ctx.input.now_ms);
    if (const std::int64_t settles = rate_.settles_in_ms(ctx.input.now_ms); settles > 0) ctx.wake_in(settles);
    if (small) return;
    if (!words.empty()) words += " · ";
    words += base::grouped(log.size()) + (log.size() == 1 ? " line · " : " lines · ") + base::grouped(log.dropped() - dropped_seen_) + " dropped · " + rate_words(rate);
    const float width = text_width(ctx.fonts.ui, text_size::kSmall, words);
    ImGui::SameLine();
    const float room = ImGui::GetContentRegionAvail().x;
    if (room < width) {
        ImGui::NewLine();
        return;
    }
    const ImVec2 pos = ImGui::GetCursorScreenPos();
    const ImVec2 at = snap(ImVec2(pos.x + room - width, pos.y + (height - text_size::kSmall) / 2), ctx.input.pixel_ratio);
    draw_text(ImGui::GetWindowDrawList(), ctx.fonts.ui, text_size::kSmall, at, ctx.theme.muted, words);
    record(ctx, id_of("log-counts"), at, ImVec2(at.x + width, at.y + text_size::kSmall), {.role = Role::text, .name = words});
    ImGui::NewLine();
}

// Copying, and in a narrow bar what has no button of its own there.
void LogView::draw_toolbar_menu(UiContext& ctx, bool small) {
    model::App& app = ctx.app;
    const std::size_t lines = app.log().size();
    const float size = button_height(ctx);
    const ImVec2 anchor = ImGui::GetCursorScreenPos();
    const std::string_view title = small ? "More for the log" : "Copy lines";
    if (button(ctx, "", {.icon = small ? Icon::more : Icon::copy, .id = "log-menu", .tooltip = title, .disabled = !small && lines == 0, .expanded = menu_is_open("log-menu"), .has_menu = true})) open_menu("log-menu");
    if (!begin_menu(ctx, "log-menu", {.anchor_min = anchor, .anchor_max = ImVec2(anchor.x + size, anchor.y + size), .name = title})) return;
    if (small) {
        if (menu_item(ctx, "Wrap long lines", {.checked = app.log_panel().wrap})) app.set_log_wrap(!app.log_panel().wrap);
        menu_separator(ctx);
    }
    const std::string selected = selected_text(app);
    if (menu_item(ctx, "Copy selected lines", {.shortcut = ctx.commands.mac() ? "⌘C" : "Ctrl C", .disabled = selected.empty()})) copy(ctx, selected);
    if (menu_item(ctx, "Copy visible lines", {.disabled = lines == 0})) copy(ctx, visible_text(app));
    if (menu_item(ctx, "Copy all lines", {.disabled = lines == 0, .hint = base::grouped(lines)})) copy(ctx, all_text(app));
    if (small) {
        menu_separator(ctx);
        if (menu_item(ctx, "Clear the view", {.icon = Icon::trash, .disabled = lines == 0})) app.clear_log();
    }
    end_menu(ctx);
}

void LogView::handle_keys(UiContext& ctx, bool focused) {
    if (!focused) return;
    const model::LogBuffer& log = ctx.app.log();
    if (log.size() == 0) return;
    const std::uint64_t first = log.appended() - log.size();
    const std::uint64_t last = log.appended() - 1;
    const auto page = static_cast<std::int64_t>(std::max<std::uint64_t>(last_visible_ == kNone ? 10 : last_visible_ - first_visible_, 2));
    std::int64_t step = 0;
    if (ImGui::IsKeyPressed(ImGuiKey_DownArrow)) step = 1;
    if (ImGui::IsKeyPressed(ImGuiKey_UpArrow)) step = -1;
    if (ImGui::IsKeyPressed(ImGuiKey_PageDown)) step = page;
    if (ImGui::IsKeyPressed(ImGuiKey_PageUp)) step = -page;
    if (ImGui::IsKeyPressed(ImGuiKey_Home)) step = -static_cast<std::int64_t>(log.size());
    if (ImGui::IsKeyPressed(ImGuiKey_End)) step = static_cast<std::int64_t>(log.size());
    ImGuiIO& io = ImGui::GetIO();
    if (step != 0) {
        ImGui::NavMoveRequestCancel();
        const std::uint64_t from = cursor_ == kNone ? (last_visible_ == kNone ? last : last_visible_) : std::clamp(cursor_, first, last);
        const auto wanted = static_cast<std::int64_t>(from) + step;
        cursor_ = static_cast<std::uint64_t>(std::clamp(wanted, static_cast<std::int64_t>(first), static_cast<std::int64_t>(last)));
        if (!io.KeyShift || anchor_ == kNone) anchor_ = cursor_;
        scroll_to_ = cursor_;
        const bool at_end = cursor_ == last && step > 0;
        if (ctx.app.log_panel().follow != at_end) ctx.app.set_log_follow(at_end);
    }
    if (ImGui::IsKeyChordPressed(ImGuiMod_Ctrl | ImGuiKey_C)) copy(ctx, selected_text(ctx.app));
    if (ImGui::IsKeyChordPressed(ImGuiMod_Ctrl | ImGuiKey_A)) {
        anchor_ = first;
        cursor_ = last;
    }
    if (ImGui::IsKeyPressed(ImGuiKey_Escape)) anchor_ = cursor_ = kNone;
}

void LogView::draw_line(UiContext& ctx, const model::LogLine& line, ImVec2 pos, float width, int columns) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    const Theme& theme = ctx.theme;
    ImFont* mono = ctx.fonts.mono;
    const float advance = text_width(mono, kRow, "0");
    const Columns prefix = columns_of(ctx.app.log(), width);
    if (is_selected(line.sequence)) list->AddRectFilled(ImVec2(pos.x - kPadX, pos.y), ImVec2(pos.x + width, pos.y + kRow), theme.selection);

    if (line.gap) {
        // A rule across the row, broken by the words: nothing the container wrote looks like it.
        const float words_width = text_width(ctx.fonts.ui, text_size::kSmall, line.message);
        const float middle = std::floor(pos.y + kRow / 2);
        const float left = pos.x + 24;
        list->AddLine(ImVec2(pos.x, middle), ImVec2(left - 8, middle), theme.warning);
        draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(left, pos.y + (kRow - text_size::kSmall) / 2), theme.warning, line.message);
        list->AddLine(ImVec2(left + words_width + 8, middle), ImVec2(std::max(pos.x + width - 2 * kPadX, left + words_width + 8), middle), theme.warning);
        return;
    }

    float x = pos.x;
    auto put = [&](std::string_view text, int cells, ImU32 color) {
        if (cells <= 0) return;
        draw_text(list, mono, kRow, ImVec2(std::floor(x), pos.y), color, text.substr(0, static_cast<std::size_t>(cells - 1)));
        x += advance * static_cast<float>(cells);
    };
    put(clock_of(line.timestamp), prefix.time, theme.log_time);
    put(short_source(line.source), prefix.source, source_color(theme, line.source));
    const model::LogLevel level = model::detect_level(line.message);
    put(level_word(level), prefix.level, level_color(theme, level));

    // Matches are positions in the whole message, so it is shown whole while one searches.
    const std::string_view search = search_.text();
    const std::string_view message = search.empty() ? without_level(without_time(line.message, line.timestamp), level) : line.message;
    const float left = std::floor(x);
    const std::vector<std::size_t> hits = find_all(message, search, 200);
    // Cells before a byte offset; the mono face has one advance for all, so this needs no measuring.
    auto cells_to = [&](std::size_t byte) { return base::code_point_count(message.substr(0, byte)); };
    for (std::size_t i = 0; i < hits.size(); ++i) {
        const std::size_t from = cells_to(hits[i]);
        const std::size_t length = base::code_point_count(message.substr(hits[i], search.size()));
        const bool current = line.sequence == search_.current_sequence() && i == search_.current_ordinal();
        const auto wrap = static_cast<std::size_t>(columns > 0 ? columns : 1 << 30);
        for (std::size_t cell = from; cell < from + length;) {
            const std::size_t row = cell / wrap;
            const std::size_t end = std::min(from + length, (row + 1) * wrap);
            const float y = pos.y + static_cast<float>(row) * kRow;
            list->AddRectFilled(ImVec2(left + static_cast<float>(cell - row * wrap) * advance, y),
                                ImVec2(left + static_cast<float>(end - row * wrap) * advance, y + kRow), current ? theme.match_current : theme.match, 2);
            cell = end;
        }
    }
    const ImU32 color = level == model::LogLevel::debug || level == model::LogLevel::trace ? theme.muted : theme.text;
    if (columns <= 0) {
        // A line of 64 kB is drawn as far as it can be seen.
        const float visible_to = ImGui::GetWindowPos().x + ImGui::GetWindowWidth();
        const auto cells = static_cast<std::size_t>(std::max((visible_to - left) / advance, 0.0f)) + 2;
        draw_text(list, mono, kRow, ImVec2(left, pos.y), color, base::utf8_prefix(message, cells * 4));
        return;
    }
    float y = pos.y;
    const float bottom = ImGui::GetWindowPos().y + ImGui::GetWindowHeight();
    std::size_t at = 0;
    while (at < message.size() && y < bottom) {
        std::size_t end = at;
        for (int cell = 0; cell < columns && end < message.size(); ++cell) {
            ++end;
            while (end < message.size() && (static_cast<unsigned char>(message[end]) & 0xC0U) == 0x80U) ++end;
        }
        if (y + kRow >= ImGui::GetWindowPos().y) draw_text(list, mono, kRow, ImVec2(left, y), color, message.substr(at, end - at));
        at = end;
        y += kRow;
    }
}

void LogView::draw_lines(UiContext& ctx) {
    model::App& app = ctx.app;
    const model::LogBuffer& log = app.log();
    const model::LogPanelState& panel = app.log_panel();
    built_rows_ = 0;
    first_visible_ = last_visible_ = kNone;

    if (log.size() == 0) {
        const bool loading = app.pods().phase == model::LoadPhase::loading;
        if (app.pods().phase == model::LoadPhase::failed) {
            if (error_state(ctx, "log-error", app.pods().error)) app.retry();
        } else if (loading) {
            ImGui::SetCursorPos(ImVec2(kPadX, 12));
            skeleton(ctx, "log-loading", 4);
        } else if (panel.node_id.empty()) {
            state_message(ctx, "log-empty", {.icon = Icon::list, .text = "Select a node on the canvas to see the log of its pods"});
        } else {
            state_message(ctx, "log-empty", {.icon = Icon::list, .text = !panel.empty_reason.empty() ? std::string_view(panel.empty_reason) : "No line yet"});
        }
        return;
    }

    const ImVec2 window_pos = ImGui::GetWindowPos();
    const float width = ImGui::GetWindowWidth();
    const float height = ImGui::GetCurrentWindow()->InnerRect.GetHeight();  // without the scrollbar at the bottom
    const float advance = text_width(ctx.fonts.mono, kRow, "0");
    const Columns prefix = columns_of(log, width);
    const int columns = panel.wrap ? static_cast<int>((width - 2 * kPadX - 12) / advance) - prefix.prefix() : 0;
    if (panel.wrap) wrap_.update(log, columns, prefix.prefix());
    const int wrap_columns = panel.wrap ? std::max(columns, 8) : 0;
    const std::uint64_t rows = panel.wrap ? wrap_.rows() : log.size();
    const std::uint64_t first_sequence = log.appended() - log.size();
    auto row_of = [&](std::size_t line) { return panel.wrap ? wrap_.row_of(line) : std::uint64_t{line}; };
    auto line_at = [&](std::uint64_t row) { return panel.wrap ? wrap_.line_at(row) : static_cast<std::size_t>(std::min<std::uint64_t>(row, log.size() - 1)); };

    const float content = static_cast<float>(rows) * kRow + 2 * kPadY;
    const float largest = std::max(content - height, 0.0f);
    float scroll = ImGui::GetScrollY();
    // Lines that fell out at the front must not move what is being read.
    if (!panel.follow && !panel.wrap && first_sequence > appended_seen_ && last_scroll_y_ > 0 && appended_seen_ != 0) {
        scroll = std::max(scroll - static_cast<float>(first_sequence - appended_seen_) * kRow, 0.0f);
        ImGui::SetScrollY(scroll);
    }
    appended_seen_ = first_sequence;
    const bool user_moved = last_scroll_y_ >= 0 && std::abs(scroll - last_scroll_y_) > 0.5f && (ImGui::GetIO().MouseWheel != 0 || ImGui::IsMouseDown(ImGuiMouseButton_Left));
    if (user_moved && panel.follow && scroll < largest - kRow) app.set_log_follow(false);
    else if (user_moved && !panel.follow && scroll >= largest - 1) app.set_log_follow(true);
    if (app.log_panel().follow) {
        scroll = largest;
        ImGui::SetScrollY(largest);
    }
    if (scroll_to_ != kNone) {
        if (const std::size_t index = index_of(log, scroll_to_); index < log.size()) {
            const float y = kPadY + static_cast<float>(row_of(index)) * kRow;
            if (y < scroll + kRow || y > scroll + height - 2 * kRow) {
                scroll = std::clamp(y - height / 2, 0.0f, largest);
                ImGui::SetScrollY(scroll);
            }
        }
        scroll_to_ = kNone;
        ctx.wake_in(0);
    }
    // The window's own scroll position (its scrollbar) follows with the next frame.
    if (std::abs(ImGui::GetScrollY() - scroll) > 1.5f && (scroll != last_scroll_y_ || content != last_content_)) ctx.wake_in(0);
    last_scroll_y_ = scroll;
    last_content_ = content;

    // One item for the whole area: it has the keyboard and the mouse.
    const ImVec2 area_max(window_pos.x + width - ImGui::GetStyle().ScrollbarSize, window_pos.y + height);
    const ImGuiID id = id_of("log-lines");
    begin_record_group(ctx, id, window_pos, area_max, {.role = Role::log, .name = "Log of " + panel.pod_name});
    ImGuiContext& g = *ImGui::GetCurrentContext();
    bool hovered = false;
    bool held = false;
    if (ImGui::ItemAdd(ImRect(window_pos, area_max), id)) {
        (void)ImGui::ButtonBehavior(ImRect(window_pos, area_max), id, &hovered, &held, ImGuiButtonFlags_PressedOnClick);
        IMGUI_TEST_ENGINE_ITEM_INFO(id, "Log", g.LastItemData.StatusFlags);
    }
    const bool focused = g.NavId == id && g.NavWindow != nullptr;
    handle_keys(ctx, focused);
    if (held && g.ActiveIdSource == ImGuiInputSource_Mouse) {
        const float y = ImGui::GetMousePos().y - window_pos.y + scroll - kPadY;
        const auto row = static_cast<std::uint64_t>(std::clamp(y / kRow, 0.0f, static_cast<float>(rows - 1)));
        const std::uint64_t sequence = first_sequence + line_at(row);
        if (g.ActiveIdIsJustActivated) {
            const bool again = anchor_ == sequence && cursor_ == sequence;
            if (!ImGui::GetIO().KeyShift || anchor_ == kNone) anchor_ = sequence;
            cursor_ = sequence;
            if (again && !ImGui::GetIO().KeyShift) anchor_ = cursor_ = kNone;
            if (app.log_panel().follow && anchor_ != kNone) app.set_log_follow(false);
        } else if (anchor_ != kNone) {
            cursor_ = sequence;
        }
    }

    const auto first_row = static_cast<std::uint64_t>(std::max((scroll - kPadY) / kRow, 0.0f));
    float longest = 0;
    for (std::size_t index = line_at(std::min(first_row, rows - 1)); index < log.size(); ++index) {
        const float y = window_pos.y + kPadY + static_cast<float>(row_of(index)) * kRow - scroll;
        if (y >= window_pos.y + height) break;
        const model::LogLine line = log.line(index);
        const ImVec2 pos(window_pos.x + kPadX - (panel.wrap ? 0 : ImGui::GetScrollX()), std::floor(y));
        draw_line(ctx, line, pos, width, wrap_columns);
        longest = std::max(longest, static_cast<float>(line.message.size() + static_cast<std::size_t>(prefix.prefix())) * advance);
        if (first_visible_ == kNone) first_visible_ = line.sequence;
        last_visible_ = line.sequence;
        ++built_rows_;
        const auto row_id = static_cast<ImGuiID>(id ^ (line.sequence * 2654435761U));
        record(ctx, row_id, ImVec2(window_pos.x, y), ImVec2(area_max.x, y + kRow),
               {.role = Role::listitem, .name = line.raw.substr(0, 500), .flags = is_selected(line.sequence) ? static_cast<std::uint32_t>(kSelected) : 0U});
    }
    end_record_group(ctx);
    if (focused && g.NavCursorVisible)
        ImGui::GetWindowDrawList()->AddRect(ImVec2(window_pos.x + 1, window_pos.y + 1), ImVec2(area_max.x - 1, area_max.y - 1), ctx.theme.accent, 2, 0, 2);
    ImGui::SetCursorPos(ImVec2(0, 0));
    ImGui::Dummy(ImVec2(panel.wrap ? 1.0f : std::min(longest + 2 * kPadX, 600'000.0f), content));
}

}  // namespace ui
