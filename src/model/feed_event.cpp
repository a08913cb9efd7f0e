#include "model/feed_event.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <initializer_list>
#include <utility>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

using enum EventAbout;

constexpr std::string_view kWorkload = "workload_status_update";
constexpr std::string_view kProject = "project_status_update";
constexpr std::string_view kCluster = "cluster_status_update";
constexpr std::string_view kAddon = "addon_status_update";
constexpr std::string_view kBuildUpdate = "build_update";
constexpr std::string_view kBuildComplete = "build_complete";
constexpr std::string_view kBuildFailed = "build_failed";
constexpr std::string_view kError = "error_report";

// The wire's names first, then those of the types, then those that were listened for and never sent.
constexpr std::array<EventName, 60> kNames{{
    {"workload_status_update", kWorkload, workload},
    {"project_status_update", kProject, project},
    {"cluster_status_update", kCluster, cluster},
    {"addon_status_update", kAddon, addon},
    {"build_complete", kBuildComplete, build, "Complete"},
    {"build_failed", kBuildFailed, build, "Failed"},
    {"error_report", kError, error},

    {"workload.created", kWorkload, workload, "Pending"},
    {"workload.pending", kWorkload, workload, "Pending"},
    {"workload.building", kWorkload, workload, "Building"},
    {"workload.deploying", kWorkload, workload, "Deploying"},
    {"workload.running", kWorkload, workload, "Running"},
    {"workload.degraded", kWorkload, workload, "Degraded"},
    {"workload.failed", kWorkload, workload, "Failed"},
    {"workload.stopped", kWorkload, workload, "Stopped"},
    {"workload.deleted", kWorkload, workload, "Deleted"},
    {"workload.updated", kWorkload, workload},
    {"workload.status", kWorkload, workload},
    {"project.created", kProject, project, "Created"},
    {"project.pending", kProject, project, "Pending"},
    {"project.creating", kProject, project, "Creating"},
    {"project.ready", kProject, project, "Ready"},
    {"project.failed", kProject, project, "Error"},
    {"project.error", kProject, project, "Error"},
    {"project.deleting", kProject, project, "Deleting"},
    {"project.deleted", kProject, project, "Deleted"},
    {"project.updated", kProject, project},
    {"project.status", kProject, project},
    {"cluster.created", kCluster, cluster, "Created"},
    {"cluster.connected", kCluster, cluster, "healthy"},
    {"cluster.disconnected", kCluster, cluster, "unhealthy"},
    {"cluster.healthy", kCluster, cluster, "healthy"},
    {"cluster.unhealthy", kCluster, cluster, "unhealthy"},
    {"cluster.deleted", kCluster, cluster, "Deleted"},
    {"cluster.updated", kCluster, cluster},
    {"cluster.status", kCluster, cluster},
    {"addon.installing", kAddon, addon, "Installing"},
    {"addon.installed", kAddon, addon, "Installed"},
    {"addon.upgraded", kAddon, addon, "Upgraded"},
    {"addon.failed", kAddon, addon, "Failed"},
    {"addon.enabled", kAddon, addon, "Enabled"},
    {"addon.disabled", kAddon, addon, "Disabled"},
    {"addon.uninstalled", kAddon, addon, "Removed"},
    {"addon.updated", kAddon, addon},
    {"addon.status", kAddon, addon},
    {"build.queued", kBuildUpdate, build, "Queued"},
    {"build.started", kBuildUpdate, build, "Started"},
    {"build.completed", kBuildComplete, build, "Complete"},
    {"build.succeeded", kBuildComplete, build, "Complete"},
    {"build.failed", kBuildFailed, build, "Failed"},
    {"error.reported", kError, error},
    {"error", kError, error},

    {"workload_status", kWorkload, workload},
    {"project_status", kProject, project},
    {"cluster_status", kCluster, cluster},
    {"addon_status", kAddon, addon},
    {"build_update", kBuildUpdate, build},
    {"build_started", kBuildUpdate, build, "Started"},
    {"build_completed", kBuildComplete, build, "Complete"},
    {"build.complete", kBuildComplete, build, "Complete"},
}};

