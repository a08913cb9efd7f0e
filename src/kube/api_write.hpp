// ObjectWriter: create, update, patch and delete as the API server does them, from a decoded body to the store: what clients
// must not write is kept, defaults are filled in, the result is validated, ownership of fields is tracked.
//
//   ObjectWriter writer(store, scheduler, random);
//   auto made = writer.create({.path = path, .manager = "kubectl"}, body);
//   if (!made) -> made.error() is a Status
#pragma once

#include <optional>
#include <string>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "kube/api_error.hpp"
#include "kube/api_request.hpp"
#include "kube/api_schema.hpp"

namespace kube::api {

struct WriteRequest {
    ResourcePath path;
    std::string manager;   // of the fields
    bool dry_run = false;
    bool force = false;    // of apply
};

enum class PatchKind { json, merge, strategic, apply };

struct Written {
    ObjectPtr object;
    bool created = false;
};

struct DeleteOptions {
    std::optional<std::int64_t> grace_s;
    std::string propagation;  // "Background", "Foreground", "Orphan" or empty
    std::string uid;          // preconditions; empty: none
    std::string resource_version;
    bool dry_run = false;
};

// From the body (DeleteOptions or empty) and the query, which wins.
[[nodiscard]] ApiResult<DeleteOptions> parse_delete_options(std::string_view body, const base::Query& query);

struct Deleted {
    ObjectPtr object;      // its last or present state
    bool is_gone = false;  // else it is only marked: a grace period runs, or a finalizer holds it
};

class ObjectWriter {
public:
    // `schema` must outlive it.
    ObjectWriter(ObjectStore& store, base::Scheduler& scheduler, base::Random& random, const Schema& schema);

    [[nodiscard]] ApiResult<Written> create(const WriteRequest& request, Json body);
    [[nodiscard]] ApiResult<Written> replace(const WriteRequest& request, Json body);
    [[nodiscard]] ApiResult<Written> patch(const WriteRequest& request, PatchKind kind, Json patch);
    [[nodiscard]] ApiResult<Deleted> remove(const ResourceType& type, const ObjectKey& key, const DeleteOptions& options);

    // The Scale of a workload, as autoscaling/v1 shows it.
    [[nodiscard]] static Json scale_of(const ResourceType& type, const Json& workload);

private:
    [[nodiscard]] const Schema::Type& type_of(const ResourceType& type) const;
    [[nodiscard]] ApiResult<Json> decode(const ResourceType& type, Json body) const;
    [[nodiscard]] ApiResult<void> check_namespace(const WriteRequest& request) const;
    [[nodiscard]] ApiResult<Written> update_to(const WriteRequest& request, const Json& live, Json next, bool applied);
    [[nodiscard]] ApiResult<Written> create_decoded(const WriteRequest& request, Json object, bool applied);
    [[nodiscard]] ApiResult<Written> apply(const WriteRequest& request, const ObjectPtr& live, Json config);
    [[nodiscard]] ApiResult<Written> replace_scale(const WriteRequest& request, const Json& live, const Json& scale);
    [[nodiscard]] ApiResult<Deleted> mark(const ObjectKey& key, std::int64_t grace_s, std::string_view finalizer, bool dry_run);
    [[nodiscard]] std::string now() const;

    ObjectStore& store_;
    base::Scheduler& scheduler_;
    base::Random& random_;
    const Schema& schema_;
};

[[nodiscard]] ObjectKey key_of(const ResourcePath& path);

}  // namespace kube::api
