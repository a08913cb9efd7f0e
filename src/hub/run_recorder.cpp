#include "hub/run_recorder.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include "base/time_text.hpp"

namespace hub {

void RunRecorder::begin(const std::string& workflow_id) {
    if (const auto former = recordings_.find(workflow_id); former != recordings_.end() && former->second.saving.pending()) save(workflow_id);
    recordings_.insert_or_assign(workflow_id, Recording{});
}

void RunRecorder::end(const Json& run, const std::map<std::string, Json>& statuses) {
    const std::string workflow_id = text_at(run, "workflow_id");
    Recording& recording = recordings_[workflow_id];
    recording.run = run;
    recording.until_ms = scheduler_.clock().monotonic_ms() + kFollowMs;
    std::vector<Json> entries(array_at(run, "timeline").begin(), array_at(run, "timeline").end());
    std::set<std::string> told;
    for (Json& entry : recording.heard) {
        told.insert(text_at(entry, "node_id"));
        entries.push_back(std::move(entry));
    }
    recording.heard = Json::array();
    for (const auto& [node_id, state] : object_at(run, "node_states").items()) {
        const auto status = statuses.find(node_id);
        if (status == statuses.end() || told.contains(node_id)) continue;
        entries.push_back({{"node_id", node_id}, {"at", text_at(state, "ended_at")}, {"state", text_at(status->second, "state")}, {"message", text_at(status->second, "message")}});
    }
    // RFC 3339 of one zone and one precision sorts as text.
    std::stable_sort(entries.begin(), entries.end(), [](const Json& a, const Json& b) { return text_at(a, "at") < text_at(b, "at"); });
    recording.run["timeline"] = Json::array();
    for (Json& entry : entries) add(recording, std::move(entry));
    save(workflow_id);
}

void RunRecorder::heard(const std::string& workflow_id, const std::string& node_id, const Json& status) {
    const auto found = recordings_.find(workflow_id);
    if (found == recordings_.end()) return;
    Recording& recording = found->second;
    Json entry = {{"node_id", node_id}, {"at", base::format_rfc3339_millis(scheduler_.clock().unix_ms())}, {"state", text_at(status, "state")}, {"message", text_at(status, "message")}};
    if (recording.run.is_null()) {
        if (recording.heard.size() < kMaxEntries) recording.heard.push_back(std::move(entry));
        return;
    }
    if (scheduler_.clock().monotonic_ms() > recording.until_ms) {
        recordings_.erase(found);
        return;
    }
    if (!object_at(recording.run, "node_states").contains(node_id)) return;  // a node of an earlier run
    add(recording, std::move(entry));
    if (!recording.saving.pending()) recording.saving = scheduler_.after(kSaveMs, [this, workflow_id] { save(workflow_id); });
}

void RunRecorder::add(Recording& recording, Json entry) {
    Json& timeline = recording.run["timeline"];
    if (timeline.size() >= kMaxEntries) recording.run["timeline_cut"] = true;
    else timeline.push_back(std::move(entry));
}

void RunRecorder::save(const std::string& workflow_id) {
    const auto found = recordings_.find(workflow_id);
    if (found == recordings_.end() || found->second.run.is_null()) return;
    repository_.update_run(workflow_id, found->second.run, [](base::Result<std::int64_t>) {});
}

}  // namespace hub
