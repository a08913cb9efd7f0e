// Words and small questions that several views have.
#include "base/text.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

std::string save_words(const model::WorkflowState& workflow) {
    switch (workflow.save) {
        case model::SavePhase::saved: return "Saved";
        case model::SavePhase::unsaved: return "Unsaved changes";
        case model::SavePhase::saving: return "Saving…";
        case model::SavePhase::failed: return workflow.save_error.message.empty() ? "Not saved" : "Not saved: " + workflow.save_error.message;
        case model::SavePhase::conflict: return "Not saved: changed elsewhere";
    }
    return "";
}

model::NodeIndex selected_node(const model::App& app) {
    const auto& selected = app.canvas().selected_nodes;
    return selected.size() == 1 ? app.graph().find_node(*selected.begin()) : model::kNoIndex;
}

Reason split_reason(std::string_view message) {
    const auto halves = base::split_once(message, ':');
    if (!halves || halves->before.size() > 40 || halves->before.find(' ') != std::string_view::npos) return {{}, message};
    return {halves->before, base::trim(halves->after)};
}

bool is_image_problem(std::string_view message) {
    for (const std::string_view word : {"ImagePullBackOff", "ErrImagePull", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError"}) {
        if (message.find(word) != std::string_view::npos) return true;
    }
    return false;
}

std::string image_problem_words(std::string_view message, std::string_view image) {
    const std::size_t not_found = message.find("not found");
    if (not_found == std::string_view::npos) {
        const Reason reason = split_reason(message);
        return std::string(reason.detail.empty() ? reason.reason : reason.detail);
    }
    const std::size_t slash = image.rfind('/');
    const std::size_t colon = image.rfind(':');
    const bool tagged = colon != std::string_view::npos && (slash == std::string_view::npos || colon > slash);
    std::string out = tagged ? "The registry has no tag " + std::string(image.substr(colon + 1)) : "The registry has no such image";
    // What the registry adds in parentheses, as a sentence of its own.
    const std::size_t open = message.find('(', not_found);
    const std::size_t close = message.find(')', not_found);
    if (open != std::string_view::npos && close != std::string_view::npos && close > open + 1) {
        std::string hint(message.substr(open + 1, close - open - 1));
        hint[0] = base::ascii_upper(hint[0]);
        out += ". " + hint;
    }
    return out;
}

bool stale_banner(UiContext& ctx, std::string_view id, const base::Error& error, std::int64_t loaded_at_ms) {
    const std::string words = error.message + (error.message.ends_with('.') ? "" : ".") + " Shown is the state of " + ago(ctx, loaded_at_ms) + ".";
    const bool retry = banner(ctx, id, BannerKind::warning, words, "Retry");
    ImGui::Dummy(ImVec2(0, 4));
    return retry;
}

}  // namespace ui
