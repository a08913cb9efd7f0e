// Reading: encoding of objects in the form the client asked for, and lists with pages.
//
//   auto page = list_page(store, path, selection, query);      // limit, continue, resourceVersion, resourceVersionMatch
//   std::string body = encode_list(*path.type, *page, form, include, now_ms);
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kube/api_request.hpp"

namespace kube::api {

// With apiVersion and kind, which stored objects always should have.
[[nodiscard]] std::string encode_plain(const ResourceType& type, const Json& object);
// `with_columns` is false for all but the first table of a watch.
[[nodiscard]] std::string encode_object(const ResourceType& type, const Json& object, const AnswerForm& form, IncludeObject include,
                                        std::int64_t now_ms, bool with_columns = true);

struct ListPage {
    std::vector<ObjectPtr> items;
    std::uint64_t resource_version = 0;
    std::string continue_token;                      // empty on the last page
    std::optional<std::size_t> remaining;            // objects after this page; only without selectors, as Kubernetes has it
};

[[nodiscard]] ApiResult<ListPage> list_page(const ObjectStore& store, const ResourcePath& path, const Selection& selection,
                                            const base::Query& query);
[[nodiscard]] std::string encode_list(const ResourceType& type, const ListPage& page, const AnswerForm& form, IncludeObject include,
                                      std::int64_t now_ms);

// The state of a resource as it was at an earlier version, by namespace and name; nullopt when history does not reach so far.
[[nodiscard]] std::optional<std::vector<ObjectPtr>> objects_at(const ObjectStore& store, std::string_view resource, std::string_view ns,
                                                               std::uint64_t version);

}  // namespace kube::api