// What a status says, and its verb phrase: "web is running". One row per word, whatever it is about.
struct StatusRow {
    std::string_view word;
    std::string_view phrase;
    EventLevel level;
    EventPriority priority;
};
constexpr std::array<StatusRow, 24> kStatuses{{
    {"Pending", "is pending", EventLevel::info, EventPriority::low},
    {"Building", "is being built", EventLevel::info, EventPriority::low},
    {"Deploying", "is rolling out", EventLevel::info, EventPriority::low},
    {"Running", "is running", EventLevel::success, EventPriority::normal},
    {"Degraded", "is degraded", EventLevel::warning, EventPriority::high},
    {"Failed", "failed", EventLevel::danger, EventPriority::high},
    {"Stopped", "has stopped", EventLevel::info, EventPriority::normal},
    {"Deleted", "is deleted", EventLevel::info, EventPriority::normal},
    {"Created", "is created", EventLevel::info, EventPriority::normal},
    {"Creating", "is being deployed", EventLevel::info, EventPriority::low},
    {"Ready", "is deployed", EventLevel::success, EventPriority::normal},
    {"Error", "failed", EventLevel::danger, EventPriority::high},
    {"Deleting", "is being deleted", EventLevel::info, EventPriority::low},
    {"healthy", "is healthy", EventLevel::success, EventPriority::normal},
    {"unhealthy", "is unhealthy", EventLevel::danger, EventPriority::critical},
    {"Installing", "is being installed", EventLevel::info, EventPriority::low},
    {"Installed", "is installed", EventLevel::success, EventPriority::normal},
    {"Upgraded", "is upgraded", EventLevel::success, EventPriority::normal},
    {"Enabled", "is enabled", EventLevel::info, EventPriority::low},
    {"Disabled", "is disabled", EventLevel::info, EventPriority::low},
    {"Removed", "is removed", EventLevel::info, EventPriority::normal},
    {"Queued", "is queued", EventLevel::info, EventPriority::low},
    {"Started", "has started", EventLevel::info, EventPriority::low},
    {"Complete", "is finished", EventLevel::success, EventPriority::normal},
}};

const StatusRow* find_status(std::string_view word) {
    const auto found = std::find_if(kStatuses.begin(), kStatuses.end(), [&](const StatusRow& row) { return base::equals_ascii_case(row.word, word); });
    return found == kStatuses.end() ? nullptr : &*found;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kAbout{{
    {"workload", "Workloads"}, {"project", "Projects"}, {"cluster", "Clusters"}, {"addon", "Addons"}, {"build", "Builds"}, {"error", "Errors"}, {"other", "Others"}}};
constexpr std::array<std::string_view, 4> kLevels{"info", "success", "warning", "danger"};
constexpr std::array<std::string_view, 4> kPriorities{"low", "normal", "high", "critical"};

template <class E, std::size_t N>
std::optional<E> index_of(const std::array<std::string_view, N>& words, std::string_view word) {
    const auto found = std::find(words.begin(), words.end(), word);
    if (found == words.end()) return std::nullopt;
    return static_cast<E>(found - words.begin());
}

// One line of valid UTF-8, at most so many bytes before control characters became spaces.
std::string cut(std::string_view text, std::size_t most) {
    std::string line = base::to_valid_utf8(base::utf8_prefix(text, most));
    for (char& c : line) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    }
    return line;
}

