// Words and small questions that several views have.
#include "base/text.hpp"
#include "ui/views/views.hpp"

namespace ui {

std::string_view save_words(const model::WorkflowState& workflow) {
    switch (workflow.save) {
        case model::SavePhase::saved: return "Saved";
        case model::SavePhase::unsaved: return "Unsaved changes";
        case model::SavePhase::saving: return "Saving…";
        case model::SavePhase::failed: return "Not saved";
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

}  // namespace ui
