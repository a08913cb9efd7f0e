// People whom a provider vouches for (docs/hub.md, "Sign-in by a provider").
#include <algorithm>

#include "base/ids.hpp"
#include "base/time_text.hpp"
#include "hub/auth.hpp"
#include "hub/crypto/sha256.hpp"
#include "hub/user_rules.hpp"

namespace hub {

Auth::~Auth() {
    if (ports_.external) ports_.external->detach(*this);
}

bool Auth::without_passwords(net::ResponseWriter& writer) const {
    if (mode_ == AuthMode::none) {
        send_error(writer, 403, "This server has no sign-in.");
        return true;
    }
    if (ports_.external && !ports_.external->with_passwords()) {
        send_error(writer, 403, "Passwords are not in use on this server.", {"Sign in by one of its providers."});
        return true;
    }
    return false;
}

const User* Auth::find_by_identity(const ExternalIdentity& identity) const {
    const auto found = std::find_if(users_.begin(), users_.end(), [&](const auto& entry) {
        return entry.second.auth_provider == identity.provider && entry.second.auth_subject == identity.subject;
    });
    return found == users_.end() ? nullptr : &found->second;
}

Json Auth::session_of(const std::string& user_id) const {
    const auto found = users_.find(user_id);
    return found == users_.end() ? Json() : session_json(found->second);
}

void Auth::enter(ExternalIdentity identity, base::UniqueFunction<void(ExternalEntry)> done) {
    const auto refuse = [&done](const char* why) { done({.user_id = {}, .refusal = why}); };
    if (const User* known = find_by_identity(identity)) {
        // The picture is the provider's; name and address stay as they are here.
        if (known->avatar_url == identity.avatar_url) return done({.user_id = known->id, .refusal = {}});
        User changed = *known;
        changed.avatar_url = std::move(identity.avatar_url);
        return admit(std::move(changed), false, std::move(done));
    }
    const std::string email = normal_email(identity.email);
    if (!looks_like_email(email)) return refuse("no_email");
    if (const User* same_address = find_by_email(email)) {
        // Nobody proved that who set a password for this address owns it, nor may one provider speak for another.
        if (same_address->auth_provider == "email") return refuse("password_account");
        if (same_address->auth_provider != identity.provider) return refuse("other_provider");
        User changed = *same_address;
        changed.auth_subject = std::move(identity.subject);
        changed.avatar_url = std::move(identity.avatar_url);
        return admit(std::move(changed), false, std::move(done));
    }
    const bool first = users_.empty() && emails_being_registered_.empty();
    const bool invited = !identity.invite.empty() && crypto::equal_in_constant_time(identity.invite, invite_code_);
    if (!first && !identity.may_join && !invited) return refuse("invite_required");
    if (!emails_being_registered_.insert(email).second) return refuse("busy");
    const std::int64_t now_ms = ports_.scheduler.clock().unix_ms();
    User user;
    user.id = base::make_id(ports_.random, now_ms);
    user.email = email;
    user.name = std::move(identity.name);
    user.role = first ? "admin" : "user";
    user.created_at = base::format_rfc3339_millis(now_ms);
    user.auth_provider = std::move(identity.provider);
    user.auth_subject = std::move(identity.subject);
    user.avatar_url = std::move(identity.avatar_url);
    admit(std::move(user), true, std::move(done));
}

void Auth::admit(User user, bool is_new, base::UniqueFunction<void(ExternalEntry)> done) {
    const std::string id = user.id;
    save_user(user, [this, id, email = is_new ? user.email : std::string(), done = std::move(done)](base::Result<void> saved) mutable {
        emails_being_registered_.erase(email);
        if (!saved) return done({.user_id = {}, .refusal = "server_error"});
        done({.user_id = id, .refusal = {}});
    });
}

}  // namespace hub
