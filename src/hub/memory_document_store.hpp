// MemoryDocumentStore: a DocumentStore that forgets everything with the process. Used by the tab without storage and by tests.
//
//   hub::MemoryDocumentStore store(scheduler);
//   store.fail_next(base::Error{base::ErrorCode::quota, "disk full", ""});   // tests of failure paths
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <utility>

#include "base/scheduler.hpp"
#include "hub/document_store.hpp"

namespace hub {

class MemoryDocumentStore final : public DocumentStore {
public:
    explicit MemoryDocumentStore(base::Scheduler& scheduler) : scheduler_(scheduler) {}

    void get(std::string_view collection, std::string_view id,
             base::UniqueFunction<void(base::Result<Document>)> done) override;
    void list(std::string_view collection,
              base::UniqueFunction<void(base::Result<std::vector<Document>>)> done) override;
    void put(std::string_view collection, std::string_view id, std::string json, std::int64_t expected_revision,
             base::UniqueFunction<void(base::Result<std::int64_t>)> done) override;
    void remove(std::string_view collection, std::string_view id, std::int64_t expected_revision,
                base::UniqueFunction<void(base::Result<void>)> done) override;

    // The next call of any kind answers `error` and changes nothing. May be queued several times.
    void fail_next(base::Error error) { failures_.push_back(std::move(error)); }
    [[nodiscard]] std::size_t size(std::string_view collection) const;

private:
    using Collection = std::map<std::string, Document, std::less<>>;

    // Null when the revision matches, else the error to answer.
    std::optional<base::Error> revision_error(const Collection& documents, std::string_view id,
                                              std::int64_t expected_revision) const;
    std::optional<base::Error> take_failure();

    base::Scheduler& scheduler_;
    std::map<std::string, Collection, std::less<>> collections_;
    std::deque<base::Error> failures_;
};

}  // namespace hub
