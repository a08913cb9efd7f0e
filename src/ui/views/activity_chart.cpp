#include "ui/views/activity_chart.hpp"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/time_text.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

using model::EventBucket;
using model::EventLevel;

constexpr float kBars = 64;        // height
constexpr float kAxis = 20;
constexpr float kLegend = 24;
constexpr int kMostBars = 48;
constexpr float kBarStep = 14;
constexpr std::int64_t kDayMs = 24 * 60 * 60 * 1000LL;
// From the bottom up: the worst first, where it is seen.
constexpr std::array<EventLevel, 4> kStack{EventLevel::danger, EventLevel::warning, EventLevel::success, EventLevel::info};

// "14:05", or with the day when the chart spans more than one.
std::string moment(std::int64_t unix_ms, std::int64_t span_ms) {
    const std::string stamp = base::format_rfc3339(unix_ms);
    return span_ms > kDayMs ? stamp.substr(5, 5) + " " + stamp.substr(11, 5) : stamp.substr(11, 5);
}

std::string counts_of(const UiContext& ctx, const EventBucket& bucket) {
    std::string words = std::to_string(bucket.total()) + (bucket.total() == 1 ? " event" : " events");
    for (const EventLevel level : kStack) {
        if (bucket.of(level) > 0) words += ", " + std::to_string(bucket.of(level)) + " " + std::string(level_look(ctx, level).word);
    }
    return words;
}

void legend(UiContext& ctx, const std::vector<EventBucket>& buckets, ImVec2 min, float width) {
    ImDrawList* list = ImGui::GetWindowDrawList();
    float x = min.x;
    for (const EventLevel level : kStack) {
        int count = 0;
        for (const EventBucket& bucket : buckets) count += bucket.of(level);
        if (count == 0) continue;
        const LevelLook look = level_look(ctx, level);
        const std::string words = std::to_string(count) + " " + std::string(look.word);
        if (x + 16 + text_width(ctx.fonts.ui, text_size::kSmall, words) > min.x + width) return;
        list->AddRectFilled(ImVec2(x, min.y + 5), ImVec2(x + 9, min.y + 14), look.color, 2);
        x += 15;
        x += draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(x, min.y), ctx.theme.muted, words) + 16;
    }
}

}  // namespace

LevelLook level_look(const UiContext& ctx, EventLevel level) {
    switch (level) {
        case EventLevel::danger: return {ctx.theme.danger, "failed"};
        case EventLevel::warning: return {ctx.theme.warning, "in trouble"};
        case EventLevel::success: return {ctx.theme.success, "fine"};
        case EventLevel::info: break;
    }
    return {ctx.theme.accent, "changed"};
}

void draw_event_chart(UiContext& ctx, std::span<const model::FeedEventPtr> events, std::int64_t from_ms, std::int64_t to_ms) {
    const float width = ImGui::GetContentRegionAvail().x;
    const int count = std::clamp(static_cast<int>(width / kBarStep), 6, kMostBars);
    const std::vector<EventBucket> buckets = model::count_over_time(events, from_ms, to_ms, count);
    int most = 0;
    int all = 0;
    for (const EventBucket& bucket : buckets) {
        most = std::max(most, bucket.total());
        all += bucket.total();
    }
    const ImVec2 min = reserve(ctx, ImVec2(width, kLegend + kBars + kAxis));
    const ImVec2 max(min.x + width, min.y + kLegend + kBars + kAxis);
    const std::int64_t span_ms = to_ms - from_ms;
    const std::string summary = std::to_string(all) + (all == 1 ? " event" : " events") + " from " + moment(from_ms, span_ms) + " to " + moment(to_ms, span_ms) + " UTC, at most " + std::to_string(most) + " in one bar";
    begin_record_group(ctx, id_of("event-chart"), min, max, {.role = Role::grid, .name = "Events over time", .description = summary});
    ImDrawList* list = ImGui::GetWindowDrawList();
    legend(ctx, buckets, min, width);
    const float top = min.y + kLegend;
    const float base_y = top + kBars;
    list->AddRectFilled(ImVec2(min.x, base_y), ImVec2(max.x, base_y + 1), ctx.theme.border);
    const float step = width / static_cast<float>(count);
    for (std::size_t i = 0; i < buckets.size(); ++i) {
        const EventBucket& bucket = buckets[i];
        const float left = std::floor(min.x + step * static_cast<float>(i)) + 1;
        const float right = std::max(std::floor(min.x + step * static_cast<float>(i + 1)) - 1, left + 2);
        const bool hovered = ImGui::IsMouseHoveringRect(ImVec2(left, top), ImVec2(right, base_y + kAxis));
        if (hovered) list->AddRectFilled(ImVec2(left - 1, top), ImVec2(right + 1, base_y), ctx.theme.hover);
        if (bucket.total() == 0) continue;
        float y = base_y;
        for (const EventLevel level : kStack) {
            if (bucket.of(level) == 0) continue;
            const float height = std::max(kBars * static_cast<float>(bucket.of(level)) / static_cast<float>(most), 2.0f);
            const float above = std::max(y - height, top);
            list->AddRectFilled(ImVec2(left, above), ImVec2(right, y), level_look(ctx, level).color, 1.5f);
            y = above;
        }
        const std::string name = moment(bucket.from_ms, span_ms) + " to " + moment(bucket.to_ms, span_ms);
        const std::string words = counts_of(ctx, bucket);
        ImGui::PushID(static_cast<int>(i));
        const ImGuiID id = id_of("bar");
        ImGui::PopID();
        record(ctx, id, ImVec2(left, top), ImVec2(right, base_y), {.role = Role::row, .name = name, .value = words});
        if (hovered) tooltip(ctx, {.id = id, .min = ImVec2(left, y), .max = ImVec2(right, base_y), .visible = true, .hovered = true}, name + "\n" + words);
    }
    const std::string begin = moment(from_ms, span_ms);
    const std::string end = moment(to_ms, span_ms) + " UTC";
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(min.x, base_y + 2), ctx.theme.muted, begin);
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(max.x - text_width(ctx.fonts.ui, text_size::kSmall, end), base_y + 2), ctx.theme.muted, end);
    if (most > 0) {
        const std::string scale = std::to_string(most);
        draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(max.x - text_width(ctx.fonts.ui, text_size::kSmall, scale), min.y), ctx.theme.muted, scale);
    }
    end_record_group(ctx);
}

}  // namespace ui
