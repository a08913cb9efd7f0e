// ExternalSignIn: signing in by somebody else's word (OAuth providers). Auth knows only this interface, so that a hub without
// providers, such as the one in the tab, carries none of that code.
//
//   hub::OAuth oauth(...);
//   HubPorts ports{..., .external = &oauth};     // must outlive the hub, serves one hub at a time
#pragma once

#include <string>

#include "base/unique_function.hpp"
#include "hub/json_text.hpp"
#include "net/router.hpp"

namespace hub {

// What a provider has proven about a person.
struct ExternalIdentity {
    std::string provider;        // id of the provider, becomes User::auth_provider
    std::string subject;         // the person there; never changes
    std::string email;           // verified by the provider
    std::string name;
    std::string avatar_url;
    std::string invite;          // what the person gave as invite code, may be empty
    bool may_join = false;       // the provider's rule lets this address in without an invite
};

// Either the user, or why not: a short code that the page turns into words (list in oauth.hpp).
struct ExternalEntry {
    std::string user_id;
    std::string refusal;
};

// What Auth offers to it.
class ExternalUsers {
public:
    virtual ~ExternalUsers() = default;
    // Finds the user of this identity or makes one, by the rules in docs/hub.md, "Sign-in by a provider".
    virtual void enter(ExternalIdentity identity, base::UniqueFunction<void(ExternalEntry)> done) = 0;
    // {token, expires_in, user}, or null when there is no such user any more.
    [[nodiscard]] virtual Json session_of(const std::string& user_id) const = 0;
};

class ExternalSignIn {
public:
    virtual ~ExternalSignIn() = default;
    virtual void attach(ExternalUsers& users, net::Router& router, const std::string& prefix) = 0;
    // Ends all that is under way, if it serves `users`, which are not used after that.
    virtual void detach(const ExternalUsers& users) = 0;
    // [{name, displayName, icon}], for GET /auth/methods.
    [[nodiscard]] virtual Json providers() const = 0;
    // Is the built-in sign-in by password offered besides?
    [[nodiscard]] virtual bool with_passwords() const = 0;
};

}  // namespace hub