// Members of an event: at the top or within `data`, in either style.
class Members {
public:
    explicit Members(const Json& root) : root_(root), inner_(nullptr) {
        const auto found = root.find("data");
        if (found != root.end() && found->is_object()) inner_ = &*found;
    }
    [[nodiscard]] const Json* find(std::initializer_list<const char*> names) const {
        for (const Json* object : {&root_, inner_}) {
            if (!object) continue;
            for (const char* name : names) {
                const auto found = object->find(name);
                if (found != object->end() && !found->is_null() && !found->is_structured()) return &*found;
            }
        }
        return nullptr;
    }
    // A text, or a number as one.
    [[nodiscard]] std::string text(std::initializer_list<const char*> names, std::size_t most) const {
        const Json* value = find(names);
        if (!value || value->is_boolean()) return {};
        if (const auto* text = value->get_ptr<const std::string*>()) return cut(base::trim(*text), most);
        return base::dump_json(*value).substr(0, most);
    }
    [[nodiscard]] std::string id(std::initializer_list<const char*> names) const { return text(names, FeedEvent::kMaxIdBytes); }

private:
    const Json& root_;
    const Json* inner_;
};

// FNV-1a, 64 bit: the same everywhere.
std::uint64_t hash_of(std::initializer_list<std::string_view> parts) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const std::string_view part : parts) {
        for (const char c : part) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
        hash = (hash ^ 0x1fU) * 0x100000001b3ULL;  // ("ab", "c") is not ("a", "bc")
    }
    return hash;
}

std::string hex(std::uint64_t value) {
    std::string text(16, '0');
    for (std::size_t i = 16; i-- > 0; value >>= 4) text[i] = "0123456789abcdef"[value & 15];
    return text;
}

// "run_failed" is "Run failed".
std::string in_words(std::string_view name) {
    std::string words;
    for (const char c : name) words += c == '_' || c == '.' || c == '-' ? ' ' : c;
    if (!words.empty()) words[0] = base::ascii_upper(words[0]);
    return words;
}

std::string title_of(const FeedEvent& event, std::string_view error_type) {
    switch (event.about) {
        case error: return error_type.empty() ? "Error" : in_words(error_type);
        case other: return in_words(event.type);
        case build: {
            const std::string what = event.resource.empty() ? "A build" : "The build of " + event.resource;
            const StatusRow* row = find_status(event.status);
            return what + " " + (row ? std::string(row->phrase) : "is " + base::to_ascii_lower(event.status));
        }
        default: break;
    }
    std::string what = event.resource;
    if (event.about == cluster) what = "Cluster" + (what.empty() ? "" : " " + what);
    else if (what.empty()) what = in_words(word_of(event.about));
    const StatusRow* row = find_status(event.status);
    if (row) return what + " " + std::string(row->phrase);
    return event.status.empty() ? what + " has changed" : what + ": " + event.status;
}

void set_look(FeedEvent& event, std::string_view priority) {
    if (const StatusRow* row = find_status(event.status)) {
        event.status = row->word;
        event.level = row->level;
        event.priority = row->priority;
    }
    if (event.about == error) {
        event.level = EventLevel::danger;
        event.priority = EventPriority::high;
    }
    // A backend that has priorities of its own knows better.
    if (const auto own = event_priority_from_word(priority)) event.priority = *own;
}

// Years 2000 to about 2200 and a day: what is outside of it is no time of an event.
bool plausible(std::int64_t unix_ms) { return unix_ms >= 946'684'800'000 && unix_ms <= 7'258'118'400'000; }

}  // namespace

std::span<const EventName> event_names() { return kNames; }

const EventName* find_event_name(std::string_view name) {
    const auto found = std::find_if(kNames.begin(), kNames.end(), [&](const EventName& row) { return base::equals_ascii_case(row.name, name); });
    return found == kNames.end() ? nullptr : &*found;
}

bool is_stream_frame(std::string_view name) { return name == "connected" || name == "heartbeat" || name == "gap"; }

