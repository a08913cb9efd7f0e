// ImportDraft: what an import makes of a file while it is read: nodes and edges for the canvas, and everything there is to say about
// the file. Readers of one format each (import_compose, import_kubernetes) fill it; import_analysis.hpp makes the answer of it.
//
//   ImportDraft draft;
//   const auto web = draft.add(NodeKind::deployment, "web", {{"image", "nginx:1.27"}});
//   const auto service = draft.add(NodeKind::service, "web", {{"port", 80}});
//   draft.connect(service, web);
//   draft.warn({.code = "bind_mount", .message = "...", .service = "web", .field = "volumes", .line = 12});
//
// Whatever a reader does, the nodes and edges pass hub::check_structure: ids are unique, edges are of allowed kinds and there once.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hub/json_text.hpp"
#include "hub/node_kinds.hpp"

namespace hub {

struct ImportIssue {
    std::string code = {};     // stable, for programs: "bind_mount"
    std::string message = {};  // for people: what it is and what to do
    std::string service = {};  // the service or object it is about, as the file calls it; may be empty
    std::string field = {};    // "volumes[1]"; may be empty
    int line = 0;              // from 1; 0: not known
};

class ImportDraft {
public:
    static constexpr std::size_t kMaxNodes = 1'000;
    static constexpr std::size_t kMaxIssues = 200;   // of each sort; more are counted
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    struct Node {
        std::string id;
        NodeKind kind = NodeKind::deployment;
        std::string name;
        Json data;
        int rank = 0;  // of workloads: who depends on others stands above them
    };
    struct Edge {
        std::size_t source = 0, target = 0;
        std::string source_handle;
    };

    // kNone when there are too many; an error says so, once.
    std::size_t add(NodeKind kind, std::string name, Json data);
    // False when the kinds may not be connected; true also when they are connected already (then by the first handle).
    bool connect(std::size_t source, std::size_t target, std::string source_handle = {});

    [[nodiscard]] Json& data(std::size_t node) { return nodes_[node].data; }
    void set_rank(std::size_t node, int rank) { nodes_[node].rank = rank; }
    [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }
    [[nodiscard]] const std::vector<Edge>& edges() const { return edges_; }

    void warn(ImportIssue issue) { note(warnings_, std::move(issue)); }
    void error(ImportIssue issue) { note(errors_, std::move(issue)); }
    [[nodiscard]] Json warnings() const { return to_wire(warnings_); }
    [[nodiscard]] Json errors() const { return to_wire(errors_); }
    [[nodiscard]] bool has_errors() const { return !errors_.list.empty(); }

    // ---- what the contract's analysis has besides
    std::string detected_type = "unknown";  // docker-compose, kubernetes
    Json services = Json::array();
    Json volumes = Json::array();
    Json networks = Json::array();
    Json builds = Json::object();           // by service: {context, dockerfile, args, image}

private:
    struct Issues {
        std::vector<ImportIssue> list;
        std::size_t more = 0;
    };
    static void note(Issues& issues, ImportIssue issue);
    static Json to_wire(const Issues& issues);

    std::vector<Node> nodes_;
    std::vector<Edge> edges_;
    std::set<std::string, std::less<>> ids_;
    std::set<std::pair<std::size_t, std::size_t>> connected_;
    Issues warnings_, errors_;
    bool full_ = false;
};

// A name that Kubernetes takes for an object: lower case letters, digits and '-', at most `longest` of them; "x" for what has none.
// With `letter_first` (Services) it does not begin with a digit.
[[nodiscard]] std::string kube_name(std::string_view text, bool letter_first = false, std::size_t longest = 52);
// Does the name of a variable say that its value is secret, or does the value carry a password?
[[nodiscard]] bool looks_secret(std::string_view name, std::string_view value);
// Numbers and booleans as text; nothing for lists and mappings.
[[nodiscard]] std::string scalar_words(const Json& value);
// The port that programs behind a well-known image listen on ("postgres:17" -> 5432); 0 when not known.
[[nodiscard]] int well_known_port(std::string_view image);
[[nodiscard]] bool is_database_image(std::string_view image);

}  // namespace hub
