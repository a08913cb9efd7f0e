// WorkflowVersions: the versions of a workflow: what its graph was at a save, a run or a wish (contracts: KubeOrch core, "Versions").
//
// A version is two documents: what is said of it ("versions:<workflow>") and its graph ("version_graphs:<workflow>"), so that a list reads
// no graphs. "version_heads" says which one is the newest. Numbers rise by one, from 1, and are never given twice. Those that were made by
// themselves (a save, a run) and have neither name nor tag go when there are more than kKeptAutomatic of them, the oldest first.
//
//   versions.keep(record, {.name = "before the move", .by = "ada@example.com"}, [](base::Result<Json> version) { ... });
//   versions.ensure(record, {.by = by, .automatic = true}, ...);      // the newest one when it is the same graph, else a new one
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/scheduler.hpp"
#include "hub/document_store.hpp"
#include "hub/lifetime.hpp"
#include "hub/workflow_repository.hpp"

namespace hub {

class WorkflowVersions {
public:
    static constexpr std::size_t kKeptAutomatic = 100;
    static constexpr std::size_t kKeptNamed = 500;  // and then one has to lose its name first
    static constexpr std::size_t kMaxWordBytes = 200;          // of a name or a tag
    static constexpr std::size_t kMaxDescriptionBytes = 10'000;

    struct Wish {
        std::string name{}, tag{}, description{};
        std::string by{};  // for people
        std::int64_t restored_from = 0;
        bool automatic = false;
    };
    // What is to be changed; nullopt: it stays.
    struct Words {
        std::optional<std::string> name{}, tag{}, description{};
    };
    using Done = base::UniqueFunction<void(base::Result<Json>)>;

    WorkflowVersions(DocumentStore& store, base::Scheduler& scheduler) : store_(store), scheduler_(scheduler) {}

    // Answers what is said of the new version: "version" is its number. conflict when another one has the tag.
    void keep(const WorkflowRecord& record, Wish wish, Done done);
    void ensure(const WorkflowRecord& record, Wish wish, Done done);
    // Newest first, without their graphs.
    void list(const std::string& workflow_id, base::UniqueFunction<void(base::Result<std::vector<Json>>)> done);
    // With "nodes" and "edges". not_found says which numbers there are.
    void get(const std::string& workflow_id, std::int64_t number, Done done);
    void describe(const std::string& workflow_id, std::int64_t number, Words words, Done done);
    // The last run that applied it. Best effort: a version that has gone meanwhile has none.
    void note_run(const std::string& workflow_id, std::int64_t number, const std::string& run_id, const std::string& status);

private:
    struct NewVersion;
    void put_next(std::shared_ptr<NewVersion> version, int tries);
    void prune(const std::string& workflow_id);
    [[nodiscard]] std::string now() const;

    DocumentStore& store_;
    base::Scheduler& scheduler_;
    Lifetime lifetime_;
};

// What is wrong with a name, tag or description, with its path; empty: nothing.
[[nodiscard]] std::vector<std::string> check_version_words(const WorkflowVersions::Words& words);

// From one version's graph to another's, as the contract's compare has it: added_nodes, removed_nodes, modified_nodes, added_edges, removed_edges.
[[nodiscard]] Json compare_graphs(const Json& from, const Json& to);

}  // namespace hub
