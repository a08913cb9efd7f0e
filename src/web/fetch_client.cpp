#include "web/fetch_client.hpp"

#include <emscripten/fetch.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "web/bindings.hpp"

namespace web {

namespace {

// FetchXHR (Emscripten's src/Fetch.js) calls onerror with this status text when the answer has no body at all (HEAD, 204).
constexpr std::string_view kNoBodyText = "Response has no body to read.";
constexpr int kHeadersReceived = 2;
constexpr int kDone = 4;

// "name: value\r\n..." with names in lower case.
net::Headers read_headers(emscripten_fetch_t* fetch) {
    std::string text(emscripten_fetch_get_response_headers_length(fetch) + 1, '\0');
    emscripten_fetch_get_response_headers(fetch, text.data(), text.size());
    text.resize(std::strlen(text.c_str()));
    net::Headers headers;
    std::string_view rest = text;
    while (!rest.empty()) {
        const std::size_t end = rest.find("\r\n");
        const std::string_view line = rest.substr(0, end);
        if (const std::size_t colon = line.find(": "); colon != std::string_view::npos) {
            headers.add(line.substr(0, colon), std::string(line.substr(colon + 2)));
        }
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 2);
    }
    return headers;
}

// The bytes that Emscripten allocated for one chunk, taken from it.
struct Chunk {
    struct Free {
        void operator()(char* pointer) const { std::free(pointer); }
    };
    std::unique_ptr<char, Free> bytes;
    std::size_t size = 0;
};

}  // namespace

// One fetch. Lives in Shared's table until its handle is dropped or it is done; the browser's callbacks know
// it by number only, so whatever comes late finds nothing.
class FetchClient::Exchange {
public:
    net::Request request;
    net::ResponseCallbacks callbacks;
    std::vector<const char*> header_list;
    emscripten_fetch_t* fetch = nullptr;

    std::optional<net::ResponseHead> head;  // arrived, not delivered
    bool head_seen = false;
    std::deque<Chunk> chunks;
    std::size_t buffered_bytes = 0;
    std::uint64_t received_bytes = 0;
    std::optional<base::Result<void>> outcome;

    bool paused = false;
    bool delivery_posted = false;
    base::Timer timeout;
};

struct FetchClient::Shared : std::enable_shared_from_this<FetchClient::Shared> {
    explicit Shared(base::Scheduler& loop) : scheduler(loop) {}

    base::Scheduler& scheduler;
    std::unordered_map<std::uint64_t, std::shared_ptr<Exchange>> exchanges;
    std::uint64_t last_key = 0;

    std::shared_ptr<Exchange> find(std::uint64_t key) {
        const auto found = exchanges.find(key);
        return found == exchanges.end() ? nullptr : found->second;
    }

    void start(std::uint64_t key, const std::string& base, bool leaving);
    void end(std::uint64_t key);
    void fail(std::uint64_t key, base::ErrorCode code, std::string message);
    void post_delivery(std::uint64_t key, Exchange& exchange);
    void deliver(std::uint64_t key);
    void arm_idle_timeout(std::uint64_t key, Exchange& exchange);

    void on_state(std::uint64_t key, emscripten_fetch_t* fetch);
    void on_progress(std::uint64_t key, emscripten_fetch_t* fetch);
    void on_end(std::uint64_t key, emscripten_fetch_t* fetch, bool failed);
    void close_later(emscripten_fetch_t* fetch);
};

// What a fetch's userData points to, from its start to its close.
struct FetchClient::Route {
    std::weak_ptr<Shared> owner;
    std::uint64_t key;

    // `call(shared, key)`, unless the client has gone.
    template <class Call>
    static void follow(emscripten_fetch_t* fetch, Call call) {
        const Route& route = *static_cast<Route*>(fetch->userData);
        if (const auto shared = route.owner.lock()) call(*shared, route.key);
    }
};

class FetchClient::Handle final : public net::RequestHandle::Impl {
public:
    Handle(std::weak_ptr<Shared> shared, std::uint64_t key) : shared_(std::move(shared)), key_(key) {}
    ~Handle() override {
        if (const auto shared = shared_.lock()) shared->end(key_);
    }
    void set_paused(bool paused) override {
        const auto shared = shared_.lock();
        const auto exchange = shared ? shared->find(key_) : nullptr;
        if (!exchange || exchange->paused == paused) return;
        exchange->paused = paused;
        if (!paused) {
            shared->arm_idle_timeout(key_, *exchange);
            shared->post_delivery(key_, *exchange);
        }
    }

private:
    std::weak_ptr<Shared> shared_;
    std::uint64_t key_;
};