std::optional<std::int64_t> read_event_time(const Json& value) {
    double number = 0;
    if (const auto* text = value.get_ptr<const std::string*>()) {
        if (const auto stamp = base::parse_rfc3339_ms(*text)) return plausible(*stamp) ? stamp : std::nullopt;
        const auto digits = base::parse_number(base::trim(*text));
        if (!digits) return std::nullopt;
        number = *digits;
    } else if (value.is_number()) {
        number = value.get<double>();
    } else {
        return std::nullopt;
    }
    if (!std::isfinite(number) || number <= 0) return std::nullopt;
    if (number < 1e11) number *= 1e3;            // seconds
    else if (number >= 1e17) number /= 1e6;      // nanoseconds
    else if (number >= 1e14) number /= 1e3;      // microseconds
    if (number > 9e15) return std::nullopt;
    const auto unix_ms = static_cast<std::int64_t>(number);
    return plausible(unix_ms) ? std::optional(unix_ms) : std::nullopt;
}

std::optional<FeedEvent> read_feed_event(std::string_view sse_type, std::string_view data, std::string_view sse_id, std::int64_t received_ms) {
    const auto json = base::parse_json(data, {.max_bytes = FeedEvent::kMaxDataBytes, .max_depth = 16});
    if (!json || !json->is_object()) return std::nullopt;
    const Members members(*json);
    FeedEvent event;
    // The data's own name first; `type` may be anything ("cluster", "Warning"), so it counts only if the table knows it or there is nothing better.
    std::string name = members.id({"event_type", "eventType"});
    const std::string other_name = members.id({"type"});
    if (name.empty() && find_event_name(other_name)) name = other_name;
    if (name.empty() && sse_type != "message") name = cut(sse_type, FeedEvent::kMaxIdBytes);
    if (name.empty()) name = other_name;
    if (name.empty() || is_stream_frame(name)) return std::nullopt;
    const EventName* known = find_event_name(name);
    event.type = known ? std::string(known->type) : name;
    event.about = known ? known->about : other;
    event.cluster_id = members.id({"cluster_id", "clusterId"});
    event.project_id = members.id({"project_id", "projectId"});
    event.workload_id = members.id({"workload_id", "workloadId"});
    event.status = members.id({"status"});
    if (event.status.empty() && known) event.status = known->status;
    event.message = members.text({"message", "error", "reason"}, FeedEvent::kMaxTextBytes);
    std::string named;
    switch (event.about) {
        case workload: named = members.id({"workload_name", "workloadName", "name"}); if (named.empty()) named = event.workload_id; break;
        case project: named = members.id({"project_name", "projectName", "name"}); if (named.empty()) named = event.project_id; break;
        case cluster: named = members.id({"cluster_name", "clusterName", "name"}); if (named.empty()) named = event.cluster_id; break;
        case addon:
            event.resource_id = members.id({"addon_id", "addonId", "addon_instance_id", "addonInstanceId"});
            named = members.id({"addon_name", "addonName", "name"});
            break;
        case build:
            event.resource_id = members.id({"build_id", "buildId"});
            named = members.id({"workload_name", "workloadName", "image"});
            if (named.empty()) named = event.workload_id;
            break;
        case error:
        case other:
            event.resource_id = members.id({"resource_id", "resourceId"});
            named = members.id({"resource_name", "resourceName", "workload_name", "project_name", "name"});
            break;
    }
    event.resource = named.empty() ? event.resource_id : named;
    set_look(event, members.id({"priority"}));
    event.title = cut(title_of(event, members.id({"error_type", "errorType"})), FeedEvent::kMaxTextBytes);

    // The finer of the two that our own hub sends comes first.
    const Json* stamp = nullptr;
    std::optional<std::int64_t> time_ms;
    for (const char* member : {"time", "timestamp", "created_at", "createdAt"}) {
        if ((stamp = members.find({member}))) time_ms = read_event_time(*stamp);
        if (time_ms) break;
    }
    constexpr std::int64_t kDayMs = 24 * 60 * 60 * 1000LL;
    if (time_ms && *time_ms > received_ms + kDayMs) time_ms.reset();
    event.time_ms = time_ms.value_or(received_ms);
    event.id = members.id({"id", "event_id", "eventId"});
    if (event.id.empty()) event.id = cut(sse_id, FeedEvent::kMaxIdBytes);
    if (event.id.empty()) {
        // Without a time of its own: tabs receive it at about the same moment.
        const std::string when = std::to_string(time_ms ? *time_ms : received_ms / 10'000);
        event.id = "made-" + hex(hash_of({event.type, event.status, when, event.cluster_id, event.project_id, event.workload_id, event.resource_id, event.message}));
    }
    event.details = base::dump_json(*json);
    if (event.details.size() > FeedEvent::kMaxDetailBytes) event.details.clear();
    return event;
}

Json feed_event_to_json(const FeedEvent& event) {
    Json json = {{"id", event.id}, {"type", event.type}, {"about", word_of(event.about)}, {"level", word_of(event.level)}, {"priority", word_of(event.priority)},
                 {"time", base::format_rfc3339_millis(event.time_ms)}, {"title", event.title}, {"acknowledged", event.acknowledged}};
    const auto set = [&](const char* name, const std::string& text) {
        if (!text.empty()) json[name] = text;
    };
    set("status", event.status);
    set("message", event.message);
    set("resource", event.resource);
    set("clusterId", event.cluster_id);
    set("projectId", event.project_id);
    set("workloadId", event.workload_id);
    set("resourceId", event.resource_id);
    set("details", event.details);
    return json;
}

std::optional<FeedEvent> feed_event_from_json(const Json& json) {
    wire::JsonErrors errors;
    const wire::JsonReader reader(json, errors);
    const auto text = [&](const char* name, std::size_t most) { return cut(reader.string_or(name, ""), most); };
    FeedEvent event;
    event.id = text("id", FeedEvent::kMaxIdBytes);
    event.type = text("type", FeedEvent::kMaxIdBytes);
    const auto time_ms = base::parse_rfc3339_ms(reader.string_or("time", ""));
    if (event.id.empty() || event.type.empty() || !time_ms || !plausible(*time_ms)) return std::nullopt;
    event.time_ms = *time_ms;
    event.about = event_about_from_word(reader.string_or("about", "")).value_or(other);
    event.level = index_of<EventLevel>(kLevels, reader.string_or("level", "")).value_or(EventLevel::info);
    event.priority = event_priority_from_word(reader.string_or("priority", "")).value_or(EventPriority::normal);
    event.status = text("status", FeedEvent::kMaxIdBytes);
    event.title = text("title", FeedEvent::kMaxTextBytes);
    event.message = text("message", FeedEvent::kMaxTextBytes);
    event.resource = text("resource", FeedEvent::kMaxIdBytes);
    event.cluster_id = text("clusterId", FeedEvent::kMaxIdBytes);
    event.project_id = text("projectId", FeedEvent::kMaxIdBytes);
    event.workload_id = text("workloadId", FeedEvent::kMaxIdBytes);
    event.resource_id = text("resourceId", FeedEvent::kMaxIdBytes);
    event.details = text("details", FeedEvent::kMaxDetailBytes);
    event.acknowledged = reader.boolean_or("acknowledged", false);
    return event;
}

std::string_view word_of(EventAbout about) { return kAbout[static_cast<std::size_t>(about)].first; }
std::string_view plural_of(EventAbout about) { return kAbout[static_cast<std::size_t>(about)].second; }
std::string_view word_of(EventLevel level) { return kLevels[static_cast<std::size_t>(level)]; }
std::string_view word_of(EventPriority priority) { return kPriorities[static_cast<std::size_t>(priority)]; }

std::optional<EventAbout> event_about_from_word(std::string_view word) {
    const auto found = std::find_if(kAbout.begin(), kAbout.end(), [&](const auto& row) { return row.first == word; });
    if (found == kAbout.end()) return std::nullopt;
    return static_cast<EventAbout>(found - kAbout.begin());
}

std::optional<EventPriority> event_priority_from_word(std::string_view word) { return index_of<EventPriority>(kPriorities, word); }

}  // namespace model
