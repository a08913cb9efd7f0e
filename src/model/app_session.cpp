// Who is using this tab: reaching the backend, signing in and out.
#include <algorithm>

#include "model/app_impl.hpp"
#include "model/parameter_schema.hpp"

namespace model {

namespace {

constexpr std::int64_t kDayMs = 24 * 60 * 60 * 1000;
constexpr std::int64_t kMaxConnectDelayMs = 30'000;

std::optional<User> read_user(const Json* json) {
    if (!json || !json->is_object()) return std::nullopt;
    wire::JsonErrors errors;
    const wire::JsonReader reader(*json, errors);
    User user;
    user.id = reader.string_or("id", "");
    user.name = reader.string_or("name", "");
    user.email = reader.string_or("email", "");
    user.role = reader.string_or("role", "");
    user.created_at = reader.string_or("createdAt", "");
    user.avatar_url = reader.string_or("avatarUrl", "");
    user.auth_provider = reader.string_or("authProvider", "email");
    return user;
}

const Json* field(const Json& object, const char* key) {
    if (!object.is_object()) return nullptr;
    const auto it = object.find(key);
    return it == object.end() ? nullptr : &*it;
}

}  // namespace

bool App::Impl::token_expired() const {
    const AuthState& state = auth.get();
    return state.expires_at_ms > 0 && ports.scheduler.clock().unix_ms() >= state.expires_at_ms;
}

void App::Impl::take_login(const Json& reply) {
    const Json* token = field(reply, "token");
    if (!token || !token->is_string()) return;
    auto user = read_user(field(reply, "user"));
    auth.update([&](AuthState& s) {
        s.token = token->get_ref<const std::string&>();
        s.expires_at_ms = ports.scheduler.clock().unix_ms() + kDayMs;
        if (user) s.user = std::move(user);
    });
}

void App::Impl::renewed(const Json& token_and_user) { take_login(token_and_user); }

void App::Impl::ended() {
    // Not inside the failing call's own callback: leaving drops all calls.
    ports.scheduler.post([guard = self] {
        if (Impl* impl = *guard; impl && impl->session.get().phase == SessionPhase::signed_in) impl->leave(true);
    });
}

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
        session.update([&](SessionState& s) {
            s.login_required = builtin;
            s.cluster_name = health.string_or("cluster", "");
        });
        if (builtin && auth.get().token.empty()) {
            session.update([](SessionState& s) { s.phase = SessionPhase::signed_out; });
            call_in("methods", {.path = "/auth/methods"}, [this](base::Result<net::ApiReply> methods) {
                if (!methods) return;
                wire::JsonErrors method_errors;
                const auto builtin_method = wire::JsonReader(methods->json, method_errors).optional_object("builtin");
                session.update([&](SessionState& s) { s.signup_enabled = builtin_method && builtin_method.boolean_or("signupEnabled", true); });
                changed(kTopicChrome);
            });
            return changed(kTopicChrome);
        }
        read_profile();
    });
}

void App::Impl::read_profile() {
    call_in("profile", {.path = "/profile"}, [this](base::Result<net::ApiReply> reply) {
        if (!reply) {
            if (reply.error().code == base::ErrorCode::unauthenticated || reply.error().code == base::ErrorCode::forbidden) return leave(true);
            connect_timer = ports.scheduler.after(2'000, [this] { connect(); });
            return;
        }
        if (auto user = read_user(&reply->json)) auth.update([&](AuthState& s) { s.user = std::move(user); });
        enter();
    });
}

void App::Impl::enter() {
    session.update([](SessionState& s) {
        s.phase = SessionPhase::signed_in;
        s.busy = false;
        s.form_error.clear();
    });
    changed(~0U);
    read_node_types();
    read_workflows(true);
}

void App::Impl::leave(bool session_ended) {
    const bool was_in = session.get().phase == SessionPhase::signed_in;
    drop_calls();
    autosave_timer.cancel();
    connect_timer.cancel();
    close_workflow();
    auth.update([](AuthState& s) { s = AuthState{}; });
    clear_personal_state();
    session.update([&](SessionState& s) {
        s.phase = s.login_required ? SessionPhase::signed_out : SessionPhase::starting;
        s.busy = false;
        s.form_error.clear();
    });
    if (was_in && session_ended) toast(ToastKind::warning, "Your session has ended", "Sign in again to go on.");
    changed(~0U);
    connect();
}

void App::Impl::login(std::string email, std::string password) {
    if (session.get().busy) return;
    session.update([](SessionState& s) {
        s.busy = true;
        s.form_error.clear();
    });
    changed(kTopicChrome);
    call_in("login", {.method = "POST", .path = "/auth/login", .body = Json{{"email", std::move(email)}, {"password", std::move(password)}}},
            [this](base::Result<net::ApiReply> reply) {
                if (!reply) {
                    session.update([&](SessionState& s) {
                        s.busy = false;
                        s.form_error = reply.error().message;
                        s.form_problem = reply.error();
                    });
                    return changed(kTopicChrome);
                }
                take_login(reply->json);
                enter();
            });
}

void App::Impl::register_user(std::string name, std::string email, std::string password, std::string invite_code) {
    if (session.get().busy) return;
    session.update([](SessionState& s) {
        s.busy = true;
        s.form_error.clear();
    });
    changed(kTopicChrome);
    Json body{{"name", std::move(name)}, {"email", std::move(email)}, {"password", std::move(password)}};
    if (!invite_code.empty()) body["inviteCode"] = std::move(invite_code);
    call_in("login", {.method = "POST", .path = "/auth/register", .body = std::move(body)}, [this](base::Result<net::ApiReply> reply) {
        if (!reply) {
            session.update([&](SessionState& s) {
                s.busy = false;
                s.form_error = reply.error().message;
                s.form_problem = reply.error();
            });
            return changed(kTopicChrome);
        }
        take_login(reply->json);
        enter();
    });
}

void App::Impl::read_node_types() {
    call_in("templates", {.path = "/templates"}, [this](base::Result<net::ApiReply> reply) {
        if (!reply) return;  // forms are the poorer for it; the next entry tries again
        wire::JsonErrors errors;
        std::vector<NodeType> types;
        for (const wire::JsonReader item : wire::JsonReader(reply->json, errors).array_or_empty("templates")) {
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
    });
}

}  // namespace model
