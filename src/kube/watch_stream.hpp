// WatchStreams: the open watches of the API server. A stream keeps a position in the store's history, not a queue of its own: a
// reader that lags costs nothing, and when history is compacted past its position it gets a 410 ERROR event and the end.
//
//   streams.open({.type = pods, .ns = "default", .from = 17, ...}, writer);
//
// One JSON line per event: {"type":"ADDED","object":{...}}. An object that begins to match the selection is ADDED, one that
// stops is DELETED (with its last matching state and the version of the change). Bookmarks are sent when the store moved on
// without an event for this watch; while nothing changes no timer runs but the one that ends the watch.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "kube/api_read.hpp"

namespace kube::api {

struct WatchRequest {
    const ResourceType* type = nullptr;
    std::shared_ptr<const CustomKind> custom = {};  // keeps `type` alive: a watch may outlive its definition
    std::string ns;
    Selection selection;
    std::optional<std::uint64_t> from;  // nothing: begin with the present state as ADDED events
    bool mark_initial_end = false;      // a BOOKMARK with k8s.io/initial-events-end after it (sendInitialEvents)
    bool bookmarks = false;
    std::int64_t timeout_ms = 0;        // 0: between half an hour and an hour, as kube-apiserver does
    AnswerForm form;
    IncludeObject include = IncludeObject::metadata;
};

// Reads the watch parameters of a list path. Errors as kube-apiserver has them: 410 for a version out of history, 422 for
// sendInitialEvents without its companions.
[[nodiscard]] ApiResult<WatchRequest> parse_watch(const ObjectStore& store, const ResourcePath& path, Selection selection,
                                                  const base::Query& query, const AnswerForm& form);

class WatchStreams {
public:
    WatchStreams(ObjectStore& store, base::Scheduler& scheduler, base::Random& random, std::int64_t bookmark_interval_ms);
    ~WatchStreams();  // ends all

    void open(WatchRequest request, std::shared_ptr<net::ResponseWriter> writer);
    [[nodiscard]] std::size_t size() const;

private:
    class Stream;
    struct Shared;
    std::shared_ptr<Shared> shared_;
};

}  // namespace kube::api
