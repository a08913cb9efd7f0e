// ClusterRepository: clusters in the DocumentStore: "clusters", "cluster_credentials" and "cluster_logs" by the cluster's name, and
// "cluster_settings"/"default". What is written says so only when it fails: the directory in memory (hub/clusters.hpp) is what answers.
//
// Credentials are handed to the store as they are; it seals them (hub::holds_credentials).
#pragma once

#include <string>
#include <vector>

#include "hub/cluster_record.hpp"
#include "hub/document_store.hpp"
#include "hub/lifetime.hpp"

namespace hub {

class ClusterRepository {
public:
    using Done = base::UniqueFunction<void(base::Result<void>)>;
    struct All {
        std::vector<ClusterRecord> records;  // by name
        std::string default_name;            // empty: none was chosen
    };

    explicit ClusterRepository(DocumentStore& store) : store_(store) {}

    void load(base::UniqueFunction<void(base::Result<All>)> done);
    // Credentials first, so that no record is without them.
    void save(const ClusterRecord& record, Done done);
    void save_without_credentials(const ClusterRecord& record, Done done);
    void remove(const std::string& name, Done done);
    void save_default(const std::string& name, Done done);
    void load_log(const std::string& name, base::UniqueFunction<void(Json)> done);  // an array; empty when there is none
    void save_log(const std::string& name, const Json& entries);

private:
    DocumentStore& store_;
    Lifetime lifetime_;
};

}  // namespace hub
