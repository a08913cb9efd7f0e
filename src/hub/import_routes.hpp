// /import: analyse a file or a repository, and make nodes or a workflow of it (contracts: KubeOrch core, "Import"). What an analysis is:
// import_analysis.hpp.
//
// Anybody who is signed in may analyse what they send, and read from github.com and gitlab.com; the hub goes to other hosts for admins
// only, as they may be inside of its own network.
#pragma once

#include "hub/import_sessions.hpp"
#include "hub/services.hpp"

namespace hub {

class ImportRoutes {
public:
    explicit ImportRoutes(Services& services);
    void add_routes(net::Router& router);

private:
    void analyze(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void analyze_repository(const User& caller, const ImportSource& source, std::string ns, const Writer& writer);
    void upload(const net::ServerRequest& request, const Writer& writer);
    void apply(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void create_workflow(const User& caller, const net::ServerRequest& request, const Writer& writer);

    Services& services_;
    ImportSessions sessions_;
    Lifetime lifetime_;
};

}  // namespace hub
