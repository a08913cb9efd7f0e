#include "ui/views/import_dialog.hpp"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "model/imports.hpp"
#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"
#include "ui/widgets/form.hpp"

namespace ui {

namespace {

using Phase = model::ImportsState::Phase;
constexpr std::string_view kDialog = "import";

void right_align(float width) { ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - width, 0.0f)); }

std::string counted(std::size_t count, std::string_view one, std::string_view many) { return std::to_string(count) + " " + std::string(count == 1 ? one : many); }

void question(UiContext& ctx) {
    model::Imports& imports = ctx.app.imports();
    const model::ImportsState& state = imports.state();
    state::Form* form = imports.form();
    text(ctx, "A docker-compose file, Kubernetes manifests or an exported workflow become nodes. You see them before anything changes.", {.color = ctx.theme.muted, .wrap = true});
    const bool busy = state.phase == Phase::analyzing;
    {
        FormFields fields(ctx, *form, busy);
        fields.alert(state.problem);
        constexpr std::array<TabItem, 4> kSources{{{"file", "File"}, {"github", "GitHub"}, {"gitlab", "GitLab"}, {"git_url", "Other address"}}};
        const std::string source = form->text("source");
        if (const std::string_view chosen = tabs(ctx, "import-source", kSources, source, {.name = "Where it comes from"}); !chosen.empty() && !busy) form->set("source", std::string(chosen));
        ImGui::Dummy(ImVec2(0, 2));
        if (source == "file") {
            if (ctx.platform.can_choose_files()) {
                if (button(ctx, "Choose a file…", {.id = "choose-file", .disabled = busy})) ctx.commands.run("import.choose_file");
                ImGui::SameLine(0, 12);
                text(ctx, state.file_name.empty() ? std::string_view("or paste it, or drop one on the page") : std::string_view(state.file_name), {.color = ctx.theme.muted, .role = Role::status});
            }
            (void)fields.text("content", {.label = "File", .placeholder = "services:\n  web:\n    image: nginx:1.27\n…", .mono = true, .rows = 10});
        } else {
            (void)fields.text("url", {.label = "Address", .placeholder = source == "gitlab" ? "https://gitlab.com/acme/shop" : source == "github" ? "https://github.com/acme/shop" : "https://git.example/acme/shop or .../compose.yaml",
                                      .help = "Of a repository, or of one file in it", .mono = true});
            (void)fields.text("branch", {.label = "Branch", .placeholder = "the default one", .mono = true});
        }
        (void)fields.text("namespace", {.label = "Namespace", .placeholder = "default", .help = "For nodes whose file names none"});
        if (busy) {
            const std::string words = state.last_words.empty() ? "Reading…" : state.last_words;
            if (state.progress >= 0) progress_bar(ctx, "import-progress", "Progress of the import", state.progress);
            text(ctx, words, {.size = text_size::kSmall, .color = ctx.theme.muted, .role = Role::status, .flags = kLive});
        }
        ImGui::Dummy(ImVec2(0, 4));
        right_align(button_width(ctx, "Cancel") + 8 + button_width(ctx, busy ? "Reading…" : "Preview", {.style = ButtonStyle::primary}));
        if (button(ctx, "Cancel")) {
            if (busy) imports.cancel();
            else ImGui::CloseCurrentPopup();
        }
        ImGui::SameLine();
        if (fields.submit("Preview", {.busy_label = "Reading…"})) imports.analyze();
    }
}

