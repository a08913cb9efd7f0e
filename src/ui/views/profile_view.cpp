// The profile: who is signed in, and by what.
#include <imgui.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "base/text.hpp"
#include "ui/commands.hpp"
#include "ui/views/views.hpp"
#include "ui/widgets.hpp"
#include "ui/widgets/form.hpp"

namespace ui {

namespace {

constexpr float kColumn = 640;
constexpr float kFieldWidth = 360;
constexpr float kAvatar = 56;

constexpr std::array<state::FieldWords, 3> kPasswordWords{{{"current password", "current"}, {"new password", "next"}, {"password", "next"}}};
constexpr std::array<state::FieldWords, 1> kNameWords{{{"name", "name"}}};

std::string member(const model::Json& values, const char* name) {
    const auto found = values.find(name);
    const auto* text = found == values.end() ? nullptr : found->get_ptr<const model::Json::string_t*>();
    return text != nullptr ? *text : std::string();
}

state::Schema name_rules() {
    namespace schema = state::schema;
    return schema::object({{"name", schema::string().trim().min(1, "Enter your name").max(100, "At most 100 characters")}});
}

state::Schema password_rules() {
    namespace schema = state::schema;
    const auto same = [](const model::Json& all) { return member(all, "next") == member(all, "repeat"); };
    return schema::object({{"current", schema::string().min(1, "Enter your current password")},
                           {"next", schema::string().min(1, "Enter a new password").min(6, "At least 6 characters").max(1024, "At most 1024 characters")},
                           {"repeat", schema::string().min(1, "Enter the new password again")}})
        .refine(same, "This is not the same as above", "repeat");
}

// "2026-11-20T18:48:53.000Z" as "20 November 2026"; as it is when it has another form.
std::string date_words(std::string_view stamp) {
    static constexpr std::array<const char*, 12> kMonths{"January", "February", "March", "April", "May", "June",
                                                         "July", "August", "September", "October", "November", "December"};
    const auto year = base::parse_integer_in<int>(stamp.substr(0, 4), 1970, 9999);
    const auto month = stamp.size() >= 10 ? base::parse_integer_in<int>(stamp.substr(5, 2), 1, 12) : std::nullopt;
    const auto day = stamp.size() >= 10 ? base::parse_integer_in<int>(stamp.substr(8, 2), 1, 31) : std::nullopt;
    if (!year || !month || !day) return std::string(stamp);
    return std::to_string(*day) + " " + kMonths[static_cast<std::size_t>(*month - 1)] + " " + std::to_string(*year);
}

struct SignInWay {
    std::string title;
    Icon icon = Icon::lock;
    bool password = true;
};

SignInWay way_of(const model::App& app, const model::User& user) {
    if (!app.session().login_required) return {"None: everyone who reaches this server is its admin", Icon::user, false};
    if (user.auth_provider.empty() || user.auth_provider == "email") return {"Email and password", Icon::lock, true};
    for (const model::SignInProvider& provider : app.session().providers) {
        if (provider.id == user.auth_provider) return {provider.title, provider_icon(provider.icon), false};
    }
    return {user.auth_provider == "github" ? "GitHub" : user.auth_provider, provider_icon(user.auth_provider), false};
}

// What became of the request that the form was submitted with.
void settle(state::Form& form, const model::SubmitState& submit, std::uint64_t& seen, std::span<const state::FieldWords> words) {
    if (submit.busy || submit.answers == seen) return;
    seen = submit.answers;
    if (!form.submitting()) return;
    if (submit.error.message.empty()) form.succeeded();
    else form.failed(submit.error, words);
}

void head(UiContext& ctx, const model::User& user, const SignInWay& way) {
    const ImVec2 min = reserve(ctx, ImVec2(ImGui::GetContentRegionAvail().x, kAvatar));
    ImDrawList* list = ImGui::GetWindowDrawList();
    const ImVec2 center(min.x + kAvatar / 2, min.y + kAvatar / 2);
    list->AddCircleFilled(center, kAvatar / 2, avatar_color(ctx), 48);
    const bool has_mark = way.icon != Icon::lock && way.icon != Icon::user;
    if (has_mark) {
        draw_icon_centered(list, way.icon, center, 28, rgb(0xFFFFFF));
    } else {
        const std::string initials = initials_of(ctx.app);
        const float width = text_width(ctx.fonts.semibold, text_size::kTitle, initials);
        draw_text(list, ctx.fonts.semibold, text_size::kTitle, ImVec2(center.x - width / 2, center.y - text_size::kTitle / 2), rgb(0xFFFFFF), initials);
    }
    const float x = min.x + kAvatar + 16;
    const float room = std::max(ImGui::GetWindowPos().x + ImGui::GetWindowWidth() - x - metrics::kPad, 40.0f);
    const std::string_view name = user.name.empty() ? user.email : user.name;
    draw_text(list, ctx.fonts.semibold, text_size::kTitle, ImVec2(x, min.y + 7), ctx.theme.text, name, room);
    draw_text(list, ctx.fonts.ui, text_size::kUi, ImVec2(x, min.y + 33), ctx.theme.muted, user.email, room);
    record(ctx, id_of("profile-name"), ImVec2(x, min.y), ImVec2(x + room, min.y + kAvatar), {.role = Role::heading, .name = name, .description = user.email});
}

void name_form(UiContext& ctx, ProfileForms& forms) {
    const model::SubmitState& submit = ctx.app.profile().name;
    const bool was_submitting = forms.name.submitting();
    settle(forms.name, submit, forms.name_answers, kNameWords);
    if (was_submitting && !forms.name.submitting() && submit.error.message.empty()) forms.name.reset({{"name", ctx.app.auth().user->name}});
    ImGui::PushID("name-form");
    {
        FormFields fields(ctx, forms.name);
        fields.alert();
        fields.text("name", {.label = "Name", .width = std::min(kFieldWidth, ImGui::GetContentRegionAvail().x)});
        if (fields.submit("Save name", {.busy_label = "Saving…", .disabled = !forms.name.dirty()})) {
            forms.name.submit([&app = ctx.app](const model::Json& values) { app.save_profile_name(member(values, "name")); });
        }
    }
    ImGui::PopID();
}

void password_form(UiContext& ctx, ProfileForms& forms) {
    const model::SubmitState& submit = ctx.app.profile().password;
    const bool was_submitting = forms.password.submitting();
    settle(forms.password, submit, forms.password_answers, kPasswordWords);
    // Nobody needs them any more.
    if (was_submitting && !forms.password.submitting() && submit.error.message.empty()) forms.password.reset();
    ImGui::PushID("password-form");
    {
        const float width = std::min(kFieldWidth, ImGui::GetContentRegionAvail().x);
        FormFields fields(ctx, forms.password);
        fields.alert();
        fields.text("current", {.label = "Current password", .password = true, .width = width});
        fields.text("next", {.label = "New password", .help = "At least 6 characters", .password = true, .width = width});
        fields.text("repeat", {.label = "Repeat new password", .password = true, .width = width});
        if (fields.submit("Change password", {.busy_label = "Changing…", .style = ButtonStyle::secondary})) {
            forms.password.submit([&app = ctx.app](const model::Json& values) { app.change_password(member(values, "current"), member(values, "next")); });
        }
    }
    ImGui::PopID();
}

void profile_body(UiContext& ctx, ViewState& views) {
    const auto& user = ctx.app.auth().user;
    if (!user) {
        text(ctx, "Nobody is signed in.", {.color = ctx.theme.muted});
        return;
    }
    ctx.app.load_profile();
    if (!views.profile_forms || views.profile_forms->user_id != user->id) views.profile_forms = std::make_unique<ProfileForms>(*user, ctx.app.profile());
    ProfileForms& forms = *views.profile_forms;
    const SignInWay way = way_of(ctx.app, *user);

    head(ctx, *user, way);
    ImGui::Dummy(ImVec2(0, 10));
    section_label(ctx, "Account");
    label_value(ctx, "Role", user->role == "admin" ? std::string_view("Admin") : std::string_view("User"));
    label_value(ctx, "Sign-in", way.title);
    if (!user->created_at.empty() && ctx.app.session().login_required) label_value(ctx, "Member since", date_words(user->created_at));
    if (ctx.app.session().login_required) {
        ImGui::Dummy(ImVec2(0, 6));
        name_form(ctx, forms);
        separator(ctx, 24);
        section_label(ctx, "Password");
        if (way.password) {
            password_form(ctx, forms);
        } else {
            text(ctx, "You sign in by " + way.title + ". There is no password to change here.", {.color = ctx.theme.muted, .wrap = true});
        }
    }
    if (ctx.commands.enabled("session.logout")) {
        separator(ctx, 24);
        section_label(ctx, "This browser");
        command_button(ctx, "session.logout", "Log out", {.icon = Icon::logout});
    }
}

}  // namespace

ProfileForms::ProfileForms(const model::User& user, const model::ProfileState& profile)
    : user_id(user.id),
      name(name_rules(), {{"name", user.name}}),
      password(password_rules(), {{"current", ""}, {"next", ""}, {"repeat", ""}}),
      name_answers(profile.name.answers),
      password_answers(profile.password.answers) {}

Icon provider_icon(std::string_view name) {
    if (name == "github") return Icon::github;
    return base::find_ascii_case(name, "authentik") != std::string_view::npos ? Icon::shield : Icon::key;
}

std::string_view draw_provider_buttons(UiContext& ctx, bool registering) {
    const model::SessionState& session = ctx.app.session();
    std::string_view pressed;
    if (session.providers.empty()) return pressed;
    if (session.password_enabled) {
        // "or" between two lines.
        const float width = ImGui::GetContentRegionAvail().x;
        const ImVec2 min = reserve(ctx, ImVec2(width, 28));
        ImDrawList* list = ImGui::GetWindowDrawList();
        const float word = text_width(ctx.fonts.ui, text_size::kSmall, "or");
        const float y = min.y + 14;
        list->AddRectFilled(ImVec2(min.x, y), ImVec2(min.x + (width - word) / 2 - 10, y + 1), ctx.theme.border);
        list->AddRectFilled(ImVec2(min.x + (width + word) / 2 + 10, y), ImVec2(min.x + width, y + 1), ctx.theme.border);
        draw_text(list, ctx.fonts.ui, text_size::kSmall, ImVec2(min.x + (width - word) / 2, y - text_size::kSmall / 2), ctx.theme.muted, "or");
    }
    for (const model::SignInProvider& provider : session.providers) {
        const std::string label = (registering ? "Sign up with " : "Sign in with ") + provider.title;
        const std::string id = "provider-" + provider.id;
        if (button(ctx, label, {.icon = provider_icon(provider.icon), .id = id, .disabled = session.busy, .width = -0.5f, .height = std::max(control_height(ctx), 36.0f)})) pressed = provider.id;
    }
    return pressed;
}

void draw_profile(UiContext& ctx, ViewState& views, const Layout& layout) {
    const Box& box = layout.main;
    begin_record_group(ctx, id_of("profile"), box.min, box.max, {.role = Role::main, .name = "Profile"});
    const float side = std::max((box.width() - kColumn) / 2, metrics::kPad);
    if (begin_region(ctx, "profile-region", box.min, box.max, ctx.theme.background, ImVec2(side, 28), true)) profile_body(ctx, views);
    end_region(ctx);
    end_record_group(ctx);
}

}  // namespace ui
