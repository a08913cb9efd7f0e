// What stands in place of the canvas while there is no document, and the dialogs.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "model/dry_run.hpp"
#include "model/run_inputs.hpp"
#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"
#include "ui/widgets/form.hpp"

namespace ui {

namespace {

constexpr std::size_t kMaxNameBytes = 200;  // of a workflow, for the hub

void name_dialog(UiContext& ctx, ViewState& views, bool creating) {
    const std::string_view id = creating ? "new-workflow" : "rename-workflow";
    if (!begin_dialog(ctx, id, {.title = creating ? "New workflow" : "Rename workflow"})) return;
    state::Form& form = views.name_dialog.form;
    if (ImGui::IsWindowAppearing()) {
        form.reset({{"name", creating ? std::string() : ctx.app.workflow().name}});
        form.focus("name");
    }
    FormFields fields(ctx, form);
    fields.text("name", {.label = "Name", .select_all_on_focus = true});
    ImGui::Dummy(ImVec2(0, 4));
    const std::string_view label = creating ? "Create" : "Rename";
    const float buttons = button_width(ctx, "Cancel") + 8 + button_width(ctx, label, {.style = ButtonStyle::primary});
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - buttons, 0.0f));
    if (button(ctx, "Cancel")) ImGui::CloseCurrentPopup();
    ImGui::SameLine();
    if (fields.submit(label)) {
        form.submit([&](const model::Json& values) {
            const std::string name = values["name"].get_ref<const std::string&>();
            form.succeeded();
            if (creating) ctx.app.create_workflow(name);
            else ctx.app.rename_workflow(name);
            ImGui::CloseCurrentPopup();
        });
    }
    end_dialog(ctx);
}

void delete_dialog(UiContext& ctx, ViewState& views) {
    if (!begin_dialog(ctx, "delete-workflow", {.title = "Delete workflow?"})) return;
    const model::WorkflowState& workflow = ctx.app.workflow();
    if (ImGui::IsWindowAppearing()) views.workflow_to_delete = workflow.id;
    const std::string what = "\"" + workflow.name + "\" with its " + std::to_string(ctx.app.graph().node_count()) +
                             " nodes, versions and run history is deleted. This cannot be undone.";
    text(ctx, what, {.color = ctx.theme.muted, .wrap = true});
    ImGui::Dummy(ImVec2(0, 4));
    const float buttons = button_width(ctx, "Cancel") + 8 + button_width(ctx, "Delete workflow", {.style = ButtonStyle::danger});
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - buttons, 0.0f));
    if (button(ctx, "Cancel")) ImGui::CloseCurrentPopup();
    ImGui::SameLine();
    if (button(ctx, "Delete workflow", {.style = ButtonStyle::danger})) {
        ctx.app.delete_workflow(views.workflow_to_delete);
        ImGui::CloseCurrentPopup();
    }
    end_dialog(ctx);
}

void shortcuts_sheet(UiContext& ctx) {
    if (!begin_dialog(ctx, "shortcuts", {.title = "Keyboard shortcuts", .width = 520})) return;
    const float room = std::min(ctx.input.height - 140, 460.0f);
    const ImVec2 min = ImGui::GetCursorScreenPos();
    if (begin_region(ctx, "shortcuts-list", min, ImVec2(min.x + ImGui::GetContentRegionAvail().x, min.y + room), 0U, ImVec2(0, 0), true)) {
        std::vector<std::string_view> groups;
        for (const Command& command : ctx.commands.all()) {
            if (!ctx.commands.shortcut(command.id).empty() && std::find(groups.begin(), groups.end(), command.group) == groups.end()) groups.push_back(command.group);
        }
        for (const std::string_view group : groups) {
            section_label(ctx, group);
            for (const Command& command : ctx.commands.all()) {
                const std::string keys = ctx.commands.shortcut(command.id);
                if (command.group != group || keys.empty()) continue;
                const float width = ImGui::GetContentRegionAvail().x;
                const ImVec2 pos = reserve(ctx, ImVec2(width, 26));
                ImGui::SetCursorPosY(ImGui::GetCursorPosY() - 8);
                ImDrawList* list = ImGui::GetWindowDrawList();
                draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(pos.x, pos.y + 2), ctx.theme.text, command.title, width - 120);
                draw_key_cap(ctx, list, ImVec2(pos.x + width - 8, pos.y + 13), keys);
                record(ctx, id_of(command.id), pos, ImVec2(pos.x + width, pos.y + 26), {.role = Role::text, .name = command.title, .value = keys});
            }
            ImGui::Dummy(ImVec2(0, 8));
        }
    }
    end_region(ctx);
    end_dialog(ctx);
}

}  // namespace

