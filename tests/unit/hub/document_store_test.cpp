#include <catch2/catch_test_macros.hpp>

#include "base/testing/virtual_scheduler.hpp"
#include "hub/memory_document_store.hpp"

using namespace hub;

namespace {

struct Rig {
    base::testing::VirtualScheduler time;
    MemoryDocumentStore store{time};

    base::Result<std::int64_t> put(const std::string& id, const std::string& json, std::int64_t expected) {
        base::Result<std::int64_t> result = base::fail(base::ErrorCode::internal, "no answer");
        store.put("things", id, json, expected, [&](base::Result<std::int64_t> answer) { result = std::move(answer); });
        time.run_ready();
        return result;
    }
    base::Result<Document> get(const std::string& id) {
        base::Result<Document> result = base::fail(base::ErrorCode::internal, "no answer");
        store.get("things", id, [&](base::Result<Document> answer) { result = std::move(answer); });
        time.run_ready();
        return result;
    }
};

}  // namespace

TEST_CASE("a document store compares revisions before it swaps") {
    Rig rig;
    CHECK(rig.put("a", "1", DocumentStore::kMustNotExist) == 1);
    CHECK(rig.put("a", "2", 1) == 2);
    CHECK(rig.put("a", "3", 1).error().code == base::ErrorCode::conflict);
    CHECK(rig.put("a", "3", DocumentStore::kMustNotExist).error().code == base::ErrorCode::conflict);
    CHECK(rig.put("b", "1", 7).error().code == base::ErrorCode::conflict);
    CHECK(rig.get("a")->json == "2");
    CHECK(rig.put("a", "4", DocumentStore::kAnyRevision) == 3);
    CHECK(rig.get("a")->revision == 3);
    CHECK(rig.get("none").error().code == base::ErrorCode::not_found);
}

TEST_CASE("a document store answers later, in the order of the calls") {
    Rig rig;
    std::string order;
    rig.store.put("things", "b", "1", 0, [&](auto) { order += "p"; });
    rig.store.get("things", "b", [&](base::Result<Document> found) { order += found ? "g" : "-"; });
    rig.store.list("things", [&](auto all) { order += std::to_string(all->size()); });
    rig.store.remove("things", "b", 1, [&](auto removed) { order += removed ? "r" : "-"; });
    rig.store.remove("things", "b", 1, [&](auto removed) { order += removed ? "r" : "-"; });
    CHECK(order.empty());
    rig.time.run_ready();
    CHECK(order == "pg1r-");
}
