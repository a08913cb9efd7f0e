// SampleOperator: plays the operators behind the sample custom kinds (sample_resources.hpp). What is created or changed is first
// accepted, a moment later programmed and Ready, with the status fields and events a real one writes; and it fails where one
// would: a record set whose zone is missing, a zone for a domain that another zone has, names that end in ".invalid".
//
//   DNSZone        Accepted, Programmed, Ready    status.nameservers, recordCount, domainRef
//   DNSRecordSet   Accepted, Programmed, Ready    waits for its zone
//   Domain         ValidDomain, VerifiedDNS, VerifiedHTTP, Verified, Ready    status.verification, registration, nameservers
//   HTTPProxy      Accepted, Programmed, Ready    status.hostnames, canonicalHostname, addresses
//   ExportPolicy   Ready    status.sinks
#pragma once

#include <string>

#include "kube/controllers/context.hpp"
#include "kube/controllers/work_queue.hpp"

namespace kube::controllers {

class SampleOperator {
public:
    explicit SampleOperator(Context& context);

private:
    struct Verdict {
        bool good = true;
        std::string reason;   // of the condition that says so
        std::string message;
    };
    void observe(const StoreEvent& event);
    void sync(const ObjectKey& key);
    [[nodiscard]] Verdict accept(const ObjectKey& key, const Json& object) const;
    [[nodiscard]] Verdict program(const ObjectKey& key, const Json& object) const;
    void write_pending(const ObjectKey& key, const Json& object, const Verdict& accepted);
    void write_done(const ObjectKey& key, const Json& object, const Verdict& programmed);
    void fill_status(const ObjectKey& key, const Json& object, Json& status) const;
    [[nodiscard]] std::int64_t records_of(const std::string& ns, const std::string& zone) const;

    Context& context_;
    WorkQueue queue_;
    Subscription subscription_;
};

}  // namespace kube::controllers
