#include "ui/views/builds_view.hpp"

#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "model/builds.hpp"
#include "model/registries.hpp"
#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"
#include "ui/widgets/form.hpp"

namespace ui {

namespace {

constexpr float kListWidth = 268;
constexpr float kRoomForBoth = 640;
constexpr float kRow = 46;
constexpr float kLogRow = 20;
constexpr std::string_view kDialog = "start-build";

ImU32 status_color(const Theme& theme, const model::BuildView& build) {
    if (build.status == "completed") return theme.success;
    if (build.status == "failed") return theme.danger;
    if (build.status == "cancelled" || build.status == "pending") return theme.disabled;
    return theme.warning;
}

ImU32 status_text_color(const Theme& theme, const model::BuildView& build) { return build.status == "failed" ? theme.danger_text : theme.muted; }

std::string status_words(const model::BuildView& build) {
    std::string words(model::build_words(build.status));
    if (!build.is_over() && build.status != "pending") words += " " + std::to_string(build.progress) + " %";
    return words;
}

void build_row(UiContext& ctx, ViewState& views, const model::BuildView& build) {
    const bool selected = ctx.app.builds().state().open_id == build.id;
    const std::string words = status_words(build);
    const std::string when = ago(ctx, build.created_at);
    const Interaction row = list_row(ctx, build.id, {.name = build.title(), .value = words + ", " + when, .description = "Show the log", .selected = selected, .height = kRow, .role = Role::button, .inset = 8});
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddCircleFilled(ImVec2(row.min.x + 5, row.min.y + 15), 4, status_color(ctx.theme, build));
    const float room = row.max.x - row.min.x - 20;
    draw_text(list, ctx.fonts.semibold, text_size::kUi, ImVec2(row.min.x + 18, row.min.y + 5), ctx.theme.text, build.title(), room);
    const float when_width = text_width(ctx.fonts.ui, text_size::kSmall, when);
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(row.min.x + 18, row.min.y + 25), status_text_color(ctx.theme, build), words, room - when_width - 12);
    draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(row.max.x - when_width, row.min.y + 25), ctx.theme.muted, when);
    if (!row.pressed) return;
    ctx.app.builds().open(build.id);
    views.builds.details_open = true;
    views.builds.follow = true;
}

void list_part(UiContext& ctx, ViewState& views, const Box& box) {
    model::Builds& builds = ctx.app.builds();
    const model::BuildsState& state = builds.state();
    if (begin_region(ctx, "builds-list", box.min, box.max, ctx.theme.background, ImVec2(12, 8), true)) {
        const float room = ImGui::GetContentRegionAvail().x;
        const float refresh = button_height(ctx);
        command_button(ctx, "build.start", "New build", {.icon = Icon::plus, .width = std::max(room - refresh - 8, 80.0f)});
        ImGui::SameLine(0, 8);
        if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::refresh, .id = "reload-builds", .tooltip = "Read the list again"})) builds.reload();
        ImGui::Dummy(ImVec2(0, 2));
        if (state.phase == model::LoadPhase::failed) {
            if (state.builds.empty()) {
                if (error_state(ctx, "builds-error", state.error)) builds.reload();
            } else if (banner(ctx, "builds-stale", BannerKind::warning, "Not up to date: " + state.error.message, "Retry")) {
                builds.reload();
            }
        }
        if (state.builds.empty()) {
            if (state.phase == model::LoadPhase::loading || state.phase == model::LoadPhase::idle) skeleton(ctx, "builds-loading", 3);
            else if (state.phase == model::LoadPhase::ready) text(ctx, "No builds yet", {.color = ctx.theme.muted, .role = Role::status});
        }
        const std::vector<model::BuildView> shown = state.builds;  // a press on a row changes the state
        for (const model::BuildView& build : shown) build_row(ctx, views, build);
    }
    end_region(ctx);
}

// The node that gets the image: the one it was built for, else the selected one.
std::string target_node(const model::App& app, const model::BuildView& build) {
    if (build.workflow_id == app.workflow().id && app.graph().find_node(build.node_id) != model::kNoIndex) return build.node_id;
    const model::NodeIndex selected = selected_node(app);
    if (selected == model::kNoIndex || !app.graph().node(selected).data.contains("image")) return {};
    return app.graph().node(selected).id;
}

