#include "model/run_inputs.hpp"

#include <utility>

#include "base/url.hpp"
#include "wire/json_reader.hpp"

namespace model {

void RunInputs::ask(const std::string& workflow_id, bool all, Done done) {
    clear();
    done_ = std::move(done);
    slots_.call("inputs", {.path = "/workflows/" + base::percent_encode_segment(workflow_id) + "/inputs"}, [this, all](base::Result<net::ApiReply> reply) {
        // Whoever cannot say what is needed says with the run what was missing.
        if (!reply) return finish(Answer::go, Json::object());
        take(reply->json, all);
    });
}

void RunInputs::take(const Json& answer, bool all) {
    using namespace state::schema;
    wire::JsonErrors errors;
    std::vector<RunInput> inputs;
    bool any_needed = false;
    for (const wire::JsonReader item : wire::JsonReader(answer, errors).array_or_empty("inputs")) {
        RunInput input{.node_id = item.string_or("node_id", ""),
                       .node_name = item.string_or("node_name", ""),
                       .key = item.string_or("key", ""),
                       .secret = item.string_or("kind", "secret") == "secret",
                       .needed = !item.boolean_or("kept", false) && !item.boolean_or("generate", false),
                       .path = {}};
        if (input.node_id.empty() || input.key.empty()) continue;
        any_needed = any_needed || input.needed;
        if (input.needed || all) inputs.push_back(std::move(input));
    }
    if (inputs.empty() || (!any_needed && !all)) return finish(Answer::go, Json::object());
    std::vector<state::SchemaMember> members;
    Json initial = Json::object();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        RunInput& input = inputs[i];
        input.path = "v" + std::to_string(i);  // a key may have any character in it
        const state::Schema value = string().max(1'000'000, "Longer than a Secret may be");
        members.push_back({input.path, input.needed ? value.min(1, "Enter a value for " + input.key) : value});
        initial[input.path] = "";
    }
    form_ = std::make_unique<state::Form>(object(std::move(members)), std::move(initial));
    form_->on_change([this] { context_.changed(kTopicChrome); });
    state_.update([&](RunInputsState& s) { s = {.open = true, .inputs = std::move(inputs)}; });
    context_.changed(kTopicChrome);
}

void RunInputs::submit() {
    if (!form_) return;
    form_->submit([this](const Json& values) {
        Json trigger = {{"secrets", Json::object()}, {"envVars", Json::object()}};
        for (const RunInput& input : state().inputs) {
            const std::string value = values.value(input.path, "");
            if (!value.empty()) trigger[input.secret ? "secrets" : "envVars"][input.node_id][input.key] = value;
        }
        finish(Answer::go, std::move(trigger));
    });
}

void RunInputs::cancel() { finish(Answer::cancelled, Json::object()); }

void RunInputs::finish(Answer answer, Json trigger_data) {
    Done done = std::move(done_);
    clear();
    if (done) done(answer, std::move(trigger_data));
}

void RunInputs::clear() {
    slots_.clear();
    form_.reset();  // and what was entered
    done_ = Done();
    state_.set({});
    context_.changed(kTopicChrome);
}

}  // namespace model
