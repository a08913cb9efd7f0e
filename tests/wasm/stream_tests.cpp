// The shared stream in a browser, over Fetch: the seam's suite on its channels, thirty of them for one connection, a restart under fifty.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "net/stream_link.hpp"
#include "net/stream_mux.hpp"
#include "support/behaviour_handler.hpp"
#include "support/http_behaviour.hpp"
#include "wasm/web_test.hpp"
#include "wire/json_reader.hpp"
#include "web/fetch_client.hpp"
#include "web/web_random.hpp"

namespace web_test {

namespace {

constexpr const char* kRefusedOrigin = "http://127.0.0.1:1";

// A tab: every GET is a stream of the hub at /mux.
class MuxClient final : public net::HttpClient {
public:
    MuxClient(base::Scheduler& scheduler, const std::string& origin) : fetch_(scheduler, origin), link_(fetch_, scheduler, random_, {}), mux_(fetch_, scheduler, link_) {}
    net::RequestHandle send(net::Request request, net::ResponseCallbacks callbacks) override {
        request.target.insert(0, "/v1/api");
        if (request.method == "GET") request.headers.set("accept", "text/event-stream");
        return mux_.send(std::move(request), std::move(callbacks));
    }
    [[nodiscard]] net::HttpClient& direct() { return fetch_; }
    [[nodiscard]] net::StreamLink& link() { return link_; }

private:
    web::WebRandom random_;
    web::FetchClient fetch_;
    net::StreamLink link_;
    net::StreamMux mux_;
};

class MuxRig final : public support::HttpRig {
public:
    explicit MuxRig(base::Scheduler& scheduler) : scheduler_(scheduler) {
        web::WebRandom random;
        run_id_ = "mux" + std::to_string(random.next_u64());
    }
    [[nodiscard]] std::unique_ptr<net::HttpClient> make_client() override { return std::make_unique<MuxClient>(scheduler_, "/mux"); }
    [[nodiscard]] std::unique_ptr<net::HttpClient> make_refused_client() override { return std::make_unique<MuxClient>(scheduler_, kRefusedOrigin); }
    [[nodiscard]] base::Scheduler& scheduler() override { return scheduler_; }
    // Fetch has none, but a channel's credit is one.
    [[nodiscard]] bool has_back_pressure() const override { return true; }
    [[nodiscard]] std::string run_id() const override { return run_id_; }

private:
    base::Scheduler& scheduler_;
    std::string run_id_;
};

struct Reader {
    std::string body;
    bool done = false;
    bool failed = false;
    net::RequestHandle handle;
};

// What a case of many streams holds on to.
struct World {
    explicit World(base::Scheduler& scheduler) : tab(scheduler, "/mux") {
        web::WebRandom random;
        key = "many" + std::to_string(random.next_u64()) + "life";
    }
    void open(std::size_t index) {
        Reader& reader = readers[index];
        reader = Reader();
        reader.handle = tab.send({.target = "/hold?key=" + key_of(index)}, {.on_head = {},
                                                                                          .on_data = [&reader](std::string_view bytes) { reader.body += bytes; },
                                                                                          .on_done =
                                                                                              [&reader](const base::Result<void>& result) {
                                                                                                  reader.done = true;
                                                                                                  reader.failed = !result;
                                                                                              }});
    }
    // The hub's side of a stream: once it is there it starts, and says the text.
    void write(std::size_t index, std::string text) {
        post("GET", "/v1/api/wait?for=opened&key=" + key_of(index), {}, [this, index, text = std::move(text)]() mutable {
            post("POST", "/v1/api/control?op=start&key=" + key_of(index), {}, [this, index, text = std::move(text)]() mutable {
                post("POST", "/v1/api/control?op=write&key=" + key_of(index), std::move(text), [this] { ++written; });
            });
        });
    }
    void post(std::string method, std::string target, std::string body, base::UniqueFunction<void()> then) {
        posts.push_back(net::fetch(tab.direct(), {.method = std::move(method), .target = std::move(target), .body = std::move(body)},
                                   [then = std::move(then)](const base::Result<net::Response>& answer) mutable {
                                       if (answer && answer->status == 200) then();
                                   }));
    }
    [[nodiscard]] std::string key_of(std::size_t index) const { return key + std::to_string(life) + "n" + std::to_string(index); }
    void ask(const std::string& method, const std::string& target) {
        answer.reset();
        posts.push_back(net::fetch(tab.direct(), {.method = method, .target = target}, [this](const base::Result<net::Response>& response) {
            if (response) answer = base::parse_json(response->body).value_or(base::Json());
        }));
    }
    [[nodiscard]] int streams_opened() const {
        wire::JsonErrors errors;
        return static_cast<int>(wire::JsonReader(*answer, errors).integer_or("GET /api/watch/stream", 0));
    }

