#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wasm/web_test.hpp"
#include "web/indexed_db_archive.hpp"
#include "web/indexed_db_store.hpp"
#include "web/local_storage.hpp"
#include "web/web_random.hpp"

namespace web_test {

namespace {

void local_storage_keeps_values(TestCase& test) {
    web::LocalStorage storage;
    test.check(storage.set("test-key", "grüße \"1\"").has_value(), "set");
    const auto value = storage.get("test-key");
    test.check(value && *value && **value == "grüße \"1\"", "get answers what was set");
    const auto keys = storage.keys();
    test.check(keys && std::find(keys->begin(), keys->end(), "test-key") != keys->end(), "keys lists it");
    test.check(storage.remove("test-key").has_value() && storage.remove("test-key").has_value(), "remove, also of what is not there");
    const auto gone = storage.get("test-key");
    test.check(gone && !*gone, "nothing after that");
}

void a_full_local_storage_is_a_quota_error(TestCase& test) {
    web::LocalStorage storage;
    const auto written = storage.set("test-large", std::string(12 * 1024 * 1024, 'x'));
    test.check(!written && written.error().code == base::ErrorCode::quota, "12 MB do not fit");
    storage.remove("test-large");
}

struct Documents {
    std::unique_ptr<hub::DocumentStore> store;
    bool persistent = false;
    std::string log;
    std::vector<hub::Document> listed;
    int answers = 0;
    std::string collection;

