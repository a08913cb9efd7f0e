#include "hub/services.hpp"

#include <algorithm>

#include "base/url.hpp"

namespace hub {

void Services::tell_about_workflow(const std::string& owner_id, const std::string& also, const Notice& notice) {
    const std::vector<std::string> known = auth.user_ids(Auth::Whom::everybody);
    const auto exists = [&](const std::string& id) { return std::find(known.begin(), known.end(), id) != known.end(); };
    std::vector<std::string> whom;
    if (exists(also)) whom.push_back(also);
    if (owner_id != also && exists(owner_id)) whom.push_back(owner_id);
    if (whom.empty()) whom = auth.user_ids(Auth::Whom::admins);
    notifications.tell(whom, notice);
}

void Services::tell_node_failed(const NodeFailure& failure) {
    tell_about_workflow(failure.owner_id, {},
                        {.type = "resource_warning",
                         .title = failure.node_name + " of " + failure.workflow_name + " failed",
                         .message = failure.message,
                         .link = "/workflows/" + failure.workflow_id + "/nodes/" + base::percent_encode_segment(failure.node_id),
                         .ref_id = failure.workflow_id});
}

}  // namespace hub