    MuxClient tab;
    std::string key;
    std::vector<Reader> readers;
    std::vector<net::RequestHandle> posts;
    std::optional<base::Json> answer;
    int life = 1;  // of the hub
    int written = 0;
    int streams_before = 0;
};

}  // namespace

void add_stream_tests(Suite& suite, base::Scheduler& scheduler) {
    for (const support::Behaviour& behaviour : support::http_behaviours()) {
        suite.add("shared stream: " + std::string(behaviour.name), [&behaviour, &scheduler](TestCase& test) {
            auto rig = std::make_shared<MuxRig>(scheduler);
            auto run = std::make_shared<support::BehaviourRun>(behaviour, *rig);
            test.until("the case is over", [rig, run] { return run->poll(); }, [rig, run](TestCase& over) {
                over.failures = run->failures();
                over.skip_reason = run->skip_reason();
            });
        });
    }

    suite.add("thirty open panels cost one connection, and plain requests are answered at once", [&scheduler](TestCase& test) {
        auto world = std::make_shared<World>(scheduler);
        world->ask("GET", "/calls");
        test.until("the count before", [world] { return world->answer.has_value(); }, [world](TestCase& counted) {
            world->streams_before = world->streams_opened();
            world->readers.resize(30);
            for (std::size_t i = 0; i < world->readers.size(); ++i) world->open(i);
            counted.until("the connection", [world] { return world->tab.link().open() && world->tab.link().status().posts >= 30; }, [world](TestCase& open) {
                for (std::size_t i = 0; i < world->readers.size(); ++i) world->write(i, "panel " + std::to_string(i));
                open.until("thirty answers and thirty texts",
                           [world] {
                               if (world->written < 30) return false;
                               for (std::size_t i = 0; i < world->readers.size(); ++i) {
                                   if (world->readers[i].body != "panel " + std::to_string(i)) return false;
                               }
                               return true;
                           },
                           [world](TestCase& shown) {
                               world->ask("GET", "/calls");
                               shown.until("the count after", [world] { return world->answer.has_value(); }, [world](TestCase& over) {
                                   over.check(world->streams_opened() == world->streams_before + 1, "one stream was opened, not " + std::to_string(world->streams_opened() - world->streams_before));
                               });
                           });
            });
        });
    });

    suite.add("a restart of the hub under fifty channels: all end as failed, open anew, and have every byte that is sent then", [&scheduler](TestCase& test) {
        auto world = std::make_shared<World>(scheduler);
        world->readers.resize(50);
        for (std::size_t i = 0; i < 50; ++i) world->open(i);
        test.until("fifty channels", [world] { return world->tab.link().open() && world->tab.link().status().posts >= 50; }, [world](TestCase& open) {
            world->ask("POST", "/restart");
            open.until("fifty failures",
                       [world] {
                           for (const Reader& reader : world->readers) {
                               if (!reader.failed) return false;
                           }
                           return true;
                       },
                       [world](TestCase& restarted) {
                           world->life = 2;
                           for (std::size_t i = 0; i < 50; ++i) world->open(i);
                           restarted.until("fifty channels again", [world] { return world->tab.link().status().posts >= 100; }, [world](TestCase& again) {
                               for (std::size_t i = 0; i < 50; ++i) world->write(i, "after " + std::to_string(i));
                               again.until("every byte",
                                           [world] {
                                               for (std::size_t i = 0; i < 50; ++i) {
                                                   if (world->readers[i].body != "after " + std::to_string(i)) return false;
                                               }
                                               return true;
                                           },
                                           [world](TestCase& over) { over.check(world->tab.link().status().sessions == 2, "two sessions, not " + std::to_string(world->tab.link().status().sessions)); });
                           });
                       });
        });
    });
}

}  // namespace web_test
