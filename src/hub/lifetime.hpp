// Lifetime: callbacks that outlive their owner do nothing. Document stores, hashers and clusters answer when they like; the
// owner of the answer may be gone by then.
//
//   class Auth { ... store_.get("users", id, lifetime_.guard([this](auto user) { ... }));  Lifetime lifetime_; };
//
// Make it the last member, so that it ends first.
#pragma once

#include <memory>
#include <utility>

namespace hub {

class Lifetime {
public:
    Lifetime() = default;
    Lifetime(const Lifetime&) = delete;
    Lifetime& operator=(const Lifetime&) = delete;

    template <class F>
    [[nodiscard]] auto guard(F function) const {
        return [alive = std::weak_ptr<bool>(alive_), function = std::move(function)](auto&&... args) mutable {
            if (!alive.expired()) function(std::forward<decltype(args)>(args)...);
        };
    }

private:
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace hub
