// Route: where in the console a tab is, as it stands in the address: shareable, bookmarkable, walked by back and forward.
//
//   ?view=clusters                            a page; the workflow's canvas is the default and not written
//   ?workflow=65f0&select=deployment-1,svc    the open workflow and the selected nodes
//   ?view=resources&kind=apis%2Fapps%2Fv1%2Fdeployments&namespace=default&object=default%2Fweb&labels=app%3Dweb&search=nginx
//   ?keyspace=app_data&table=users&filter=id%3D'abc'&page=2      what the data explorer shows
//
//   auto [route, problems] = model::read_route("workflow=65f0&select=a,b");
//   model::write_route(route, "embed=1&workflow=old");    // "embed=1&workflow=65f0&select=a%2Cb": other parameters stay, in order
//
// Promises
//   - A link is untrusted: each value is checked (limits below); one that does not hold is left out and named in `problems`, the rest counts.
//   - A route only ever says what to look at. Nothing is run, saved or sent because of it; a filter is shown before it is asked for.
//   - read(write(r)) == r for every route that read_route() can give.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/url.hpp"

namespace model {

// What the Resources page shows.
struct ResourcePlace {
    static constexpr std::size_t kMaxLabelBytes = 1'000;
    static constexpr std::size_t kMaxSearchBytes = 300;

    std::string type;    // "api/v1/pods", "apis/apps/v1/deployments"; empty: what was shown last, and then the rest is empty too
    std::string cluster; // a name; empty: the hub's default one
    std::string ns;      // empty: all
    std::string object;  // "namespace/name" of the selected one, "/name" for kinds without; empty: none
    std::string labels;  // a label selector
    std::string search;  // words to filter by
    friend bool operator==(const ResourcePlace&, const ResourcePlace&) = default;
};

struct Route {
    static constexpr std::size_t kMaxIdBytes = 128;
    static constexpr std::size_t kMaxSelected = 50;
    static constexpr std::size_t kMaxNameBytes = 48;     // of a keyspace or a table, as Cassandra has it
    static constexpr std::size_t kMaxFilterBytes = 2'000;
    static constexpr int kMaxPage = 1'000'000;

    std::string view = "workflows";      // see is_view()
    std::string workflow;                // id; empty: the last one, or the first
    std::vector<std::string> selection;  // node ids, sorted, none twice
    std::string keyspace;                // [a-zA-Z_][a-zA-Z0-9_]*
    std::string table;                   // the same; only with a keyspace
    std::string filter;                  // a WHERE clause without the word
    int page = 1;
    ResourcePlace resources = {};        // only with the view "resources"
    friend bool operator==(const Route&, const Route&) = default;
};

struct ReadRoute {
    Route route;
    std::vector<std::string> problems;  // sentences for the user
};

[[nodiscard]] bool is_view(std::string_view word);
// Why `filter` may not stand in a WHERE clause here, or an empty view: the rules of the explorer's server.
[[nodiscard]] std::string_view filter_problem(std::string_view filter);
// `query`: what is behind the '?', which may be there too.
[[nodiscard]] ReadRoute read_route(std::string_view query);
// `present`: the address's query now. The result has no '?'; empty when nothing is to be said.
[[nodiscard]] std::string write_route(const Route& route, std::string_view present);
// Going from one to the other is a step that "back" undoes; a changed selection or filter is not.
[[nodiscard]] bool is_step(const Route& from, const Route& to);

}  // namespace model