void issue_row(UiContext& ctx, const model::ImportIssueView& issue, bool error, std::size_t number) {
    const float room = ImGui::GetContentRegionAvail().x;
    std::string where = issue.line > 0 ? "Line " + std::to_string(issue.line) : std::string();
    if (!issue.service.empty()) where += (where.empty() ? "" : " · ") + issue.service;
    ImFont* font = ctx.fonts.ui;
    const float text_room = std::max(room - 26, 60.0f);
    const float words = font->CalcTextSizeA(text_size::kUi, FLT_MAX, text_room, issue.message.c_str()).y;
    const float height = words + (where.empty() ? 8 : 24);
    const ImVec2 min = reserve(ctx, ImVec2(room, height));
    ImDrawList* list = ImGui::GetWindowDrawList();
    draw_icon(list, error ? Icon::error : Icon::warning, ImVec2(min.x, min.y + 2), 15, error ? ctx.theme.danger : ctx.theme.warning);
    list->AddText(font, text_size::kUi, ImVec2(min.x + 24, min.y), ctx.theme.text, issue.message.data(), issue.message.data() + issue.message.size(), text_room);
    if (!where.empty()) draw_text(list, font, text_size::kSmall, ImVec2(min.x + 24, min.y + words + 2), ctx.theme.muted, where, text_room);
    record(ctx, static_cast<ImGuiID>(id_of((error ? "error-" : "warning-") + std::to_string(number))), min, ImVec2(min.x + room, min.y + height),
           {.role = Role::listitem, .name = (error ? "Error: " : "Warning: ") + issue.message, .description = where});
}

void issues(UiContext& ctx, const model::ImportsState& state) {
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    begin_record_group(ctx, id_of("import-issues"), origin, ImVec2(origin.x + ImGui::GetContentRegionAvail().x, origin.y + 1), {.role = Role::list, .name = "What the import says"});
    for (std::size_t i = 0; i < state.errors.size(); ++i) issue_row(ctx, state.errors[i], true, i);
    for (std::size_t i = 0; i < state.warnings.size(); ++i) issue_row(ctx, state.warnings[i], false, i);
    end_record_group(ctx);
}

void node_rows(UiContext& ctx, const model::ImportsState& state) {
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    begin_record_group(ctx, id_of("import-nodes"), origin, ImVec2(origin.x + ImGui::GetContentRegionAvail().x, origin.y + 1), {.role = Role::list, .name = "Nodes of the import"});
    for (const model::ImportNodeView& node : state.nodes) {
        const model::NodeKind kind = model::node_kind_from_type(node.type);
        const Interaction row = list_row(ctx, node.id, {.name = std::string(model::kind_title(kind)) + " " + node.name, .value = node.subtitle});
        ImDrawList* list = ImGui::GetWindowDrawList();
        const float y = row.min.y + (row.max.y - row.min.y - text_size::kUi) / 2;
        draw_icon(list, kind_icon(kind), ImVec2(row.min.x, y - 1), 16, ctx.theme.muted);
        const float name = draw_text(list, ctx.fonts.semibold, text_size::kUi, ImVec2(row.min.x + 26, y), ctx.theme.text, node.name, (row.max.x - row.min.x) * 0.5f);
        draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(row.min.x + 26 + name + 12, y), ctx.theme.muted, node.subtitle, std::max(row.max.x - row.min.x - name - 44, 20.0f));
    }
    end_record_group(ctx);
}

