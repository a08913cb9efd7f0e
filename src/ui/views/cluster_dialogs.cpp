// The dialogs of the Clusters page: add a cluster or replace its credentials, edit its words, delete it.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "model/clusters.hpp"
#include "ui/views/clusters_view.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"
#include "ui/widgets/form.hpp"

namespace ui {

namespace {

void right_align(UiContext& ctx, float width) {
    (void)ctx;
    ImGui::SetCursorPosX(ImGui::GetCursorPosX() + std::max(ImGui::GetContentRegionAvail().x - width, 0.0f));
}

void kubeconfig_fields(UiContext& ctx, FormFields& fields, state::Form& form) {
    model::Clusters& clusters = ctx.app.clusters();
    const model::ClusterFormState& state = clusters.form_state();
    if (fields.text("kubeconfig", {.label = "Kubeconfig", .placeholder = "apiVersion: v1\nkind: Config\n…", .help = "The output of: kubectl config view --raw --flatten --minify", .mono = true, .rows = 7})) {
        clusters.kubeconfig_changed();
    }
    if (state.inspecting) text(ctx, "Reading the kubeconfig…", {.size = text_size::kSmall, .color = ctx.theme.muted, .role = Role::status});
    if (state.contexts.empty()) return;
    std::vector<std::string> labels;
    labels.reserve(state.contexts.size());
    std::vector<SelectItem> items;
    const model::KubeContextChoice* chosen = nullptr;
    for (const model::KubeContextChoice& context : state.contexts) {
        labels.push_back(context.server.empty() ? context.name : context.name + " · " + context.server);
        items.push_back({context.name, labels.back()});
        if (context.name == form.text("context")) chosen = &context;
    }
    (void)fields.choice("context", items, {.label = "Context"});
    if (chosen && !chosen->problem.empty()) {
        text(ctx, chosen->problem + ". " + chosen->hint, {.size = text_size::kSmall, .color = ctx.theme.danger_text, .wrap = true, .role = Role::alert});
    }
}

void server_fields(FormFields& fields, bool certificate) {
    (void)fields.text("server", {.label = "API server", .placeholder = "https://10.0.0.1:6443", .mono = true});
    if (certificate) {
        (void)fields.text("clientCertData", {.label = "Client certificate", .placeholder = "-----BEGIN CERTIFICATE-----", .mono = true, .rows = 3});
        (void)fields.text("clientKeyData", {.label = "Client key", .placeholder = "-----BEGIN PRIVATE KEY-----", .mono = true, .rows = 3});
    } else {
        (void)fields.text("token", {.label = "Token", .help = "Make one in the cluster: kubectl create token NAME", .password = true});
    }
    (void)fields.text("caData", {.label = "Certificate authority", .placeholder = "-----BEGIN CERTIFICATE-----", .help = "Needed unless a public authority has signed the server's certificate", .mono = true, .rows = 3});
}

void form_dialog(UiContext& ctx, ViewState& views) {
    model::Clusters& clusters = ctx.app.clusters();
    const bool replacing = !clusters.form_state().replaces.empty();
    const bool shown = begin_dialog(ctx, "cluster-form", {.title = replacing ? "Replace credentials" : "Add cluster", .width = 520});
    if (!shown) {
        // Closed by Escape or the cross: secrets do not stay behind.
        if (views.clusters.form_shown) clusters.end_form();
        views.clusters.form_shown = false;
        return;
    }
    state::Form* form = clusters.form();
    if (!form) {  // done
        views.clusters.form_shown = false;
        ImGui::CloseCurrentPopup();
        end_dialog(ctx);
        return;
    }
    if (!views.clusters.form_shown) views.clusters.more = false;
    views.clusters.form_shown = true;
    if (replacing) text(ctx, "For " + clusters.display_name(clusters.form_state().replaces), {.color = ctx.theme.muted});
    {
        FormFields fields(ctx, *form);
        fields.alert();
        if (clusters.form_state().may_skip_test) {
            if (link(ctx, "Keep it all the same", "skip-test")) clusters.submit(true);
        }
        constexpr std::array<TabItem, 3> kWays{{{"kubeconfig", "Kubeconfig"}, {"token", "Token"}, {"certificate", "Certificate"}}};
        const std::string method = form->text("method");
        if (const std::string_view chosen = tabs(ctx, "cluster-way", kWays, method, {.name = "How to sign in"}); !chosen.empty()) form->set("method", std::string(chosen));
        ImGui::Dummy(ImVec2(0, 2));
        if (method == "kubeconfig") kubeconfig_fields(ctx, fields, *form);
        else server_fields(fields, method == "certificate");
        if (!replacing) (void)fields.text("name", {.label = "Name", .placeholder = "staging", .help = "Workflows refer to it; it cannot change later"});
        if (link(ctx, views.clusters.more ? "Fewer settings" : "More settings", "more-settings")) views.clusters.more = !views.clusters.more;
        if (views.clusters.more) {
            if (!replacing) (void)fields.text("displayName", {.label = "Title", .help = "How it is called on screen"});
            (void)fields.text("namespace", {.label = "Namespace", .placeholder = "default", .help = "For nodes that name none"});
            if (method != "kubeconfig") (void)fields.check("insecure", "Do not check the server's certificate", "Anybody between here and the cluster could read the token");
        }
        ImGui::Dummy(ImVec2(0, 4));
        const std::string_view label = replacing ? "Replace" : "Add cluster";
        right_align(ctx, button_width(ctx, "Cancel") + 8 + button_width(ctx, form->submitting() ? "Asking the cluster…" : label, {.style = ButtonStyle::primary}));
        if (button(ctx, "Cancel")) ImGui::CloseCurrentPopup();
        ImGui::SameLine();
        if (fields.submit(label, {.busy_label = "Asking the cluster…"})) clusters.submit();
    }
    end_dialog(ctx);
}

state::Schema words_rules() {
    namespace schema = state::schema;
    return schema::object({{"title", schema::string().trim().max(200, "At most 200 characters")},
                           {"description", schema::string().trim().max(2'000, "At most 2,000 characters")}});
}

void edit_dialog(UiContext& ctx, ViewState& views) {
    ClustersViewState& view = views.clusters;
    if (!begin_dialog(ctx, "edit-cluster", {.title = "Edit cluster"})) {
        view.edit_form.reset();
        return;
    }
    model::Clusters& clusters = ctx.app.clusters();
    if (!view.edit_form) {
        const model::ClusterInfo* info = clusters.find(view.edit_of);
        view.edit_form = std::make_unique<state::Form>(words_rules(), model::Json{{"title", info ? info->display_name : ""}, {"description", info ? info->description : ""}});
        view.edit_form->focus("title");
    }
    {
        FormFields fields(ctx, *view.edit_form);
        (void)fields.text("title", {.label = "Title", .help = "Empty: its name, " + view.edit_of, .select_all_on_focus = true});
        (void)fields.text("description", {.label = "Description", .rows = 3});
        ImGui::Dummy(ImVec2(0, 4));
        right_align(ctx, button_width(ctx, "Cancel") + 8 + button_width(ctx, "Save", {.style = ButtonStyle::primary}));
        if (button(ctx, "Cancel")) ImGui::CloseCurrentPopup();
        ImGui::SameLine();
        if (fields.submit("Save")) {
            view.edit_form->submit([&](const model::Json& values) {
                clusters.change(view.edit_of, values["title"].get_ref<const std::string&>(), values["description"].get_ref<const std::string&>());
                ImGui::CloseCurrentPopup();
            });
        }
    }
    end_dialog(ctx);
}

void delete_dialog(UiContext& ctx, ViewState& views) {
    if (!begin_dialog(ctx, "delete-cluster", {.title = "Delete cluster?"})) return;
    model::Clusters& clusters = ctx.app.clusters();
    const model::ClustersState& state = clusters.state();
    const std::string& name = views.clusters.remove_of;
    const model::ClusterInfo* info = clusters.find(name);
    if (!info) {  // it is done
        ImGui::CloseCurrentPopup();
        end_dialog(ctx);
        return;
    }
    text(ctx, "Binnacle forgets \"" + info->display_name + "\" with its credentials and its connection log. What runs in the cluster goes on running.", {.color = ctx.theme.muted, .wrap = true});
    const bool failed = state.problem_of == name;
    const bool blocked = failed && !state.delete_blocked_by.empty();
    if (failed) {
        std::string words = state.problem.message;
        if (!state.problem.hint.empty()) words += " " + state.problem.hint;
        text(ctx, words, {.color = ctx.theme.danger_text, .wrap = true, .role = Role::alert});
    }
    ImGui::Dummy(ImVec2(0, 4));
    const bool busy = state.busy.contains(name);
    const std::string_view label = blocked ? "Delete all the same" : "Delete cluster";
    right_align(ctx, button_width(ctx, "Cancel") + 8 + button_width(ctx, label, {.style = ButtonStyle::danger}));
    if (button(ctx, "Cancel")) ImGui::CloseCurrentPopup();
    ImGui::SameLine();
    if (button(ctx, label, {.style = ButtonStyle::danger, .id = "confirm-delete", .disabled = busy, .busy = busy})) clusters.remove(name, blocked);
    end_dialog(ctx);
}

}  // namespace

void draw_cluster_dialogs(UiContext& ctx, ViewState& views) {
    form_dialog(ctx, views);
    edit_dialog(ctx, views);
    delete_dialog(ctx, views);
}

}  // namespace ui
