// The session as App lives it: what a sign-out takes along, what other tabs do, what nobody may see.
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "base/testing/virtual_scheduler.hpp"
#include "base/testing/virtual_tabs.hpp"
#include "model/app.hpp"
#include "net/loopback.hpp"
#include "state/storage.hpp"
#include "wire/json_reader.hpp"

using namespace model;

namespace {

// Two users, one workflow each, tokens of an hour that say who they are for.
class Backend final : public net::HttpHandler {
public:
    explicit Backend(base::testing::VirtualScheduler& time) : time_(time) {}

    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        requests.push_back(request);
        const std::string path = request.target.substr(7, request.target.find('?') - 7);
        if (path == "/health") return json(*writer, 200, {{"status", "ok"}, {"product", "binnacle"}, {"auth", "builtin"}, {"cluster", "demo"}});
        if (path == "/auth/methods") return json(*writer, 200, {{"builtin", {{"enabled", true}, {"signupEnabled", true}}}});
        if (path == "/auth/login") {
            const auto body = wire::parse_json(request.body);
            return json(*writer, 200, session((*body)["email"] == "ada@example.org" ? "ada" : "bob"));
        }
        std::string bearer(request.headers.get("authorization"));
        if (bearer.starts_with("Bearer ")) bearer = bearer.substr(7);
        if (path == "/auth/refresh") {
            ++refreshes;
            if (refresh_down) {
                writer->start({200, {{"content-type", "application/json"}}});
                return writer->abort();
            }
            if (refuse_refresh) return json(*writer, 401, {{"error", "The session of " + bearer + " is no longer valid."}});
            return json(*writer, 200, session(bearer.find(base::base64url_encode("{\"u\":\"bob\"")) == std::string::npos ? "ada" : "bob"));
        }
        if (path == held_path) return held.push_back(writer);
        if (!good.contains(bearer)) return json(*writer, 401, {{"error", "The token " + bearer + " is no good"}});
        if (path == "/profile") return json(*writer, 200, {{"id", bearer == last_of["bob"] ? "bob" : "ada"}, {"name", "N"}, {"role", "user"}});
        if (path == "/templates") return json(*writer, 200, {{"templates", Json::array()}});
        if (path == "/workflows" && request.method == "GET") {
            return json(*writer, 200, {{"workflows", {{{"id", "w1"}, {"name", "Shop"}}, {{"id", "w2"}, {"name", "Mail"}}}}});
        }
        if (path == "/workflows/w1" || path == "/workflows/w2") {
            if (request.method != "GET") return json(*writer, 503, {{"error", "not now, " + bearer}});
            return writer->respond({200, {{"content-type", "application/json"}, {"etag", "\"1\""}},
                                    Json{{"id", path.substr(11)}, {"name", "Shop"}, {"edges", Json::array()},
                                         {"nodes", {{{"id", "web"}, {"type", "deployment"}, {"position", {{"x", 0}, {"y", 0}}}, {"data", {{"name", "web"}}}}}}}
                                        .dump()});
        }
        if (path.ends_with("/stream")) {
            writer->start({200, {{"content-type", "text/event-stream"}}});
            streams.push_back(std::move(writer));
            return;
        }
        if (path.ends_with("/pods")) return json(*writer, 200, {{"pods", Json::array()}});
        if (path.ends_with("/events")) return json(*writer, 200, {{"events", Json::array()}});
        json(*writer, 404, {{"error", "no such route for " + bearer}});
    }
    Json session(const std::string& who) {
        const Json payload{{"exp", time_.unix_ms() / 1'000 + 3'600}, {"n", ++issued}};
        const std::string token = "eyJ0." + base::base64url_encode("{\"u\":\"" + who + "\"," + payload.dump().substr(1)) + ".sig";
        tokens.push_back(token);
        good.clear();
        good.insert(token);
        last_of[who] = token;
        return {{"token", token}, {"user", {{"id", who}, {"name", who}, {"email", who + "@example.org"}, {"role", "user"}}}};
    }
    static void json(net::ResponseWriter& writer, int code, const Json& body) { writer.respond({code, {{"content-type", "application/json"}}, body.dump()}); }
    [[nodiscard]] int open_streams() const {
        return static_cast<int>(std::count_if(streams.begin(), streams.end(), [](const auto& stream) { return !stream->closed(); }));
    }

