// WatchObject: a Kubernetes object as text, and the little of it that keeping up with a list needs. Nothing is built from it: of a pod
// with 20 kB a watch reads four strings.
//
//   wire::WatchObjectReader reader;
//   if (reader.read(object_json)) use(reader.object().name, reader.object().json);
//
//   wire::WatchEvent event;
//   if (wire::read_watch_event(line, event)) switch (event.type) ...          // {"type": "ADDED", "object": {...}}
//
// The texts must be valid JSON (base::check_json): FlatJson alone would let nonsense within nested values through.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wire {

// Views; valid as long as what they were read from.
struct WatchObject {
    std::string_view ns;  // empty for kinds without namespaces
    std::string_view name;
    std::string_view uid;
    std::string_view resource_version;
    std::string_view json;  // one line: the object with apiVersion and kind, without metadata.managedFields
};

class WatchObjectReader {
public:
    // False when it is no object with a name and a resourceVersion. `kind` and `api_version` (JSON string literals with their quotes, or
    // empty) are put in where the object has none: items of a list do not repeat them.
    bool read(std::string_view json, std::string_view api_version = {}, std::string_view kind = {});
    // Of the last read() that succeeded; valid until the next, and as long as its `json`.
    [[nodiscard]] const WatchObject& object() const { return object_; }

private:
    bool read_metadata(std::string_view metadata);
    void rewrite(std::string_view json, std::string_view api_version, std::string_view kind);

    WatchObject object_;
    std::string ns_, name_, uid_, version_;  // where they had escapes
    std::string text_;                       // where the text had to change
    std::string_view managed_fields_;        // the member with its comma, within the text; empty when there is none
};

enum class WatchEventType : std::uint8_t { added, modified, deleted, bookmark, error, unknown };

struct WatchEvent {
    WatchEventType type = WatchEventType::unknown;
    std::string_view object;  // JSON text
};
// False when `line` is no object with a type and an object.
[[nodiscard]] bool read_watch_event(std::string_view line, WatchEvent& event);

// What a BOOKMARK's object says.
struct WatchBookmark {
    std::string resource_version;
    bool ends_initial_events = false;  // annotation k8s.io/initial-events-end: "true"
};
[[nodiscard]] WatchBookmark read_bookmark(std::string_view object);

// What a list says of itself. The views are of the page.
struct WatchPage {
    std::string resource_version;
    std::string continue_token;
    std::string_view api_version;  // string literal with quotes, of the items; empty when not given
    std::string kind;              // the same: "PodList" lists "Pod"
    std::string_view items;        // array, or empty for null
};
// False when it is no list with a resourceVersion.
[[nodiscard]] bool read_watch_page(std::string_view json, WatchPage& page);

// metav1.Status, as an answer's body or in an ERROR event.
struct WatchStatus {
    int code = 0;
    std::string reason;
    std::string message;
    std::int64_t retry_after_ms = 0;  // details.retryAfterSeconds
    bool too_large_version = false;   // cause ResourceVersionTooLarge

    [[nodiscard]] bool expired() const { return code == 410 || reason == "Expired" || reason == "Gone"; }
};
// Of any bytes: what cannot be read stays empty. Of at most 64 KiB.
[[nodiscard]] WatchStatus read_watch_status(std::string_view json);

// Is version `a` older than `b`? Only for servers whose versions are ordered (Kubernetes 1.35, KEP-5504): decimal numbers of any length.
// False when either is no such number.
[[nodiscard]] bool is_older_version(std::string_view a, std::string_view b);

}  // namespace wire
