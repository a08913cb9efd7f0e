// AddressController: what a cloud and an ingress controller would do. A Service of type LoadBalancer gets an external address
// some seconds after it was made; an Ingress gets the address of the one ingress controller once a backend of it has a ready
// endpoint. The addresses are of 203.0.113.0/24, which RFC 5737 keeps for documentation: they reach nobody.
#pragma once

#include <string>
#include <vector>

#include "kube/controllers/context.hpp"
#include "kube/controllers/work_queue.hpp"

namespace kube::controllers {

inline constexpr std::string_view kIngressAddress = "203.0.113.10";

class AddressController {
public:
    explicit AddressController(Context& context);

private:
    void sync_service(const ObjectKey& key);
    void sync_ingress(const ObjectKey& key);
    [[nodiscard]] std::string free_address() const;

    Context& context_;
    WorkQueue services_;
    WorkQueue ingresses_;
    std::vector<Subscription> subscriptions_;
};

}  // namespace kube::controllers