void actions(UiContext& ctx, const model::BuildView& build) {
    model::Builds& builds = ctx.app.builds();
    if (!build.is_over()) {
        const bool busy = builds.state().busy.contains(build.id);
        if (button(ctx, "Cancel", {.id = "cancel-build", .disabled = busy, .busy = busy})) builds.cancel(build.id);
        return;
    }
    if (build.status == "completed") {
        const std::string node = target_node(ctx.app, build);
        const model::NodeIndex index = ctx.app.graph().find_node(node);
        const bool set = index != model::kNoIndex && ctx.app.graph().node(index).data.value("image", "") == build.pinned_image();
        const std::string label = set ? "In use" : index == model::kNoIndex ? std::string("Use this image") : "Use in " + ctx.app.graph().node(index).name;
        const std::string_view hint = index == model::kNoIndex ? "Select a node that runs an image first" : "Sets the node's image; Run deploys it";
        if (button(ctx, label, {.style = ButtonStyle::primary, .id = "use-image", .tooltip = hint, .disabled = index == model::kNoIndex || set})) (void)ctx.app.use_image(node, build.pinned_image());
        ImGui::SameLine();
        if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::copy, .id = "copy-image", .tooltip = "Copy the image's name"})) ctx.platform.copy_text(build.pinned_image());
        ImGui::SameLine();
    }
    if (button(ctx, "Build again…", {.id = "build-again"})) {
        builds.begin({.repo_url = build.repo_url, .branch = build.branch, .registry_id = build.registry_id, .image_name = build.image_name, .image_tag = build.image_tag, .build_context = build.build_context, .dockerfile = build.dockerfile, .use_nixpacks = build.use_nixpacks,
                      .workflow_id = build.workflow_id, .node_id = build.node_id});
        open_dialog(ctx, kDialog);
    }
}

void heading_part(UiContext& ctx, ViewState& views, const model::BuildView& build, bool narrow) {
    if (narrow) {
        if (button(ctx, "", {.style = ButtonStyle::ghost, .icon = Icon::close, .id = "back-to-builds", .tooltip = "Back to the list"})) views.builds.details_open = false;
        ImGui::SameLine();
    }
    text(ctx, build.title(), {.font = ctx.fonts.semibold, .max_width = std::max(ImGui::GetContentRegionAvail().x - 180, 80.0f), .role = Role::heading});
    ImGui::SameLine(0, 12);
    status_dot(ctx, status_color(ctx.theme, build), status_words(build), status_text_color(ctx.theme, build));
    if (build.simulated) {
        ImGui::SameLine(0, 10);
        pill(ctx, "Simulated");
    }
    if (!build.is_over()) progress_bar(ctx, "build-progress", "Progress of " + build.title(), build.progress);
    std::string below = build.repo_url + " · " + build.branch;
    if (build.status == "completed") below = build.image_ref + " · " + base::human_bytes(static_cast<std::uint64_t>(std::max<std::int64_t>(build.image_bytes, 0))) + " · " + base::short_duration(build.duration_ms);
    text(ctx, below, {.size = text_size::kSmall, .color = ctx.theme.muted});
    if (build.status == "failed") text(ctx, build.error_message, {.color = ctx.theme.danger_text, .wrap = true, .role = Role::alert});
    const model::BuildsState& state = ctx.app.builds().state();
    if (!state.live && !build.is_over() && !state.stream_problem.empty()) {
        if (banner(ctx, "build-offline", BannerKind::warning, "The log is not live: " + state.stream_problem, "Reconnect")) ctx.app.builds().reconnect();
    }
    actions(ctx, build);
}

ImU32 level_color(const Theme& theme, std::string_view level) {
    if (level == "error") return theme.danger_text;
    if (level == "warning" || level == "warn") return theme.warning;
    return theme.text;
}

