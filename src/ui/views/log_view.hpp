// LogView: the log panel's own state: what is selected, found, and how fast lines come. Drawn by draw(); only visible rows are built.
//
// Search positions and wrapped heights are kept between frames and follow the ring: lines that fall out at the front are forgotten,
// new ones are looked at once.
#pragma once

#include <imgui.h>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "model/log_buffer.hpp"
#include "ui/ui_context.hpp"

namespace ui {

// Where the search text occurs; kept up to date with the ring.
class LogSearch {
public:
    // Looks at what is new. `text` empty: no matches.
    void update(const model::LogBuffer& log, std::string_view text);
    [[nodiscard]] std::size_t total() const { return total_; }
    // 1-based position of the current match, 0 when there is none.
    [[nodiscard]] std::size_t current_number() const;
    // Moves to the next or previous match (from the end at first) and returns its line's sequence, or kNone.
    static constexpr std::uint64_t kNone = ~std::uint64_t{0};
    std::uint64_t move(int direction);
    [[nodiscard]] std::uint64_t current_sequence() const { return current_sequence_; }
    [[nodiscard]] std::size_t current_ordinal() const { return current_ordinal_; }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    struct Hit {
        std::uint64_t sequence;
        std::uint32_t count;   // occurrences in that line
    };
    std::string text_;
    std::deque<Hit> hits_;
    std::size_t total_ = 0;
    std::uint64_t scanned_to_ = 0;    // sequences below were looked at
    std::uint64_t current_sequence_ = kNone;
    std::size_t current_ordinal_ = 0;  // which occurrence within the line
};

// Lines per second over the last two seconds, from the count of all lines at times.
class LineRate {
public:
    // `now_ms` does not go back. Returns lines per second.
    double update(std::uint64_t appended, std::int64_t now_ms);
    // When the rate falls to zero by itself, in ms from now; -1: it is zero.
    [[nodiscard]] std::int64_t settles_in_ms(std::int64_t now_ms) const;
    void reset() { samples_.clear(); }

private:
    struct Sample {
        std::int64_t at_ms;
        std::uint64_t appended;
    };
    std::deque<Sample> samples_;
};

// Height in rows of every kept line when wrapped at `columns`; row_of(i) is the first row of line i.
class WrapIndex {
public:
    void update(const model::LogBuffer& log, int columns, int prefix_columns);
    [[nodiscard]] std::uint64_t rows() const { return starts_.empty() ? 0 : starts_.back(); }
    [[nodiscard]] std::uint64_t row_of(std::size_t line) const { return starts_[line]; }
    [[nodiscard]] std::size_t line_at(std::uint64_t row) const;

private:
    std::vector<std::uint64_t> starts_{0};   // size() + 1 entries
    std::uint64_t version_ = ~std::uint64_t{0};
    int columns_ = 0;
    int prefix_columns_ = 0;
};

class LogView {
public:
    void draw_toolbar(UiContext& ctx, bool focus_search);
    void draw_toolbar_menu(UiContext& ctx, bool small);
    void draw_lines(UiContext& ctx);

    // For commands.
    void find(model::App& app, int direction);
    [[nodiscard]] std::string selected_text(const model::App& app) const;  // "" when nothing is selected
    [[nodiscard]] std::string visible_text(const model::App& app) const;
    [[nodiscard]] static std::string all_text(const model::App& app);
    // Rows built in the last frame (tests).
    [[nodiscard]] int built_rows() const { return built_rows_; }
    [[nodiscard]] const LogSearch& search() const { return search_; }

private:
    void draw_line(UiContext& ctx, const model::LogLine& line, ImVec2 pos, float width, int columns);
    void handle_keys(UiContext& ctx, bool focused);
    void copy(UiContext& ctx, const std::string& text);
    [[nodiscard]] bool is_selected(std::uint64_t sequence) const;
    [[nodiscard]] std::size_t index_of(const model::LogBuffer& log, std::uint64_t sequence) const;

    LogSearch search_;
    LineRate rate_;
    WrapIndex wrap_;
    std::string pod_id_;                           // the log that the selection belongs to
    std::uint64_t anchor_ = LogSearch::kNone;      // selected lines: between anchor and cursor
    std::uint64_t cursor_ = LogSearch::kNone;
    std::uint64_t scroll_to_ = LogSearch::kNone;
    std::uint64_t first_visible_ = LogSearch::kNone;
    std::uint64_t last_visible_ = LogSearch::kNone;
    std::uint64_t appended_seen_ = 0;
    std::uint64_t dropped_seen_ = 0;
    float last_scroll_y_ = -1;
    float last_content_ = 0;
    int built_rows_ = 0;
};

// "14:02:31.204" of an RFC 3339 stamp, as it is written (UTC).
[[nodiscard]] std::string_view clock_of(std::string_view timestamp);
// The message without a time of its own at its front ("2026-11-20T18:48:53.1Z ", "2026/11/20 18:48:53 ", "[18:48:53] "), when that is the
// one of the time column: the same minute and second, give or take kSameTimeS; the hour may be of another zone.
inline constexpr int kSameTimeS = 5;
[[nodiscard]] std::string_view without_time(std::string_view message, std::string_view timestamp);
// The message without a level word at its front that is the one shown in the level column.
[[nodiscard]] std::string_view without_level(std::string_view message, model::LogLevel level);
[[nodiscard]] std::string_view level_word(model::LogLevel level);
// Byte offsets of `text` in `line` without regard to case, at most `limit`.
[[nodiscard]] std::vector<std::size_t> find_all(std::string_view line, std::string_view text, std::size_t limit = 1000);

}  // namespace ui
