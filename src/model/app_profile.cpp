// The person who is signed in, changed by that person.
#include "base/text.hpp"
#include "model/app_impl.hpp"

namespace model {

namespace {

void begin(SubmitState& submit) {
    submit.busy = true;
    submit.error = {};
}

void settle(SubmitState& submit, const base::Result<net::ApiReply>& reply) {
    submit.busy = false;
    ++submit.answers;
    if (!reply) submit.error = reply.error();
}

}  // namespace

void App::Impl::load_profile() {
    const auto& user = auth.get().user;
    if (!user || profile.get().read_for == user->id) return;
    profile.update([&](ProfileState& s) { s = {.read_for = user->id, .name = {}, .password = {}}; });
    if (session.get().login_required) read_methods();
    profile_query.load();
}

void App::Impl::take_profile(const base::Result<Json>& answer) {
    if (!answer) return;  // what the session knows is shown
    if (auto read = read_user(&*answer)) auth.set_user(std::move(*read));
    changed(kTopicChrome);
}

void App::Impl::save_profile_name(const std::string& name) {
    if (profile.get().name.busy) return;
    profile.update([](ProfileState& s) { begin(s.name); });
    changed(kTopicChrome);
    call_in("profile-name", {.method = "PUT", .path = "/profile", .body = Json{{"name", std::string(base::trim(name))}}},
            [this](base::Result<net::ApiReply> reply) {
                profile.update([&](ProfileState& s) { settle(s.name, reply); });
                if (auto user = reply ? read_user(&reply->json) : std::nullopt) {
                    auth.set_user(std::move(*user));
                    queries.set_data(keys::profile(), state::SharedJson::from(reply->json));
                }
                changed(kTopicChrome);
            });
}

void App::Impl::change_password(const std::string& current, const std::string& next) {
    if (profile.get().password.busy) return;
    profile.update([](ProfileState& s) { begin(s.password); });
    changed(kTopicChrome);
    const std::int64_t sent_unix_ms = ports.scheduler.clock().unix_ms();
    call_in("profile-password", {.method = "PUT", .path = "/profile/password", .body = Json{{"currentPassword", current}, {"newPassword", next}}},
            [this, sent_unix_ms](base::Result<net::ApiReply> reply) {
                profile.update([&](ProfileState& s) { settle(s.password, reply); });
                // All older tokens have ended with the old password; this one is new.
                if (reply && reply->json.is_object() && reply->json.contains("token")) {
                    auth.renewed(reply->json, net::timing_of(reply->headers, sent_unix_ms, ports.scheduler.clock()));
                    toast(ToastKind::success, "Password changed", "Sessions elsewhere have ended.");
                }
                changed(kTopicChrome);
            });
}

}  // namespace model
