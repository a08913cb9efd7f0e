// What tabs share, in a real browser: BroadcastChannel (two of one page hear each other as two of two pages do) and Web Locks; and the seam
// suite over them.
#include <memory>
#include <string>

#include "net/channel_transport.hpp"
#include "support/behaviour_handler.hpp"
#include "support/http_behaviour.hpp"
#include "wasm/web_test.hpp"
#include "web/browser_tabs.hpp"
#include "web/web_random.hpp"

namespace web_test {

namespace {

void messages_arrive_as_they_are(TestCase& test) {
    struct State {
        std::unique_ptr<base::TabChannel> a = web::BrowserTabChannel::open("binnacle-test");
        std::unique_ptr<base::TabChannel> b = web::BrowserTabChannel::open("binnacle-test");
        std::unique_ptr<base::TabChannel> other = web::BrowserTabChannel::open("binnacle-test-2");
        std::string heard;
        int own = 0;
    };
    auto state = std::make_shared<State>();
    test.check(state->a && state->b && state->other, "channels open");
    if (!state->a || !state->b || !state->other) return;
    std::string bytes("\0text\xff\xfe ä", 12);
    state->a->on_message([s = state.get()](std::string_view) { ++s->own; });
    state->other->on_message([s = state.get()](std::string_view) { ++s->own; });
    state->b->on_message([s = state.get()](std::string_view text) {
        s->heard += text;
        if (s->heard.ends_with("close")) s->b.reset();
    });
    test.check(state->a->post(bytes).has_value(), "posted");
    test.check(state->a->post("").has_value(), "an empty one too");
    state->a->post("close");
    state->a->post("after the close");
    test.check(state->heard.empty(), "later, not inside the call");
    test.until("all have arrived", [state] { return !state->b; }, [state, bytes](TestCase& t) {
        t.check(state->heard == bytes + "close", "bytes as they were, in order, none after the close");
        t.check(state->own == 0, "not one's own, not another channel's");
    });
}

bool are_last_words(std::string_view message) { return message == "last words"; }

// A third, unsealed end of the same channel sees what crosses it.
void a_sealed_channel_tells_nothing(TestCase& test) {
    struct State {
        std::unique_ptr<base::TabChannel> a = web::BrowserTabChannel::open("binnacle-test-sealed", are_last_words);
        std::unique_ptr<base::TabChannel> b = web::BrowserTabChannel::open("binnacle-test-sealed", are_last_words);
        std::unique_ptr<base::TabChannel> listener = web::BrowserTabChannel::open("binnacle-test-sealed");
        std::string expected, heard, crossed;
        int arrived = 0, overheard = 0;
    };
    constexpr int kMessages = 40;
    auto state = std::make_shared<State>();
    test.check(state->a && state->b && state->listener, "channels open");
    if (!state->a || !state->b || !state->listener) return;
    state->b->on_message([s = state.get()](std::string_view text) {
        s->heard += text;
        ++s->arrived;
    });
    state->listener->on_message([s = state.get()](std::string_view text) {
        s->crossed += text;
        ++s->overheard;
    });
    // Large and small by turns: what is sealed faster does not overtake.
    for (int i = 0; i < kMessages; ++i) {
        const std::string message = "password-" + std::to_string(i) + std::string(i % 3 == 0 ? 300'000 : 0, 'x') + ';';
        state->expected += message;
        test.check(state->a->post(message).has_value(), "posted");
    }
    test.until("all have arrived", [state] { return state->arrived == kMessages && state->overheard == kMessages; }, [state](TestCase& t) {
        t.check(state->heard == state->expected, "as they were, in order");
        t.check(state->crossed.find("password") == std::string::npos, "nothing of it can be read");
        state->crossed.clear();
        state->listener->post("in the clear from whoever");
        state->a->post("last words");
        t.until("the last words have arrived", [state] { return state->arrived == kMessages + 2 && state->overheard == kMessages + 1; }, [state](TestCase& over) {
            over.check(state->heard.ends_with("last words") && state->crossed == "last words", "in the clear, at once");
        });
    });
}

void locks_are_granted_one_by_one(TestCase& test) {
    struct State {
        web::BrowserTabLocks locks;
        base::LockHandle a, b, c;
        std::string log;
    };
    auto state = std::make_shared<State>();
    test.check(state->locks.available(), "this browser has them");
    const auto request = [s = state.get()](std::string name, bool steal) {
        base::TabLocks::Options options;
        options.steal = steal;
        options.lost = [s, name] { s->log += name + "-lost "; };
        return s->locks.request("binnacle-test", std::move(options), [s, name](base::Result<void> granted) { s->log += name + (granted ? " " : "-refused "); });
    };
    state->a = request("a", false);
    state->b = request("b", false);
    state->c = request("c", false);
    test.check(state->log.empty(), "not inside the call");
    test.until("the first is granted", [state] { return state->log == "a "; }, [state, request](TestCase& t) {
        state->b.release();  // withdrawn
        state->a.release();
        t.until("the third is next", [state] { return state->log == "a c "; }, [state, request](TestCase& u) {
            state->a = request("thief", true);
            u.until("stolen", [state] { return state->log.find("thief ") != std::string::npos && state->log.find("c-lost") != std::string::npos; },
                    [state](TestCase& over) { over.check(state->log.find("b") == std::string::npos, state->log); });
        });
    });
}

class ChannelRig final : public support::HttpRig {
public:
    explicit ChannelRig(base::Scheduler& scheduler)
        : scheduler_(scheduler),
          run_id_("tabs" + std::to_string(random_.next_u64())),
          link_(web::BrowserTabChannel::open(run_id_, are_last_words), random_),
          host_({.link = link_, .scheduler = scheduler, .handler = handler_}, 1) {
        link_.on_frame([this](const net::ChannelFrame& frame) { host_.receive(frame); });
    }
    [[nodiscard]] std::unique_ptr<net::HttpClient> make_client() override { return std::make_unique<Client>(*this, link_.id()); }
    [[nodiscard]] std::unique_ptr<net::HttpClient> make_refused_client() override { return std::make_unique<Client>(*this, std::string(24, 'f')); }
    [[nodiscard]] base::Scheduler& scheduler() override { return scheduler_; }
    [[nodiscard]] bool has_back_pressure() const override { return true; }
    [[nodiscard]] std::string run_id() const override { return run_id_; }

private:
    struct Client final : net::HttpClient {
        Client(ChannelRig& rig, std::string host) : link(web::BrowserTabChannel::open(rig.run_id_, are_last_words), rig.random_), client(link, rig.scheduler_, std::move(host)) {
            link.on_frame([this](const net::ChannelFrame& frame) { client.receive(frame); });
        }
        net::RequestHandle send(net::Request request, net::ResponseCallbacks callbacks) override { return client.send(std::move(request), std::move(callbacks)); }
        net::ChannelLink link;
        net::ChannelClient client;
    };
    base::Scheduler& scheduler_;
    web::WebRandom random_;
    std::string run_id_;
    support::BehaviourHandler handler_;
    net::ChannelLink link_;
    net::ChannelHost host_;
};

}  // namespace

void add_tabs_tests(Suite& suite, base::Scheduler& scheduler) {
    suite.add("tabs: messages arrive as they are, in order, not at their sender", messages_arrive_as_they_are);
    suite.add("tabs: who listens without the key reads nothing of a sealed channel, and its order is kept", a_sealed_channel_tells_nothing);
    suite.add("tabs: locks are granted one by one, withdrawn, freed and stolen", locks_are_granted_one_by_one);
    for (const support::Behaviour& behaviour : support::http_behaviours()) {
        suite.add("tabs: " + std::string(behaviour.name), [&behaviour, &scheduler](TestCase& test) {
            auto rig = std::make_shared<ChannelRig>(scheduler);
            auto run = std::make_shared<support::BehaviourRun>(behaviour, *rig);
            test.until("the case is over", [rig, run] { return run->poll(); }, [rig, run](TestCase& over) {
                over.failures = run->failures();
                over.skip_reason = run->skip_reason();
            });
        });
    }
}

}  // namespace web_test
