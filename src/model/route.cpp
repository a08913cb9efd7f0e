#include "model/route.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "model/resource_kinds.hpp"

namespace model {

namespace {

// The pages there are: entries of the rail, and the profile.
constexpr std::array<std::string_view, 7> kViews{"workflows", "resources", "alerts", "clusters", "activity", "settings", "profile"};
constexpr std::array<std::string_view, 13> kNames{"view", "workflow", "select", "keyspace", "table", "filter", "page", "kind", "cluster", "namespace", "object", "labels", "search"};
constexpr std::array<std::string_view, 10> kWriting{"insert", "update", "delete", "drop", "create", "alter", "truncate", "grant", "revoke", "batch"};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_identifier(std::string_view text) {
    if (text.empty() || text.size() > Route::kMaxNameBytes || !is_letter(text.front())) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

bool is_id(std::string_view text) {
    if (text.empty() || text.size() > Route::kMaxIdBytes) return false;
    return std::all_of(text.begin(), text.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == ':'; });
}

bool is_writing_word(std::string_view word) {
    return std::any_of(kWriting.begin(), kWriting.end(), [&](std::string_view each) {
        return std::equal(word.begin(), word.end(), each.begin(), each.end(), [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
    });
}

// A name of an object or a namespace, as any kind may have it.
bool is_object_name(std::string_view text) {
    if (text.empty() || text.size() > 253 || text == "." || text == "..") return false;
    return std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f || c == '/' || c == '%' || c == '\\'; });
}
bool is_namespace(std::string_view text) {
    return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || base::is_ascii_digit(c) || c == '-'; });
}
bool is_words(std::string_view text, std::size_t max_bytes) {
    return text.size() <= max_bytes && base::is_valid_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// `leave_out(name, why)` is told of what does not hold.
template <class LeaveOut>
ResourcePlace read_place(const base::Query& query, LeaveOut leave_out) {
    ResourcePlace place;
    const auto type = query.get("kind");
    if (type.empty()) return place;
    if (!is_resource_type(type)) {
        leave_out("kind", "this is no kind of resource");
        return place;
    }
    place.type = type;
    if (const auto cluster = query.get("cluster"); !cluster.empty()) {
        if (is_namespace(cluster)) place.cluster = cluster;  // names of clusters obey the same rule
        else leave_out("cluster", "this is no name of a cluster");
    }
    if (const auto ns = query.get("namespace"); !ns.empty()) {
        if (is_namespace(ns)) place.ns = ns;
        else leave_out("namespace", "this is no name of a namespace");
    }
    if (const auto object = query.get("object"); !object.empty()) {
        const auto halves = base::split_once(object, '/');
        const bool good = halves && (halves->before.empty() || is_namespace(halves->before)) && is_object_name(halves->after);
        if (good) place.object = object;
        else leave_out("object", "this is no name of an object");
    }
    if (const auto labels = query.get("labels"); !labels.empty()) {
        if (is_words(labels, ResourcePlace::kMaxLabelBytes)) place.labels = labels;
        else leave_out("label selector", "it is too long, or has control characters");
    }
    if (const auto search = query.get("search"); !search.empty()) {
        if (is_words(search, ResourcePlace::kMaxSearchBytes)) place.search = search;
        else leave_out("search", "it is too long, or has control characters");
    }
    return place;
}

std::vector<std::string> read_selection(std::string_view text, bool& all_good) {
    std::vector<std::string> ids;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view id = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        if (id.empty()) continue;
        if (is_id(id) && ids.size() < Route::kMaxSelected) ids.emplace_back(id);
        else all_good = false;
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
}

}  // namespace

bool is_view(std::string_view word) { return std::find(kViews.begin(), kViews.end(), word) != kViews.end(); }