void FetchClient::Shared::start(std::uint64_t key, const std::string& base, bool leaving) {
    const auto exchange = find(key);
    net::Request& request = exchange->request;
    emscripten_fetch_attr_t attributes;
    emscripten_fetch_attr_init(&attributes);
    std::strncpy(attributes.requestMethod, request.method.c_str(), sizeof attributes.requestMethod - 1);
    attributes.attributes = EMSCRIPTEN_FETCH_STREAM_DATA | EMSCRIPTEN_FETCH_LOAD_TO_MEMORY;
    auto route = std::make_unique<Route>(weak_from_this(), key);
    attributes.userData = route.get();
    for (const auto& [name, value] : request.headers.fields()) {
        exchange->header_list.push_back(name.c_str());
        exchange->header_list.push_back(value.c_str());
    }
    exchange->header_list.push_back(nullptr);
    attributes.requestHeaders = exchange->header_list.data();
    if (!request.body.empty()) {
        attributes.requestData = request.body.data();
        attributes.requestDataSize = request.body.size();
    }
    attributes.onreadystatechange = [](emscripten_fetch_t* fetch) {
        Route::follow(fetch, [fetch](Shared& shared, std::uint64_t id) { shared.on_state(id, fetch); });
    };
    attributes.onprogress = [](emscripten_fetch_t* fetch) {
        Route::follow(fetch, [fetch](Shared& shared, std::uint64_t id) { shared.on_progress(id, fetch); });
        // A chunk that nobody took is ours to free: the next one would leak it.
        std::free(const_cast<char*>(fetch->data));
        fetch->data = nullptr;
    };
    attributes.onsuccess = [](emscripten_fetch_t* fetch) {
        Route::follow(fetch, [fetch](Shared& shared, std::uint64_t id) { shared.on_end(id, fetch, false); });
    };
    attributes.onerror = [](emscripten_fetch_t* fetch) {
        bn_fetch_forget_chunk(fetch->id);
        Route::follow(fetch, [fetch](Shared& shared, std::uint64_t id) { shared.on_end(id, fetch, true); });
    };
    const bool keepalive = leaving && request.body.size() <= FetchClient::kMaxKeepaliveBytes;
    if (keepalive) bn_fetch_keepalive(1);
    exchange->fetch = emscripten_fetch(&attributes, (base + request.target).c_str());
    if (keepalive) bn_fetch_keepalive(0);
    if (exchange->fetch == nullptr) return fail(key, base::ErrorCode::internal, "The browser did not start the request");
    static_cast<void>(route.release());  // close_later() takes it back
    if (request.head_timeout_ms > 0) {
        exchange->timeout = scheduler.after(request.head_timeout_ms, [weak = weak_from_this(), key] {
            if (const auto shared = weak.lock()) shared->fail(key, base::ErrorCode::timed_out, "No answer in time");
        });
    }
}

// Nothing of it is delivered any more.
void FetchClient::Shared::end(std::uint64_t key) {
    const auto exchange = find(key);
    if (!exchange) return;
    exchanges.erase(key);
    exchange->timeout.cancel();
    if (exchange->fetch != nullptr) close_later(std::exchange(exchange->fetch, nullptr));
    // The callbacks may be the ones that are running: `exchange` keeps them until whoever called is done with it.
    scheduler.post([exchange] {});
}

// Closing re-enters onerror and frees the fetch: never within one of its callbacks.
void FetchClient::Shared::close_later(emscripten_fetch_t* fetch) {
    scheduler.post([fetch] {
        const std::unique_ptr<Route> route(static_cast<Route*>(fetch->userData));
        fetch->__attributes.onerror = nullptr;
        emscripten_fetch_close(fetch);
    });
}

void FetchClient::Shared::fail(std::uint64_t key, base::ErrorCode code, std::string message) {
    const auto exchange = find(key);
    if (!exchange || exchange->outcome) return;
    exchange->timeout.cancel();
    exchange->outcome = base::fail(code, std::move(message));
    if (exchange->fetch != nullptr) {
            close_later(std::exchange(exchange->fetch, nullptr));
    }
    post_delivery(key, *exchange);
}

void FetchClient::Shared::on_state(std::uint64_t key, emscripten_fetch_t* fetch) {
    const auto exchange = find(key);
    if (!exchange || exchange->head_seen || fetch->readyState != kHeadersReceived || fetch->status == 0) return;
    exchange->head_seen = true;
    exchange->head = net::ResponseHead{fetch->status, read_headers(fetch)};
    exchange->timeout.cancel();
    arm_idle_timeout(key, *exchange);
    post_delivery(key, *exchange);
}

