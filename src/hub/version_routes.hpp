// /workflows/:id/versions: list, keep, name, compare, restore (contracts: KubeOrch core, "Versions").
//
// Versions come into being by POST /versions, by a save (POST /save), by publishing and by every run whose graph is another one than the
// newest version's. Restoring keeps first what would be lost, changes the stored document only (the cluster changes by the next run), and
// minds If-Match as PUT does.
#pragma once

#include <functional>

#include "hub/services.hpp"

namespace hub {

class VersionRoutes {
public:
    explicit VersionRoutes(Services& services) : services_(services) {}
    void add_routes(net::Router& router);

private:
    using Loaded = base::UniqueFunction<void(WorkflowRecord)>;
    void with_workflow(std::string id, const Writer& writer, Loaded then);
    void list(std::string id, std::string_view query, const Writer& writer);
    void send_with_graphs(std::string id, std::vector<Json> versions, std::size_t next, Json answer, const Writer& writer);
    void get(std::string id, std::string_view number, const Writer& writer);
    void keep(const User& caller, std::string id, const net::ServerRequest& request, const Writer& writer);
    void describe(std::string id, std::string_view number, const net::ServerRequest& request, const Writer& writer);
    void compare(std::string id, std::string_view query, const Writer& writer);
    void restore(const User& caller, std::string id, std::string_view number, const net::ServerRequest& request, const Writer& writer);
    void put_back(const User& caller, WorkflowRecord record, const Json& version, const Writer& writer);

    Services& services_;
    Lifetime lifetime_;
};

// Who made it, for people.
[[nodiscard]] inline std::string words_for(const User& caller) { return caller.email.empty() ? caller.name : caller.email; }

}  // namespace hub