std::string_view filter_problem(std::string_view filter) {
    if (filter.size() > Route::kMaxFilterBytes) return "it is longer than 2,000 bytes";
    bool quoted = false;
    bool has_operator = false;
    for (std::size_t i = 0; i < filter.size(); ++i) {
        const char c = filter[i];
        const std::string_view rest = filter.substr(i);
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return "it has control characters";
        if (c == '\'') quoted = !quoted;
        if (quoted) continue;
        if (c == ';') return "it has a ';'";
        if (rest.starts_with("--") || rest.starts_with("//") || rest.starts_with("/*")) return "it has a comment";
        has_operator = has_operator || c == '=' || c == '<' || c == '>';
        if (!is_letter(c) || (i > 0 && (is_letter(filter[i - 1]) || is_digit(filter[i - 1])))) continue;
        std::size_t end = i;
        while (end < filter.size() && (is_letter(filter[end]) || is_digit(filter[end]))) ++end;
        const std::string_view word = filter.substr(i, end - i);
        if (is_writing_word(word)) return "it has a word that changes data";
        has_operator = has_operator || word == "in" || word == "IN" || word == "contains" || word == "CONTAINS";
    }
    if (quoted) return "a quote is not closed";
    return has_operator ? "" : "it compares nothing";
}

ReadRoute read_route(std::string_view text) {
    ReadRoute read;
    if (text.starts_with('?')) text.remove_prefix(1);
    const auto query = base::parse_query(text);
    if (!query) {
        read.problems.emplace_back("The address could not be read");
        return read;
    }
    Route& route = read.route;
    const auto leave_out = [&](std::string_view name, std::string_view why) {
        read.problems.push_back("The link's " + std::string(name) + " was left out: " + std::string(why));
    };
    if (const auto view = query->get("view"); !view.empty()) {
        if (is_view(view)) route.view = view;
        else leave_out("view", "there is no such page");
    }
    if (const auto id = query->get("workflow"); !id.empty()) {
        if (is_id(id)) route.workflow = id;
        else leave_out("workflow", "this is no id");
    }
    bool good = true;
    route.selection = read_selection(query->get("select"), good);
    if (!good) leave_out("selection", "not everything in it is an id, or it is too long");
    if (const auto keyspace = query->get("keyspace"); !keyspace.empty()) {
        if (is_identifier(keyspace)) route.keyspace = keyspace;
        else leave_out("keyspace", "this is no name of a keyspace");
    }
    if (const auto table = query->get("table"); !table.empty()) {
        if (!is_identifier(table)) leave_out("table", "this is no name of a table");
        else if (route.keyspace.empty()) leave_out("table", "it names no keyspace");
        else route.table = table;
    }
    if (const auto filter = query->get("filter"); !filter.empty()) {
        const std::string_view problem = filter_problem(filter);
        if (!problem.empty()) leave_out("filter", problem);
        else if (route.table.empty()) leave_out("filter", "it names no table");
        else route.filter = filter;
    }
    if (const auto page = query->get("page"); !page.empty()) {
        if (const auto number = base::parse_integer_in<int>(page, 1, Route::kMaxPage)) route.page = *number;
        else leave_out("page", "this is no page number");
    }
    if (route.view == "resources") route.resources = read_place(*query, leave_out);
    return read;
}

std::string write_route(const Route& route, std::string_view present) {
    if (present.starts_with('?')) present.remove_prefix(1);
    base::Query query;
    if (const auto now = base::parse_query(present)) {
        for (const auto& [name, value] : now->fields()) {
            if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) query.add(name, value);
        }
    }
    const auto add = [&](const char* name, std::string value) {
        if (!value.empty()) query.add(name, std::move(value));
    };
    if (route.view != "workflows") add("view", route.view);
    add("workflow", route.workflow);
    std::string ids;
    for (const std::string& id : route.selection) ids += (ids.empty() ? "" : ",") + id;
    add("select", std::move(ids));
    add("keyspace", route.keyspace);
    add("table", route.table);
    add("filter", route.filter);
    if (route.page > 1) add("page", std::to_string(route.page));
    if (route.view == "resources" && !route.resources.type.empty()) {
        add("kind", route.resources.type);
        add("cluster", route.resources.cluster);
        add("namespace", route.resources.ns);
        add("object", route.resources.object);
        add("labels", route.resources.labels);
        add("search", route.resources.search);
    }
    return query.to_string();
}

bool is_step(const Route& from, const Route& to) {
    // A list that an address did not name, and which comes up by itself, is none.
    const bool other_list = !from.resources.type.empty() &&
                            (from.resources.type != to.resources.type || from.resources.ns != to.resources.ns || from.resources.cluster != to.resources.cluster);
    // The first workflow that opens by itself is where the visit began, not a step.
    const bool other_workflow = !from.workflow.empty() && from.workflow != to.workflow;
    return from.view != to.view || other_workflow || from.keyspace != to.keyspace || from.table != to.table || from.page != to.page || other_list;
}

}  // namespace model
