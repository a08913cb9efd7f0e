#include "model/agent_form.hpp"

#include <string>
#include <vector>

namespace model {

state::Schema agent_schema() {
    namespace schema = state::schema;
    std::vector<std::string> providers;
    for (const AgentProvider& provider : kAgentProviders) providers.emplace_back(provider.value);
    return schema::object({
        {"name", schema::string().min(1, "Name is required").max(100, "Name must be less than 100 characters")},
        {"description", schema::string().max(500, "Description must be less than 500 characters").optional()},
        {"system_prompt", schema::string().min(10, "System prompt must be at least 10 characters")},
        {"provider", schema::one_of(std::move(providers)).required("Provider is required")},
        {"model", schema::string().min(1, "Model is required")},
        {"temperature", schema::number().min(0, "Temperature must be at least 0").max(2, "Temperature must be at most 2").or_default(0.7)},
        {"max_tokens", schema::number().integer().positive().max(128'000).optional()},
        {"tools", schema::array(schema::string()).or_default(Json::array())},
    });
}

Json agent_defaults(const Json& agent) {
    Json values{{"name", ""},    {"description", ""},    {"system_prompt", ""},      {"provider", "openai"},
                {"model", ""},   {"temperature", 0.7},   {"tools", Json::array()}};
    if (!agent.is_object()) return values;
    const state::Schema schema = agent_schema();
    for (const auto& [name, value] : agent.items()) {
        if (schema.find(name) != nullptr && !value.is_null()) values[name] = value;
    }
    return values;
}

}  // namespace model
