#include "hub/watch_upstream.hpp"

#include <algorithm>

namespace hub {

namespace {

std::string_view word(WatchUpstream::Change change) {
    switch (change) {
        case WatchUpstream::Change::added: return "ADDED";
        case WatchUpstream::Change::modified: return "MODIFIED";
        case WatchUpstream::Change::deleted: return "DELETED";
    }
    return "";
}

}  // namespace

WatchUpstream::WatchUpstream(ClusterLink& link, base::Random& random, ListGate& gate, Options options, Audience& audience)
    : options_(std::move(options)),
      random_(random),
      gate_(gate),
      audience_(audience),
      link_(&link),
      store_(options_.ordered_versions) {
    drive();
}

void WatchUpstream::drive() {
    driver_ = std::make_unique<WatchDriver>(link_->kube, random_, options_.watch, static_cast<wire::WatchConsumer&>(*this), &gate_);
}

void WatchUpstream::move_to(ClusterLink* link, const base::Error& why) {
    if (link == link_) return;
    link_ = link;
    if (link_ == nullptr) {
        driver_.reset();
        on_trouble({.kind = wire::WatchTrouble::Kind::unreachable, .status = 0, .reason = {}, .message = why.message, .retry_at_ms = 0});
    } else if (driver_) {
        driver_->move_to(link_->kube);
    } else {
        drive();
    }
}

void WatchUpstream::on_init() { store_.begin(); }

void WatchUpstream::on_init_apply(const wire::WatchObject& object) {
    store_.collect(object);
    check_size();
}

void WatchUpstream::on_init_done(std::string_view resource_version) {
    version_ = resource_version;
    const bool first = !std::exchange(synced_, true);
    store_.commit([&](Change change, const std::string& key, const wire::StoredObject& object) {
        if (!first) audience_.on_change(*this, change, key, object);
    });
    if (driver_->machine().streaming_refused()) audience_.on_streaming_refused(*this);
    if (first) audience_.on_synced(*this);
    // A driver that was made anew knows of no trouble; this list is the end of it.
    if (trouble_) on_recovered();
}

void WatchUpstream::on_apply(const wire::WatchObject& object) {
    version_ = object.resource_version;
    store_.apply(object, [&](Change change, const std::string& key, const wire::StoredObject& stored) { audience_.on_change(*this, change, key, stored); });
    check_size();
}

void WatchUpstream::on_deleted(const wire::WatchObject& object) {
    if (!store_.collecting()) version_ = object.resource_version;
    store_.remove(object, [&](Change change, const std::string& key, const wire::StoredObject& stored) { audience_.on_change(*this, change, key, stored); });
}

void WatchUpstream::on_bookmark(std::string_view resource_version) {
    version_ = resource_version;
    audience_.on_bookmark(*this);
}

void WatchUpstream::on_trouble(const wire::WatchTrouble& trouble) {
    trouble_ = trouble;
    audience_.on_trouble(*this);
}

void WatchUpstream::on_recovered() {
    if (!std::exchange(trouble_, std::nullopt)) return;
    audience_.on_recovered(*this);
}

void WatchUpstream::check_size() {
    if (store_.bytes() <= options_.max_bytes || std::exchange(too_large_, true)) return;
    audience_.on_too_large(*this);
}

const std::string& WatchUpstream::frame(std::string_view channel_json, Change change, const wire::StoredObject& object) {
    if (frame_of_ == object.json && frame_change_ == change && frame_channel_ == channel_json) return frame_;
    frame_of_ = object.json;
    frame_change_ = change;
    frame_channel_ = channel_json;
    frame_.clear();
    frame_.reserve(channel_json.size() + object.json->size() + 100);
    frame_.append("{\"channel\":").append(channel_json).append(",\"type\":\"").append(word(change)).append("\",\"object\":").append(*object.json);
    frame_.append(",\"resourceVersion\":");
    base::append_json_string(frame_, object.resource_version);
    frame_.append("}");
    return frame_;
}

std::string WatchUpstream::bookmark_frame(std::string_view channel_json, bool ends_initial_events) const {
    Json metadata = {{"resourceVersion", version_}, {"creationTimestamp", nullptr}};
    if (ends_initial_events) metadata["annotations"] = {{"k8s.io/initial-events-end", "true"}};
    std::string frame = "{\"channel\":";
    frame.append(channel_json).append(",\"type\":\"BOOKMARK\",\"object\":");
    frame += dump_json({{"apiVersion", options_.api_version}, {"metadata", std::move(metadata)}});
    frame.append(",\"resourceVersion\":");
    base::append_json_string(frame, version_);
    frame.append("}");
    return frame;
}

}  // namespace hub
