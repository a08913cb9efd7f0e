#include "hub/kube_watch.hpp"

#include <algorithm>

namespace hub {

namespace {

constexpr std::size_t kMaxLineBytes = 4 * 1024 * 1024;
constexpr std::size_t kMaxListBytes = 64 * 1024 * 1024;
constexpr std::size_t kMaxErrorBytes = 64 * 1024;
constexpr std::int64_t kFirstPause_ms = 1'000;
constexpr std::int64_t kLongestPause_ms = 30'000;
// The server ends the watch after this; resuming costs one request and finds connections that died unnoticed.
constexpr int kWatchSeconds = 290;
constexpr std::int64_t kWatchSilence_ms = (kWatchSeconds + 30) * 1'000;

}  // namespace

KubeWatch::KubeWatch(KubeApi& kube, base::Random& random, std::string path, std::string label_selector,
                     Listener& listener)
    : kube_(kube),
      random_(random),
      path_(std::move(path)),
      label_selector_(std::move(label_selector)),
      listener_(listener),
      lines_({.max_line_bytes = kMaxLineBytes, .skip_blank = true}) {
    list();
}

void KubeWatch::list() {
    ++lists_sent_;
    relist_ = false;
    net::Request request{.method = "GET", .target = path_ + "?labelSelector=" + label_selector_};
    request.headers.set("accept", "application/json");
    request_ = net::fetch(kube_.client(), std::move(request),
                          [this](base::Result<net::Response> response) { on_listed(std::move(response)); }, kMaxListBytes);
}

void KubeWatch::on_listed(base::Result<net::Response> response) {
    if (!response) return retry_after_failure(kube_transport_error(response.error()));
    if (response->status != 200) return retry_after_failure(kube_error(response->status, response->body));
    auto list = base::parse_json(response->body, {.max_bytes = kMaxListBytes});
    if (!list) return retry_after_failure({base::ErrorCode::protocol, "The Kubernetes API sent no JSON.", {}});
    resource_version_ = text_at(*list, "metadata", "resourceVersion");
    std::vector<Json> objects;
    if (list->is_object() && list->contains("items") && (*list)["items"].is_array()) {
        for (Json& item : (*list)["items"]) objects.push_back(std::move(item));
    }
    synced_ = true;
    recovered();
    watch();  // before the listener speaks, so that it may look at a consistent state
    listener_.on_reset(*this, std::move(objects));
}

void KubeWatch::watch() {
    lines_ = wire::LineSplitter({.max_line_bytes = kMaxLineBytes, .skip_blank = true});
    error_body_.clear();
    watch_status_ = 0;
    heard_of_watch_ = false;
    watch_started_ms_ = kube_.scheduler().clock().monotonic_ms();
    net::Request request{.method = "GET",
                         .target = path_ + "?watch=1&allowWatchBookmarks=true&timeoutSeconds=" +
                                   std::to_string(kWatchSeconds) + "&labelSelector=" + label_selector_ +
                                   "&resourceVersion=" + resource_version_};
    request.headers.set("accept", "application/json");
    request.idle_timeout_ms = kWatchSilence_ms;
    request_ = kube_.client().send(
        std::move(request),
        {.on_head =
             [this](net::ResponseHead head) {
                 watch_status_ = head.status;
                 if (head.status == 200) recovered();
             },
         .on_data =
             [this](std::string_view bytes) {
                 if (watch_status_ == 200) {
                     lines_.feed(
                         bytes, [this](std::string_view line) { on_watch_line(line); },
                         [this](std::string_view) { relist_ = true; });  // a change nobody can read
                 } else if (error_body_.size() < kMaxErrorBytes) {
                     error_body_.append(bytes.substr(0, kMaxErrorBytes - error_body_.size()));
                 }
             },
         .on_done = [this](base::Result<void> result) { on_watch_done(std::move(result)); }});
}

void KubeWatch::on_watch_line(std::string_view line) {
    if (relist_) return;
    auto event = base::parse_json(line, {.max_bytes = kMaxLineBytes});
    const std::string type = event ? text_at(*event, "type") : std::string();
    const Json* object = event ? field(*event, "object") : nullptr;
    if (!object || type == "ERROR") {
        // 410 in nearly all cases; whatever it is, a fresh list is right. The rest of this watch is not used.
        relist_ = true;
        return;
    }
    heard_of_watch_ = true;
    if (std::string version = text_at(*object, "metadata", "resourceVersion"); !version.empty()) {
        resource_version_ = std::move(version);
    }
    if (type == "ADDED" || type == "MODIFIED") {
        listener_.on_changed(*this, std::move((*event)["object"]));
    } else if (type == "DELETED") {
        listener_.on_deleted(*this, *object);
    }  // BOOKMARK: only the version
}

void KubeWatch::on_watch_done(base::Result<void> result) {
    if (watch_status_ == 410) relist_ = true;
    if (watch_status_ != 200 && watch_status_ != 410 && result) {
        resource_version_.clear();  // refused for whatever reason: begin again
        return retry_after_failure(kube_error(watch_status_, error_body_));
    }
    if (!result && !heard_of_watch_) return retry_after_failure(kube_transport_error(result.error()));
    // Ends and cuts after some life are normal. A server that ends every watch at once is not hammered.
    const bool lived = kube_.scheduler().clock().monotonic_ms() - watch_started_ms_ >= kLongestPause_ms;
    if ((heard_of_watch_ || lived) && !relist_) {
        failures_ = 0;
    } else {
        ++failures_;
    }
    if (relist_) resource_version_.clear();
    const std::int64_t pause_ms = failures_ <= 1 ? 0 : std::min(kLongestPause_ms, kFirstPause_ms << std::min(failures_ - 2, 5));
    timer_ = kube_.scheduler().after(pause_ms, [this] { resource_version_.empty() ? list() : watch(); });
}

void KubeWatch::retry_after_failure(const base::Error& error) {
    ++failures_;
    const std::int64_t pause_ms = std::min(kLongestPause_ms, kFirstPause_ms << std::min(failures_ - 1, 5));
    const std::int64_t jitter_ms = static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(pause_ms) / 2));
    timer_ = kube_.scheduler().after(pause_ms + jitter_ms, [this] { resource_version_.empty() ? list() : watch(); });
    if (in_trouble_) return;
    in_trouble_ = true;
    listener_.on_trouble(*this, error);
}

void KubeWatch::recovered() {
    if (!in_trouble_) return;
    in_trouble_ = false;
    listener_.on_recovered(*this);
}

}  // namespace hub
