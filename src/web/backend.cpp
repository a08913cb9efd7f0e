#include "web/backend.hpp"

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "base/url.hpp"
#include "web/fetch_client.hpp"
#include "wire/json_reader.hpp"

namespace web {

namespace {

constexpr std::size_t kMaxConfigBytes = 256 * 1024;

bool set_url(BackendEntry& entry, const std::string& url) {
    std::string path = url;
    if (!url.starts_with('/')) {
        const auto parsed = base::parse_http_url(url);
        if (!parsed || !parsed->query.empty()) return false;
        entry.origin = parsed->origin();
        path = parsed->path;
    } else if (!base::parse_target(url)) {
        return false;
    }
    while (path.ends_with('/')) path.pop_back();
    entry.prefix = path;
    return true;
}

}  // namespace

base::Result<std::vector<BackendEntry>> read_backends(std::string_view config_json) {
    const auto json = base::parse_json(config_json, {.max_bytes = kMaxConfigBytes});
    if (!json) return base::fail(json.error());
    wire::JsonErrors errors;
    const wire::JsonReader config(*json, errors);
    std::vector<BackendEntry> entries;
    if (json->is_object() && json->contains("backends")) {
        for (const wire::JsonReader each : config.array("backends")) {
            BackendEntry entry;
            entry.name = each.string("name");
            entry.kind = each.string_or("kind", "kubeorch");
            entry.is_default = each.boolean_or("default", false);
            if (entry.kind == "kubeorch" && set_url(entry, each.string("url"))) entries.push_back(std::move(entry));
        }
    }
    if (!errors.empty()) return base::fail(errors.to_error());
    std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.is_default && !b.is_default; });
    return entries;
}

std::string watch_root_of(std::string_view prefix) {
    constexpr std::string_view kApi = "/v1/api";
    if (!prefix.ends_with(kApi)) return {};
    prefix.remove_suffix(kApi.size());
    return std::string(prefix) + "/api/watch";
}

double read_cluster_speed(std::string_view config_json) {
    const auto json = base::parse_json(config_json, {.max_bytes = kMaxConfigBytes});
    if (!json || !json->is_object()) return 1;
    wire::JsonErrors errors;
    const wire::JsonReader cluster = wire::JsonReader(*json, errors).optional_object("cluster");
    const double speed = cluster ? cluster.number_or("speed", 1) : 1;
    return speed >= 0.01 && speed <= 1000 ? speed : 1;
}

bool is_health_answer(const net::Response& response) {
    if (response.status != 200) return false;
    const auto json = base::parse_json(response.body, {.max_bytes = kMaxConfigBytes});
    if (!json || !json->is_object()) return false;
    wire::JsonErrors errors;
    return wire::JsonReader(*json, errors).string_or("product", "") == "binnacle";
}

BackendFinder::BackendFinder(base::Scheduler& scheduler, const Page& page, base::UniqueFunction<void(BackendChoice)> done)
    : scheduler_(scheduler), page_(page), done_(std::move(done)) {
    scheduler_.post([this, alive = std::weak_ptr<char>(alive_)] {
        if (alive.expired()) return;
        if (page_.bench) finish({});
        else read_config();
    });
}

BackendFinder::~BackendFinder() = default;

void BackendFinder::read_config() {
    if (const std::string text = take_asset("config.json"); !text.empty()) return on_config({.status = 200, .body = text});
    client_ = std::make_unique<FetchClient>(scheduler_, "");
    net::Request request{.method = "GET", .target = page_.base + "config.json"};
    request.head_timeout_ms = request.idle_timeout_ms = kConfigTimeoutMs;
    request_ = net::fetch(*client_, std::move(request), [this](base::Result<net::Response> response) {
        on_config(response ? *response : net::Response{.status = 404});
    }, kMaxConfigBytes);
}

void BackendFinder::on_config(const net::Response& response) {
    if (response.status == 200) {
        auto entries = read_backends(response.body);
        if (!entries) return finish({.notice = "config.json: " + entries.error().message});
        entries_ = known_ = std::move(*entries);
        cluster_speed_ = read_cluster_speed(response.body);
    }
    if (page_.backend == "tab") return finish({});
    if (!page_.backend.empty()) {
        std::erase_if(entries_, [this](const BackendEntry& entry) { return entry.name != page_.backend; });
    }
    try_next();
}

void BackendFinder::try_next() {
    if (next_ == entries_.size()) {
        BackendChoice choice;
        if (!page_.backend.empty()) choice.notice = "The backend \"" + page_.backend + "\" does not answer. Everything runs in this tab.";
        return finish(std::move(choice));
    }
    const BackendEntry& entry = entries_[next_++];
    if (std::string text = take_asset(entry.origin + entry.prefix + "/health"); !text.empty()) {
        if (is_health_answer({.status = 200, .body = text})) return finish({.in_tab = false, .entry = entry, .health = std::move(text)});
        return try_next();
    }
    client_ = std::make_unique<FetchClient>(scheduler_, entry.origin);
    net::Request request{.method = "GET", .target = entry.prefix + "/health"};
    request.headers.set("Accept", "application/json");
    request.head_timeout_ms = request.idle_timeout_ms = kHealthTimeoutMs;
    request_ = net::fetch(*client_, std::move(request), [this, &entry](base::Result<net::Response> response) {
        if (response && is_health_answer(*response)) return finish({.in_tab = false, .entry = entry, .health = std::move(response->body)});
        try_next();
    }, kMaxConfigBytes);
}

void BackendFinder::finish(BackendChoice choice) {
    choice.known = std::move(known_);
    choice.cluster_speed = cluster_speed_;
    auto done = std::move(done_);
    done(std::move(choice));  // may destroy this
}

}  // namespace web
