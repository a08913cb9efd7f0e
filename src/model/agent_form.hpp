// The form in which an agent of the studio is made and edited: its rules, its defaults, and the providers to choose from.
//
//   state::Form form(agent_schema(), agent_defaults());                 // a new agent
//   form.reset(agent_defaults(agent));                                  // an existing one: its values over the defaults
//   form.submit([&](model::Json agent) { ... POST or PUT it ... });
//
// The words of the rules are those of the contract; where it gives none (the bounds of max_tokens, wrong types), those of
// state/forms/schema.hpp. Differences on purpose: lengths are counted in code points, and a provider that was not chosen ("") is
// missing rather than invalid.
#pragma once

#include <array>
#include <string_view>

#include "base/json.hpp"
#include "state/forms/schema.hpp"

namespace model {

using Json = base::Json;

struct AgentProvider {
    std::string_view value;
    std::string_view label;
};
inline constexpr std::array<AgentProvider, 4> kAgentProviders{
    {{"openai", "OpenAI"}, {"anthropic", "Anthropic"}, {"azure", "Azure OpenAI"}, {"ollama", "Ollama"}}};

// name, description, system_prompt, provider, model, temperature, max_tokens, tools. Other members are left out of the result.
[[nodiscard]] state::Schema agent_schema();
// What the form begins with: the defaults, and over them the members of `agent` that the form has.
[[nodiscard]] Json agent_defaults(const Json& agent = Json::object());

}  // namespace model
