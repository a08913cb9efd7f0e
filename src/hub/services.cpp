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

void Services::node_changed(const std::string& cluster, const NodeChange& change) {
    runs.heard(change.workflow_id, change.node.node_id, change.status);
    if (!change.before.empty()) news.node_changed(cluster, change);  // the first look is no news
}

bool Services::may_see(const User& caller, const FeedEvent& event) {
    // As the caller is now: roles change, and users go, while a stream is open.
    const User* now = auth.mode() == AuthMode::none ? &caller : auth.find_user(caller.id);
    if (!now) return false;
    if (now->role == "admin") return true;
    if (!event.users.empty()) return std::find(event.users.begin(), event.users.end(), now->id) != event.users.end();
    if (event.cluster.empty()) return true;
    const Clusters::Entry* entry = event.cluster == "default" ? &clusters.default_entry() : clusters.find(event.cluster);
    if (!entry || !clusters.may(*now, *entry, ClusterUse::see)) return false;
    const std::vector<std::string> open = clusters.namespaces_of(*now, *entry);
    if (open.empty()) return true;
    // Whoever is limited to namespaces sees the cluster itself, and what is known to be in theirs.
    if (event.namespaces.empty()) return event.resource_type == "cluster";
    return std::all_of(event.namespaces.begin(), event.namespaces.end(), [&](const std::string& ns) { return std::find(open.begin(), open.end(), ns) != open.end(); });
}

void Services::keep_watching() {
    if (events.readers() == 0 || watching.pending()) return;
    watching = ports.scheduler.after(kWatchAgainMs, [this] { keep_watching(); });
    repository.list(lifetime.guard([this](base::Result<std::vector<WorkflowRecord>> records) {
        if (!records) return;  // the next turn asks again
        std::erase_if(*records, [](const WorkflowRecord& record) { return record.state.deployed.empty(); });
        std::sort(records->begin(), records->end(), [](const WorkflowRecord& a, const WorkflowRecord& b) { return a.state.last_run_at > b.state.last_run_at; });
        if (records->size() > kMaxWatched) records->resize(kMaxWatched);
        for (const WorkflowRecord& record : *records) {
            const std::string cluster = text_at(record.document, "cluster_id");
            const Clusters::Entry* entry = cluster.empty() || cluster == "default" ? &clusters.default_entry() : clusters.find(cluster);
            if (entry && entry->link) entry->link->tracker.linger(record);
        }
    }));
}

}  // namespace hub
