// Who is using this tab: reaching the backend, signing in and out.
#include <algorithm>

#include "model/app_impl.hpp"
#include "model/parameter_schema.hpp"
#include "model/return_path.hpp"

namespace model {

namespace {

constexpr std::int64_t kMaxConnectDelayMs = 30'000;
constexpr std::int64_t kMinExpiryCheckMs = 5'000;
constexpr std::int64_t kMaxExpiryCheckMs = 60 * 60 * 1000;  // browsers cut timers that are longer than 24.8 days

}  // namespace

// ---- net::Session

void App::Impl::renewed(const Json& token_and_user) {
    auth.renewed(token_and_user, renewal_timing);
    watch_expiry();
    changed(kTopicChrome);
}

void App::Impl::ended() {
    // Not inside the failing call's own callback: leaving drops all calls. One burst of refusals leaves once.
    ports.scheduler.post([guard = self, epoch = auth.get().epoch] {
        Impl* impl = *guard;
        if (impl && impl->auth.get().epoch == epoch && impl->session.get().phase == SessionPhase::signed_in) impl->leave(Leave::refused);
    });
}

std::optional<Json> App::Impl::renewal_body() const {
    const std::string& token = auth.get().refresh_token;
    if (token.empty()) return std::nullopt;
    return Json{{"refreshToken", token}, {"refresh_token", token}};
}

std::string App::Impl::lock_name() const { return "binnacle-refresh-" + (options.storage_suffix.empty() ? "gateway" : options.storage_suffix); }

// A timer for a tab that asks nothing; any use of the token and session_wake() look for themselves, since timers sleep with the machine.
void App::Impl::watch_expiry() {
    expiry_timer.cancel();
    if (!auth.is_authenticated()) return;
    expiry_timer = ports.scheduler.after(std::clamp(auth.renewal_in_ms(), kMinExpiryCheckMs, kMaxExpiryCheckMs), [this] {
        api.renew_if_due();
        watch_expiry();
    });
}

void App::Impl::session_wake() {
    auth.sync();
    api.forget_pause();
    api.renew_if_due();
}

void App::Impl::on_session_event(SessionEvent event) {
    switch (event) {
        case SessionEvent::signed_in_elsewhere: return leave(Leave::elsewhere);
        case SessionEvent::signed_out_elsewhere:
            if (!auth.is_authenticated()) leave(Leave::elsewhere);
            return;
        case SessionEvent::expired: return leave(Leave::refused);
    }
}

// The call found another session than its own. Nobody waits for its answer but the steps to a session here.
void App::Impl::late_answer() {
    if (session.get().phase == SessionPhase::signed_in || connect_timer.pending()) return;
    connect_timer = ports.scheduler.after(0, [this] { connect(); });
}

// ---- reaching the backend

void App::Impl::start() { connect(); }

void App::Impl::connect() {
    connect_timer.cancel();
    call_in("connect", {.path = "/health"}, [this](base::Result<net::ApiReply> reply) {
        if (!reply) {
            const std::int64_t delay_ms = std::min<std::int64_t>(1'000LL << std::min(connect_failures++, 5), kMaxConnectDelayMs);
            connection.update([&](ConnectionState& s) {
                s.online = false;
                s.problem = "The " + options.backend_label + " does not answer";
                s.retry_at_ms = ports.scheduler.clock().monotonic_ms() + delay_ms;
            });
            connect_timer = ports.scheduler.after(delay_ms, [this] { connect(); });
            return changed(kTopicChrome);
        }
        connect_failures = 0;
        wire::JsonErrors errors;
        const wire::JsonReader health(reply->json, errors);
        const bool builtin = health.string_or("auth", "none") == "builtin";
        // Our own hub judges the token before anything else.
        api.set_replay_all(health.string_or("product", "") == "binnacle");
        session.update([&](SessionState& s) {
            s.login_required = builtin;
            s.cluster_name = health.string_or("cluster", "");
        });
        if (builtin && take_oauth_return()) return;
        if (builtin && auth.get().token.empty()) {
            session.update([](SessionState& s) { s.phase = SessionPhase::signed_out; });
            read_methods();
            return changed(kTopicChrome);
        }
        read_profile();
    });
}

void App::Impl::read_profile() {
    call_in("profile", {.path = "/profile"}, [this](base::Result<net::ApiReply> reply) {
        if (!reply) {
            if (reply.error().code == base::ErrorCode::unauthenticated || reply.error().code == base::ErrorCode::forbidden) return leave(Leave::refused);
            connect_timer = ports.scheduler.after(2'000, [this] { connect(); });
            return;
        }
        if (auto user = read_user(&reply->json)) auth.set_user(std::move(*user));
        enter();
    });
}

void App::Impl::enter() {
    signed_in_as = auth.get().user ? auth.get().user->id : std::string();
    const SessionState& before = session.get();
    if (before.return_path.size() > 2 && !before.return_of.empty() && before.return_of == signed_in_as) {
        place = read_route(std::string_view(before.return_path).substr(2)).route;
        ui.update([&](UiState& s) { s.rail = place.view; });
    }
    session.update([](SessionState& s) {
        s.return_path.clear();
        s.return_of.clear();
        s.phase = SessionPhase::signed_in;
        s.busy = false;
        s.form_error.clear();
    });
    changed(~0U);
    watch_expiry();
    read_node_types();
    read_workflows(true);
    clusters.reload();
    notifications.start();
    if (ui.get().rail == "resources") {
        if (!place.resources.type.empty()) resources.go(std::exchange(place.resources, {}));
        resources.set_open(true);
    }
    alerts.start();
    event_feed.start(auth.get().user ? auth.get().user->id : std::string());
}

void App::Impl::leave(Leave why) {
    const bool was_in = session.get().phase == SessionPhase::signed_in;
    const bool in_elsewhere = why == Leave::elsewhere && auth.is_authenticated();
    const Route here = route();
    // A session that ended by itself: its user finds unsaved edits and place again after signing in, nobody else does (see sign_in).
    if (why == Leave::refused && was_in) write_draft();
    drop_calls();
    stop_lists();
    api.drop_renewal();
    expiry_timer.cancel();
    connect_timer.cancel();
    close_workflow();
    watches.clear();
    link.reset();
    const std::string back = was_in && why != Leave::by_user ? safe_return_path("/?" + write_route(here, "")) : std::string();
    if (why != Leave::elsewhere) auth.logout(/*keep_owner=*/why == Leave::refused, back);
    if (was_in || why != Leave::elsewhere) clear_personal_state(/*keep_draft=*/why != Leave::by_user && !auth.get().owner_id.empty());
    session.update([&](SessionState& s) {
        s.phase = s.login_required && !in_elsewhere ? SessionPhase::signed_out : SessionPhase::starting;
        s.busy = false;
        s.form_error.clear();
        if (!was_in && why != Leave::by_user) return;
        s.return_path = back;
        s.return_of = back.empty() ? std::string() : signed_in_as;
    });
    // The address must not go on to tell where they were; one that somebody came by stays what it is.
    if (was_in) place = {};
    ui.update([&](UiState& s) { s.rail = place.view; });
    signed_in_as.clear();
    if (was_in && why == Leave::refused) toast(ToastKind::warning, "Your session has ended", "Sign in again to go on.");
    if (was_in && why == Leave::elsewhere && !in_elsewhere) toast(ToastKind::info, "Signed out", "You signed out in another tab.");
    changed(~0U);
    connect();
}

void App::Impl::login(std::string email, std::string password) {
    sign_in({.method = "POST", .path = "/auth/login", .body = Json{{"email", std::move(email)}, {"password", std::move(password)}}});
}

void App::Impl::register_user(std::string name, std::string email, std::string password, std::string invite_code) {
    Json body{{"name", std::move(name)}, {"email", std::move(email)}, {"password", std::move(password)}};
    if (!invite_code.empty()) body["inviteCode"] = std::move(invite_code);
    sign_in({.method = "POST", .path = "/auth/register", .body = std::move(body)});
}

void App::Impl::sign_in(net::ApiRequest request) {
    if (session.get().busy) return;
    session.update([](SessionState& s) {
        s.busy = true;
        s.form_error.clear();
    });
    changed(kTopicChrome);
    auth.sync();
    const std::uint64_t epoch = auth.get().epoch;
    const std::int64_t sent_unix_ms = ports.scheduler.clock().unix_ms();
    // Not by call_in(): the answer is what begins a session.
    slots["login"] = api.call(std::move(request), [this, epoch, sent_unix_ms](base::Result<net::ApiReply> reply) {
        const auto node = slots.extract("login");
        base::Result<bool> other_owner = false;
        const std::string kept_path = auth.get().return_path;
        const std::string kept_owner = auth.get().owner_id;
        if (!reply) {
            other_owner = base::fail(reply.error());
        } else {
            other_owner = auth.login(reply->json, net::timing_of(reply->headers, sent_unix_ms, ports.scheduler.clock()), epoch);
        }
        if (!other_owner) {
            session.update([&](SessionState& s) {
                s.busy = false;
                s.form_error = other_owner.error().message;
                s.form_problem = other_owner.error();
            });
            return changed(kTopicChrome);
        }
        if (*other_owner) {
            clear_personal_state();
            // Where the address leads is nobody's secret.
            ui.update([&](UiState& s) { s.rail = place.view; });
        } else if (session.get().return_path.empty() && place == Route{}) {
            // The page was loaded anew since their session ended.
            session.update([&](SessionState& s) {
                s.return_path = kept_path;
                s.return_of = kept_owner;
            });
        }
        enter();
    });
}

void App::Impl::take_node_types(const base::Result<Json>& answer) {
    if (!answer) return;  // forms are the poorer for it, and the cache goes on trying
    wire::JsonErrors errors;
    std::vector<NodeType> types;
    for (const wire::JsonReader item : wire::JsonReader(*answer, errors).array_or_empty("templates")) {
        NodeType type;
        const std::string id = item.string_or("id", "");
        type.type = id.substr(id.rfind('/') + 1);
        if (type.type.empty()) continue;
        type.title = item.string_or("displayName", type.type);
        type.category = item.string_or("category", "");
        type.description = item.string_or("description", "");
        for (const wire::JsonReader p : item.array_or_empty("parameters")) {
            NodeParameter parameter;
            parameter.name = p.string_or("name", "");
            parameter.label = p.string_or("label", parameter.name);
            parameter.description = p.string_or("description", "");
            parameter.type = p.string_or("type", "string");
            parameter.required = p.boolean_or("required", false);
            if (const Json* value = p.raw("default")) parameter.default_value = *value;
            for (const wire::JsonReader option : p.array_or_empty("options")) {
                const std::string value = option.string_or("value", "");
                parameter.options.emplace_back(value, option.string_or("label", value));
            }
            parameter.min = p.optional_number("min");
            parameter.max = p.optional_number("max");
            parameter.schema = parameter_schema(parameter);
            type.parameters.push_back(std::move(parameter));
        }
        types.push_back(std::move(type));
    }
    node_types = std::move(types);
    changed(kTopicInspector | kTopicCanvas);
}

// The user leaves: no answer for them comes any more, from the cache neither.
void App::Impl::stop_lists() {
    workflow_list.stop();
    node_type_list.stop();
    profile_query.stop();
    open_when_listed = false;
}

}  // namespace model