void FetchClient::Shared::on_progress(std::uint64_t key, emscripten_fetch_t* fetch) {
    const auto exchange = find(key);
    if (!exchange || exchange->outcome || fetch->data == nullptr || fetch->numBytes == 0) return;
    const auto size = static_cast<std::size_t>(fetch->numBytes);
    // A chunk that is a view into a larger buffer would be handed over whole: the count tells.
    if (fetch->dataOffset != exchange->received_bytes) return fail(key, base::ErrorCode::protocol, "The browser's chunks do not add up");
    exchange->received_bytes += size;
    exchange->buffered_bytes += size;
    exchange->chunks.push_back({std::unique_ptr<char, Chunk::Free>(const_cast<char*>(std::exchange(fetch->data, nullptr))), size});
    if (exchange->buffered_bytes > kMaxBufferedBytes) return fail(key, base::ErrorCode::too_large, "The answer comes faster than it is read");
    arm_idle_timeout(key, *exchange);
    post_delivery(key, *exchange);
}

void FetchClient::Shared::on_end(std::uint64_t key, emscripten_fetch_t* fetch, bool failed) {
    const auto exchange = find(key);
    if (!exchange || exchange->outcome) return;
    if (failed && fetch->readyState != kDone && fetch->statusText != kNoBodyText) {
        return fail(key, base::ErrorCode::unavailable, exchange->head_seen ? "The connection was cut" : "The server did not answer");
    }
    // At readyState 4 an "error" is only a status that is not 2xx.
    exchange->timeout.cancel();
    exchange->outcome = base::Result<void>();
    close_later(std::exchange(exchange->fetch, nullptr));
    post_delivery(key, *exchange);
}

void FetchClient::Shared::arm_idle_timeout(std::uint64_t key, Exchange& exchange) {
    if (exchange.request.idle_timeout_ms <= 0 || !exchange.head_seen || exchange.outcome) return;
    exchange.timeout = scheduler.after(exchange.request.idle_timeout_ms, [weak = weak_from_this(), key] {
        const auto shared = weak.lock();
        const auto found = shared ? shared->find(key) : nullptr;
        // Silence is the server's: what waits here because the reader paused is not.
        if (found && !found->paused) shared->fail(key, base::ErrorCode::timed_out, "The answer stopped coming");
    });
}

void FetchClient::Shared::post_delivery(std::uint64_t key, Exchange& exchange) {
    if (std::exchange(exchange.delivery_posted, true)) return;
    scheduler.post([weak = weak_from_this(), key] {
        if (const auto shared = weak.lock()) shared->deliver(key);
    });
}

void FetchClient::Shared::deliver(std::uint64_t key) {
    const auto exchange = find(key);
    if (!exchange) return;
    exchange->delivery_posted = false;
    if (exchange->head) {
        net::ResponseHead head = *std::exchange(exchange->head, std::nullopt);
        if (exchange->callbacks.on_head) exchange->callbacks.on_head(std::move(head));
        if (!find(key)) return;
    }
    // One chunk a task: the scheduler lets frames and input in between.
    if (!exchange->chunks.empty() && !exchange->paused) {
        const Chunk chunk = std::move(exchange->chunks.front());
        exchange->chunks.pop_front();
        exchange->buffered_bytes -= chunk.size;
        if (exchange->callbacks.on_data) exchange->callbacks.on_data({chunk.bytes.get(), chunk.size});
        if (!find(key)) return;
    }
    if (exchange->paused) return;
    if (!exchange->chunks.empty()) return post_delivery(key, *exchange);
    if (!exchange->outcome) return;
    const base::Result<void> outcome = *exchange->outcome;
    exchanges.erase(key);
    if (exchange->callbacks.on_done) exchange->callbacks.on_done(outcome);
}

FetchClient::FetchClient(base::Scheduler& scheduler, std::string base)
    : base_(std::move(base)), shared_(std::make_shared<Shared>(scheduler)) {}

FetchClient::~FetchClient() {
    std::vector<std::uint64_t> keys;
    for (const auto& [key, exchange] : shared_->exchanges) keys.push_back(key);
    for (const auto key : keys) shared_->end(key);
}

net::RequestHandle FetchClient::send(net::Request request, net::ResponseCallbacks callbacks) {
    const std::uint64_t key = ++shared_->last_key;
    auto exchange = std::make_shared<Exchange>();
    exchange->request = std::move(request);
    exchange->callbacks = std::move(callbacks);
    shared_->exchanges.emplace(key, exchange);
    if (exchange->request.method.size() >= sizeof(emscripten_fetch_attr_t::requestMethod)) {
        shared_->fail(key, base::ErrorCode::invalid_argument, "The request method is too long");
    } else {
        shared_->start(key, base_, leaving_);
    }
    return net::RequestHandle(std::make_unique<Handle>(shared_, key));
}

int FetchClient::waiting() const {
    return static_cast<int>(std::count_if(shared_->exchanges.begin(), shared_->exchanges.end(),
                                          [](const auto& entry) { return !entry.second->head_seen && !entry.second->outcome; }));
}

}  // namespace web