    std::vector<net::ServerRequest> requests;
    std::vector<std::shared_ptr<net::ResponseWriter>> streams, held;
    std::vector<std::string> tokens;
    std::set<std::string> good;
    std::map<std::string, std::string> last_of;
    std::string held_path;
    int issued = 0;
    int refreshes = 0;
    bool refuse_refresh = false;
    bool refresh_down = false;

private:
    base::testing::VirtualScheduler& time_;
};

struct Tab {
    Tab(base::testing::VirtualScheduler& time, base::testing::VirtualBrowser& browser, Backend& backend, state::KeyValueStorage& storage)
        : window(browser.open_tab()), channel(window->channel("binnacle")), client(time, backend),
          app({.api = client, .scheduler = time, .random = random, .storage = storage, .channel = channel.get(), .locks = window.get()}, {.backend_label = "gateway"}) {
        app.on_leave([this] { ++leaves; });
        app.start();
    }
    [[nodiscard]] int toasts(const std::string& title) const {
        return static_cast<int>(std::count_if(app.toasts().begin(), app.toasts().end(), [&](const Toast& t) { return t.title == title; }));
    }
    base::testing::SeededRandom random{7};
    std::unique_ptr<base::testing::VirtualBrowser::Tab> window;
    std::unique_ptr<base::TabChannel> channel;
    net::LoopbackClient client;
    int leaves = 0;
    App app;
};

struct Fixture {
    base::testing::VirtualScheduler time;
    base::testing::VirtualBrowser browser{time};
    Backend backend{time};
    state::MemoryStorage storage;
    std::vector<std::unique_ptr<Tab>> tabs;
    Tab& open() {
        tabs.push_back(std::make_unique<Tab>(time, browser, backend, storage));
        time.advance(500);
        return *tabs.back();
    }
    Tab& signed_in() {
        Tab& tab = open();
        sign_in(tab, "ada");
        return tab;
    }
    void sign_in(Tab& tab, const std::string& who) {
        tab.app.login(who + "@example.org", "right horse");
        time.advance(500);
        REQUIRE(tab.app.session().phase == SessionPhase::signed_in);
    }
    [[nodiscard]] std::string everything_stored() {
        std::string all;
        const auto keys = storage.keys().value();
        for (const std::string& key : keys) all += key + "=" + storage.get(key).value().value() + "\n";
        return all;
    }
};

void edit(App& app) {
    Json data = app.graph().node(app.graph().find_node("web")).data;
    data["image"] = "ada/secret-image";
    REQUIRE(app.edit(SetNodeData{"web", data}));
}

}  // namespace

