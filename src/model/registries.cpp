#include "model/registries.hpp"

#include <algorithm>

#include "base/url.hpp"
#include "model/query_keys.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

RegistryView read_registry(const wire::JsonReader& item) {
    return {.id = item.string_or("id", ""),
            .name = item.string_or("name", ""),
            .type = item.string_or("registryType", "custom"),
            .url = item.string_or("registryUrl", ""),
            .preview_url = item.string_or("previewUrl", ""),
            .status = item.string_or("status", "unknown"),
            .status_message = item.string_or("statusMessage", ""),
            .last_check = item.string_or("lastCheck", ""),
            .is_default = item.boolean_or("isDefault", false),
            .has_credentials = item.boolean_or("hasCredentials", false)};
}

std::string path_of(const std::string& id) { return "/admin/registries/" + base::percent_encode_segment(id); }

}  // namespace

Registries::Registries(ModelContext& context)
    : context_(context), slots_(context.api), list_(context, keys::registries(), "/registries", [this](const base::Result<Json>& answer) { take(answer); }) {}

const RegistryView* Registries::default_registry() const {
    for (const RegistryView& registry : state().registries) {
        if (registry.is_default) return &registry;
    }
    return nullptr;
}

const RegistryView* Registries::find(const std::string& id) const {
    for (const RegistryView& registry : state().registries) {
        if (registry.id == id) return &registry;
    }
    return nullptr;
}

void Registries::update(std::function<void(RegistriesState&)> change) {
    const std::uint64_t before = state_.version();
    state_.update([&](RegistriesState& s) { change(s); });
    if (state_.version() != before) context_.changed(kTopicPages);
}

void Registries::ensure() {
    if (state().phase == LoadPhase::idle) reload();
}

void Registries::reload() {
    update([](RegistriesState& s) {
        if (s.phase != LoadPhase::ready) s.phase = LoadPhase::loading;
    });
    list_.load();
}

void Registries::take(const base::Result<Json>& answer) {
    update([&](RegistriesState& s) {
        if (!answer) {
            s.error = answer.error();
            if (s.phase != LoadPhase::ready) s.phase = LoadPhase::failed;  // else what there is stays, with its age
            return;
        }
        wire::JsonErrors errors;
        s.registries.clear();
        for (const wire::JsonReader item : wire::JsonReader(*answer, errors).array_or_empty("registries")) {
            if (RegistryView registry = read_registry(item); !registry.id.empty()) s.registries.push_back(std::move(registry));
        }
        s.phase = LoadPhase::ready;
        s.loaded_at_ms = list_.updated_at_ms();
        if (!list_.failing()) s.error = {};
    });
}

void Registries::save(const std::string& id, Json values, Done done) {
    net::ApiRequest request{.method = id.empty() ? "POST" : "PUT", .path = id.empty() ? "/admin/registries" : path_of(id), .body = std::move(values)};
    slots_.call("save", std::move(request), [this, done = std::move(done)](base::Result<net::ApiReply> reply) {
        if (reply) reload();
        done(reply ? base::Result<void>() : base::fail(reply.error()));
        context_.changed(kTopicPages);  // its form has something to say
    });
}

void Registries::act(const std::string& id, net::ApiRequest request, std::string_view failed_title, std::function<void(const Json&)> then) {
    if (state().busy.contains(id)) return;
    update([&](RegistriesState& s) { s.busy.insert(id); });
    slots_.call("act/" + id, std::move(request), [this, id, title = std::string(failed_title), then = std::move(then)](base::Result<net::ApiReply> reply) {
        update([&](RegistriesState& s) { s.busy.erase(id); });
        if (reply) return then(reply->json);
        context_.toast(ToastKind::danger, title, reply.error().message + (reply.error().hint.empty() ? "" : ". " + reply.error().hint));
        reload();  // a check that failed has left its mark
    });
}

void Registries::remove(const std::string& id) {
    act(id, {.method = "DELETE", .path = path_of(id)}, "The registry was not removed", [this](const Json&) { reload(); });
}

void Registries::test(const std::string& id) {
    const RegistryView* registry = find(id);
    const std::string name = registry ? registry->name : std::string();
    act(id, {.method = "POST", .path = path_of(id) + "/test"}, name + ": the check failed", [this, name](const Json& json) {
        wire::JsonErrors errors;
        context_.toast(ToastKind::success, name + " is connected", wire::JsonReader(json, errors).string_or("message", ""));
        reload();
    });
}

void Registries::make_default(const std::string& id) {
    act(id, {.method = "PUT", .path = path_of(id) + "/default"}, "The default registry was not changed", [this](const Json&) { reload(); });
}

void Registries::lookup(std::string image) {
    update([&](RegistriesState& s) {
        s.lookup_image = image;
        s.lookup_answer.clear();
        s.lookup_failed = false;
    });
    if (image.empty()) return;
    slots_.call("lookup", {.path = "/registries/lookup?image=" + base::percent_encode(image)}, [this](base::Result<net::ApiReply> reply) {
        wire::JsonErrors errors;
        const std::string words = reply ? wire::JsonReader(reply->json, errors).string_or("message", "") : reply.error().message;
        update([&](RegistriesState& s) {
            s.lookup_answer = words;
            s.lookup_failed = !reply;
        });
    });
}

void Registries::clear() {
    slots_.clear();
    list_.stop();
    state_.set({});
    context_.changed(kTopicPages);
}

}  // namespace model