    void note(std::string what) {
        log += what + ' ';
        ++answers;
    }
    auto put_note(std::string name) {
        return [this, name](base::Result<std::int64_t> r) {
            note(name + (r ? std::to_string(*r) : std::string(base::to_string(r.error().code))));
        };
    }
};

// In a collection of its own, or in one whose documents are sealed.
void indexed_db_compares_and_swaps(TestCase& test, const std::string& collection) {
    auto docs = std::make_shared<Documents>();
    docs->collection = collection;
    web::IndexedDbStore::open(test.scheduler, "binnacle-test", [docs](std::unique_ptr<hub::DocumentStore> store, base::Result<void> persistent) {
        docs->store = std::move(store);
        docs->persistent = persistent.has_value();
    });
    test.until("the database is open", [docs] { return docs->store != nullptr; }, [docs](TestCase& t) {
        t.check(docs->persistent, "it is a real one");
        auto& store = *docs->store;
        const std::string& c = docs->collection;
        Documents* d = docs.get();
        store.put(c, "b", R"({"n":1})", hub::DocumentStore::kMustNotExist, d->put_note("new:"));
        store.put(c, "b", R"({"n":2})", hub::DocumentStore::kMustNotExist, d->put_note("again:"));
        store.put(c, "b", R"({"n":3})", 1, d->put_note("swap:"));
        store.put(c, "a", R"({"text":"ä"})", hub::DocumentStore::kAnyRevision, d->put_note("any:"));
        store.get(c, "b", [d](base::Result<hub::Document> r) { d->note(r ? r->json + "@" + std::to_string(r->revision) : "?"); });
        store.get(c, "none", [d](base::Result<hub::Document> r) { d->note(r ? "?" : std::string(base::to_string(r.error().code))); });
        store.list(c, [d](base::Result<std::vector<hub::Document>> r) {
            if (r) d->listed = *r;
            d->note("list:" + std::to_string(d->listed.size()));
        });
        store.remove(c, "b", 1, [d](base::Result<void> r) { d->note(r ? "?" : std::string(base::to_string(r.error().code))); });
        store.remove(c, "b", 2, [d](base::Result<void> r) { d->note(r ? "removed" : "?"); });
        store.remove(c, "a", hub::DocumentStore::kAnyRevision, [d](base::Result<void> r) { d->note(r ? "removed" : "?"); });
        store.list(c + "x", [d](base::Result<std::vector<hub::Document>> r) { d->note(r && r->empty() ? "empty" : "?"); });
        t.check(d->answers == 0, "no callback inside a call");
        t.until("all answers are there", [docs] { return docs->answers == 11; }, [docs](TestCase& over) {
            over.check(docs->log == "new:1 again:conflict swap:2 any:1 {\"n\":3}@2 not_found list:2 conflict removed removed empty ", docs->log);
            over.check(docs->listed.size() == 2 && docs->listed[0].id == "a" && docs->listed[0].json == R"({"text":"ä"})", "list by id");
        });
    });
}

}  // namespace

namespace {

// Two tabs at one database: the second has taken over.
void a_guarded_database_refuses_the_old_owner(TestCase& test) {
    struct Both {
        std::unique_ptr<hub::DocumentStore> old_owner, new_owner;
        std::string log;
        int answers = 0;
        auto note(std::string name) {
            return [this, name](base::Result<std::int64_t> r) {
                log += name + (r ? "ok" : std::string(base::to_string(r.error().code))) + ' ';
                ++answers;
            };
        }
    };
    auto both = std::make_shared<Both>();
    const auto keep = [](std::unique_ptr<hub::DocumentStore>& slot) {
        return [&slot](std::unique_ptr<hub::DocumentStore> store, base::Result<void>) { slot = std::move(store); };
    };
    web::IndexedDbStore::open(test.scheduler, "binnacle-test", keep(both->old_owner));
    web::IndexedDbStore::open(test.scheduler, "binnacle-test", keep(both->new_owner));
    test.until("both are open", [both] { return both->old_owner && both->new_owner; }, [both](TestCase& t) {
        constexpr auto kAny = hub::DocumentStore::kAnyRevision;
        const auto collection = web::IndexedDbStore::kOwnerCollection;
        const auto id = web::IndexedDbStore::kOwnerId;
        auto* old_owner = static_cast<web::IndexedDbStore*>(both->old_owner.get());
        old_owner->put(collection, id, "one", kAny, both->note("claim:"));
        old_owner->guard("one", [b = both.get()] { b->log += "told "; });
        old_owner->put("guarded", "a", "1", kAny, both->note("before:"));
        t.until("the old owner has written", [both] { return both->answers == 2; }, [both, collection, id, old_owner](TestCase& u) {
            both->new_owner->put(collection, id, "two", kAny, both->note("takeover:"));
            old_owner->put("guarded", "a", "2", kAny, both->note("late:"));
            u.until("both have an answer", [both] { return both->answers == 4 && both->log.ends_with("told "); }, [both, old_owner](TestCase& v) {
                v.check(both->log == "claim:ok before:ok takeover:ok late:unavailable told " || both->log == "claim:ok before:ok late:unavailable takeover:ok told " ||
                        both->log == "claim:ok before:ok late:unavailable told takeover:ok ", both->log);
                old_owner->put_last("guarded", "last", "at the end");
                // Closing does not undo what was committed, and answers of a closed store go nowhere.
                old_owner->put("guarded", "a", "3", kAny, [](base::Result<std::int64_t>) { std::abort(); });
                both->old_owner.reset();
                both->new_owner->get("guarded", "last", [b = both.get()](base::Result<hub::Document> r) {
                    b->log = r ? r->json : "lost";
                    ++b->answers;
                });
                v.until("it is read back", [both] { return both->answers == 5; }, [both](TestCase& over) {
                    over.check(both->log == "at the end", both->log);
                    both->new_owner->remove("tab", "owner", hub::DocumentStore::kAnyRevision, [](const base::Result<void>&) {});
                });
            });
        });
    });
}

// What model::testing::MemoryArchiveStore promises, of the browser's database.
void an_archive_keeps_rows_in_order(TestCase& test) {
    struct Archive {
        std::unique_ptr<web::IndexedDbArchive> store = std::make_unique<web::IndexedDbArchive>("binnacle-test-archive");
        std::string log;
        int answers = 0;
        auto said(std::string what) {
            return [this, what = std::move(what)](base::Result<void> result) {
                ++answers;
                log += what + (result ? "" : "!") + " ";
            };
        }
        auto rows(std::string what) {
            return [this, what = std::move(what)](base::Result<std::vector<model::EventArchiveStore::Row>> found) {
                ++answers;
                log += what + ":";
                if (!found) log += "!";
                else for (const auto& row : *found) log += row.key + "=" + row.text + ",";
                log += " ";
            };
        }
    };
    auto archive = std::make_shared<Archive>();
    auto& store = *archive->store;
    store.clear(archive->said("clear"));  // before it is open
    store.write({{"1/b", "2"}, {"1/a", "1"}, {"1/c", "3"}, {"0", "meta"}, {"2/a", "of another"}}, false, archive->said("write"));
    store.write({{"1/a", "other"}, {"1/d", "\xC3\xA4"}}, false, archive->said("add"));       // what is there stays
    store.write({{"1/b", "two"}}, true, archive->said("put"));
    store.read("1/", "10", 10, archive->rows("all"));
    store.read("1/b", "10", 2, archive->rows("last"));
    store.read("3/", "30", 10, archive->rows("none"));
    store.trim("1/", "10", "1/b", 10, archive->said("old"));
    store.trim("1/", "10", "", 2, archive->said("many"));
    store.read("", "\x7f", 10, archive->rows("left"));
    store.clear(archive->said("clear"));
    store.read("", "\x7f", 10, archive->rows("empty"));
    test.check(archive->answers == 0, "no callback inside a call");
    test.until("all answers are there", [archive] { return archive->answers == 12; }, [archive](TestCase& over) {
        // Changes take effect in the order of the calls; answers of reads side by side come in any.
        for (const char* said : {"clear write add put ", "all:1/a=1,1/b=two,1/c=3,1/d=\xC3\xA4, ", "last:1/c=3,1/d=\xC3\xA4, ", "none: ", "old many ",
                                 "left:0=meta,1/c=3,1/d=\xC3\xA4,2/a=of another, ", "clear empty: "}) {
            over.check(archive->log.find(said) != std::string::npos, std::string(said) + "in: " + archive->log);
        }
        // Answers of a closed one go nowhere.
        archive->store->read("", "\x7f", 1, [](base::Result<std::vector<model::EventArchiveStore::Row>>) { std::abort(); });
        archive->store.reset();
    });
}

}  // namespace

void add_storage_tests(Suite& suite) {
    suite.add("IndexedDB: the archive of events keeps rows by key, adds without replacing, trims, clears", an_archive_keeps_rows_in_order);
    suite.add("local storage: keeps values, also beyond ASCII", local_storage_keeps_values);
    suite.add("local storage: full is a quota error", a_full_local_storage_is_a_quota_error);
    suite.add("IndexedDB: compare and swap, answers in the order of the calls", [](TestCase& test) {
        web::WebRandom random;
        indexed_db_compares_and_swaps(test, "test" + std::to_string(random.next_u64()));
    });
    suite.add("IndexedDB: compare and swap with documents that are stored sealed", [](TestCase& test) { indexed_db_compares_and_swaps(test, "registries"); });
    suite.add("IndexedDB: a guarded store is refused once another tab owns the data; the last write at pagehide is committed at once",
              a_guarded_database_refuses_the_old_owner);
}

}  // namespace web_test
