#include "model/agent_form.hpp"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "model/app_state.hpp"
#include "model/parameter_schema.hpp"
#include "state/forms/form.hpp"

using model::Json;
using state::Issue;

namespace {

using Issues = std::vector<Issue>;

Json good() {
    return {{"name", "Helper"}, {"system_prompt", "You help people."}, {"provider", "ollama"}, {"model", "llama3"}};
}
Issues issues_with(const char* field, Json value) {
    Json agent = good();
    agent[field] = std::move(value);
    return state::validate(model::agent_schema(), agent).issues;
}
Issues issues_without(const char* field) {
    Json agent = good();
    agent.erase(field);
    return state::validate(model::agent_schema(), agent).issues;
}
std::string text_of(std::size_t length) { return std::string(length, 'x'); }

}  // namespace

TEST_CASE("an agent that holds gets its defaults and loses what the form does not know [V1]") {
    Json agent = good();
    agent["id"] = "a1";
    const auto checked = state::validate(model::agent_schema(), agent);
    REQUIRE(checked.ok());
    Json wanted = good();
    wanted["temperature"] = 0.7;
    wanted["tools"] = Json::array();
    CHECK(checked.value == wanted);
}

TEST_CASE("an agent's name: its messages [V1]") {
    CHECK(issues_with("name", "") == Issues{{"name", "Name is required"}});
    CHECK(issues_with("name", text_of(100)).empty());
    CHECK(issues_with("name", text_of(101)) == Issues{{"name", "Name must be less than 100 characters"}});
    CHECK(issues_without("name") == Issues{{"name", "Required"}});
    CHECK(issues_with("name", 1) == Issues{{"name", "Enter text"}});
}

TEST_CASE("an agent's description: its message [V1]") {
    CHECK(issues_without("description").empty());
    CHECK(issues_with("description", "").empty());
    CHECK(issues_with("description", text_of(500)).empty());
    CHECK(issues_with("description", text_of(501)) == Issues{{"description", "Description must be less than 500 characters"}});
}

TEST_CASE("an agent's system prompt: its message [V1]") {
    CHECK(issues_with("system_prompt", text_of(10)).empty());
    CHECK(issues_with("system_prompt", text_of(9)) == Issues{{"system_prompt", "System prompt must be at least 10 characters"}});
}

TEST_CASE("an agent's provider: its message, and the four that there are [V1]") {
    for (const model::AgentProvider& provider : model::kAgentProviders) CHECK(issues_with("provider", std::string(provider.value)).empty());
    CHECK(issues_without("provider") == Issues{{"provider", "Provider is required"}});
    CHECK(issues_with("provider", "") == Issues{{"provider", "Provider is required"}});
    CHECK(issues_with("provider", "bard") == Issues{{"provider", "Must be one of openai, anthropic, azure, ollama"}});
}

TEST_CASE("an agent's model: its message [V1]") {
    CHECK(issues_with("model", "") == Issues{{"model", "Model is required"}});
}

TEST_CASE("an agent's temperature: its messages [V1]") {
    CHECK(issues_with("temperature", 0).empty());
    CHECK(issues_with("temperature", 2).empty());
    CHECK(issues_with("temperature", -0.1) == Issues{{"temperature", "Temperature must be at least 0"}});
    CHECK(issues_with("temperature", 2.1) == Issues{{"temperature", "Temperature must be at most 2"}});
    CHECK(issues_with("temperature", nullptr) == Issues{{"temperature", "Enter a number"}});  // null is not absent
}

TEST_CASE("an agent's token limit: whole, positive, at most 128000, or left out [V1]") {
    CHECK(issues_without("max_tokens").empty());
    CHECK(issues_with("max_tokens", 128'000).empty());
    CHECK(issues_with("max_tokens", 0) == Issues{{"max_tokens", "Must be greater than 0"}});
    CHECK(issues_with("max_tokens", 1.5) == Issues{{"max_tokens", "Enter a whole number"}});
    CHECK(issues_with("max_tokens", 128'001) == Issues{{"max_tokens", "At most 128000"}});
}

TEST_CASE("an agent's tools are texts, each wrong one with its place [V1]") {
    CHECK(issues_with("tools", {"search", "shell"}).empty());
    CHECK(issues_with("tools", {"search", 1}) == Issues{{"tools/1", "Enter text"}});
}

TEST_CASE("an empty agent form says all that is missing, in the order of its fields [V1 V2]") {
    state::Form form(model::agent_schema(), model::agent_defaults());
    CHECK_FALSE(form.submit([](const Json&) {}));
    CHECK(form.issues() == Issues{{"name", "Name is required"}, {"system_prompt", "System prompt must be at least 10 characters"}, {"model", "Model is required"}});
    CHECK(form.take_focus_path() == "name");
}

TEST_CASE("an agent's values go over the defaults, its other members do not") {
    const Json values = model::agent_defaults(Json{{"id", "a1"}, {"name", "Helper"}, {"temperature", 1}, {"max_tokens", nullptr}});
    CHECK(values == Json{{"name", "Helper"}, {"description", ""}, {"system_prompt", ""}, {"provider", "openai"}, {"model", ""}, {"temperature", 1}, {"tools", Json::array()}});
    CHECK(model::agent_defaults(Json("x"))["provider"] == Json("openai"));
}

TEST_CASE("a node parameter's rules come from its description") {
    model::NodeParameter parameter;
    parameter.name = "replicas";
    parameter.label = "Replicas";
    parameter.type = "number";
    parameter.required = true;
    parameter.min = 0;
    parameter.max = 50;
    auto words = [&](const Json& value) {
        const auto issues = state::validate(model::parameter_schema(parameter), value).issues;
        return issues.empty() ? std::string() : issues.front().message;
    };
    CHECK(words(3).empty());
    CHECK(words("3").empty());
    CHECK(words("") == "Replicas is needed");
    CHECK(words(nullptr) == "Replicas is needed");
    CHECK(words(-1) == "At least 0");
    CHECK(words(51) == "At most 50");
    CHECK(words(1.5) == "Enter a whole number");
    parameter.required = false;
    CHECK(words("").empty());

    parameter = {};
    parameter.name = "name";
    parameter.label = "Name";
    parameter.type = "string";
    parameter.required = true;
    CHECK(words("  ") == "Name is needed");
    CHECK(words("Web") == "Only lower case letters, digits, '-' and '.'");
    CHECK(words("web-1.x").empty());
    parameter.name = "image";
    CHECK(words("Web").empty());

    parameter = {};
    parameter.type = "select";
    parameter.options = {{"a", "A"}, {"b", "B"}};
    CHECK(words("a").empty());
    CHECK(words("").empty());
    CHECK(words("c") == "Must be one of a, b");
    parameter = {};
    parameter.type = "object";
    CHECK(words(Json{{"a", 1}}).empty());
}
