// Sign in and register, and what is shown before the session is known.
#include <imgui.h>

#include <algorithm>
#include <string>

#include "ui/views/views.hpp"
#include "ui/widgets.hpp"

namespace ui {

namespace {

constexpr std::size_t kPasswordMin = 6;

bool looks_like_email(std::string_view text) {
    const std::size_t at = text.find('@');
    return at != std::string_view::npos && at > 0 && at + 1 < text.size() && text.find(' ') == std::string_view::npos;
}

std::string email_error(const LoginForm& form) {
    if (!form.tried || looks_like_email(form.email)) return {};
    return form.email.empty() ? "Enter your email address" : "This is no email address";
}

std::string password_error(const LoginForm& form) {
    if (!form.tried) return {};
    if (form.password.empty()) return "Enter your password";
    if (form.registering && form.password.size() < kPasswordMin) return "At least 6 characters";
    return {};
}

bool is_complete(const LoginForm& form) {
    return looks_like_email(form.email) && !form.password.empty() && (!form.registering || (form.password.size() >= kPasswordMin && !form.name.empty()));
}

void submit(UiContext& ctx, LoginForm& form) {
    form.tried = true;
    if (!is_complete(form) || ctx.app.session().busy) return;
    if (form.registering) ctx.app.register_user(form.name, form.email, form.password, form.invite_code);
    else ctx.app.login(form.email, form.password);
}

void login_card(UiContext& ctx, LoginForm& form) {
    const model::SessionState& session = ctx.app.session();
    heading(ctx, form.registering ? "Create an account" : "Sign in to Binnacle");
    if (!session.form_error.empty()) {
        text(ctx, session.form_error, {.color = ctx.theme.danger_text, .wrap = true, .role = Role::alert, .flags = kLive});
    }
    ImGui::Dummy(ImVec2(0, 2));
    bool enter = false;
    const bool take_focus = !form.focused;
    form.focused = true;
    if (form.registering) {
        enter |= input_text(ctx, "name", form.name, {.label = "Name", .error = form.tried && form.name.empty() ? "Enter your name" : "", .required = true, .disabled = session.busy, .focus = take_focus}).submitted;
    }
    const std::string email = email_error(form);
    const std::string password = password_error(form);
    enter |= input_text(ctx, "email", form.email, {.label = "Email", .error = email, .required = true, .disabled = session.busy, .focus = take_focus && !form.registering}).submitted;
    enter |= input_text(ctx, "password", form.password,
                        {.label = "Password", .error = password, .help = form.registering ? "At least 6 characters" : "", .required = true, .disabled = session.busy, .password = true}).submitted;
    if (form.registering) {
        enter |= input_text(ctx, "invite", form.invite_code, {.label = "Invite code", .help = "Not needed for the first account", .disabled = session.busy}).submitted;
    }
    ImGui::Dummy(ImVec2(0, 4));
    const std::string_view label = form.registering ? (session.busy ? "Creating…" : "Create account") : session.busy ? "Signing in…" : "Sign in";
    const bool pressed = button(ctx, label, {.style = ButtonStyle::primary, .id = "submit", .width = -0.5f, .height = std::max(control_height(ctx), 36.0f), .busy = session.busy});
    if (pressed || enter) submit(ctx, form);
    if (session.signup_enabled || form.registering) {
        ImGui::Dummy(ImVec2(0, 4));
        if (link(ctx, form.registering ? "I have an account: sign in" : "Create an account", "switch")) {
            form.registering = !form.registering;
            form.tried = false;
            form.focused = false;
        }
    }
}

}  // namespace

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
    const float card_width = std::min(380.0f, width - 24);
    float card_height = views.login.registering ? 470.0f : 330.0f;
    if (!session.form_error.empty()) card_height += 44;
    if (views.login.tried && !is_complete(views.login)) card_height += 60;
    if (ctx.input.coarse_pointer) card_height += 60;
    card_height = std::min(card_height, height - 24);
    const ImVec2 min = snap(ImVec2((width - card_width) / 2, std::max((height - card_height) * 0.4f, 12.0f)), ctx.input.pixel_ratio);
    const ImVec2 max(min.x + card_width, min.y + card_height);
    ImDrawList* list = ImGui::GetWindowDrawList();
    list->AddRectFilled(ImVec2(0, 0), ImVec2(width, height), ctx.theme.background);
    list->AddRectFilled(min, max, ctx.theme.surface, 10);
    list->AddRect(min, max, ctx.theme.border, 10);
    if (begin_region(ctx, "login-card", ImVec2(min.x + 1, min.y + 1), ImVec2(max.x - 1, max.y - 1), 0U, ImVec2(27, 23), true)) login_card(ctx, views.login);
    end_region(ctx);
    end_record_group(ctx);
}

}  // namespace ui