NameDialog::NameDialog()
    : form(state::schema::object({{"name", state::schema::string()
                                               .trim()
                                               .min(1, "Enter a name")
                                               .max(100, "At most 100 characters")
                                               .matches([](std::string_view text) { return text.size() <= kMaxNameBytes; }, "Too long: shorten it")}})) {}

PageDraw full_page(std::string_view rail) {
    struct Page {
        std::string_view rail;
        PageDraw draw;
    };
    static constexpr std::array<Page, 6> kPages{{{"resources", draw_resources}, {"alerts", draw_alerts}, {"clusters", draw_clusters}, {"activity", draw_activity}, {"settings", draw_settings}, {"profile", draw_profile}}};
    for (const Page& page : kPages) {
        if (page.rail == rail) return page.draw;
    }
    return nullptr;
}

bool draw_workflow_state(UiContext& ctx, const Layout& layout) {
    const model::WorkflowState& workflow = ctx.app.workflow();
    if (workflow.phase == model::LoadPhase::ready) return false;
    const Box& box = layout.canvas;
    if (begin_region(ctx, "workflow-state", box.min, box.max, ctx.theme.background, ImVec2(24, 24))) {
        const bool list_failed = workflow.list_phase == model::LoadPhase::failed;
        if (workflow.phase == model::LoadPhase::failed || (list_failed && workflow.id.empty())) {
            if (error_state(ctx, "workflow-error", list_failed && workflow.id.empty() ? workflow.list_error : workflow.error)) ctx.app.retry();
        } else if (workflow.list_phase == model::LoadPhase::ready && workflow.list.empty() && workflow.phase == model::LoadPhase::idle) {
            if (state_message(ctx, "no-workflow", {.icon = Icon::workflows, .title = "No workflow yet", .text = "A workflow is a set of nodes that run together in the cluster.", .action = "New workflow"}))
                ctx.commands.run("workflow.new");
        } else if (lasted(ctx, id_of("cards"), metrics::kSkeletonDelayMs)) {
            // Cards, as the canvas will have them.
            ImDrawList* list = ImGui::GetWindowDrawList();
            for (int i = 0; i < 6; ++i) {
                const ImVec2 min(box.min.x + 40 + static_cast<float>(i % 3) * 280, box.min.y + 60 + static_cast<float>(i / 3) * 130);
                list->AddRectFilled(min, ImVec2(min.x + model::kNodeSize.x, min.y + model::kNodeSize.y), ctx.theme.skeleton, metrics::kRadiusLarge);
            }
            record(ctx, id_of("loading"), box.min, box.max, {.role = Role::status, .name = "Loading workflow"});
        }
    }
    end_region(ctx);
    return true;
}

namespace {

// Not inlined into the frame: what only an opened dialog needs then belongs to the later part of the program (docs/decisions/0009).
[[gnu::noinline]] void draw_each_dialog(UiContext& ctx, ViewState& views) {
    name_dialog(ctx, views, true);
    name_dialog(ctx, views, false);
    delete_dialog(ctx, views);
    shortcuts_sheet(ctx);
    draw_build_dialog(ctx, views);
    draw_version_dialog(ctx, views);
    draw_secrets_dialog(ctx, views);
    draw_dry_run_dialog(ctx, views);
    draw_import_dialog(ctx, views);
    draw_export_dialog(ctx, views);
    draw_alert_dialogs(ctx, views);
    draw_cluster_dialogs(ctx, views);
    draw_resource_dialogs(ctx, views);
    draw_settings_dialogs(ctx, views);
    draw_event_details(ctx, views);
    draw_palette(ctx, views);
    draw_conflict_dialog(ctx, views);
}

}  // namespace

void draw_dialogs(UiContext& ctx, ViewState& views) {
    constexpr int kFramesToTidyUp = 2;  // the one in which a dialog closes, and the one in which it finds itself closed
    const bool wanted = !ctx.layers->to_open.empty() || !ctx.layers->to_close.empty() || ImGui::IsPopupOpen("", ImGuiPopupFlags_AnyPopup) ||
                        ctx.app.conflict().open || ctx.app.run_inputs().state().open || ctx.app.dry_run().state().open;
    if (wanted) views.dialog_frames = kFramesToTidyUp;
    else if (views.dialog_frames > 0) --views.dialog_frames;
    else return;
    draw_each_dialog(ctx, views);
}

}  // namespace ui
