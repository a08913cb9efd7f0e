// The Clusters page: the list, the selected one's details, and its dialogs (add, new credentials, edit, delete).
#pragma once

#include <memory>
#include <string>

#include "state/forms/form.hpp"
#include "ui/ui_context.hpp"
#include "ui/views/layout.hpp"

namespace ui {

struct ViewState;

struct ClustersViewState {
    bool details_open = false;     // compact: in place of the list
    bool form_shown = false;       // the dialog of the model's form was there last frame
    bool more = false;             // the form's optional fields
    std::string edit_of;
    std::unique_ptr<state::Form> edit_form;  // while its dialog is open
    std::string remove_of;
    std::string shown_problem;     // what the delete dialog was opened for
};

// How the cluster that the open workflow runs on is called; the backend's own while there is none.
[[nodiscard]] std::string open_cluster_name(const model::App& app);

void draw_clusters(UiContext& ctx, ViewState& views, const Layout& layout);
void draw_cluster_dialogs(UiContext& ctx, ViewState& views);

}  // namespace ui
