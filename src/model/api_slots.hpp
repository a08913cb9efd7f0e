// ApiSlots: the calls that one part of the model has under way. Each slot holds one: a later call with the same slot cancels the
// earlier one, clear() cancels all, and no reply comes after either.
//
//   slots_.call("list", {.path = "/registries"}, [this](base::Result<net::ApiReply> reply) { ... });
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

#include "net/api_client.hpp"

namespace model {

class ApiSlots {
public:
    explicit ApiSlots(net::ApiClient& api) : api_(api) {}

    void call(const std::string& slot, net::ApiRequest request, std::function<void(base::Result<net::ApiReply>)> done) {
        calls_[slot] = api_.call(std::move(request), [this, slot, done = std::move(done)](base::Result<net::ApiReply> reply) {
            const auto over = calls_.extract(slot);  // keeps the handle until the callback has returned
            done(std::move(reply));
        });
    }
    [[nodiscard]] bool busy(const std::string& slot) const { return calls_.contains(slot); }
    void drop(const std::string& slot) { calls_.erase(slot); }
    void clear() { calls_.clear(); }

private:
    net::ApiClient& api_;
    std::map<std::string, net::RequestHandle> calls_;
};

}  // namespace model
