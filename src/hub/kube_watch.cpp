#include "hub/kube_watch.hpp"

#include <algorithm>

namespace hub {

namespace {

// The machine has checked it.
Json parsed(std::string_view json) {
    auto object = base::parse_json(json, {.max_bytes = json.size(), .max_depth = 128});
    return object ? std::move(*object) : Json();
}

wire::WatchOptions options_of(const std::string& path, const std::string& label_selector) {
    // No list from the server's memory: what a run has just written must be in it.
    return {.path = path, .query = label_selector.empty() ? std::string() : "labelSelector=" + label_selector, .streaming_list = false, .any_version_first = false};
}

base::ErrorCode code_of(wire::WatchTrouble::Kind kind) {
    using Kind = wire::WatchTrouble::Kind;
    switch (kind) {
        case Kind::unreachable:
        case Kind::busy:
        case Kind::server_error: return base::ErrorCode::unavailable;
        case Kind::protocol: return base::ErrorCode::protocol;
        case Kind::too_large: return base::ErrorCode::too_large;
        case Kind::unauthenticated:  // the hub's credentials, not the caller's
        case Kind::forbidden: return base::ErrorCode::forbidden;
        case Kind::not_found: return base::ErrorCode::not_found;
        case Kind::refused: return base::ErrorCode::invalid_argument;
    }
    return base::ErrorCode::internal;
}

}  // namespace

base::Error watch_error(const wire::WatchTrouble& trouble) {
    if (trouble.kind != wire::WatchTrouble::Kind::unauthenticated) return {code_of(trouble.kind), trouble.message, {}};
    return {code_of(trouble.kind), "The cluster refuses the credentials: " + trouble.message, "Give the cluster other credentials"};
}

KubeWatch::KubeWatch(KubeApi& kube, base::Random& random, std::string path, const std::string& label_selector, Listener& listener)
    : path_(std::move(path)), listener_(listener), driver_(kube, random, options_of(path_, label_selector), *this) {}

void KubeWatch::on_init() {
    listed_.clear();
    listing_ = true;
}

void KubeWatch::on_init_apply(const wire::WatchObject& object) { listed_.push_back(parsed(object.json)); }

void KubeWatch::on_init_done(std::string_view) {
    listing_ = false;
    listener_.on_reset(*this, std::exchange(listed_, {}));
}

void KubeWatch::on_apply(const wire::WatchObject& object) { listener_.on_changed(*this, parsed(object.json)); }

void KubeWatch::on_deleted(const wire::WatchObject& object) {
    if (!listing_) return listener_.on_deleted(*this, parsed(object.json));
    std::erase_if(listed_, [&](const Json& listed) {
        return text_at(listed, "metadata", "name") == object.name && text_at(listed, "metadata", "namespace") == object.ns;
    });
}

void KubeWatch::on_trouble(const wire::WatchTrouble& trouble) { listener_.on_trouble(*this, watch_error(trouble)); }

void KubeWatch::on_recovered() { listener_.on_recovered(*this); }

}  // namespace hub