TEST_CASE("a burst of refused calls makes one toast and one way to the sign-in page, which remembers where the user was [L5]") {
    Fixture f;
    Tab& tab = f.signed_in();
    tab.app.open_workflow("w2");
    f.time.advance(500);
    f.backend.good.clear();
    f.backend.refuse_refresh = true;
    tab.app.reload_workflows();
    tab.app.reload_workflows();
    tab.app.open_workflow("w2");
    tab.app.retry();
    f.time.advance(3'000);
    CHECK(tab.app.session().phase == SessionPhase::signed_out);
    CHECK(tab.toasts("Your session has ended") == 1);
    CHECK(tab.leaves == 2);  // once before the sign-in of the start, once now
    CHECK(tab.app.session().return_path == "/?workflow=w2");
    // Here already: a refused sign-in is neither a toast nor another way.
    f.time.advance(20'000);
    tab.app.retry();
    f.time.advance(1'000);
    CHECK(tab.app.toasts().empty());
    CHECK(tab.leaves == 2);
    f.backend.refuse_refresh = false;
    f.sign_in(tab, "ada");
    CHECK(tab.app.workflow().id == "w2");
    CHECK(tab.app.session().return_path.empty());
}

TEST_CASE("past the time in which a session can be renewed the sign-in page asks, once, and who signs in goes on where they were [C6]") {
    Fixture f;
    Tab& tab = f.signed_in();
    tab.app.open_workflow("w2");
    f.time.advance(500);
    edit(tab.app);
    f.backend.good.clear();
    f.backend.refuse_refresh = true;  // as a hub does a week after the token's end
    f.time.jump_wall_clock(10LL * 24 * 3'600'000);
    tab.app.set_visible(false);
    tab.app.set_visible(true);
    f.time.advance(3'000);
    CHECK(tab.app.session().phase == SessionPhase::signed_out);
    CHECK(tab.toasts("Your session has ended") == 1);
    const int asked = f.backend.refreshes;
    CHECK(asked >= 1);
    f.time.advance(3'600'000);
    CHECK(f.backend.refreshes == asked);
    f.backend.refuse_refresh = false;
    f.sign_in(tab, "ada");
    f.time.advance(500);
    CHECK(tab.app.workflow().id == "w2");
    REQUIRE(tab.app.graph().node_count() == 1);
    CHECK(tab.app.graph().node(tab.app.graph().find_node("web")).data.value("image", "") == "ada/secret-image");
}

TEST_CASE("the way back belongs to one user: after a reload they are led there, somebody else is not [L5]") {
    for (const bool same_user : {true, false}) {
        for (const bool reloaded : {true, false}) {
            CAPTURE(same_user, reloaded);
            Fixture f;
            Tab* tab = &f.signed_in();
            tab->app.open_workflow("w2");
            tab->app.set_rail("settings");
            f.time.advance(500);
            f.backend.good.clear();
            f.backend.refuse_refresh = true;
            tab->app.reload_workflows();
            f.time.advance(3'000);
            REQUIRE(tab->app.session().phase == SessionPhase::signed_out);
            CHECK(tab->app.route() == Route{});  // the address tells nothing of it any more
            if (reloaded) {
                f.tabs.clear();
                tab = &f.open();
                CHECK(tab->app.session().return_path.empty());
            }
            f.backend.refuse_refresh = false;
            f.sign_in(*tab, same_user ? "ada" : "bob");
            CHECK(tab->app.ui().rail == (same_user ? "settings" : "workflows"));
            CHECK(tab->app.workflow().id == (same_user ? "w2" : "w1"));
            CHECK(f.everything_stored().find("returnPath") == std::string::npos);
        }
    }
}

TEST_CASE("a tab that another tab signs in as somebody else does not stay where the user before was [L5 R16]") {
    Fixture f;
    Tab& a = f.signed_in();
    Tab& b = f.open();
    b.app.open_workflow("w2");
    b.app.set_rail("settings");
    f.time.advance(500);
    a.app.logout();
    f.time.advance(500);
    REQUIRE(b.app.session().phase == SessionPhase::signed_out);
    f.sign_in(a, "bob");
    f.time.advance(500);
    REQUIRE(b.app.session().phase == SessionPhase::signed_in);
    CHECK(b.app.ui().rail == "workflows");
    CHECK(b.app.workflow().id == "w1");
}

TEST_CASE("a link that somebody came by is followed after signing in, whoever it is [L5]") {
    Fixture f;
    Tab& tab = f.open();
    tab.app.go(read_route("?view=clusters&workflow=w2"));
    f.time.advance(100);
    CHECK(tab.app.route() == read_route("?view=clusters&workflow=w2").route);
    f.sign_in(tab, "bob");
    CHECK(tab.app.ui().rail == "clusters");
    CHECK(tab.app.workflow().id == "w2");
}

TEST_CASE("a sign-out takes memory, storage, streams, pending requests and caches along, in all tabs within a second [R17 T3 L5]") {
    Fixture f;
    Tab& a = f.signed_in();
    Tab& b = f.open();
    REQUIRE(b.app.session().phase == SessionPhase::signed_in);
    for (Tab* tab : {&a, &b}) {
        tab->app.select_nodes({"web"});
        tab->app.set_panel_sizes({500, 200});
        tab->app.flush_storage(true);
    }
    f.backend.held_path = "/workflows";
    b.app.reload_workflows();
    f.time.advance(10);
    REQUIRE(f.backend.held.size() == 1);
    REQUIRE(f.backend.open_streams() > 0);
    const int leaves_b = b.leaves;
    a.app.logout();
    f.time.advance(900);
    for (Tab* tab : {&a, &b}) {
        CHECK(tab->app.session().phase == SessionPhase::signed_out);
        CHECK(tab->app.auth().token.empty());
        CHECK_FALSE(tab->app.auth().user);
        CHECK(tab->app.graph().node_count() == 0);
        CHECK(tab->app.panels() == PanelState{});
        CHECK(tab->app.workflow().list.empty());
        tab->app.flush_storage(true);
    }
    CHECK(b.leaves == leaves_b + 1);
    CHECK(f.backend.open_streams() == 0);
    CHECK(f.backend.held[0]->closed());
    const std::string stored = f.everything_stored();
    for (const char* secret : {"eyJ", "ada@example.org", "web", "500"}) CHECK(stored.find(secret) == std::string::npos);
    // And nothing with the old token leaves any tab from here on.
    const auto sent = f.backend.requests.size();
    a.app.wake();
    b.app.wake();
    f.time.advance(10'000);
    for (std::size_t i = sent; i < f.backend.requests.size(); ++i) CHECK_FALSE(f.backend.requests[i].headers.has("authorization"));
}

TEST_CASE("no late answer brings anything back after a sign-out [R8 R17]") {
    Fixture f;
    Tab& a = f.signed_in();
    Tab& b = f.open();
    f.backend.held_path = "/workflows";
    b.app.reload_workflows();
    f.time.advance(10);
    // Storage says it, the message has not come: the answer is faster.
    b.window->freeze(true);
    a.app.logout();
    Backend::json(*f.backend.held[0], 200, {{"workflows", {{{"id", "w9"}, {"name", "Of the user before"}}}}});
    f.time.advance(100);
    CHECK(b.app.session().phase != SessionPhase::signed_in);
    CHECK(std::none_of(b.app.workflow().list.begin(), b.app.workflow().list.end(), [](const auto& w) { return w.id == "w9"; }));
}

TEST_CASE("a storage event or coming back from the page cache is enough to notice a sign-out [R17]") {
    for (const bool by_event : {true, false}) {
        Fixture f;
        Tab& a = f.signed_in();
        Tab& b = f.open();
        b.window->freeze(true);
        a.app.logout();
        f.time.advance(100);
        REQUIRE(b.app.session().phase == SessionPhase::signed_in);
        if (by_event) {
            b.app.storage_changed("something-else");
            f.time.run_ready();
            CHECK(b.app.session().phase == SessionPhase::signed_in);
            b.app.storage_changed("auth-storage");
        } else {
            b.app.page_shown();
        }
        f.time.run_ready();
        CHECK(b.app.session().phase == SessionPhase::signed_out);
    }
}

TEST_CASE("storage that is cleared under a running page signs out and goes on working [R17]") {
    Fixture f;
    Tab& tab = f.signed_in();
    const auto keys = f.storage.keys().value();
    for (const std::string& key : keys) (void)f.storage.remove(key);
    tab.app.storage_changed("");
    f.time.advance(100);
    CHECK(tab.app.session().phase == SessionPhase::signed_out);
    f.sign_in(tab, "ada");
    CHECK(tab.app.workflow().phase == LoadPhase::ready);
}

TEST_CASE("signing in in one tab signs in the other one, as another user too [R16]") {
    Fixture f;
    Tab& a = f.open();
    Tab& b = f.open();
    f.sign_in(a, "ada");
    f.time.advance(500);
    CHECK(b.app.session().phase == SessionPhase::signed_in);
    CHECK(b.app.auth().user->id == "ada");
    a.app.logout();
    f.time.advance(500);
    f.sign_in(a, "bob");
    f.time.advance(500);
    CHECK(b.app.session().phase == SessionPhase::signed_in);
    CHECK(b.app.auth().user->id == "bob");
}

TEST_CASE("another user finds nothing of the one before, not even for one frame; the same user finds the unsaved edit [D4]") {
    for (const bool same_user : {true, false}) {
        CAPTURE(same_user);
        Fixture f;
        Tab& tab = f.signed_in();
        tab.app.set_panel_sizes({500, 200});
        edit(tab.app);
        f.backend.good.clear();
        f.backend.refuse_refresh = true;
        tab.app.reload_workflows();
        f.time.advance(3'000);
        REQUIRE(tab.app.session().phase == SessionPhase::signed_out);
        f.backend.refuse_refresh = false;
        bool leaked = false;
        tab.app.on_change([&](TopicSet) {
            if (tab.app.session().phase != SessionPhase::signed_in || same_user) return;
            leaked = leaked || f.everything_stored().find("ada/secret-image") != std::string::npos || tab.app.panels() != PanelState{};
        });
        f.sign_in(tab, same_user ? "ada" : "bob");
        CHECK_FALSE(leaked);
        const Json& data = tab.app.graph().node(tab.app.graph().find_node("web")).data;
        CHECK((data.value("image", "") == "ada/secret-image") == same_user);
    }
}

TEST_CASE("a token that is due is renewed by a timer, when the tab is shown, and when the machine wakes [C3 C2]") {
    Fixture f;
    Tab& tab = f.signed_in();
    f.time.advance(50 * 60'000);
    CHECK(f.backend.refreshes == 0);
    f.time.advance(5 * 60'000);  // a tenth of the hour is left
    CHECK(f.backend.refreshes == 1);
    const std::string renewed = tab.app.auth().token;
    CHECK(renewed == f.backend.tokens.back());
    f.time.jump_wall_clock(24LL * 3'600'000);  // a night's sleep; timers slept too
    tab.app.set_visible(false);
    tab.app.set_visible(true);
    f.time.advance(100);
    CHECK(f.backend.refreshes == 2);
    CHECK(tab.app.session().phase == SessionPhase::signed_in);
    CHECK(tab.toasts("Your session has ended") == 0);
}

TEST_CASE("a renewal that finds nobody is no sign-out: what is on screen stays, the reason is said, the next one heals it [R9]") {
    Fixture f;
    Tab& tab = f.signed_in();
    f.backend.refresh_down = true;
    f.time.jump_wall_clock(2LL * 3'600'000);
    tab.app.reload_workflows();
    f.time.advance(200);
    CHECK(tab.app.session().phase == SessionPhase::signed_in);
    CHECK(f.backend.refreshes == 1);
    CHECK(tab.app.graph().node_count() == 1);
    CHECK(tab.app.workflow().list_error.code == base::ErrorCode::unavailable);
    f.backend.refresh_down = false;
    tab.app.wake();
    tab.app.reload_workflows();
    f.time.advance(500);
    CHECK(f.backend.refreshes == 2);
    CHECK(tab.app.workflow().list_phase == LoadPhase::ready);
}

TEST_CASE("two tabs that wake together cost one renewal [X1 R11]") {
    Fixture f;
    f.signed_in();
    f.open();
    f.time.jump_wall_clock(2LL * 3'600'000);
    for (auto& tab : f.tabs) tab->app.wake();
    f.time.advance(1'000);
    CHECK(f.backend.refreshes == 1);
    CHECK(f.tabs[0]->app.auth().token == f.tabs[1]->app.auth().token);
}

TEST_CASE("through sign-in, renewal, errors and sign-out no token is in any error, toast, message or address [T2]") {
    Fixture f;
    Tab& tab = f.signed_in();
    std::string shown;
    const auto look = [&] {
        for (const Toast& t : tab.app.toasts()) shown += t.title + t.text + "\n";
        for (const Problem& p : tab.app.problems()) shown += p.message + "\n";
        shown += tab.app.session().form_error + tab.app.session().return_path + tab.app.workflow().error.message + tab.app.workflow().error.hint + tab.app.workflow().save_error.message + tab.app.workflow().list_error.message + tab.app.connection().problem + "\n";
        for (const StreamView& s : tab.app.streams()) shown += s.last_error + s.key + "\n";
    };
    tab.app.on_change([&](TopicSet) { look(); });
    edit(tab.app);  // the server's refusal quotes the token
    f.time.advance(3'000);
    tab.app.open_workflow("w9");
    f.time.advance(500);
    f.time.jump_wall_clock(2LL * 3'600'000);
    tab.app.reload_workflows();
    f.time.advance(500);
    CHECK(f.backend.refreshes == 1);
    f.backend.good.clear();
    f.backend.refuse_refresh = true;
    f.time.advance(20'000);
    tab.app.reload_workflows();
    f.time.advance(3'000);
    REQUIRE(tab.app.session().phase == SessionPhase::signed_out);
    look();
    CHECK(shown.find("[token]") != std::string::npos);  // it was quoted, and replaced
    CHECK(shown.find("eyJ") == std::string::npos);
    for (const std::string& message : f.browser.posted()) CHECK(message.find("eyJ") == std::string::npos);
    for (const auto& request : f.backend.requests) CHECK(request.target.find("eyJ") == std::string::npos);
}
