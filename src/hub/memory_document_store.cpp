#include "hub/memory_document_store.hpp"

namespace hub {

namespace {

// Answers through the scheduler, as the contract of DocumentStore says.
template <class T>
void answer(base::Scheduler& scheduler, base::UniqueFunction<void(base::Result<T>)> done, base::Result<T> result) {
    scheduler.post([done = std::move(done), result = std::move(result)]() mutable { done(std::move(result)); });
}

}  // namespace

std::optional<base::Error> MemoryDocumentStore::take_failure() {
    if (failures_.empty()) return std::nullopt;
    base::Error error = std::move(failures_.front());
    failures_.pop_front();
    return error;
}

std::optional<base::Error> MemoryDocumentStore::revision_error(const Collection& documents, std::string_view id,
                                                               std::int64_t expected_revision) const {
    if (expected_revision == kAnyRevision) return std::nullopt;
    const auto found = documents.find(id);
    const std::int64_t current = found == documents.end() ? kMustNotExist : found->second.revision;
    if (current == expected_revision) return std::nullopt;
    return base::Error{base::ErrorCode::conflict, "The document was changed by somebody else.", "Load it again."};
}

void MemoryDocumentStore::get(std::string_view collection, std::string_view id,
                              base::UniqueFunction<void(base::Result<Document>)> done) {
    if (auto failure = take_failure()) return answer<Document>(scheduler_, std::move(done), base::fail(*failure));
    const auto documents = collections_.find(collection);
    if (documents != collections_.end()) {
        if (const auto found = documents->second.find(id); found != documents->second.end()) {
            return answer<Document>(scheduler_, std::move(done), found->second);
        }
    }
    answer<Document>(scheduler_, std::move(done), base::fail(base::ErrorCode::not_found, "No such document."));
}

void MemoryDocumentStore::list(std::string_view collection,
                               base::UniqueFunction<void(base::Result<std::vector<Document>>)> done) {
    if (auto failure = take_failure()) {
        return answer<std::vector<Document>>(scheduler_, std::move(done), base::fail(*failure));
    }
    std::vector<Document> all;
    if (const auto documents = collections_.find(collection); documents != collections_.end()) {
        all.reserve(documents->second.size());
        for (const auto& [id, document] : documents->second) all.push_back(document);
    }
    answer<std::vector<Document>>(scheduler_, std::move(done), std::move(all));
}

void MemoryDocumentStore::put(std::string_view collection, std::string_view id, std::string json,
                              std::int64_t expected_revision,
                              base::UniqueFunction<void(base::Result<std::int64_t>)> done) {
    if (auto failure = take_failure()) return answer<std::int64_t>(scheduler_, std::move(done), base::fail(*failure));
    Collection& documents = collections_[std::string(collection)];
    if (auto error = revision_error(documents, id, expected_revision)) {
        return answer<std::int64_t>(scheduler_, std::move(done), base::fail(*error));
    }
    Document& document = documents[std::string(id)];
    document.id = id;
    document.json = std::move(json);
    ++document.revision;
    answer<std::int64_t>(scheduler_, std::move(done), document.revision);
}

void MemoryDocumentStore::remove(std::string_view collection, std::string_view id, std::int64_t expected_revision,
                                 base::UniqueFunction<void(base::Result<void>)> done) {
    if (auto failure = take_failure()) return answer<void>(scheduler_, std::move(done), base::fail(*failure));
    Collection& documents = collections_[std::string(collection)];
    const auto found = documents.find(id);
    if (found == documents.end()) {
        return answer<void>(scheduler_, std::move(done), base::fail(base::ErrorCode::not_found, "No such document."));
    }
    if (auto error = revision_error(documents, id, expected_revision)) {
        return answer<void>(scheduler_, std::move(done), base::fail(*error));
    }
    documents.erase(found);
    answer<void>(scheduler_, std::move(done), {});
}

std::size_t MemoryDocumentStore::size(std::string_view collection) const {
    const auto documents = collections_.find(collection);
    return documents == collections_.end() ? 0 : documents->second.size();
}

}  // namespace hub
