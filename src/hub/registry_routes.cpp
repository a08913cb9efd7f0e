#include "hub/registry_routes.hpp"

#include <algorithm>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"
#include "hub/image_reference.hpp"
#include "hub/registry_check.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxRegistries = 200;
constexpr std::string_view kSimulatedWords = "Simulated: the demo cluster pulls from no real registry. ";

// Those that the simulated cluster pretends to pull from (src/kube/images.hpp).
bool is_simulated(const RegistryRecord& record) { return record.type != "custom" || record.host() == "registry.local"; }

// `prefix` is the repository's first whole parts.
bool has_prefix(std::string_view repository, std::string_view prefix) {
    return prefix.empty() || (repository.starts_with(prefix) && repository.size() > prefix.size() && repository[prefix.size()] == '/');
}

}  // namespace

void RegistryRoutes::add_routes(net::Router& router) {
    using Routed = net::RoutedRequest;
    services_.route(router, "GET", "/registries", [this](const User&, Routed, const Writer& writer) { list(writer); });
    services_.route(router, "GET", "/registries/lookup", [this](const User&, Routed routed, const Writer& writer) { lookup(routed.query(), writer); });
    services_.route(router, "GET", "/registries/:id", [this](const User&, Routed routed, const Writer& writer) { get(std::string(routed.param("id")), writer); });
    const auto admin = [&](const char* method, const std::string& path, auto handle) {
        services_.route(router, method, "/admin/registries" + path, [handle](const User& caller, Routed routed, const Writer& writer) mutable {
            if (Services::require_admin(caller, "change registries", *writer)) handle(std::string(routed.param("id")), routed, writer);
        });
    };
    admin("GET", "", [this](const std::string&, Routed&, const Writer& writer) { list(writer); });
    admin("POST", "", [this](const std::string&, Routed& routed, const Writer& writer) { create(routed.request, writer); });
    admin("PUT", "/:id", [this](std::string id, Routed& routed, const Writer& writer) { change(std::move(id), routed.request, writer); });
    admin("DELETE", "/:id", [this](std::string id, Routed&, const Writer& writer) { remove(std::move(id), writer); });
    admin("POST", "/:id/test", [this](std::string id, Routed&, const Writer& writer) { test(std::move(id), writer); });
    admin("PUT", "/:id/default", [this](std::string id, Routed&, const Writer& writer) { make_default(std::move(id), writer); });
}

std::string RegistryRoutes::now() const { return base::format_rfc3339_millis(services_.ports.scheduler.clock().unix_ms()); }

void RegistryRoutes::with_all(const Writer& writer, Loaded then) {
    services_.ports.documents.list(kRegistriesCollection, lifetime_.guard([writer, then = std::move(then)](base::Result<std::vector<Document>> documents) mutable {
        if (!documents) return send_error(*writer, documents.error());
        std::vector<RegistryRecord> all;
        for (const Document& document : *documents) {
            if (const auto json = base::parse_json(document.json)) all.push_back(registry_from_document(document.id, *json));
        }
        // Ids sort by the second only.
        std::stable_sort(all.begin(), all.end(), [](const RegistryRecord& a, const RegistryRecord& b) { return a.created_at < b.created_at; });
        then(std::move(all));
    }));
}

void RegistryRoutes::with_one(std::string id, const Writer& writer, base::UniqueFunction<void(RegistryRecord, std::vector<RegistryRecord>)> then) {
    with_all(writer, [id = std::move(id), writer, then = std::move(then)](std::vector<RegistryRecord> all) mutable {
        const auto found = std::find_if(all.begin(), all.end(), [&](const RegistryRecord& record) { return record.id == id; });
        if (found == all.end()) return send_error(*writer, 404, "There is no registry " + id + ".");
        RegistryRecord record = *found;
        then(std::move(record), std::move(all));
    });
}

