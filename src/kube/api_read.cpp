#include "kube/api_read.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/json.hpp"
#include "kube/api_json.hpp"

namespace kube::api {
namespace {

// Where the next page begins: at `version`, after the object `ns`/`name`.
struct ContinueToken {
    std::uint64_t version = 0;
    std::string ns;
    std::string name;
};

std::string encode_token(const ContinueToken& token) {
    return base::base64url_encode(dump(Json{{"v", "meta.k8s.io/v1"}, {"rv", token.version}, {"start", token.ns + "/" + token.name}}));
}

ApiResult<ContinueToken> decode_token(std::string_view text_token) {
    const auto bad = [] { return fail(bad_request("continue key is not valid: it was not made by this server")); };
    const auto bytes = base::base64url_decode(text_token);
    if (!bytes) return bad();
    const auto json = base::parse_json(*bytes, {.max_bytes = 2048, .max_depth = 2});
    if (!json) return bad();
    const Json* version = child(*json, "rv");
    const std::string start = text(*json, {"start"});
    const auto slash = start.find('/');
    if (!version || !version->is_number_unsigned() || slash == std::string::npos) return bad();
    return ContinueToken{version->get<std::uint64_t>(), start.substr(0, slash), start.substr(slash + 1)};
}

using Position = std::pair<std::string, std::string>;
Position position_of(const Json& object) { return {namespace_of(object), name_of(object)}; }

ApiResult<std::uint64_t> version_to_list(const ObjectStore& store, const base::Query& query) {
    const std::uint64_t current = store.resource_version();
    const auto match = query.get("resourceVersionMatch");
    const auto asked = parse_version(query);
    if (!asked) return fail(asked.error());
    if (!match.empty() && match != "Exact" && match != "NotOlderThan") {
        return fail(bad_request("resourceVersionMatch: Unsupported value: " + dump(match) + ": supported values: \"Exact\", \"NotOlderThan\""));
    }
    if (!match.empty() && !asked->has_value()) {
        return fail(bad_request("resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided"));
    }
    const std::uint64_t version = asked->value_or(0);
    if (version > current) return fail(too_large_version(version, current));
    if (match == "Exact") {
        if (version == 0) {
            return fail(bad_request("resourceVersionMatch: Forbidden: resourceVersionMatch \"Exact\" is forbidden for resourceVersion \"0\""));
        }
        return version;
    }
    return current;
}

Json list_metadata(const ListPage& page) {
    Json metadata{{"resourceVersion", std::to_string(page.resource_version)}};
    if (!page.continue_token.empty()) metadata["continue"] = page.continue_token;
    if (page.remaining) metadata["remainingItemCount"] = *page.remaining;
    return metadata;
}

}  // namespace

std::string encode_plain(const ResourceType& type, const Json& object) {
    // The versions of a custom kind share their objects: the version asked for is the one that is said.
    const Json* said = child(object, "apiVersion");
    if (child(object, "kind") && said && (!type.custom || *said == type.api_version())) return dump(object);
    Json copy = object;
    copy["kind"] = type.kind;
    copy["apiVersion"] = type.api_version();
    return dump(copy);
}

std::string encode_object(const ResourceType& type, const Json& object, const AnswerForm& form, IncludeObject include,
                          std::int64_t now_ms, bool with_columns) {
    if (form.shape == AnswerShape::object) return encode_plain(type, object);
    if (form.shape == AnswerShape::metadata) {
        Json partial = partial_metadata(object);
        partial["apiVersion"] = "meta.k8s.io/" + form.version;
        return dump(partial);
    }
    return dump(Json{{"kind", "Table"},
                     {"apiVersion", "meta.k8s.io/" + form.version},
                     {"metadata", {{"resourceVersion", text(object, {"metadata", "resourceVersion"})}}},
                     {"columnDefinitions", with_columns ? column_definitions(type) : Json::array()},
                     {"rows", Json::array({table_row(type, object, now_ms, include)})}});
}

std::optional<std::vector<ObjectPtr>> objects_at(const ObjectStore& store, std::string_view resource, std::string_view ns,
                                                 std::uint64_t version) {
    if (version == store.resource_version()) return store.list(resource, ns);
    const auto events = store.events_after(resource, version);
    if (!events) return std::nullopt;
    std::map<Position, ObjectPtr> state;
    for (auto& object : store.list(resource, ns)) state.emplace(position_of(*object), object);
    // Undone from the newest to the oldest, what is left is the state before them.
    for (auto event = events->rbegin(); event != events->rend(); ++event) {
        if (!ns.empty() && event->key.ns != ns) continue;
        Position position{event->key.ns, event->key.name};
        if (event->previous) {
            state[std::move(position)] = event->previous;
        } else {
            state.erase(position);
        }
    }
    std::vector<ObjectPtr> objects;
    objects.reserve(state.size());
    for (auto& [position, object] : state) objects.push_back(std::move(object));
    return objects;
}

ApiResult<ListPage> list_page(const ObjectStore& store, const ResourcePath& path, const Selection& selection, const base::Query& query) {
    const auto limit = parse_count(query, "limit");
    if (!limit) return fail(limit.error());
    ListPage page;
    std::optional<Position> after;
    if (const auto token_text = query.get("continue"); !token_text.empty()) {
        if (query.has("resourceVersion") && query.get("resourceVersion") != "" && query.get("resourceVersion") != "0") {
            return fail(bad_request("specifying resource version is not allowed when using continue"));
        }
        auto token = decode_token(token_text);
        if (!token) return fail(token.error());
        if (token->version > store.resource_version()) return fail(expired("The provided continue parameter is from another server."));
        page.resource_version = token->version;
        after = Position{std::move(token->ns), std::move(token->name)};
    } else {
        const auto version = version_to_list(store, query);
        if (!version) return fail(version.error());
        page.resource_version = *version;
    }
    auto objects = objects_at(store, path.type->store_key(), path.ns, page.resource_version);
    if (!objects) {
        return fail(expired(after ? "The provided continue parameter is too old to display a consistent list result. You can start a new "
                                    "list without the continue parameter."
                                  : "The resourceVersion for the provided list is too old."));
    }
    const std::size_t most = limit->value_or(0) > 0 ? static_cast<std::size_t>(**limit) : objects->size();
    for (std::size_t i = 0; i < objects->size(); ++i) {
        ObjectPtr& object = (*objects)[i];
        if (after && position_of(*object) <= *after) continue;
        if (!selection.matches(*object)) continue;
        if (page.items.size() < most) {
            page.items.push_back(std::move(object));
            continue;
        }
        // One more matches: there is a next page.
        const Position last = position_of(*page.items.back());
        page.continue_token = encode_token({page.resource_version, last.first, last.second});
        if (selection.empty()) page.remaining = objects->size() - i;
        break;
    }
    return page;
}

std::string encode_list(const ResourceType& type, const ListPage& page, const AnswerForm& form, IncludeObject include, std::int64_t now_ms) {
    if (form.shape == AnswerShape::table) {
        Json rows = Json::array();
        for (const auto& object : page.items) rows.push_back(table_row(type, *object, now_ms, include));
        return dump(Json{{"kind", "Table"},
                         {"apiVersion", "meta.k8s.io/" + form.version},
                         {"metadata", list_metadata(page)},
                         {"columnDefinitions", column_definitions(type)},
                         {"rows", std::move(rows)}});
    }
    const bool partial = form.shape == AnswerShape::metadata;
    // Joined as text: a list of thousands of objects is not copied first.
    std::string out = "{\"kind\":" + dump(partial ? std::string("PartialObjectMetadataList") : type.list_kind()) +
                      ",\"apiVersion\":" + dump(partial ? "meta.k8s.io/" + form.version : type.api_version()) +
                      ",\"metadata\":" + dump(list_metadata(page)) + ",\"items\":[";
    bool first = true;
    for (const auto& object : page.items) {
        if (!first) out += ',';
        first = false;
        out += encode_object(type, *object, form, include, now_ms);
    }
    out += "]}";
    return out;
}

}  // namespace kube::api
