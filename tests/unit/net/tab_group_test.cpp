#include <catch2/catch_test_macros.hpp>

#include <map>
#include <string>

#include "net/tab_group.hpp"
#include "support/behaviour_handler.hpp"
#include "support/http_behaviour.hpp"
#include "unit/net/channel_rig.hpp"

namespace {

using channel_rig::Seen;
using net::TabGroup;
using net::TabRole;

// What all tabs have in common: the browser, and what the owner stores.
struct Site {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random{3};
    base::testing::VirtualBrowser browser{time};
    std::int64_t epoch = 0;
    std::int64_t open_ms = 100;
    int failures_to_come = 0;
    int servers = 0;  // alive
    int opened = 0;
};

struct Server final : net::TabServer {
    Server(Site& site, std::int64_t epoch) : site_(site), epoch_(epoch) { ++site_.servers; }
    ~Server() override { --site_.servers; }
    net::HttpHandler& handler() override { return handler_; }
    [[nodiscard]] std::int64_t epoch() const override { return epoch_; }

private:
    Site& site_;
    std::int64_t epoch_;
    support::BehaviourHandler handler_;
};

class Tab {
public:
    explicit Tab(Site& site, bool denied = false, bool visible = true, bool share = true) : tab(site.browser.open_tab()), site_(site) {
        tab->deny_locks(denied);
        TabGroup::Ports ports{.scheduler = site.time, .random = site.random, .locks = *tab, .channel = tab->channel("binnacle-hub"), .open = {}};
        ports.open = [this](bool alone, TabGroup::Opened done) {
            alone_asked = alone;
            opening_ = site_.time.after(site_.open_ms, [this, done = std::move(done)]() mutable {
                if (site_.failures_to_come > 0) {
                    --site_.failures_to_come;
                    return done(base::fail(base::ErrorCode::unavailable, "did not arrive"));
                }
                ++site_.opened;
                done(std::make_unique<Server>(site_, ++site_.epoch));
            });
        };
        group = std::make_unique<TabGroup>(std::move(ports));
        group->on_role([this](TabRole role) { roles += std::string(net::to_string(role)) + ' '; });
        group->on_failure([this](const base::Error&) { ++failures; });
        group->on_company([this] { ++company; });
        group->set_visible(visible);
        group->start(share);
    }
    // As when the user closes it: pagehide, then nothing runs any more.
    void close() {
        group->leave();
        vanish();
    }
    void vanish() {
        tab->close();
        group.reset();
        opening_.cancel();
    }
    [[nodiscard]] bool serves() const { return group && (group->role() == TabRole::owner || group->role() == TabRole::alone); }