void RegistryRoutes::store(RegistryRecord record, const Writer& writer, base::UniqueFunction<void(RegistryRecord)> then) {
    std::string text = dump_json(record.to_document());
    const std::string id = record.id;
    services_.ports.documents.put(kRegistriesCollection, id, std::move(text), DocumentStore::kAnyRevision,
                                  lifetime_.guard([record = std::move(record), writer, then = std::move(then)](base::Result<std::int64_t> stored) mutable {
                                      if (!stored) return send_error(*writer, stored.error());
                                      then(std::move(record));
                                  }));
}

void RegistryRoutes::list(const Writer& writer) {
    with_all(writer, [writer](std::vector<RegistryRecord> all) {
        Json registries = Json::array();
        for (const RegistryRecord& record : all) registries.push_back(record.to_wire());
        send_json(*writer, 200, {{"registries", std::move(registries)}});
    });
}

void RegistryRoutes::get(std::string id, const Writer& writer) {
    with_one(std::move(id), writer, [writer](RegistryRecord record, const std::vector<RegistryRecord>&) { send_json(*writer, 200, record.to_wire()); });
}

// The registry that an image would be pulled from: the one of its host, and of those the one whose path fits best.
void RegistryRoutes::lookup(std::string_view query_text, const Writer& writer) {
    const auto query = base::parse_query(query_text);
    if (!query) return send_error(*writer, query.error());
    const auto image = parse_image_reference(query->get("image"));
    if (!image) return send_error(*writer, image.error());
    with_all(writer, [this, image = *image, writer](std::vector<RegistryRecord> all) {
        const RegistryRecord* best = nullptr;
        for (const RegistryRecord& record : all) {
            const std::string prefix = record.path_prefix();
            if (record.host() != image.registry || !has_prefix(image.repository, prefix)) continue;
            if (!best || prefix.size() > best->path_prefix().size() || (prefix.size() == best->path_prefix().size() && record.is_default && !best->is_default)) best = &record;
        }
        const std::string name = image.registry + "/" + image.repository;
        std::string message = services_.options.simulated_registries ? std::string(kSimulatedWords) : std::string();
        if (best) {
            message += name + " is pulled from " + best->name;
            return send_json(*writer, 200, {{"found", true}, {"registry", best->to_wire()}, {"registryType", best->type}, {"message", message}});
        }
        const std::string_view type = registry_type_of_host(image.registry);
        message += "No registry is set up for " + image.registry + "; images there can be pulled if they are public";
        send_json(*writer, 200, {{"found", false}, {"registryType", type}, {"message", message}});
    });
}

void RegistryRoutes::create(const net::ServerRequest& request, const Writer& writer) {
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    auto input = read_registry_input(*body, nullptr);
    if (!input) return send_error(*writer, input.error());
    with_all(writer, [this, record = std::move(*input), writer](std::vector<RegistryRecord> all) mutable {
        if (all.size() >= kMaxRegistries) return send_error(*writer, 409, "There are " + std::to_string(all.size()) + " registries already. Remove one first.");
        const auto same = std::find_if(all.begin(), all.end(), [&](const RegistryRecord& other) { return base::equals_ascii_case(other.name, record.name); });
        if (same != all.end()) return send_error(*writer, 409, "name: there is a registry \"" + same->name + "\" already");
        record.id = base::make_id(services_.ports.random, services_.ports.scheduler.clock().unix_ms());
        record.created_at = record.updated_at = now();
        record.is_default = all.empty();
        store(std::move(record), writer, [writer](RegistryRecord stored) {
            send_json(*writer, 201, {{"message", "Registry added"}, {"registry", stored.to_wire()}});
        });
    });
}

void RegistryRoutes::change(std::string id, const net::ServerRequest& request, const Writer& writer) {
    auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    with_one(std::move(id), writer, [this, body = std::move(*body), writer](RegistryRecord old, std::vector<RegistryRecord> all) {
        auto input = read_registry_input(body, &old);
        if (!input) return send_error(*writer, input.error());
        const bool taken = std::any_of(all.begin(), all.end(), [&](const RegistryRecord& other) { return other.id != old.id && base::equals_ascii_case(other.name, input->name); });
        if (taken) return send_error(*writer, 409, "name: there is a registry \"" + input->name + "\" already");
        input->updated_at = now();
        store(std::move(*input), writer, [writer](RegistryRecord stored) {
            send_json(*writer, 200, {{"message", "Registry changed"}, {"registry", stored.to_wire()}});
        });
    });
}

