#include "web/indexed_db_store.hpp"

#include <emscripten/emscripten.h>

#include <algorithm>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "hub/credential_collections.hpp"
#include "hub/memory_document_store.hpp"
#include "web/bindings.hpp"

namespace web {

namespace {
enum Status { kOk = 0, kNotFound = 1, kConflict = 2, kFailed = 3, kRefused = 4 };

int is_sealed(std::string_view collection) { return hub::holds_credentials(collection) ? 1 : 0; }
}

void IndexedDbStore::open(base::Scheduler& scheduler, const std::string& name, Opened done) {
    std::unique_ptr<IndexedDbStore> store(new IndexedDbStore(scheduler));
    IndexedDbStore* raw = store.get();
    raw->opened_ = std::move(done);
    raw->self_ = std::move(store);
    bn_documents_open(raw, name.c_str());
}

base::Error IndexedDbStore::error_of(const Answer& answer) {
    switch (answer.status) {
        case kNotFound: return {base::ErrorCode::not_found, "No such document", ""};
        case kConflict: return {base::ErrorCode::conflict, "Somebody else changed the document", ""};
        case kRefused: return {base::ErrorCode::unavailable, "Another tab has taken over", "Try again"};
        default: break;
    }
    const bool full = answer.text.find("QuotaExceeded") != std::string::npos;
    return {full ? base::ErrorCode::quota : base::ErrorCode::unavailable, "The browser's database failed: " + answer.text, ""};
}

IndexedDbStore::~IndexedDbStore() { bn_documents_close(this); }

void IndexedDbStore::guard(const std::string& owner_json, base::UniqueFunction<void()> refused) {
    refused_ = std::move(refused);
    bn_documents_guard(this, owner_json.c_str());
}

void IndexedDbStore::put_last(std::string_view collection, std::string_view id, const std::string& json) {
    bn_documents_put_last(this, std::string(collection).c_str(), std::string(id).c_str(), json.c_str());
}

int IndexedDbStore::add_call(base::UniqueFunction<void(Answer)> done) {
    Call call;
    call.number = ++last_call_;
    call.done = std::move(done);
    calls_.push_back(std::move(call));
    return last_call_;
}

void IndexedDbStore::get(std::string_view collection, std::string_view id,
                         base::UniqueFunction<void(base::Result<hub::Document>)> done) {
    const int call = add_call([id = std::string(id), done = std::move(done)](Answer answer) mutable {
        if (answer.status != kOk) return done(base::fail(error_of(answer)));
        done(hub::Document{id, answer.revision, std::move(answer.text)});
    });
    bn_documents_get(this, call, std::string(collection).c_str(), std::string(id).c_str(), is_sealed(collection));
}

void IndexedDbStore::list(std::string_view collection, base::UniqueFunction<void(base::Result<std::vector<hub::Document>>)> done) {
    const int call = add_call([done = std::move(done)](Answer answer) mutable {
        if (answer.status != kOk) return done(base::fail(error_of(answer)));
        const auto rows = nlohmann::json::parse(answer.text, nullptr, false);
        std::vector<hub::Document> documents;
        if (rows.is_array()) {
            for (const auto& row : rows) {
                if (!row.is_array() || row.size() != 3 || !row[0].is_string() || !row[1].is_number() || !row[2].is_string()) continue;
                documents.push_back({*row[0].get_ptr<const std::string*>(), row[1].get<std::int64_t>(), *row[2].get_ptr<const std::string*>()});
            }
        }
        // IndexedDB compares UTF-16 units; the contract's order is by bytes.
        std::sort(documents.begin(), documents.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
        done(std::move(documents));
    });
    bn_documents_list(this, call, std::string(collection).c_str(), is_sealed(collection));
}

void IndexedDbStore::put(std::string_view collection, std::string_view id, std::string json, std::int64_t expected_revision,
                         base::UniqueFunction<void(base::Result<std::int64_t>)> done) {
    const int call = add_call([done = std::move(done)](const Answer& answer) mutable {
        if (answer.status != kOk) return done(base::fail(error_of(answer)));
        done(answer.revision);
    });
    bn_documents_put(this, call, std::string(collection).c_str(), std::string(id).c_str(), json.c_str(),
                     static_cast<double>(expected_revision), is_sealed(collection));
}

void IndexedDbStore::remove(std::string_view collection, std::string_view id, std::int64_t expected_revision,
                            base::UniqueFunction<void(base::Result<void>)> done) {
    const int call = add_call([done = std::move(done)](const Answer& answer) mutable {
        if (answer.status != kOk) return done(base::fail(error_of(answer)));
        done({});
    });
    bn_documents_remove(this, call, std::string(collection).c_str(), std::string(id).c_str(), static_cast<double>(expected_revision), is_sealed(collection));
}

void IndexedDbStore::on_done(int call, int status, std::int64_t revision, std::string text) {
    if (call == 0) {
        auto opened = std::move(opened_);
        auto self = std::move(self_);
        if (status == kOk) return opened(std::move(self), {});
        base::Error error{base::ErrorCode::forbidden, "Nothing is kept between visits: " + text, ""};
        // `self` goes at the end of this call; the page's functions do not use it after a failed open.
        return opened(std::make_unique<hub::MemoryDocumentStore>(self->scheduler_), base::fail(std::move(error)));
    }
    const auto found = std::find_if(calls_.begin(), calls_.end(), [call](const Call& each) { return each.number == call; });
    if (found == calls_.end()) return;
    found->answered = true;
    found->answer = {status, revision, std::move(text)};
    deliver();
}

void IndexedDbStore::deliver() {
    while (!calls_.empty() && calls_.front().answered) {
        Call call = std::move(calls_.front());
        calls_.pop_front();
        scheduler_.post([alive = std::weak_ptr<char>(alive_), this, done = std::move(call.done), answer = std::move(call.answer)]() mutable {
            if (alive.expired()) return;
            const bool refused = answer.status == kRefused;
            done(std::move(answer));
            if (refused && !alive.expired() && refused_) refused_();
        });
    }
}

}  // namespace web

extern "C" EMSCRIPTEN_KEEPALIVE void bn_documents_done(web::IndexedDbStore* self, int call, int status, double revision, const char* text) {
    self->on_done(call, status, static_cast<std::int64_t>(revision), text == nullptr ? std::string() : std::string(text));
}
