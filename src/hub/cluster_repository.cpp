#include "hub/cluster_repository.hpp"

#include <algorithm>

namespace hub {

namespace {

constexpr const char* kClusters = "clusters";
constexpr const char* kCredentials = "cluster_credentials";
constexpr const char* kLogs = "cluster_logs";
constexpr const char* kSettings = "cluster_settings";

Json parsed(const std::string& text) {
    auto json = base::parse_json(text);
    return json ? std::move(*json) : Json();
}

}  // namespace

void ClusterRepository::load(base::UniqueFunction<void(base::Result<All>)> done) {
    store_.list(kClusters, lifetime_.guard([this, done = std::move(done)](base::Result<std::vector<Document>> clusters) mutable {
        if (!clusters) return done(base::fail(clusters.error()));
        store_.list(kCredentials, lifetime_.guard([this, clusters = std::move(*clusters), done = std::move(done)](base::Result<std::vector<Document>> credentials) mutable {
            if (!credentials) return done(base::fail(credentials.error()));
            All all;
            for (const Document& document : clusters) {
                const auto own = std::find_if(credentials->begin(), credentials->end(), [&](const Document& entry) { return entry.id == document.id; });
                const Json json = parsed(document.json);
                ClusterRecord record = cluster_from_documents(text_at(json, "id"), json, own == credentials->end() ? Json() : parsed(own->json));
                if (record.name == document.id) all.records.push_back(std::move(record));  // one broken document does not hide the others
            }
            store_.get(kSettings, "default", [all = std::move(all), done = std::move(done)](base::Result<Document> chosen) mutable {
                if (chosen) all.default_name = text_at(parsed(chosen->json), "name");
                done(std::move(all));
            });
        }));
    }));
}

void ClusterRepository::save(const ClusterRecord& record, Done done) {
    store_.put(kCredentials, record.name, dump_json(credentials_document(record.access)), DocumentStore::kAnyRevision,
               lifetime_.guard([this, record, done = std::move(done)](base::Result<std::int64_t> saved) mutable {
                   if (!saved) return done(base::fail(saved.error()));
                   save_without_credentials(record, std::move(done));
               }));
}

void ClusterRepository::save_without_credentials(const ClusterRecord& record, Done done) {
    Json document = cluster_document(record);
    document["id"] = record.id;
    store_.put(kClusters, record.name, dump_json(document), DocumentStore::kAnyRevision, [done = std::move(done)](base::Result<std::int64_t> saved) mutable {
        if (!saved) return done(base::fail(saved.error()));
        done({});
    });
}

void ClusterRepository::remove(const std::string& name, Done done) {
    store_.remove(kLogs, name, DocumentStore::kAnyRevision, [](base::Result<void>) {});
    store_.remove(kCredentials, name, DocumentStore::kAnyRevision, [](base::Result<void>) {});
    store_.remove(kClusters, name, DocumentStore::kAnyRevision, std::move(done));
}

void ClusterRepository::save_default(const std::string& name, Done done) {
    store_.put(kSettings, "default", dump_json({{"name", name}}), DocumentStore::kAnyRevision, [done = std::move(done)](base::Result<std::int64_t> saved) mutable {
        if (!saved) return done(base::fail(saved.error()));
        done({});
    });
}

void ClusterRepository::load_log(const std::string& name, base::UniqueFunction<void(Json)> done) {
    store_.get(kLogs, name, [done = std::move(done)](base::Result<Document> log) mutable {
        Json entries = log ? parsed(log->json) : Json();
        done(entries.is_array() ? std::move(entries) : Json::array());
    });
}

void ClusterRepository::save_log(const std::string& name, const Json& entries) {
    store_.put(kLogs, name, dump_json(entries), DocumentStore::kAnyRevision, [](base::Result<std::int64_t>) {});
}

}  // namespace hub