// Only the rows on screen are drawn; the view sticks to the end until somebody scrolls up.
void log_part(UiContext& ctx, ViewState& views) {
    const auto& lines = ctx.app.builds().log();
    const ImVec2 origin = ImGui::GetCursorScreenPos();
    const float width = ImGui::GetContentRegionAvail().x;
    const float height = static_cast<float>(lines.size()) * kLogRow;
    begin_record_group(ctx, id_of("build-log"), origin, ImVec2(origin.x + width, origin.y + std::max(height, 1.0f)), {.role = Role::log, .name = "Build log", .value = std::to_string(lines.size()) + " lines"});
    if (lines.empty() && lasted(ctx, id_of("no-lines"), metrics::kSkeletonDelayMs)) text(ctx, "Waiting for the first line…", {.color = ctx.theme.muted, .role = Role::status});
    if (views.builds.drawn_lines != lines.size() && views.builds.follow) ImGui::SetScrollY(std::max(0.0f, height + 16 - ImGui::GetWindowHeight()));
    else if (views.builds.drawn_lines == lines.size()) views.builds.follow = ImGui::GetScrollY() >= ImGui::GetScrollMaxY() - kLogRow;
    views.builds.drawn_lines = lines.size();
    const float scroll = ImGui::GetScrollY();
    const auto first = static_cast<std::size_t>(std::max(0.0f, std::floor(scroll / kLogRow) - 1));
    const auto last = std::min(lines.size(), first + static_cast<std::size_t>(ImGui::GetWindowHeight() / kLogRow) + 3);
    ImDrawList* list = ImGui::GetWindowDrawList();
    for (std::size_t i = first; i < last; ++i) {
        const model::StageLog& line = lines[i];
        const float y = origin.y + static_cast<float>(i) * kLogRow;
        const ImVec2 min(origin.x, y);
        draw_text(list, ctx.fonts.mono, text_size::kMono, min, ctx.theme.muted, line.stage, 74);
        draw_text(list, ctx.fonts.mono, text_size::kMono, ImVec2(origin.x + 82, y), level_color(ctx.theme, line.level), line.message, std::max(width - 82, 40.0f));
        const auto id = static_cast<ImGuiID>(id_of("line-" + std::to_string(i)));
        record(ctx, id, min, ImVec2(origin.x + width, y + kLogRow), {.role = Role::text, .name = line.message, .description = line.stage + (line.level == "info" ? "" : ", " + line.level)});
        if (ImGui::IsMouseHoveringRect(min, ImVec2(origin.x + width, y + kLogRow))) tooltip(ctx, {.id = id, .min = min, .max = ImVec2(origin.x + width, y + kLogRow), .visible = true, .hovered = true}, line.message);
    }
    if (!lines.empty()) ImGui::Dummy(ImVec2(width, height));
    end_record_group(ctx);
}

void details_part(UiContext& ctx, ViewState& views, const Box& box, bool narrow) {
    const model::BuildView* opened = ctx.app.builds().opened();
    if (opened == nullptr) {
        if (begin_region(ctx, "build-nothing", box.min, box.max, ctx.theme.background, ImVec2(16, 12))) {
            const bool empty = ctx.app.builds().state().phase == model::LoadPhase::ready && ctx.app.builds().state().builds.empty();
            if (!ctx.app.builds().state().open_id.empty()) skeleton(ctx, "build-loading", 3);
            else if (state_message(ctx, "no-build", {.icon = Icon::hexagon, .text = empty ? "Build an image from a git repository, with its Dockerfile or without." : "Choose a build to see its log.", .action = empty ? "New build" : ""}))
                ctx.commands.run("build.start");
        }
        end_region(ctx);
        return;
    }
    const model::BuildView build = *opened;
    float head = 92;
    if (begin_region(ctx, "build-head", box.min, ImVec2(box.max.x, std::min(box.max.y, box.min.y + 400)), ctx.theme.surface, ImVec2(16, 8))) {
        heading_part(ctx, views, build, narrow);
        head = ImGui::GetCursorScreenPos().y - box.min.y + 4;
    }
    end_region(ctx);
    const float top = std::min(box.min.y + head, box.max.y - 1);
    if (begin_region(ctx, "build-log-region", ImVec2(box.min.x, top), box.max, ctx.theme.background, ImVec2(16, 6), true)) log_part(ctx, views);
    end_region(ctx);
}

void right_align(float width) { ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - width, 0.0f)); }

}  // namespace

// A part of its own: docs/decisions/0009.
[[gnu::noinline]] void draw_builds(UiContext& ctx, ViewState& views, const Box& box) {
    ctx.app.builds().ensure();
    begin_record_group(ctx, id_of("builds"), box.min, box.max, {.role = Role::group, .name = "Builds"});
    const bool narrow = box.width() < kRoomForBoth;
    if (narrow) {
        const bool details = views.builds.details_open && !ctx.app.builds().state().open_id.empty();
        if (details) details_part(ctx, views, box, true);
        else list_part(ctx, views, box);
    } else {
        const float middle = box.min.x + kListWidth;
        list_part(ctx, views, {box.min, ImVec2(middle, box.max.y)});
        details_part(ctx, views, {ImVec2(middle + 1, box.min.y), box.max}, false);
        ImGui::GetWindowDrawList()->AddRectFilled(ImVec2(middle, box.min.y), ImVec2(middle + 1, box.max.y), ctx.theme.border);
    }
    end_record_group(ctx);
}

