// DocumentStore: where the hub keeps users, workflows, runs and versions. Asynchronous, because IndexedDB (in the tab)
// and SQLite on a worker (in the gateway) are. Every document has a revision; writing compares and swaps.
//
//   store.put("workflows", id, json_text, /*expected_revision=*/3, [](base::Result<std::int64_t> revision) { ... });
//
// Callbacks run through the scheduler, never inside the call, and in the order of the calls.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/unique_function.hpp"

namespace hub {

struct Document {
    std::string id;
    std::int64_t revision = 0;  // 1 for the first version, one more with each put
    std::string json;
};

class DocumentStore {
public:
    static constexpr std::int64_t kAnyRevision = -1;
    static constexpr std::int64_t kMustNotExist = 0;

    virtual ~DocumentStore() = default;
    // not_found when there is none.
    virtual void get(std::string_view collection, std::string_view id, base::UniqueFunction<void(base::Result<Document>)> done) = 0;
    // All of a collection, ordered by id.
    virtual void list(std::string_view collection, base::UniqueFunction<void(base::Result<std::vector<Document>>)> done) = 0;
    // Answers the new revision; conflict when the stored revision is not `expected_revision`.
    virtual void put(std::string_view collection, std::string_view id, std::string json, std::int64_t expected_revision,
                     base::UniqueFunction<void(base::Result<std::int64_t>)> done) = 0;
    virtual void remove(std::string_view collection, std::string_view id, std::int64_t expected_revision,
                        base::UniqueFunction<void(base::Result<void>)> done) = 0;
};

}  // namespace hub
