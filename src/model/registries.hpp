// Registries: the image registries that the hub knows, for everybody to see and admins to change.
//
//   registries.ensure();                                          // the section is shown
//   registries.save("", values, [&](base::Result<void> saved) { ... form.succeeded() or form.failed(saved.error()) });
//   registries.test(id);                                          // its row says how it went
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "model/api_slots.hpp"
#include "model/list_query.hpp"
#include "model/model_context.hpp"
#include "state/store.hpp"

namespace model {

struct RegistryView {
    std::string id, name, type, url, preview_url, status, status_message, last_check;  // status: unknown, connected, error
    bool is_default = false;
    bool has_credentials = false;
    friend bool operator==(const RegistryView&, const RegistryView&) = default;
};

struct RegistriesState {
    LoadPhase phase = LoadPhase::idle;
    base::Error error;             // of the last load; with a list there, it is as old as loaded_at_ms says
    std::int64_t loaded_at_ms = 0;  // unix
    std::vector<RegistryView> registries;
    std::set<std::string> busy;  // ids that something is done with now
    std::string lookup_image;    // what was looked up last, and what came of it
    std::string lookup_answer;
    bool lookup_failed = false;
    friend bool operator==(const RegistriesState&, const RegistriesState&) = default;
};

class Registries {
public:
    using Done = std::function<void(base::Result<void>)>;

    explicit Registries(ModelContext& context);

    [[nodiscard]] const RegistriesState& state() const { return state_.get(); }
    [[nodiscard]] std::uint64_t version() const { return state_.version(); }
    // Null while there is none.
    [[nodiscard]] const RegistryView* default_registry() const;
    [[nodiscard]] const RegistryView* find(const std::string& id) const;

    void ensure();
    void reload();
    // Adds one (`id` empty) or changes it. `values`: name, registryType, registryUrl, credentials as in the contract.
    void save(const std::string& id, Json values, Done done);
    void remove(const std::string& id);
    void test(const std::string& id);
    void make_default(const std::string& id);
    // Which registry an image would be pulled from.
    void lookup(std::string image);
    void clear();

private:
    void update(std::function<void(RegistriesState&)> change);
    void take(const base::Result<Json>& answer);
    // A call about one registry: marks it busy, then takes the answer's registry, or says what went wrong.
    void act(const std::string& id, net::ApiRequest request, std::string_view failed_title, std::function<void(const Json&)> then);

    ModelContext& context_;
    state::Store<RegistriesState> state_;
    ApiSlots slots_;
    ListQuery list_;
};

}  // namespace model
