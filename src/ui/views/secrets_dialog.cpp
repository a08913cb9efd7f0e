// What a run needs and nobody stores: asked for once, sent once, forgotten.
#include <imgui.h>

#include <algorithm>
#include <string>

#include "model/run_inputs.hpp"
#include "ui/views/history_view.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"
#include "ui/widgets/form.hpp"

namespace ui {

namespace {

constexpr std::string_view kId = "run-inputs";

}  // namespace

void draw_secrets_dialog(UiContext& ctx, ViewState& views) {
    model::RunInputs& inputs = ctx.app.run_inputs();
    if (inputs.state().open && !views.history.inputs_shown) {
        open_dialog(ctx, kId);
        views.history.inputs_shown = true;
    }
    if (!views.history.inputs_shown) return;
    if (!begin_dialog(ctx, kId, {.title = "Values for this run", .width = 460})) {
        // Closed by Escape or its button: nothing is applied.
        if (dialog_is_open(kId)) return;
        views.history.inputs_shown = false;
        if (inputs.state().open) inputs.cancel();
        return;
    }
    state::Form* form = inputs.form();
    if (form == nullptr) {
        views.history.inputs_shown = false;
        ImGui::CloseCurrentPopup();
        end_dialog(ctx);
        return;
    }
    text(ctx, "They go to the cluster with this run and are stored nowhere else.", {.color = ctx.theme.muted, .wrap = true});
    bool go = false;
    {
        FormFields fields(ctx, *form);
        fields.alert();
        std::string node;
        bool first = true;
        const model::RunInputsState state = inputs.state();
        for (const model::RunInput& input : state.inputs) {
            if (input.node_id != node) {
                section_label(ctx, input.node_name);
                node = input.node_id;
            }
            (void)fields.text(input.path, {.label = input.key, .help = input.needed ? "" : "Empty: the cluster's value stays", .password = input.secret, .mono = !input.secret, .focus = first && ImGui::IsWindowAppearing()});
            first = false;
        }
        ImGui::Dummy(ImVec2(0, 4));
        const float buttons = button_width(ctx, "Cancel") + 8 + button_width(ctx, "Run", {.style = ButtonStyle::primary, .icon = Icon::play});
        ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - buttons, 0.0f));
        if (button(ctx, "Cancel")) ImGui::CloseCurrentPopup();
        ImGui::SameLine();
        go = fields.submit("Run", {.name = "Run with these values", .icon = Icon::play});
    }
    if (go) inputs.submit();  // the form goes with it
    end_dialog(ctx);
}

}  // namespace ui
