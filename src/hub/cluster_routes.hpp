// /clusters (contracts: KubeOrch core, "Clusters"), and two of ours: POST /clusters/kubeconfig says what is in a pasted kubeconfig,
// POST /clusters/test tries an access without keeping it.
//
// Adding and new credentials ask the cluster first and refuse what does not work, unless the body says "verify": false. Credentials
// come in and never go out. Who may what: docs/hub.md, "Clusters".
#pragma once

#include "hub/cluster_input.hpp"
#include "hub/services.hpp"

namespace hub {

class ClusterRoutes {
public:
    explicit ClusterRoutes(Services& services) : services_(services) {}
    void add_routes(net::Router& router);

private:
    using Entry = Clusters::Entry;
    using EntryDone = base::UniqueFunction<void(base::Result<Entry*>)>;

    void list(const User& caller, const Writer& writer);
    void create(const User& caller, const net::ServerRequest& request, const Writer& writer);
    void inspect_kubeconfig(const net::ServerRequest& request, const Writer& writer);
    void try_access(const net::ServerRequest& request, const Writer& writer);
    void get(const User& caller, Entry& entry, const Writer& writer);
    void put(const User& caller, Entry& entry, const net::ServerRequest& request, const Writer& writer);
    void put_credentials(const User& caller, Entry& entry, const net::ServerRequest& request, const Writer& writer);
    void remove(const User& caller, Entry& entry, bool force, const Writer& writer);
    void status(Entry& entry, bool cached, const Writer& writer);
    void metrics(Entry& entry, bool fresh, const Writer& writer);
    void test(Entry& entry, const Writer& writer);
    void refresh(const User& caller, Entry& entry, const Writer& writer);
    void log(Entry& entry, std::string_view query, const Writer& writer);
    void make_default(const User& caller, Entry& entry, const Writer& writer);
    void share(const User& caller, Entry& entry, const net::ServerRequest& request, const Writer& writer);

    // Answers 403 and false unless the caller may change clusters.
    [[nodiscard]] bool is_admin(const User& caller, net::ResponseWriter& writer) const;
    [[nodiscard]] bool is_changeable(const Entry& entry, net::ResponseWriter& writer) const;
    // Answers the error itself unless the access works or need not be tried.
    void verified(const Json& body, ClusterRecord record, const Writer& writer, base::UniqueFunction<void(ClusterRecord, CheckResult)> then);
    void answer_changed(std::string name, const User& caller, int status, std::string message, const Writer& writer);
    [[nodiscard]] Json to_wire(const User& caller, const Entry& entry) const;

    Services& services_;
    Lifetime lifetime_;
};

}  // namespace hub
