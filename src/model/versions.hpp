// Versions: what the open workflow was at its saves, runs and wishes; naming, comparing and restoring them.
//
//   versions.show("w1");                            // the History tab is on screen
//   versions.begin(0); versions.submit();           // keeps what is there now as a version; begin(3): renames version 3
//   versions.compare(3, Versions::kPresent);        // state().compare.diff; the canvas shows it
//   versions.restore(3);
//
// Left of a comparison is the older side, right the newer one. A comparison with the present follows the edits.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/api_slots.hpp"
#include "model/graph_diff.hpp"
#include "model/list_query.hpp"
#include "model/model_context.hpp"
#include "state/forms/form.hpp"
#include "state/store.hpp"

namespace model {

struct VersionView {
    std::int64_t number = 0;
    std::string name, tag, description, created_at, created_by;
    std::string run_id, run_status;      // of the last run that applied it; empty: none has
    std::int64_t restored_from = 0;      // 0: it is no restored one
    bool automatic = false;
    std::size_t nodes = 0, edges = 0;

    [[nodiscard]] std::string title() const;  // "Version 3", "Version 3 · before the move"
    friend bool operator==(const VersionView&, const VersionView&) = default;
};

struct VersionComparison {
    bool open = false;
    std::int64_t from = 0, to = 0;       // numbers; kPresent: what is on the canvas now
    LoadPhase phase = LoadPhase::idle;
    base::Error error;
    GraphDiff diff;                      // left is `from`
    friend bool operator==(const VersionComparison&, const VersionComparison&) = default;
};

struct VersionsState {
    std::string workflow_id;
    LoadPhase phase = LoadPhase::idle;
    base::Error error;
    std::vector<VersionView> versions;   // newest first
    std::int64_t total = 0;              // there may be more than are listed
    std::int64_t selected = 0;           // 0: none
    std::int64_t restoring = 0;
    std::int64_t form_for = -1;          // -1: no form is open; 0: it keeps a new one
    VersionComparison compare;
    friend bool operator==(const VersionsState&, const VersionsState&) = default;
};

class Versions {
public:
    static constexpr std::int64_t kPresent = -1;
    static constexpr int kListed = 100;

    struct Ports {
        const Graph& present;
        std::function<void(std::function<void(bool saved)>)> save;      // what is edited goes to the backend first
        std::function<std::string()> etag;                              // of the stored document; empty: it has none
        // The backend has made `graph` the stored document.
        std::function<void(std::int64_t number, const Json& workflow, const net::Headers& headers)> restored;
        std::function<void()> meet_other;                               // somebody else changed it: the usual way
    };
    Versions(ModelContext& context, Ports ports);

    [[nodiscard]] const VersionsState& state() const { return state_.get(); }
    [[nodiscard]] std::uint64_t version() const { return state_.version(); }
    [[nodiscard]] const VersionView* find(std::int64_t number) const;
    // The graphs of the two sides of the comparison; null until they are there. Only with the present the canvas can show it.
    [[nodiscard]] const Graph* compared_left() const { return left_ ? &*left_ : nullptr; }

    void show(const std::string& workflow_id);
    void reload();
    void select(std::int64_t number);
    void begin(std::int64_t number);
    void end_form();
    [[nodiscard]] state::Form* form() { return form_.get(); }  // name, tag, description; null while none is open
    void submit();
    void compare(std::int64_t from, std::int64_t to);
    void end_compare();
    void restore(std::int64_t number);

    void document_changed();    // the present is another one
    void run_ended();           // which may have made a version
    void clear();

private:
    void update(const std::function<void(VersionsState&)>& change);
    void take(const base::Result<Json>& answer);
    void read_side(const std::string& slot, std::int64_t number, std::optional<Graph>& side);
    void compare_now();
    [[nodiscard]] std::string path() const;

    ModelContext& context_;
    Ports ports_;
    state::Store<VersionsState> state_;
    ApiSlots slots_;
    std::unique_ptr<ListQuery> list_;
    std::unique_ptr<state::Form> form_;
    std::optional<Graph> left_, right_;
};

}  // namespace model
