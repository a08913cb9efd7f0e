// RunInputs: the values that a run needs and that are stored nowhere: of secrets and of environment variables without a value of their own.
// They are asked for when a run needs them, travel once with it, and are forgotten.
//
//   inputs.ask("w1", [&](RunInputs::Answer answer, Json trigger_data) { ... });   // at once when nothing is needed
//   inputs.form(); inputs.submit(); inputs.cancel();                               // the dialog
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/unique_function.hpp"
#include "model/api_slots.hpp"
#include "model/model_context.hpp"
#include "state/forms/form.hpp"
#include "state/store.hpp"

namespace model {

// A key that a node wants a value for.
struct RunInput {
    std::string node_id, node_name, key;
    bool secret = true;      // else an environment variable, whose value may be seen
    bool needed = true;      // there is no value in the cluster yet; else an empty field keeps that one
    std::string path;        // of its field in the form
    friend bool operator==(const RunInput&, const RunInput&) = default;
};

struct RunInputsState {
    bool open = false;       // the dialog is wanted
    std::vector<RunInput> inputs;
    friend bool operator==(const RunInputsState&, const RunInputsState&) = default;
};

class RunInputs {
public:
    enum class Answer { go, cancelled };
    using Done = base::UniqueFunction<void(Answer, Json trigger_data)>;

    explicit RunInputs(ModelContext& context) : context_(context), slots_(context.api) {}

    [[nodiscard]] const RunInputsState& state() const { return state_.get(); }
    [[nodiscard]] state::Form* form() { return form_.get(); }

    // Asks the backend what is needed; a backend that does not say is sent nothing. With `all` also for what the cluster has a value of.
    void ask(const std::string& workflow_id, bool all, Done done);
    void submit();
    void cancel();
    void clear();

private:
    void take(const Json& answer, bool all);
    void finish(Answer answer, Json trigger_data);

    ModelContext& context_;
    state::Store<RunInputsState> state_;
    ApiSlots slots_;
    std::unique_ptr<state::Form> form_;
    Done done_;
};

}  // namespace model