void RegistryRoutes::remove(std::string id, const Writer& writer) {
    with_one(std::move(id), writer, [this, writer](RegistryRecord record, std::vector<RegistryRecord> all) {
        services_.ports.documents.remove(kRegistriesCollection, record.id, DocumentStore::kAnyRevision,
                                         lifetime_.guard([this, record, all = std::move(all), writer](base::Result<void> removed) mutable {
            if (!removed) return send_error(*writer, removed.error());
            std::erase_if(all, [&](const RegistryRecord& other) { return other.id == record.id; });
            const auto answer = [writer] { send_json(*writer, 200, {{"message", "Registry removed"}}); };
            // There is a default as long as there is a registry.
            if (!record.is_default || all.empty()) return answer();
            const std::string heir = all.front().id;
            move_default(std::move(all), heir, writer, answer);
        }));
    });
}

void RegistryRoutes::make_default(std::string id, const Writer& writer) {
    with_one(id, writer, [this, id, writer](RegistryRecord record, std::vector<RegistryRecord> all) {
        move_default(std::move(all), id, writer, [record = std::move(record), writer]() mutable {
            record.is_default = true;
            send_json(*writer, 200, {{"message", record.name + " is the default registry"}, {"registry", record.to_wire()}});
        });
    });
}

void RegistryRoutes::move_default(std::vector<RegistryRecord> all, std::string id, const Writer& writer, base::UniqueFunction<void()> then) {
    const auto wrong = std::find_if(all.begin(), all.end(), [&](const RegistryRecord& record) { return record.is_default != (record.id == id); });
    if (wrong == all.end()) return then();
    wrong->is_default = !wrong->is_default;
    RegistryRecord record = *wrong;
    store(std::move(record), writer, [this, all = std::move(all), id = std::move(id), writer, then = std::move(then)](RegistryRecord) mutable {
        move_default(std::move(all), std::move(id), writer, std::move(then));
    });
}

void RegistryRoutes::test(std::string id, const Writer& writer) {
    with_one(std::move(id), writer, [this, writer](RegistryRecord record, const std::vector<RegistryRecord>&) {
        if (services_.options.simulated_registries && is_simulated(record)) {
            return answer_test(std::move(record), true, true, std::string(kSimulatedWords) + "The address and the credentials were not tried.", {}, writer);
        }
        if (!services_.ports.outbound) {
            return answer_test(std::move(record), false, false, "This hub cannot reach servers outside its cluster",
                               "Run the gateway to check registries.", writer);
        }
        const std::uint64_t check = next_check_++;
        checks_[check] = check_registry(*services_.ports.outbound, services_.ports.scheduler, record, [this, check, record, writer](RegistryVerdict verdict) {
            const auto over = checks_.extract(check);
            answer_test(record, false, verdict.connected, std::move(verdict.message), std::move(verdict.hint), writer);
        });
    });
}

void RegistryRoutes::answer_test(RegistryRecord record, bool simulated, bool connected, std::string message, std::string hint, const Writer& writer) {
    // Read again: it may have been changed while the registry was asked.
    const std::string id = record.id;
    with_one(id, writer, [this, asked = std::move(record), simulated, connected, message = std::move(message), hint = std::move(hint),
                                 writer](RegistryRecord current, const std::vector<RegistryRecord>&) mutable {
        if (current.updated_at == asked.updated_at) {
            current.status = connected ? "connected" : "error";
            current.status_message = message;
            current.last_check = now();
        }
        store(std::move(current), writer, [writer, simulated, connected, message = std::move(message), hint = std::move(hint)](RegistryRecord stored) {
            Json answer = {{"status", connected ? "connected" : "error"}, {"message", message}, {"registry", stored.to_wire()}};
            if (simulated) answer["simulated"] = true;
            if (!connected) {
                answer["error"] = message;
                if (!hint.empty()) answer["details"] = Json::array({hint});
            }
            send_json(*writer, connected ? 200 : 503, answer);
        });
    });
}

}  // namespace hub
