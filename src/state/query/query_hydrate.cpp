// The cache as JSON and back.
#include "state/query/query_core.hpp"

namespace state {

namespace {
bool is_state_worth_keeping(const Entry& entry, const DehydrateOptions& how) {
    if (!entry.server_data || entry.state.data_updated_at_ms == 0) return false;
    if (how.only_persistable && !(entry.plan ? entry.plan->settings.persist.value_or(false) : entry.restored)) return false;
    return how.queries ? how.queries(entry.key, entry.state) : !entry.state.error;
}
}  // namespace

SharedJson QueryCore::dehydrate(const DehydrateOptions& how) const {
    std::vector<SharedJson> queries;
    visit({}, [&](Entry& entry) {
        if (!is_state_worth_keeping(entry, how)) return;
        // The server's data: an edit that may yet fail is kept with its mutation.
        queries.push_back(SharedJson::object(
            {{"key", entry.key.json()}, {"data", *entry.server_data}, {"updatedAt", entry.state.data_updated_at_ms}}));
    });
    std::vector<SharedJson> paused;
    for (const auto& [id, mutation] : mutations) {
        const MutationState& state = mutation->state;
        if (!how.paused_mutations || !state.is_paused || !mutation->options.key) continue;
        paused.push_back(SharedJson::object({{"key", mutation->options.key->json()},
                                             {"variables", state.variables},
                                             {"context", state.context},
                                             {"scope", mutation->options.scope},
                                             {"submittedAt", state.submitted_at_ms}}));
    }
    return SharedJson::object({{"queries", SharedJson::array(std::move(queries))}, {"mutations", SharedJson::array(std::move(paused))}});
}

std::size_t QueryCore::hydrate(const SharedJson& dehydrated) {
    if (!writable()) return 0;
    std::size_t taken = 0;
    for (const SharedJson& item : dehydrated.member("queries").items()) {
        const SharedJson* data = item.find("data");
        const std::int64_t updated_at_ms = item.integer_or("updatedAt", 0);
        if (!item.member("key").is_array() || !data || updated_at_ms <= 0) continue;
        const QueryKey key = QueryKey::from(item.member("key"));
        const auto known = find(key);
        if (known && known->server_data && known->state.data_updated_at_ms >= updated_at_ms) continue;
        const auto entry = find_or_make(key);
        entry->restored = true;
        set_data(*entry, *data, updated_at_ms);
        ++taken;
    }
    for (const SharedJson& item : dehydrated.member("mutations").items()) {
        if (!item.member("key").is_array()) continue;
        const auto mutation = std::make_shared<Mutation>();
        mutation->id = next_mutation++;
        MutationOptions given;
        given.key = QueryKey::from(item.member("key"));
        given.scope = std::string(item.string_or("scope", ""));
        mutation->options = mutation_options_for(given);
        mutation->state.status = MutationStatus::pending;
        mutation->state.is_paused = true;
        mutation->state.variables = item.member("variables");
        mutation->state.context = item.member("context");
        mutation->state.submitted_at_ms = item.integer_or("submittedAt", 0);
        mutations[mutation->id] = mutation;
        add_edits(*mutation);
        mutation_changed(*mutation);
        ++taken;
    }
    return taken;
}

}  // namespace state
