// Sign in and register, and what is shown before the session is known.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <string>

#include "base/text.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"
#include "ui/widgets/form.hpp"

namespace ui {

namespace {

// How the hub's sentences call the fields.
constexpr std::array<state::FieldWords, 5> kFieldWords{
    {{"name", "name"}, {"email", "email"}, {"e-mail", "email"}, {"password", "password"}, {"invite code", "invite_code"}}};

constexpr float kCardWidth = 380;
constexpr ImVec2 kCardPadding(27, 23);

state::Schema email_rule() { return state::schema::string().trim().min(1, "Enter your email address").email("This is no email address"); }

state::Schema login_rules() {
    namespace schema = state::schema;
    return schema::object({{"email", email_rule()}, {"password", schema::string().min(1, "Enter your password")}});
}

state::Schema registration_rules() {
    namespace schema = state::schema;
    return schema::object({{"name", schema::string().trim().min(1, "Enter your name").max(100, "At most 100 characters")},
                           {"email", email_rule()},
                           {"password", schema::string().min(1, "Enter your password").min(6, "At least 6 characters")},
                           {"invite_code", schema::string().trim().empty_is_absent().optional()}});
}

std::string member(const model::Json& values, const char* name) {
    const auto found = values.find(name);
    const auto* text = found == values.end() ? nullptr : found->get_ptr<const model::Json::string_t*>();
    return text != nullptr ? *text : std::string();
}

// What became of the request that the form was submitted with.
void settle_submit(const model::SessionState& session, SessionForms& forms) {
    state::Form& form = forms.current();
    if (!form.submitting() || session.busy) return;
    if (session.form_error.empty()) return form.succeeded();
    forms.placed_error = session.form_error;
    form.failed(session.form_problem, kFieldWords);
    if (form.focus_path().empty()) form.focus("password");  // about the whole: most likely it was mistyped
}

void send(UiContext& ctx, SessionForms& forms) {
    model::App& app = ctx.app;
    if (forms.registering) {
        forms.registration.submit([&app](const model::Json& values) {
            app.register_user(member(values, "name"), member(values, "email"), member(values, "password"), member(values, "invite_code"));
        });
    } else {
        forms.login.submit([&app](const model::Json& values) { app.login(member(values, "email"), member(values, "password")); });
    }
}

// The controls of signing in by password. True when that was asked for.
bool password_part(UiContext& ctx, FormFields& fields, bool registering) {
    if (registering) fields.text("name", {.label = "Name"});
    fields.text("email", {.label = "Email"});
    fields.text("password", {.label = "Password", .help = registering ? "At least 6 characters" : "", .password = true});
    if (registering) fields.text("invite_code", {.label = "Invite code", .help = "Not needed for the first account"});
    ImGui::Dummy(ImVec2(0, 4));
    const SubmitOptions wide{.busy_label = registering ? "Creating…" : "Signing in…", .width = -0.5f, .height = std::max(control_height(ctx), 36.0f)};
    return fields.submit(registering ? "Create account" : "Sign in", wide);
}

void login_card(UiContext& ctx, SessionForms& forms) {
    const model::SessionState& session = ctx.app.session();
    const bool registering = forms.registering;
    settle_submit(session, forms);
    FormFields fields(ctx, forms.current(), session.busy);
    heading(ctx, registering ? "Create an account" : "Sign in to Binnacle");
    fields.alert(session.form_error != forms.placed_error ? std::string_view(session.form_error) : std::string_view());
    ImGui::Dummy(ImVec2(0, 2));
    if (session.password_enabled) {
        if (password_part(ctx, fields, registering)) send(ctx, forms);
    } else if (registering) {
        fields.text("invite_code", {.label = "Invite code", .help = "An admin can tell it"});
    }
    if (const std::string_view provider = draw_provider_buttons(ctx, registering); !provider.empty()) {
        ctx.app.sign_in_by(std::string(provider), registering ? std::string(base::trim(forms.registration.text("invite_code"))) : std::string());
    }
    const bool only_providers = !session.password_enabled && !session.providers.empty();
    if (!session.signup_enabled && !registering && !only_providers) return;
    ImGui::Dummy(ImVec2(0, 4));
    const std::string_view other_way = registering ? "I have an account: sign in" : only_providers ? "I have an invite code" : "Create an account";
    if (link(ctx, other_way, "switch") && !session.busy) {
        forms.set_registering(!registering);
        ctx.wake_in(0);
    }
}

}  // namespace

SessionForms::SessionForms() : login(login_rules(), {{"email", ""}, {"password", ""}}), registration(registration_rules(), {{"name", ""}, {"email", ""}, {"password", ""}, {"invite_code", ""}}) {
    login.focus("email");
}

void SessionForms::set_registering(bool on) {
    if (on == registering) return;
    const state::Form& from = current();
    const std::string email = from.text("email");
    const std::string password = from.text("password");
    registering = on;
    state::Form& form = current();
    form.reset();
    form.set("email", email);
    form.set("password", password);
    form.focus(on ? "name" : "email");
}

void draw_session_page(UiContext& ctx, ViewState& views) {
    const model::SessionState& session = ctx.app.session();
    const float width = ctx.input.width;
    const float height = ctx.input.height;
    begin_record_group(ctx, id_of("session"), ImVec2(0, 0), ImVec2(width, height), {.role = Role::main, .name = "Sign in"});
    if (session.phase == model::SessionPhase::starting || !session.login_required) {
        const model::ConnectionState& connection = ctx.app.connection();
        if (begin_region(ctx, "starting", ImVec2(0, 0), ImVec2(width, height), ctx.theme.background, ImVec2(24, 24))) {
            if (!connection.online) {
                if (state_message(ctx, "no-backend", {.icon = Icon::warning, .title = connection.problem.empty() ? "The backend does not answer" : std::string_view(connection.problem),
                                                      .text = "Binnacle tries again by itself. Check that the gateway is running.", .action = "Retry now", .error = true}))
                    ctx.app.wake();
            } else if (lasted(ctx, id_of("starting-words"), metrics::kSkeletonDelayMs)) {
                state_message(ctx, "starting-message", {.icon = Icon::clusters, .text = "Connecting…"});
            }
        }
        end_region(ctx);
        end_record_group(ctx);
        return;
    }
    if (!views.session_forms) views.session_forms = std::make_unique<SessionForms>();
    SessionForms& forms = *views.session_forms;
    const float card_width = std::min(kCardWidth, width - 24);
    // As high as its content was last frame.
    const float card_height = std::min((forms.card_height > 0 ? forms.card_height : 280.0f) + 2 * kCardPadding.y + 2, height - 24);
    const ImVec2 min = snap(ImVec2((width - card_width) / 2, std::max((height - card_height) * 0.4f, 12.0f)), ctx.input.pixel_ratio);
    const ImVec2 max(min.x + card_width, min.y + card_height);
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(ImVec2(0, 0), ImVec2(width, height), ctx.theme.background);
    list->AddRectFilled(min, max, ctx.theme.surface, 10);
    list->AddRect(min, max, ctx.theme.border, 10);
    if (begin_region(ctx, "login-card", ImVec2(min.x + 1, min.y + 1), ImVec2(max.x - 1, max.y - 1), 0U, kCardPadding, true)) {
        const float top = ImGui::GetCursorPosY();
        login_card(ctx, forms);
        const float content = std::ceil(ImGui::GetCursorPosY() - ImGui::GetStyle().ItemSpacing.y - top);
        if (content != forms.card_height) ctx.wake_in(0);
        forms.card_height = content;
    }
    end_region(ctx);
    end_record_group(ctx);
}

}  // namespace ui
