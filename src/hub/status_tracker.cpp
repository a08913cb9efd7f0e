#include "hub/status_tracker.hpp"

#include <algorithm>

#include "base/time_text.hpp"
#include "base/url.hpp"
#include "hub/manifests.hpp"
#include "hub/node_status.hpp"
#include "hub/stream_envelope.hpp"
#include "wire/sse_writer.hpp"

namespace hub {

namespace {

constexpr std::int64_t kLinger_ms = 10'000;
constexpr std::int64_t kLingerAfterRun_ms = 5 * 60'000;
constexpr std::int64_t kTellAgain_ms = 10 * 60'000;  // a container in a crash loop fails many times

std::string pods_path(const std::string& ns) { return resource_path("v1", "pods", ns); }

}  // namespace

WorkflowTracker::WorkflowTracker(KubeApi& kube, base::Random& random, std::string workflow_id, Callbacks callbacks)
    : kube_(kube), random_(random), workflow_id_(std::move(workflow_id)), callbacks_(std::move(callbacks)) {}

WorkflowTracker::~WorkflowTracker() {
    for (Subscriber& subscriber : subscribers_) {
        if (subscriber.writer->closed()) continue;
        subscriber.writer->write(wire::sse_event("complete", "The stream was closed by the server."));
        subscriber.writer->end();
    }
}

WorkflowTracker::Collection* WorkflowTracker::collection(const std::string& path) {
    const auto found = collections_.find(path);
    return found == collections_.end() ? nullptr : &found->second;
}

void WorkflowTracker::update(const WorkflowRecord& record) {
    workflow_name_ = record.name();
    owner_id_ = text_at(record.document, "owner_id");
    deployed_.clear();
    node_by_label_.clear();
    std::set<std::string> current;
    for (const DeployedNode& node : record.state.deployed) {
        if (node.stale) continue;
        deployed_.push_back(node);
        node_by_label_[node_label_value(node.node_id)] = node.node_id;
        current.insert(node.node_id);
    }
    const std::size_t known = statuses_.size();
    std::erase_if(statuses_, [&](const auto& status) { return !current.contains(status.first); });
    if (statuses_.size() != known) sync_all_ = true;  // nodes without a status any more: only a sync can say so
    open_needed_watches();
    mark_all_dirty();
    schedule_flush();
}

void WorkflowTracker::open_needed_watches() {
    std::set<std::string> needed;
    for (const DeployedNode& node : deployed_) {
        // A custom resource that could not be applied may be of a kind that the cluster does not know.
        if (is_plugin_kind(node.kind) && !node.applied) continue;
        needed.insert(resource_path(node.kind, node.ns));
        if (has_pods(node.kind) || node.kind == NodeKind::service) needed.insert(pods_path(node.ns));
    }
    std::erase_if(collections_, [&](const auto& entry) { return !needed.contains(entry.first); });
    const std::string selector = base::percent_encode(std::string(kWorkflowLabel) + "=" + workflow_id_);
    for (const std::string& path : needed) {
        if (collections_.contains(path)) continue;
        collections_[path].watch = std::make_unique<KubeWatch>(kube_, random_, path, selector, *this);
    }
}

void WorkflowTracker::note_object(const DeployedNode& node, Json object) {
    Collection* objects = collection(resource_path(node.kind, node.ns));
    if (!objects) return;
    const auto known = objects->objects.find(node.name);
    // What the watch has already told about this very object is as new or newer.
    if (known == objects->objects.end() ||
        text_at(known->second.object, "metadata", "uid") != text_at(object, "metadata", "uid")) {
        objects->objects[node.name] = {std::move(object), objects->watch->lists_sent()};
    }
    dirty_.insert(node.node_id);
    schedule_flush();
}

void WorkflowTracker::on_reset(KubeWatch& watch, std::vector<Json> objects) {
    Collection* known = collection(watch.path());
    if (!known) return;
    std::map<std::string, Entry> fresh;
    for (Json& object : objects) {
        std::string name = text_at(object, "metadata", "name");
        fresh[std::move(name)].object = std::move(object);
    }
    for (auto& [name, entry] : known->objects) {
        // Written while this list was on its way: its absence there means nothing.
        if (entry.noted_in_list >= watch.lists_sent() && !fresh.contains(name)) fresh.emplace(name, std::move(entry));
    }
    known->objects = std::move(fresh);
    mark_all_dirty();
    sync_all_ = true;
    schedule_flush();
}

void WorkflowTracker::on_changed(KubeWatch& watch, Json object) {
    Collection* known = collection(watch.path());
    if (!known) return;
    mark_dirty(object);
    std::string name = text_at(object, "metadata", "name");
    known->objects[std::move(name)] = {std::move(object), 0};
}

void WorkflowTracker::on_deleted(KubeWatch& watch, const Json& object) {
    Collection* known = collection(watch.path());
    if (!known) return;
    mark_dirty(object);
    const auto found = known->objects.find(text_at(object, "metadata", "name"));
    if (found == known->objects.end()) return;
    // A successor of the same name, noted before the watch told of the end of the former one, stays.
    if (text_at(found->second.object, "metadata", "uid") == text_at(object, "metadata", "uid")) known->objects.erase(found);
}

void WorkflowTracker::on_trouble(KubeWatch&, const base::Error& error) {
    send_to_all(wire::sse_event("error", error.message));
    if (callbacks_.on_doubt) callbacks_.on_doubt();
}

void WorkflowTracker::on_recovered(KubeWatch&) {
    sync_all_ = true;
    schedule_flush();
    if (callbacks_.on_doubt) callbacks_.on_doubt();
}

// The object's own node; a pod also changes what the services of its namespace say.
void WorkflowTracker::mark_dirty(const Json& object) {
    const auto node = node_by_label_.find(text_at(object, "metadata", "labels", kNodeLabel));
    if (node != node_by_label_.end()) dirty_.insert(node->second);
    const std::string ns = text_at(object, "metadata", "namespace");
    for (const DeployedNode& deployed : deployed_) {
        if (deployed.kind == NodeKind::service && deployed.ns == ns) dirty_.insert(deployed.node_id);
    }
    schedule_flush();
}

void WorkflowTracker::mark_all_dirty() {
    for (const DeployedNode& node : deployed_) dirty_.insert(node.node_id);
}

void WorkflowTracker::schedule_flush() {
    if (flush_posted_) return;
    flush_posted_ = true;
    kube_.scheduler().post(lifetime_.guard([this] { flush(); }));
}

std::vector<const Json*> WorkflowTracker::pods_of(const DeployedNode& node, const Json* object) {
    std::vector<const Json*> pods;
    const Collection* known = collection(pods_path(node.ns));
    if (!known) return pods;
    const std::string label = node_label_value(node.node_id);
    for (const auto& [name, entry] : known->objects) {
        const Json& labels = object_at(entry.object, "metadata", "labels");
        const bool mine = node.kind == NodeKind::service
                              ? object && labels_match(object_at(*object, "spec", "selector"), labels)
                              : text_at(labels, kNodeLabel) == label;
        if (mine) pods.push_back(&entry.object);
    }
    return pods;
}

void WorkflowTracker::recompute(const DeployedNode& node) {
    const Collection* objects = collection(resource_path(node.kind, node.ns));
    if (!objects && node.applied) return;
    const Json* object = nullptr;
    if (objects) {
        const auto found = objects->objects.find(node.name);
        if (found != objects->objects.end()) object = &found->second.object;
    }
    // Before the first list nothing can be said but what a run itself has seen.
    if (!object && node.applied && node.error.empty() && !objects->watch->synced()) return;
    Json status = node_status({.kind = node.kind,
                               .name = node.name,
                               .object = object,
                               .pods = pods_of(node, object),
                               .applied = node.applied,
                               .run_error = node.error});
    Json& known = statuses_[node.node_id];
    if (known == status) return;
    const std::string before = text_at(known, "state");
    known = std::move(status);
    tell_failure(node, before, known);
    if (before != text_at(known, "state") && callbacks_.on_node_changed) {
        callbacks_.on_node_changed({workflow_id_, workflow_name_, node, before, known});
    }
    const std::string bytes = envelope(
        "node_update", {{"node_id", node.node_id}, {"type", info_of(node.kind).type}, {"status", known}});
    for (Subscriber& subscriber : subscribers_) {
        if (!sync_all_) send(subscriber, bytes);
    }
}

void WorkflowTracker::tell_failure(const DeployedNode& node, std::string_view before, const Json& status) {
    // What is wrong from the first look on is no news, and what a run could not apply its answer has said.
    if (text_at(status, "state") != "error" || before.empty() || before == "error" || !node.error.empty() || !callbacks_.on_node_failed) return;
    const std::int64_t now_ms = kube_.scheduler().clock().monotonic_ms();
    const auto told = told_ms_.find(node.node_id);
    if (told != told_ms_.end() && now_ms - told->second < kTellAgain_ms) return;
    told_ms_[node.node_id] = now_ms;
    callbacks_.on_node_failed({workflow_id_, workflow_name_, owner_id_, node.node_id, node.name, text_at(status, "message")});
}

void WorkflowTracker::flush() {
    flush_posted_ = false;
    const std::set<std::string> dirty = std::move(dirty_);
    dirty_.clear();
    for (const DeployedNode& node : deployed_) {
        if (dirty.contains(node.node_id)) recompute(node);
    }
    if (!sync_all_) return;
    sync_all_ = false;
    for (Subscriber& subscriber : subscribers_) send_sync(subscriber);
}

std::string WorkflowTracker::envelope(std::string_view type, Json data) const {
    const Json event = stream_envelope(type, "workflow:" + workflow_id_, kube_.scheduler().clock().unix_ms(), std::move(data));
    return wire::sse_event(type, dump_json(event));
}

void WorkflowTracker::send(Subscriber& subscriber, const std::string& bytes) {
    if (subscriber.lagging) {
        subscriber.missed = true;  // the sync after the drain says it all
        return;
    }
    if (subscriber.writer->write(bytes)) return;
    subscriber.lagging = true;
    subscriber.writer->on_drain(lifetime_.guard([this, id = subscriber.id] {
        for (Subscriber& entry : subscribers_) {
            if (entry.id != id) continue;
            entry.lagging = false;
            if (std::exchange(entry.missed, false)) send_sync(entry);
        }
    }));
}

void WorkflowTracker::send_sync(Subscriber& subscriber) {
    Json nodes = Json::array();
    for (const DeployedNode& node : deployed_) {
        const auto status = statuses_.find(node.node_id);
        if (status == statuses_.end()) continue;
        nodes.push_back({{"node_id", node.node_id}, {"type", info_of(node.kind).type}, {"status", status->second}});
    }
    send(subscriber, envelope("workflow_sync", {{"nodes", std::move(nodes)}}));
}

void WorkflowTracker::send_to_all(const std::string& bytes) {
    for (Subscriber& subscriber : subscribers_) send(subscriber, bytes);
}

Json WorkflowTracker::metadata(const WorkflowRecord& record) const {
    Json workflow = record.to_wire();
    if (!workflow.contains("nodes") || !workflow["nodes"].is_array()) return workflow;
    for (Json& node : workflow["nodes"]) {
        const auto status = statuses_.find(text_at(node, "id"));
        if (status != statuses_.end() && node.is_object()) node["data"]["_status"] = status->second;
    }
    return workflow;
}

void WorkflowTracker::subscribe(const WorkflowRecord& record, Writer writer) {
    writer->start(event_stream_head());
    const std::uint64_t id = next_subscriber_++;
    writer->on_close(lifetime_.guard([this, id] { drop(id); }));
    subscribers_.push_back({.id = id, .writer = std::move(writer)});
    Subscriber& subscriber = subscribers_.back();
    send(subscriber, wire::sse_event("metadata", dump_json(metadata(record))));
    send_sync(subscriber);
}

void WorkflowTracker::drop(std::uint64_t subscriber_id) {
    std::erase_if(subscribers_, [subscriber_id](const Subscriber& entry) { return entry.id == subscriber_id; });
    if (subscribers_.empty()) callbacks_.on_last_subscriber_left();
}

StatusTracker::Slot& StatusTracker::slot_for(const WorkflowRecord& record) {
    Slot& slot = trackers_[record.id];
    if (!slot.tracker) {
        slot.tracker = std::make_unique<WorkflowTracker>(kube_, random_, record.id,
                                                         WorkflowTracker::Callbacks{.on_last_subscriber_left = [this, id = record.id] { close_later(id, kLinger_ms); },
                                                                                    .on_node_failed =
                                                                                        [this](const NodeFailure& failure) {
                                                                                            if (on_node_failed_) on_node_failed_(failure);
                                                                                        },
                                                                                    .on_node_changed =
                                                                                        [this](const NodeChange& change) {
                                                                                            if (on_node_changed_) on_node_changed_(change);
                                                                                        },
                                                                                    .on_doubt =
                                                                                        [this] {
                                                                                            if (on_doubt_) on_doubt_();
                                                                                        }});
    }
    slot.tracker->update(record);
    return slot;
}

void StatusTracker::linger(const WorkflowRecord& record) {
    Slot& slot = slot_for(record);
    slot.stay_until_ms = kube_.scheduler().clock().monotonic_ms() + kLingerAfterRun_ms;
    if (slot.tracker->subscriber_count() == 0) close_later(record.id, kLingerAfterRun_ms);
}

void StatusTracker::subscribe(const WorkflowRecord& record, Writer writer) {
    Slot& slot = slot_for(record);
    slot.closing.cancel();
    heartbeat_.add(writer);
    slot.tracker->subscribe(record, std::move(writer));
}

void StatusTracker::update(const WorkflowRecord& record) {
    const auto found = trackers_.find(record.id);
    if (found != trackers_.end()) found->second.tracker->update(record);
}

void StatusTracker::note_object(const std::string& workflow_id, const DeployedNode& node, Json object) {
    const auto found = trackers_.find(workflow_id);
    if (found != trackers_.end()) found->second.tracker->note_object(node, std::move(object));
}

void StatusTracker::forget(const std::string& workflow_id) { auto ended = trackers_.extract(workflow_id); }

void StatusTracker::close_later(const std::string& workflow_id, std::int64_t delay_ms) {
    const auto found = trackers_.find(workflow_id);
    if (found == trackers_.end()) return;
    const std::int64_t left_ms = found->second.stay_until_ms - kube_.scheduler().clock().monotonic_ms();
    found->second.closing = kube_.scheduler().after(std::max(delay_ms, left_ms), [this, workflow_id] {
        // Not from within the timer that goes with it.
        kube_.scheduler().post(lifetime_.guard([this, workflow_id] {
            const auto slot = trackers_.find(workflow_id);
            if (slot != trackers_.end() && slot->second.tracker->subscriber_count() == 0) trackers_.erase(slot);
        }));
    });
}

}  // namespace hub
