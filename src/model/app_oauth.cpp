// Signing in by a provider: leaving for it, and what came back (oauth_login.hpp).
#include <algorithm>

#include "base/url.hpp"
#include "model/app_impl.hpp"

namespace model {

void App::Impl::read_methods() {
    call_in("methods", {.path = "/auth/methods"}, [this](base::Result<net::ApiReply> methods) {
        if (!methods) return;
        wire::JsonErrors errors;
        const auto builtin = wire::JsonReader(methods->json, errors).optional_object("builtin");
        session.update([&](SessionState& s) {
            s.password_enabled = !builtin || builtin.boolean_or("enabled", true);
            s.signup_enabled = builtin && builtin.boolean_or("signupEnabled", true);
            s.providers = ports.sign_in_page ? read_providers(methods->json) : std::vector<SignInProvider>{};
        });
        changed(kTopicChrome);
    });
}

void App::Impl::sign_in_by(const std::string& provider, const std::string& invite_code) {
    if (session.get().busy || !ports.sign_in_page) return;
    const auto& known = session.get().providers;
    const auto found = std::find_if(known.begin(), known.end(), [&](const SignInProvider& each) { return each.id == provider; });
    if (found == known.end()) return;
    const std::string tab = make_tab_secret(ports.random);
    base::Query query{{"tab", tab}};
    if (!invite_code.empty()) query.add("invite", invite_code);
    const std::string target = options.api_prefix + "/auth/oauth/" + provider + "/authorize" + query.to_suffix();
    const bool leaving = ports.sign_in_page->leave_for(target, make_memo(tab, found->title));
    session.update([&](SessionState& s) {
        s.form_error = leaving ? "" : "This browser keeps no data for this page, which signing in by a provider needs. Allow it, or use a password.";
    });
    changed(kTopicChrome);
}

// True when a session is on its way.
bool App::Impl::take_oauth_return() {
    const OAuthReturn back = std::exchange(options.oauth_return, {});
    if (back.code.empty() && back.error.empty()) return false;
    if (!auth.get().token.empty()) {  // by another tab, while this one was away
        const std::string why = back.error.empty() ? "Log out first to sign in as somebody else." : oauth_problem(back.error, back.title);
        toast(ToastKind::warning, "You are still signed in as before", why);
        return false;
    }
    if (!back.error.empty()) {
        session.update([&](SessionState& s) { s.form_error = oauth_problem(back.error, back.title); });
        return false;
    }
    session.update([](SessionState& s) { s.phase = SessionPhase::signed_out; });
    read_methods();
    sign_in({.method = "POST", .path = "/auth/oauth/exchange", .body = Json{{"code", back.code}, {"tab", back.tab}}});
    return true;
}

}  // namespace model
