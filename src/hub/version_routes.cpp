#include "hub/version_routes.hpp"

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"
#include "hub/entity_tag.hpp"
#include "hub/page_query.hpp"
#include "hub/versions.hpp"
#include "hub/workflow_rules.hpp"
#include "wire/json_reader.hpp"

namespace hub {

namespace {

constexpr std::int64_t kLargestNumber = 999'999'999;

base::Result<std::int64_t> read_number(std::string_view text, const std::string& path) {
    const auto number = base::parse_integer_in<std::int64_t>(text, 1, kLargestNumber);
    if (!number) return base::fail(base::ErrorCode::invalid_argument, path + ": expected the number of a version, like 3");
    return *number;
}

// name, tag and description of a body, trimmed.
base::Result<WorkflowVersions::Words> read_words(const net::ServerRequest& request) {
    const auto body = read_body(request);
    if (!body) return base::fail(body.error());
    wire::JsonErrors errors;
    const wire::JsonReader fields(*body, errors);
    WorkflowVersions::Words words{.name = fields.optional_string("name"), .tag = fields.optional_string("tag"), .description = fields.optional_string("description")};
    if (!errors.empty()) return base::fail(errors.to_error());
    for (std::optional<std::string>* word : {&words.name, &words.tag}) {
        if (*word) *word = std::string(base::trim(**word));
    }
    if (const auto problems = check_version_words(words); !problems.empty()) return base::fail(base::ErrorCode::invalid_argument, problems.front());
    return words;
}

}  // namespace

void VersionRoutes::add_routes(net::Router& router) {
    using Routed = net::RoutedRequest;
    const std::string all = "/workflows/:id/versions";
    services_.route(router, "GET", all, [this](const User&, const Routed& routed, const Writer& writer) { list(std::string(routed.param("id")), routed.query(), writer); });
    services_.route(router, "POST", all, [this](const User& caller, const Routed& routed, const Writer& writer) { keep(caller, std::string(routed.param("id")), routed.request, writer); });
    services_.route(router, "GET", all + "/compare", [this](const User&, const Routed& routed, const Writer& writer) { compare(std::string(routed.param("id")), routed.query(), writer); });
    services_.route(router, "GET", all + "/:n", [this](const User&, const Routed& routed, const Writer& writer) { get(std::string(routed.param("id")), routed.param("n"), writer); });
    services_.route(router, "PUT", all + "/:n", [this](const User&, const Routed& routed, const Writer& writer) { describe(std::string(routed.param("id")), routed.param("n"), routed.request, writer); });
    services_.route(router, "POST", all + "/:n/restore", [this](const User& caller, const Routed& routed, const Writer& writer) { restore(caller, std::string(routed.param("id")), routed.param("n"), routed.request, writer); });
}

void VersionRoutes::with_workflow(std::string id, const Writer& writer, Loaded then) {
    services_.repository.load(std::move(id), lifetime_.guard([writer, then = std::move(then)](base::Result<WorkflowRecord> record) mutable {
        if (!record) return send_error(*writer, record.error());
        then(std::move(*record));
    }));
}

void VersionRoutes::list(std::string id, std::string_view query_text, const Writer& writer) {
    const auto page = read_page(query_text, {.limit = 10, .largest = 100});
    if (!page) return send_error(*writer, page.error());
    const auto query = base::parse_query(query_text);
    const bool summary = query && query->get("summary") == "true";
    with_workflow(std::move(id), writer, [this, page = *page, summary, writer](const WorkflowRecord& record) {
        services_.versions.list(record.id, lifetime_.guard([this, id = record.id, page, summary, writer](base::Result<std::vector<Json>> versions) {
            if (!versions) return send_error(*writer, versions.error());
            Json answer = {{"versions", Json::array()}, {"total", versions->size()}, {"page", page.offset / page.limit + 1}, {"limit", page.limit}};
            std::vector<Json> shown;
            for (std::size_t i = page.offset; i < std::min(versions->size(), page.offset + page.limit); ++i) shown.push_back(std::move((*versions)[i]));
            if (!summary) return send_with_graphs(id, std::move(shown), 0, std::move(answer), writer);
            answer["versions"] = std::move(shown);
            send_json(*writer, 200, answer);
        }));
    });
}

void VersionRoutes::send_with_graphs(std::string id, std::vector<Json> versions, std::size_t next, Json answer, const Writer& writer) {
    if (next == versions.size()) return send_json(*writer, 200, answer);
    const std::int64_t number = number_at(versions[next], 0, "version");
    services_.versions.get(id, number, lifetime_.guard([this, id, versions = std::move(versions), next, answer = std::move(answer), writer](base::Result<Json> version) mutable {
        if (!version && version.error().code != base::ErrorCode::not_found) return send_error(*writer, version.error());
        if (version) answer["versions"].push_back(std::move(*version));  // else it has just gone
        send_with_graphs(id, std::move(versions), next + 1, std::move(answer), writer);
    }));
}

void VersionRoutes::get(std::string id, std::string_view number_text, const Writer& writer) {
    const auto number = read_number(number_text, "version");
    if (!number) return send_error(*writer, number.error());
    with_workflow(std::move(id), writer, [this, number = *number, writer](const WorkflowRecord& record) {
        services_.versions.get(record.id, number, lifetime_.guard([writer](base::Result<Json> version) {
            if (!version) return send_error(*writer, version.error());
            send_json(*writer, 200, *version);
        }));
    });
}

void VersionRoutes::keep(const User& caller, std::string id, const net::ServerRequest& request, const Writer& writer) {
    auto words = read_words(request);
    if (!words) return send_error(*writer, words.error());
    with_workflow(std::move(id), writer, [this, by = words_for(caller), words = std::move(*words), writer](const WorkflowRecord& record) {
        WorkflowVersions::Wish wish{.name = words.name.value_or(""), .tag = words.tag.value_or(""), .description = words.description.value_or(""), .by = by};
        services_.versions.keep(record, std::move(wish), lifetime_.guard([writer](base::Result<Json> version) {
            if (!version) return send_error(*writer, version.error());
            const std::string message = "Version " + std::to_string(number_at(*version, 0, "version")) + " is kept";
            send_json(*writer, 201, {{"message", message}, {"version", *version}});
        }));
    });
}

void VersionRoutes::describe(std::string id, std::string_view number_text, const net::ServerRequest& request, const Writer& writer) {
    const auto number = read_number(number_text, "version");
    if (!number) return send_error(*writer, number.error());
    auto words = read_words(request);
    if (!words) return send_error(*writer, words.error());
    with_workflow(std::move(id), writer, [this, number = *number, words = std::move(*words), writer](const WorkflowRecord& record) {
        services_.versions.describe(record.id, number, words, lifetime_.guard([writer](base::Result<Json> version) {
            if (!version) return send_error(*writer, version.error());
            send_json(*writer, 200, {{"message", "Version changed"}, {"version", *version}});
        }));
    });
}

void VersionRoutes::compare(std::string id, std::string_view query_text, const Writer& writer) {
    const auto query = base::parse_query(query_text);
    if (!query) return send_error(*writer, query.error());
    const auto from = read_number(query->get("v1"), "v1");
    if (!from) return send_error(*writer, from.error());
    const auto to = read_number(query->get("v2"), "v2");
    if (!to) return send_error(*writer, to.error());
    with_workflow(std::move(id), writer, [this, from = *from, to = *to, writer](const WorkflowRecord& record) {
        services_.versions.get(record.id, from, lifetime_.guard([this, id = record.id, from, to, writer](base::Result<Json> left) {
            if (!left) return send_error(*writer, left.error());
            services_.versions.get(id, to, lifetime_.guard([left = std::move(*left), from, to, writer](base::Result<Json> right) {
                if (!right) return send_error(*writer, right.error());
                Json answer = compare_graphs(left, *right);
                answer["from_version"] = from;
                answer["to_version"] = to;
                send_json(*writer, 200, answer);
            }));
        }));
    });
}

void VersionRoutes::restore(const User& caller, std::string id, std::string_view number_text, const net::ServerRequest& request, const Writer& writer) {
    const auto number = read_number(number_text, "version");
    if (!number) return send_error(*writer, number.error());
    with_workflow(std::move(id), writer, [this, caller, number = *number, if_match = std::string(request.headers.get("if-match")), writer](WorkflowRecord record) {
        if (!if_match_holds(if_match, record.revision)) {
            return send_json(*writer, 412, {{"error", "The workflow was changed elsewhere."}, {"revision", record.revision}, {"workflow", record.to_wire()}}, {{"etag", etag_of(record.revision)}});
        }
        services_.versions.get(record.id, number, lifetime_.guard([this, caller, record, writer](base::Result<Json> version) {
            if (!version) return send_error(*writer, version.error());
            if (const auto problems = check_structure(array_at(*version, "nodes"), array_at(*version, "edges")); !problems.empty()) {
                return send_error(*writer, 400, "The version cannot be restored: " + problems.front().path + ": " + problems.front().message);
            }
            // What is there now would be lost otherwise.
            services_.versions.ensure(record, {.by = words_for(caller), .automatic = true}, lifetime_.guard([this, caller, record, version = std::move(*version), writer](base::Result<Json> kept) mutable {
                if (!kept) return send_error(*writer, kept.error());
                record.version = number_at(*kept, record.version, "version");
                put_back(caller, std::move(record), version, writer);
            }));
        }));
    });
}

void VersionRoutes::put_back(const User& caller, WorkflowRecord record, const Json& version, const Writer& writer) {
    const std::int64_t number = number_at(version, 0, "version");
    record.document["nodes"] = array_at(version, "nodes");
    record.document["edges"] = array_at(version, "edges");
    record.document["updated_at"] = base::format_rfc3339_millis(services_.ports.scheduler.clock().unix_ms());
    services_.repository.save_document(record, record.revision, lifetime_.guard([this, by = words_for(caller), record, number, writer](base::Result<std::int64_t> revision) mutable {
        if (!revision && revision.error().code == base::ErrorCode::conflict) {
            return send_error(*writer, 409, "The workflow was changed elsewhere in this moment.", {"Restore again; nothing was changed"});
        }
        if (!revision) return send_error(*writer, revision.error());
        record.revision = *revision;
        services_.versions.keep(record, {.by = by, .restored_from = number, .automatic = true}, lifetime_.guard([record, number, writer](base::Result<Json> kept) mutable {
            if (!kept) return send_error(*writer, kept.error());
            record.version = number_at(*kept, record.version, "version");
            send_json(*writer, 200, {{"message", "Version " + std::to_string(number) + " is restored"}, {"version", *kept}, {"workflow", record.to_wire()}}, {{"etag", etag_of(record.revision)}});
        }));
    }));
}

}  // namespace hub