void preview(UiContext& ctx) {
    model::Imports& imports = ctx.app.imports();
    const model::ImportsState state = imports.state();
    const std::string what = state.detected_type == "docker-compose" ? "A Compose file" : state.detected_type == "kubernetes" ? "Kubernetes manifests" : state.detected_type == "binnacle" ? "A workflow" : "Not understood";
    std::string summary = what + (state.file_name.empty() ? "" : " · " + state.file_name) + ": " + counted(state.nodes.size(), "node", "nodes") + ", " + counted(static_cast<std::size_t>(state.edges), "edge", "edges");
    if (state.builds > 0) summary += ", " + counted(static_cast<std::size_t>(state.builds), "image to build", "images to build");
    text(ctx, summary, {.font = ctx.fonts.semibold, .wrap = true, .role = Role::status, .flags = kLive});
    if (!state.errors.empty() || !state.warnings.empty()) {
        const std::string counts = (state.errors.empty() ? "" : counted(state.errors.size(), "error", "errors")) + (state.errors.empty() || state.warnings.empty() ? "" : ", ") +
                                   (state.warnings.empty() ? "" : counted(state.warnings.size(), "warning", "warnings"));
        text(ctx, counts, {.color = state.errors.empty() ? ctx.theme.muted : ctx.theme.danger_text});
    }
    const ImVec2 min = ImGui::GetCursorScreenPos();
    const float room = std::clamp(ctx.input.height - 380, 120.0f, 340.0f);
    if (begin_region(ctx, "import-preview", min, ImVec2(min.x + ImGui::GetContentRegionAvail().x, min.y + room), 0U, ImVec2(0, 4), true)) {
        issues(ctx, state);
        if (!state.nodes.empty() && (!state.errors.empty() || !state.warnings.empty())) separator(ctx, 10);
        node_rows(ctx, state);
    }
    end_region(ctx);
    state::Form* form = imports.form();
    std::string name = form->text("workflow");
    const bool empty = state.nodes.empty();
    if (!empty) {
        if (input_text(ctx, "workflow", name, {.label = "Name of a new workflow"}).changed) form->set("workflow", name);
    }
    if (!state.problem.empty()) text(ctx, state.problem, {.color = ctx.theme.danger_text, .wrap = true, .role = Role::alert});
    ImGui::Dummy(ImVec2(0, 4));
    const bool open = ctx.app.workflow().phase == model::LoadPhase::ready;
    if (button(ctx, "Back", {.id = "import-back"})) imports.back();
    ImGui::SameLine();
    right_align(button_width(ctx, "New workflow") + 8 + button_width(ctx, "Add to this workflow", {.style = ButtonStyle::primary}));
    if (button(ctx, "New workflow", {.style = open ? ButtonStyle::secondary : ButtonStyle::primary, .id = "import-create", .disabled = empty || state.applying, .busy = state.applying})) imports.create_workflow();
    ImGui::SameLine();
    if (button(ctx, "Add to this workflow", {.style = open ? ButtonStyle::primary : ButtonStyle::secondary, .id = "import-add", .disabled = empty || !open || state.applying})) imports.add_to_workflow();
}

}  // namespace

void draw_import_dialog(UiContext& ctx, ViewState& views) {
    model::Imports& imports = ctx.app.imports();
    if (!begin_dialog(ctx, kDialog, {.title = "Import", .width = 600})) {
        if (views.imports.shown) imports.end();
        views.imports.shown = false;
        return;
    }
    if (!views.imports.shown && imports.form() == nullptr) imports.begin();
    views.imports.shown = true;
    if (imports.form() == nullptr) {  // done
        views.imports.shown = false;
        ImGui::CloseCurrentPopup();
    } else if (imports.state().phase == Phase::ready) {
        preview(ctx);
    } else {
        question(ctx);
    }
    end_dialog(ctx);
}

void register_import_commands(CommandTable& commands, model::App& app, Layers& layers, Platform& platform) {
    const auto signed_in = [&app] { return app.session().phase == model::SessionPhase::signed_in; };
    commands.add({.id = "workflow.import", .title = "Import Compose file or manifests…", .group = "Workflow", .enabled = signed_in, .run = [&app, &layers] {
                      app.imports().begin();
                      layers.to_open.emplace_back(kDialog);
                  }});
    commands.add({.id = "import.choose_file", .title = "Import a file…", .group = "Workflow", .enabled = [signed_in, &platform] { return signed_in() && platform.can_choose_files(); }, .run = [&app, &platform] {
                      platform.choose_file(".yml,.yaml,.json", [&app](std::string name, std::string bytes) {
                          app.imports().take_file(std::move(name), std::move(bytes));
                          app.open_modal(std::string(kDialog));
                      });
                  }});
}

}  // namespace ui