    std::unique_ptr<base::testing::VirtualBrowser::Tab> tab;
    std::unique_ptr<TabGroup> group;
    std::string roles;
    bool alone_asked = false;
    int failures = 0;
    int company = 0;

private:
    Site& site_;
    base::Timer opening_;
};

bool failed_unavailable(const Seen& seen) { return seen.done && seen.error && seen.error->code == base::ErrorCode::unavailable; }

class GroupRig final : public support::HttpRig {
public:
    explicit GroupRig(bool followers) : followers_(followers) {
        first_ = std::make_unique<Tab>(site_);
        site_.time.advance(1000);
    }
    std::unique_ptr<net::HttpClient> make_client() override {
        if (!followers_) return std::make_unique<Pass>(first_->group.get(), nullptr);
        auto tab = std::make_unique<Tab>(site_);
        site_.time.advance(100);
        auto* group = tab->group.get();
        return std::make_unique<Pass>(group, std::move(tab));
    }
    std::unique_ptr<net::HttpClient> make_refused_client() override { return nullptr; }
    base::Scheduler& scheduler() override { return site_.time; }
    bool has_back_pressure() const override { return true; }
    std::string run_id() const override { return "group"; }
    bool step() { return site_.time.monotonic_ms() < 600'000 && (site_.time.run_ready(1) > 0 || site_.time.advance_to_next()); }
    [[nodiscard]] bool followers() const { return followers_; }

private:
    struct Pass final : net::HttpClient {
        Pass(TabGroup* group, std::unique_ptr<Tab> tab) : group_(group), tab_(std::move(tab)) {}
        net::RequestHandle send(net::Request request, net::ResponseCallbacks callbacks) override { return group_->send(std::move(request), std::move(callbacks)); }
        TabGroup* group_;
        std::unique_ptr<Tab> tab_;
    };
    bool followers_;
    Site site_;
    std::unique_ptr<Tab> first_;
};

}  // namespace

TEST_CASE("the group keeps the seam's contract in the owner's tab and in a follower's") {
    for (const bool followers : {false, true}) {
        for (const auto& behaviour : support::http_behaviours()) {
            // The group outlives its requests in the owner's tab: the program's one client.
            if (!followers && behaviour.name.find("client is destroyed") != std::string_view::npos) continue;
            DYNAMIC_SECTION((followers ? "follower: " : "owner: ") << behaviour.name) {
                GroupRig rig(followers);
                support::BehaviourRun run(behaviour, rig);
                while (!run.poll()) {
                    if (!rig.step()) run.give_up();
                }
                for (const auto& failure : run.failures()) {
                    UNSCOPED_INFO(failure);
                    CHECK(failure.empty());
                }
                SUCCEED();
            }
        }
    }
}

TEST_CASE("the first tab opens the server, the second follows, and both reach the same one [X9]") {
    Site site;
    Tab a(site);
    auto early = channel_rig::send(*a.group, {.target = "/echo/early"});
    site.time.advance(200);
    CHECK(a.roles == "opening owner ");
    CHECK((early->done && early->status == 200));
    Tab b(site);
    site.time.advance(200);
    CHECK(b.roles == "follower ");
    auto held = channel_rig::send(*a.group, {.target = "/hold?key=k"});
    site.time.advance(50);
    auto release = channel_rig::send(*b.group, {.method = "POST", .target = "/control?key=k&op=respond", .body = "from the other tab"});
    site.time.advance(50);
    CHECK(held->body == "from the other tab");
    CHECK(site.servers == 1);
    CHECK(a.group->other_tabs() == 1);
}

TEST_CASE("the owner's tab closes: the next takes over at once; streams fail, unanswered GETs go to the new owner [X9]") {
    Site site;
    Tab a(site);
    site.time.advance(200);
    Tab b(site);
    Tab c(site);
    site.time.advance(200);
    auto stream = channel_rig::send(*b.group, {.target = "/hold?key=s"});
    site.time.advance(20);
    auto start = channel_rig::send(*a.group, {.method = "POST", .target = "/control?key=s&op=write", .body = "x"});
    site.time.advance(20);
    CHECK(stream->body == "x");
    auto asked = channel_rig::send(*b.group, {.target = "/wait?key=t&for=opened"});
    auto posted = channel_rig::send(*b.group, {.method = "POST", .target = "/hold?key=p", .body = "once"});
    site.time.advance(20);
    a.close();
    site.time.advance(50);
    CHECK(failed_unavailable(*stream));
    CHECK(failed_unavailable(*posted));
    auto meanwhile = channel_rig::send(*c.group, {.method = "POST", .target = "/echo", .body = "queued"});
    site.time.advance(200);
    CHECK(b.group->role() == TabRole::owner);
    CHECK(c.group->role() == TabRole::follower);
    CHECK((meanwhile->done && meanwhile->body == "queued"));
    CHECK_FALSE(asked->done);
    auto opened = channel_rig::send(*c.group, {.target = "/hold?key=t"});
    site.time.advance(50);
    CHECK((asked->done && asked->body == "yes"));
    CHECK(site.servers == 1);
    CHECK(site.opened == 2);
}

TEST_CASE("a crash without a word costs the time of a few pings, when somebody waits for an answer") {
    Site site;
    Tab a(site);
    site.time.advance(200);
    Tab b(site);
    site.time.advance(200);
    auto stream = channel_rig::send(*b.group, {.target = "/hold?key=s", .head_timeout_ms = 0});
    site.time.advance(50);
    a.vanish();  // the browser frees the lock all the same
    site.time.advance(300);
    CHECK(b.group->role() == TabRole::owner);
    CHECK(site.servers == 1);
}

TEST_CASE("requests wait for an owner up to a limit, then fail with `unavailable`") {
    Site site;
    site.open_ms = 30'000;
    Tab a(site);
    auto seen = channel_rig::send(*a.group, {.target = "/echo"});
    site.time.advance(TabGroup::kPatienceMs - 100);
    CHECK_FALSE(seen->done);
    site.time.advance(200);
    REQUIRE(failed_unavailable(*seen));
    CHECK_FALSE(seen->error->message.empty());
    site.time.advance(30'000);
    CHECK(a.group->role() == TabRole::owner);
}

TEST_CASE("a frozen owner loses the lock to a visible follower within some seconds, and follows when it wakes [X1 X9]") {
    Site site;
    Tab a(site);
    site.time.advance(200);
    Tab b(site);
    site.time.advance(200);
    auto stream = channel_rig::send(*b.group, {.target = "/hold?key=s", .head_timeout_ms = 0});
    site.time.advance(3000);
    a.group->set_visible(false);
    a.tab->freeze(true);
    site.time.advance(12'000);
    CHECK(b.group->role() == TabRole::owner);
    auto later = channel_rig::send(*b.group, {.target = "/echo"});
    site.time.advance(100);
    CHECK((later->done && !later->error));
    a.tab->freeze(false);
    site.time.advance(5000);
    CHECK(a.group->role() == TabRole::follower);
    CHECK(site.servers == 1);
    auto old_owner = channel_rig::send(*a.group, {.target = "/echo"});
    site.time.advance(100);
    CHECK((old_owner->done && !old_owner->error));
}

TEST_CASE("a hidden follower leaves a frozen owner alone until it is shown") {
    Site site;
    Tab a(site);
    site.time.advance(200);
    Tab b(site, false, false);
    site.time.advance(200);
    CHECK(b.group->role() == TabRole::follower);
    auto stream = channel_rig::send(*b.group, {.target = "/hold?key=s", .head_timeout_ms = 0});
    site.time.advance(1000);
    a.group->set_visible(false);
    a.tab->freeze(true);
    site.time.advance(300'000);
    CHECK(b.group->role() == TabRole::follower);
    b.group->set_visible(true);
    site.time.advance(12'000);
    CHECK(b.group->role() == TabRole::owner);
}

TEST_CASE("a tab that finds only a frozen owner steals the lock in the end") {
    Site site;
    Tab a(site);
    site.time.advance(200);
    a.group->set_visible(false);
    a.tab->freeze(true);
    Tab b(site);
    site.time.advance(TabGroup::kSeekMs * TabGroup::kUnansweredSeeks + TabGroup::kStealJitterMs + 500);
    CHECK(b.group->role() == TabRole::owner);
}

TEST_CASE("an owner of an earlier epoch that wakes and announces itself is not followed") {
    Site site;
    Tab a(site);
    site.time.advance(200);
    Tab b(site);
    site.time.advance(200);
    CHECK(b.group->role() == TabRole::follower);
    auto stranger = site.browser.open_tab();
    auto channel = stranger->channel("binnacle-hub");
    channel->post(net::write_frame({net::FrameKind::announce, std::string(24, 'e'), "*", 0, net::kAnnounceReady, "0"}));
    channel->post(net::write_frame({net::FrameKind::announce, std::string(24, 'e'), "*", 0, net::kAnnounceReady, "many"}));
    site.time.advance(50);
    auto seen = channel_rig::send(*b.group, {.target = "/echo"});
    site.time.advance(50);
    CHECK((seen->done && !seen->error));
    CHECK(b.roles == "follower ");
}

TEST_CASE("without locks each tab works alone, and says so to whoever opens the server") {
    Site site;
    Tab a(site, true);
    Tab b(site, true);
    site.time.advance(500);
    Tab c(site, true);
    site.time.advance(500);
    CHECK(c.company == 1);
    c.vanish();
    CHECK(a.group->role() == TabRole::alone);
    CHECK(b.group->role() == TabRole::alone);
    CHECK((a.alone_asked && b.alone_asked));
    CHECK((a.company == 1 && b.company == 1));  // both have learned that there is another
    CHECK(site.servers == 2);
    auto seen = channel_rig::send(*b.group, {.target = "/echo"});
    site.time.advance(50);
    CHECK(seen->done);
}

TEST_CASE("where nothing can be sealed no request crosses the channel: each tab works alone") {
    Site site;
    Tab a(site, false, true, false);
    site.time.advance(500);
    Tab b(site, false, true, false);
    site.time.advance(500);
    CHECK((a.group->role() == TabRole::alone && b.group->role() == TabRole::alone));
    auto seen = channel_rig::send(*b.group, {.method = "POST", .target = "/echo", .body = "a password"});
    site.time.advance(50);
    CHECK((seen->done && !seen->error));
    CHECK((a.company == 1 && b.company == 1));
    b.group->leave();
    site.time.advance(50);
    REQUIRE_FALSE(site.browser.posted().empty());
    for (const std::string& message : site.browser.posted()) {
        const auto frame = net::read_frame(message);
        REQUIRE(frame.has_value());
        CHECK(frame->kind == net::FrameKind::hello);
        CHECK(frame->payload.empty());
    }
}

TEST_CASE("a server that cannot be opened is reported and tried again, also by the next tab") {
    Site site;
    site.failures_to_come = 2;
    Tab a(site);
    site.time.advance(300);
    CHECK(a.failures == 1);
    CHECK(a.group->role() == TabRole::waiting);
    Tab b(site);
    site.time.advance(TabGroup::kReopenMs * 3);
    CHECK(a.failures + b.failures == 2);
    CHECK(a.serves() != b.serves());
    CHECK(site.servers == 1);
}

TEST_CASE("a page that comes back from the back/forward cache is owner or follower as before [X1]") {
    Site site;
    Tab a(site);
    site.time.advance(200);
    Tab b(site);
    site.time.advance(200);
    a.group->leave();
    site.time.advance(20);
    CHECK(b.group->role() == TabRole::waiting);
    a.group->came_back();
    site.time.advance(50);
    CHECK(b.group->role() == TabRole::follower);
    b.group->leave();
    b.group->came_back();
    site.time.advance(50);
    auto seen = channel_rig::send(*b.group, {.target = "/echo"});
    site.time.advance(50);
    CHECK((seen->done && !seen->error));
}

TEST_CASE("whatever opens, closes, crashes, freezes and hides: soon one tab owns, the others follow, and all are served") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        Site site;
        base::testing::SeededRandom random(seed);
        std::vector<std::unique_ptr<Tab>> tabs;
        tabs.push_back(std::make_unique<Tab>(site));
        std::vector<std::unique_ptr<Seen>> streams;
        for (int step = 0; step < 40; ++step) {
            const auto pick = random.below(tabs.size());
            Tab& tab = *tabs[pick];
            switch (random.below(7)) {
                case 0: if (tabs.size() < 6) tabs.push_back(std::make_unique<Tab>(site)); break;
                case 1: if (tabs.size() > 1) { tab.close(); tabs.erase(tabs.begin() + static_cast<std::ptrdiff_t>(pick)); } break;
                case 2: if (tabs.size() > 1) { tab.vanish(); tabs.erase(tabs.begin() + static_cast<std::ptrdiff_t>(pick)); } break;
                case 3: tab.tab->freeze(true); break;
                case 4: tab.tab->freeze(false); break;
                case 5: tab.group->set_visible(random.below(2) == 0); break;
                default: streams.push_back(channel_rig::send(*tab.group, {.target = "/hold?key=s", .head_timeout_ms = 0})); break;
            }
            site.time.advance(static_cast<std::int64_t>(random.below(4000)));
            streams.erase(streams.begin(), streams.begin() + static_cast<std::ptrdiff_t>(streams.size() > 8 ? streams.size() - 8 : 0));
        }
        streams.clear();
        for (auto& tab : tabs) {
            tab->tab->freeze(false);
            tab->group->set_visible(true);
        }
        site.time.advance(60'000);
        int owners = 0;
        for (auto& tab : tabs) {
            owners += tab->serves() ? 1 : 0;
            auto seen = channel_rig::send(*tab->group, {.target = "/echo"});
            site.time.advance(15'000);
            CHECK((seen->done && !seen->error));
        }
        CHECK(owners == 1);
        CHECK(site.servers == 1);
    }
}