void draw_build_dialog(UiContext& ctx, ViewState& views) {
    model::Builds& builds = ctx.app.builds();
    if (!begin_dialog(ctx, kDialog, {.title = "New build", .width = 520})) {
        if (views.builds.form_shown) builds.end_form();  // build arguments do not stay behind
        views.builds.form_shown = false;
        return;
    }
    state::Form* form = builds.form();
    if (form == nullptr) {  // started
        views.builds.form_shown = false;
        views.builds.details_open = true;
        views.builds.follow = true;
        ImGui::CloseCurrentPopup();
        end_dialog(ctx);
        return;
    }
    if (!views.builds.form_shown) views.builds.more = false;
    views.builds.form_shown = true;
    model::Registries& registries = ctx.app.registries();
    registries.ensure();
    const std::vector<model::RegistryView> known = registries.state().registries;
    if (form->text("registryId").empty() && registries.default_registry() != nullptr) form->set("registryId", registries.default_registry()->id);
    text(ctx, "Simulated: nothing is cloned, built or pushed. The build goes as its settings say.", {.size = text_size::kSmall, .color = ctx.theme.muted, .wrap = true});
    {
        FormFields fields(ctx, *form);
        fields.alert();
        (void)fields.text("repoUrl", {.label = "Git repository", .placeholder = "https://github.com/acme/shop", .mono = true});
        (void)fields.text("branch", {.label = "Branch", .placeholder = "main", .mono = true});
        std::vector<SelectItem> items;
        for (const model::RegistryView& registry : known) items.push_back({registry.id, registry.name});
        const bool none = registries.state().phase == model::LoadPhase::ready && known.empty();
        (void)fields.choice("registryId", items, {.label = "Registry", .help = none ? "There is none yet" : ""});
        if (none && link(ctx, "Add one in Settings, Registries", "to-registries")) {
            ImGui::CloseCurrentPopup();
            ctx.commands.run("settings.registries");
        }
        (void)fields.text("imageName", {.label = "Image name", .placeholder = "acme/shop", .mono = true});
        (void)fields.text("imageTag", {.label = "Tag", .placeholder = "latest", .mono = true});
        (void)fields.toggle("useNixpacks", "Build without a Dockerfile", "Nixpacks finds out how the program is built");
        if (link(ctx, views.builds.more ? "Fewer settings" : "More settings", "more-settings")) views.builds.more = !views.builds.more;
        if (views.builds.more) {
            const base::Json* nixpacks = form->value("useNixpacks");
            if (nixpacks == nullptr || *nixpacks != base::Json(true)) (void)fields.text("dockerfile", {.label = "Dockerfile", .help = "Its path in the repository", .mono = true});
            (void)fields.text("buildContext", {.label = "Build context", .help = "The folder that the build sees", .mono = true});
            constexpr std::array<RowColumn, 2> kColumns{{{.member = "name", .label = "Argument", .placeholder = "NODE_ENV", .mono = true}, {.member = "value", .label = "Value", .mono = true}}};
            (void)fields.rows("buildArgs", {.label = "Build arguments", .item = "argument", .help = "Their values are never shown again", .columns = kColumns});
        }
        ImGui::Dummy(ImVec2(0, 4));
        right_align(button_width(ctx, "Cancel") + 8 + button_width(ctx, form->submitting() ? "Starting…" : "Start build", {.style = ButtonStyle::primary}));
        if (button(ctx, "Cancel")) ImGui::CloseCurrentPopup();
        ImGui::SameLine();
        if (fields.submit("Start build", {.busy_label = "Starting…"})) builds.submit();
    }
    end_dialog(ctx);
}

void register_build_commands(CommandTable& commands, model::App& app, ViewState& views, Layers& layers) {
    const auto has_workflow = [&app] { return app.session().phase == model::SessionPhase::signed_in && app.workflow().phase == model::LoadPhase::ready; };
    const auto show = [&app, &views] {
        app.set_rail("workflows");
        app.set_dock_tab("build");
        app.set_dock_open(true);
        views.compact_dock_open = true;
    };
    commands.add({.id = "view.build", .title = "Show builds", .group = "View", .enabled = has_workflow, .run = show});
    commands.add({.id = "build.start", .title = "New build…", .group = "Build", .enabled = has_workflow, .run = [&app, &layers, show] {
                      show();
                      model::Builds::Wish wish;
                      if (const model::NodeIndex node = selected_node(app); node != model::kNoIndex && app.graph().node(node).data.contains("image")) {
                          wish.workflow_id = app.workflow().id;
                          wish.node_id = app.graph().node(node).id;
                          wish.image_name = app.graph().node(node).name;
                      }
                      app.builds().begin(wish);
                      layers.to_open.emplace_back(kDialog);
                  }});
    const auto opened = [&app] { return app.builds().opened(); };
    commands.add({.id = "build.cancel", .title = "Cancel the build", .group = "Build", .enabled = [opened] { return opened() != nullptr && !opened()->is_over(); }, .run = [&app, opened] { app.builds().cancel(opened()->id); }});
    commands.add({.id = "build.use_image", .title = "Use the built image", .group = "Build",
                  .enabled = [&app, opened] { return opened() != nullptr && opened()->status == "completed" && !target_node(app, *opened()).empty(); },
                  .run = [&app, opened] { (void)app.use_image(target_node(app, *opened()), opened()->pinned_image()); }});
}

}  // namespace ui
