// DryRun: what a run would do to the cluster, as the cluster itself says, without doing it.
//
//   dry_run.ask("w1");        // saves first: what is tried is what is stored
//   dry_run.state().nodes;    // one entry for each object, with what would change in it
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/api_slots.hpp"
#include "model/model_context.hpp"
#include "state/store.hpp"

namespace model {

struct PlannedChange {
    std::string path, from, to;  // as short text; empty: there is nothing
    friend bool operator==(const PlannedChange&, const PlannedChange&) = default;
};

struct PlannedNode {
    std::string node_id, object, action, message;  // action: create, change, unchanged, replace, delete, refused
    std::vector<PlannedChange> changes;
    friend bool operator==(const PlannedNode&, const PlannedNode&) = default;
};

struct DryRunState {
    bool open = false;
    LoadPhase phase = LoadPhase::idle;
    base::Error error;
    std::vector<PlannedNode> nodes;
    [[nodiscard]] int count(std::string_view action) const;
    friend bool operator==(const DryRunState&, const DryRunState&) = default;
};

class DryRun {
public:
    using Save = std::function<void(std::function<void(bool saved)>)>;
    DryRun(ModelContext& context, Save save) : context_(context), save_(std::move(save)), slots_(context.api) {}

    [[nodiscard]] const DryRunState& state() const { return state_.get(); }
    void ask(const std::string& workflow_id);
    void close();

private:
    void update(const std::function<void(DryRunState&)>& change);

    ModelContext& context_;
    Save save_;
    state::Store<DryRunState> state_;
    ApiSlots slots_;
    std::uint64_t asked_ = 0;
};

}  // namespace model
