// POST /manifests/export {name, format: yaml|kustomize, nodes, edges} -> {files: [{name, content}], warnings}: what is on somebody's canvas as
// manifests (manifest_export.hpp). Ours, not KubeOrch's. It stores nothing and asks no cluster; whoever is signed in may.
#pragma once

#include "hub/services.hpp"

namespace hub {

class ExportRoutes {
public:
    explicit ExportRoutes(Services& services) : services_(services) {}
    void add_routes(net::Router& router);

private:
    void export_workflow(const net::ServerRequest& request, const Writer& writer) const;

    Services& services_;
};

}  // namespace hub
