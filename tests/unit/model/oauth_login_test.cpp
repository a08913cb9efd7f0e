// Signing in by a provider, from the page's side, and the profile; against a scripted backend in virtual time.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>

#include "base/testing/virtual_scheduler.hpp"
#include "base/url.hpp"
#include "model/app.hpp"
#include "net/loopback.hpp"
#include "state/storage.hpp"
#include "wire/json_reader.hpp"

using namespace model;

namespace {

class Backend final : public net::HttpHandler {
public:
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        const std::string path = request.target.substr(0, request.target.find('?'));
        log.push_back(request.method + " " + request.target);
        if (path == "/v1/api/health") return json(*writer, 200, {{"product", "binnacle"}, {"auth", "builtin"}, {"cluster", "demo"}});
        if (path == "/v1/api/auth/methods") {
            return json(*writer, 200, {{"builtin", {{"enabled", passwords}, {"signupEnabled", passwords}}}, {"providers", providers}});
        }
        if (path == "/v1/api/auth/oauth/exchange") {
            exchanges.push_back(request.body);
            const bool bearer = request.headers.has("authorization");
            CHECK_FALSE(bearer);
            if (!accepts) return json(*writer, 400, {{"error", "This sign-in is over."}});
            return json(*writer, 200, session("token-1"));
        }
        if (!request.headers.get("authorization").starts_with("Bearer token-")) return json(*writer, 401, {{"error", "Sign in first."}});
        bearers.push_back(std::string(request.headers.get("authorization")));
        if (path == "/v1/api/profile" && request.method == "GET") return json(*writer, 200, user());
        if (path == "/v1/api/profile") {
            const auto body = wire::parse_json(request.body);
            name = (*body)["name"].get<std::string>();
            return json(*writer, 200, user());
        }
        if (path == "/v1/api/profile/password") {
            const auto body = wire::parse_json(request.body);
            if ((*body)["currentPassword"] != "secret1") return json(*writer, 403, {{"error", "The current password is not right."}});
            return json(*writer, 200, session("token-2"));
        }
        json(*writer, 200, Json::object());
    }
    [[nodiscard]] Json user() const {
        return {{"id", "u1"}, {"name", name}, {"email", "ann@example.org"}, {"role", "admin"}, {"createdAt", "2026-01-02T03:04:05.000Z"}, {"authProvider", provider}};
    }
    [[nodiscard]] Json session(const std::string& token) const { return {{"token", token}, {"expires_in", 86'400}, {"user", user()}}; }
    [[nodiscard]] int count(const std::string& line) const {
        return static_cast<int>(std::count_if(log.begin(), log.end(), [&](const std::string& each) { return each.starts_with(line); }));
    }
    static void json(net::ResponseWriter& writer, int status, const Json& body) {
        writer.respond({status, {{"content-type", "application/json"}}, base::dump_json(body)});
    }

    bool passwords = true;
    bool accepts = true;
    std::string name = "Ann";
    std::string provider = "github";
    Json providers = Json::array({{{"name", "github"}, {"displayName", "GitHub"}, {"icon", "github"}}, {{"name", "sso"}, {"displayName", "Company"}, {"icon", "oidc"}}});
    std::vector<std::string> log, exchanges, bearers;
};

class FakePage final : public SignInPage {
public:
    bool leave_for(const std::string& its_target, const std::string& its_memo) override {
        if (!keeps) return false;
        target = its_target;
        memo = its_memo;
        return true;
    }
    bool keeps = true;
    std::string target, memo;
};

struct Rig {
    explicit Rig(OAuthReturn back = {}, bool with_page = true) {
        app = std::make_unique<App>(AppPorts{.api = client, .scheduler = time, .random = random, .storage = storage, .sign_in_page = with_page ? &page : nullptr},
                                    AppOptions{.backend_label = "gateway", .oauth_return = std::move(back), .storage_suffix = {}});
    }
    void start() {
        app->start();
        time.advance(100);
    }
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{3};
    state::MemoryStorage storage;
    Backend backend;
    net::LoopbackClient client{time, backend};
    FakePage page;
    std::unique_ptr<App> app;
};

bool has_toast(const App& app, std::string_view title) {
    return std::any_of(app.toasts().begin(), app.toasts().end(), [&](const Toast& toast) { return toast.title == title; });
}

}  // namespace

TEST_CASE("providers are read tolerantly: only names that fit an address, and not without end") {
    const Json methods{{"providers", {{{"name", "github"}, {"displayName", "GitHub"}, {"icon", "github"}}, {{"name", "sso"}}, {{"name", "../evil"}}, {{"name", 7}}, "nonsense",
                                      {{"name", ""}}, {{"name", "a b"}}}}};
    const auto providers = read_providers(methods);
    REQUIRE(providers.size() == 2);
    CHECK(providers[0] == SignInProvider{"github", "GitHub", "github"});
    CHECK(providers[1] == SignInProvider{"sso", "sso", ""});
    Json many = Json::array();
    for (int i = 0; i < 50; ++i) many.push_back({{"name", "p" + std::to_string(i)}});
    CHECK(read_providers({{"providers", many}}).size() == kMaxProviders);
    CHECK(read_providers(Json()).empty());
    CHECK(read_providers({{"providers", "x"}}).empty());
}

TEST_CASE("every word of a failed sign-in has a sentence that says what to do") {
    for (const char* word : {"denied", "expired", "wrong_browser", "wrong_address", "provider_unavailable", "provider_error", "bad_token", "no_email", "email_unverified",
                             "password_account", "other_provider", "invite_required", "busy", "unknown_provider", "server_error", "", "<script>"}) {
        INFO(word);
        const std::string words = oauth_problem(word, "GitHub");
        CHECK(words.find('%') == std::string::npos);
        CHECK(words.find('<') == std::string::npos);
        CHECK(words.ends_with('.'));
    }
    CHECK(oauth_problem("denied", "GitHub").find("at GitHub.") != std::string::npos);
    CHECK(oauth_problem("no_email", "").starts_with("The provider gave"));
}

TEST_CASE("the sign-in page offers the providers, and leaves for one with a secret of this tab [D2]") {
    Rig rig;
    rig.start();
    CHECK(rig.app->session().phase == SessionPhase::signed_out);
    REQUIRE(rig.app->session().providers.size() == 2);
    CHECK(rig.app->session().password_enabled);
    rig.app->sign_in_by("nobody", "");
    CHECK(rig.page.target.empty());
    rig.app->sign_in_by("github", "123456");
    const auto target = base::parse_target(rig.page.target);
    REQUIRE(target.has_value());
    CHECK(target->path == "/v1/api/auth/oauth/github/authorize");
    CHECK(target->query.get("invite") == "123456");
    const std::string tab(target->query.get("tab"));
    CHECK(tab.size() == 32);
    CHECK(rig.page.memo == make_memo(tab, "GitHub"));
    rig.app->sign_in_by("sso", "");
    CHECK(rig.page.target.find(tab) == std::string::npos);
    CHECK(rig.page.target.find("invite") == std::string::npos);
}

TEST_CASE("a browser that keeps nothing, or a page that cannot leave, says so or offers nothing") {
    Rig rig;
    rig.page.keeps = false;
    rig.start();
    rig.app->sign_in_by("github", "");
    CHECK(rig.app->session().form_error.find("keeps no data") != std::string::npos);
    Rig framed({}, false);
    framed.start();
    CHECK(framed.app->session().providers.empty());
}

TEST_CASE("a page that comes back with a code exchanges it once, with the tab's secret, and is signed in [D2]") {
    Rig rig({.code = "login-code", .error = {}, .tab = "tab-secret", .title = "GitHub"});
    rig.start();
    REQUIRE(rig.app->session().phase == SessionPhase::signed_in);
    REQUIRE(rig.backend.exchanges.size() == 1);
    CHECK(Json::parse(rig.backend.exchanges.front()) == Json{{"code", "login-code"}, {"tab", "tab-secret"}});
    CHECK(rig.app->auth().token == "token-1");
    CHECK(rig.app->auth().user->auth_provider == "github");
    for (const std::string& line : rig.backend.log) CHECK(line.find("login-code") == std::string::npos);
    rig.app->logout();
    rig.time.advance(100);
    CHECK(rig.backend.exchanges.size() == 1);
    CHECK(rig.app->session().phase == SessionPhase::signed_out);
}

TEST_CASE("a code that is refused leaves the sign-in page with the reason and every way in") {
    Rig rig({.code = "login-code", .error = {}, .tab = "tab-secret", .title = "GitHub"});
    rig.backend.accepts = false;
    rig.start();
    CHECK(rig.app->session().phase == SessionPhase::signed_out);
    CHECK(rig.app->session().form_error == "This sign-in is over.");
    CHECK_FALSE(rig.app->session().busy);
    CHECK(rig.app->session().providers.size() == 2);
}

TEST_CASE("a page that comes back with an error says it in words, and who was signed in stays so") {
    Rig rig({.code = {}, .error = "email_unverified", .tab = {}, .title = "GitHub"});
    rig.start();
    CHECK(rig.app->session().form_error == oauth_problem("email_unverified", "GitHub"));
    CHECK(rig.backend.exchanges.empty());

    Rig first({.code = "login-code", .error = {}, .tab = "t", .title = {}});
    first.start();
    first.app->flush_storage();
    first.app.reset();
    first.app = std::make_unique<App>(AppPorts{.api = first.client, .scheduler = first.time, .random = first.random, .storage = first.storage, .sign_in_page = &first.page},
                                      AppOptions{.backend_label = "gateway", .oauth_return = {.code = {}, .error = "denied", .tab = {}, .title = "GitHub"}, .storage_suffix = {}});
    first.start();
    CHECK(first.app->session().phase == SessionPhase::signed_in);
    CHECK(has_toast(*first.app, "You are still signed in as before"));
    // A code that comes when another tab has signed in meanwhile changes nobody's session.
    first.app->flush_storage();
    first.app.reset();
    first.app = std::make_unique<App>(AppPorts{.api = first.client, .scheduler = first.time, .random = first.random, .storage = first.storage, .sign_in_page = &first.page},
                                      AppOptions{.backend_label = "gateway", .oauth_return = {.code = "another", .error = {}, .tab = "t", .title = "GitHub"}, .storage_suffix = {}});
    first.start();
    CHECK(first.backend.exchanges.size() == 1);
    CHECK(first.app->auth().token == "token-1");
}

TEST_CASE("where passwords are not in use only the providers are offered") {
    Rig rig;
    rig.backend.passwords = false;
    rig.start();
    CHECK_FALSE(rig.app->session().password_enabled);
    CHECK_FALSE(rig.app->session().signup_enabled);
    CHECK(rig.app->session().providers.size() == 2);
}

TEST_CASE("the profile is read once for each user, its name changed, and a failure said") {
    Rig rig({.code = "login-code", .error = {}, .tab = "t", .title = {}});
    rig.start();
    const int before = rig.backend.count("GET /v1/api/profile");
    for (int frame = 0; frame < 5; ++frame) rig.app->load_profile();
    rig.time.advance(100);
    CHECK(rig.backend.count("GET /v1/api/profile") == before + 1);
    CHECK(rig.app->session().providers.size() == 2);
    rig.app->save_profile_name("  Ann B.  ");
    CHECK(rig.app->profile().name.busy);
    rig.time.advance(100);
    CHECK_FALSE(rig.app->profile().name.busy);
    CHECK(rig.app->profile().name.answers == 1);
    CHECK(rig.app->profile().name.error.message.empty());
    CHECK(rig.app->auth().user->name == "Ann B.");
}

TEST_CASE("a new password comes with a new token, and a wrong one changes nothing") {
    Rig rig({.code = "login-code", .error = {}, .tab = "t", .title = {}});
    rig.start();
    rig.app->change_password("wrong", "secret2");
    rig.time.advance(100);
    CHECK(rig.app->profile().password.error.message == "The current password is not right.");
    CHECK(rig.app->auth().token == "token-1");
    CHECK(rig.app->session().phase == SessionPhase::signed_in);
    rig.time.advance(5'000);  // tokens are told apart by when they were given
    rig.app->change_password("secret1", "secret2");
    rig.time.advance(100);
    CHECK(rig.app->profile().password.error.message.empty());
    CHECK(rig.app->profile().password.answers == 2);
    CHECK(rig.app->auth().token == "token-2");
    CHECK(has_toast(*rig.app, "Password changed"));
    rig.app->reload_workflows();
    rig.time.advance(100);
    CHECK(rig.backend.bearers.back() == "Bearer token-2");
}
