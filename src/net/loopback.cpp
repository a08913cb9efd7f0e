#include "net/loopback.hpp"

#include <deque>
#include <unordered_set>
#include <utility>
#include <variant>

namespace net {

namespace {

// No body follows such an answer, whatever the handler writes (RFC 9112, 6.3).
bool has_no_body(std::string_view method, int status) {
    return method == "HEAD" || status == 204 || status == 304 || (status >= 100 && status < 200);
}

}  // namespace


// Both ends of one exchange and the queue between them. Shared by the handle, the writer and the tasks under way.
class LoopbackExchange final : public std::enable_shared_from_this<LoopbackExchange> {
public:
    using Registry = std::unordered_set<LoopbackExchange*>;

    LoopbackExchange(base::Scheduler& scheduler, std::weak_ptr<Registry> registry, std::string method,
                     std::int64_t idle_timeout_ms, ResponseCallbacks callbacks)
        : scheduler_(scheduler),
          registry_(std::move(registry)),
          method_(std::move(method)),
          idle_timeout_ms_(idle_timeout_ms),
          callbacks_(std::move(callbacks)) {}

    ~LoopbackExchange() { leave_registry(); }

    // --- client side ---

    [[nodiscard]] bool client_done() const { return client_done_; }

    void arm_head_timeout(std::int64_t head_timeout_ms) {
        head_timeout_ms_ = head_timeout_ms;
        if (head_timeout_ms <= 0) return;
        timer_ = scheduler_.after(head_timeout_ms, [weak = weak_from_this()] {
            auto self = weak.lock();
            if (!self || self->head_queued_) return;
            if (self->silent_) self->arm_head_timeout(self->head_timeout_ms_);
            else self->time_out("no answer");
        });
    }

    // The handle was dropped, or the client is gone: not one callback more.
    void cancel() {
        if (client_done_) return;
        auto self = shared_from_this();
        client_done_ = true;
        timer_.cancel();
        leave_registry();
        queue_.clear();
        queued_bytes_ = 0;
        close_server_side();
        if (!delivering_) release_client_callbacks();
    }

    void set_paused(bool paused) {
        if (paused_ == paused || client_done_) return;
        paused_ = paused;
        if (head_delivered_) arm_idle_timeout();  // our own silence is not the server's
        if (!paused) schedule_pump();
    }

    // --- server side ---

    [[nodiscard]] bool server_done() const { return server_done_; }
    [[nodiscard]] std::size_t queued_bytes() const { return queued_bytes_; }

    void start(ResponseHead head) {
        if (server_done_ || head_queued_) return;
        head_queued_ = true;
        bodiless_ = has_no_body(method_, head.status);
        push(std::move(head));
    }

    bool write(std::string_view bytes) {
        if (server_done_) return true;
        start({});  // no-op when the handler has done so
        if (bodiless_ || bytes.empty()) return true;
        queued_bytes_ += bytes.size();
        push(std::string(bytes));
        if (queued_bytes_ <= kHighWaterBytes) return true;
        owes_drain_ = true;
        return false;
    }

    void end() {
        if (server_done_) return;
        start({});
        finish_server_side(base::Result<void>());
    }

    void abort() {
        if (server_done_) return;
        if (head_queued_) {
            finish_server_side(base::fail(base::ErrorCode::unavailable, "the connection was cut before the end of the answer"));
            return;
        }
        start({500, {{"Content-Type", "application/json"}}});
        write(R"({"error":"the request was dropped without an answer"})");
        end();
    }

    void fail(base::Error error) {
        if (!server_done_) finish_server_side(base::fail(std::move(error)));
    }

    void set_silent(bool silent) {
        if (std::exchange(silent_, silent) == silent || client_done_) return;
        if (head_delivered_) arm_idle_timeout();
        else if (!silent && !head_queued_) arm_head_timeout(head_timeout_ms_);
    }

    void on_drain(base::UniqueFunction<void()> callback) {
        if (server_done_) return;
        on_drain_ = std::move(callback);
        if (owes_drain_ && queued_bytes_ == 0) schedule_drain();
    }

    void on_close(base::UniqueFunction<void()> callback) {
        if (!callback) {
            on_close_.reset();
        } else if (reader_gone_) {
            scheduler_.post(std::move(callback));
        } else if (!server_done_) {
            on_close_ = std::move(callback);
        }
    }

private:
    using Event = std::variant<ResponseHead, std::string, base::Result<void>>;

    void push(Event event) {
        queue_.push_back(std::move(event));
        schedule_pump();
    }

    void schedule_pump() {
        if (pump_scheduled_) return;
        pump_scheduled_ = true;
        scheduler_.post([self = shared_from_this()] {
            self->pump_scheduled_ = false;
            self->pump();
        });
    }

    // Delivers what is queued now; what the callbacks cause waits for the next turn.
    void pump() {
        for (std::size_t left = queue_.size(); left > 0 && can_deliver(); --left) {
            Event event = std::move(queue_.front());
            queue_.pop_front();
            deliver(event);
        }
        if (can_deliver()) schedule_pump();
        if (owes_drain_ && queued_bytes_ == 0 && on_drain_) schedule_drain();
    }

    [[nodiscard]] bool can_deliver() const {
        if (client_done_ || delivering_ || queue_.empty()) return false;
        return !paused_ || std::holds_alternative<ResponseHead>(queue_.front());
    }

    void deliver(Event& event) {
        delivering_ = true;
        if (auto* head = std::get_if<ResponseHead>(&event)) {
            head_delivered_ = true;
            arm_idle_timeout();
            if (callbacks_.on_head) callbacks_.on_head(std::move(*head));
        } else if (auto* bytes = std::get_if<std::string>(&event)) {
            queued_bytes_ -= bytes->size();
            arm_idle_timeout();
            if (callbacks_.on_data) callbacks_.on_data(*bytes);
        } else {
            client_done_ = true;
            timer_.cancel();
            leave_registry();
            if (callbacks_.on_done) callbacks_.on_done(std::move(std::get<base::Result<void>>(event)));
        }
        delivering_ = false;
        if (client_done_) release_client_callbacks();
    }

    void arm_idle_timeout() {
        timer_.cancel();
        if (idle_timeout_ms_ <= 0 || paused_ || silent_) return;
        timer_ = scheduler_.after(idle_timeout_ms_, [weak = weak_from_this()] {
            auto self = weak.lock();
            if (!self) return;
            if (self->queue_.empty()) {
                self->time_out("the answer fell silent");
            } else {
                self->arm_idle_timeout();
            }
        });
    }

    void time_out(std::string message) {
        if (client_done_) return;
        close_server_side();
        push(base::Result<void>(base::fail(base::ErrorCode::timed_out, std::move(message))));
    }

    // The reader went away: writing is over, and on_close runs in a task of its own.
    void close_server_side() {
        if (server_done_) return;
        server_done_ = true;
        reader_gone_ = true;
        if (on_close_) scheduler_.post(std::move(on_close_));
        release_server_callbacks();
    }

    void finish_server_side(base::Result<void> result) {
        server_done_ = true;
        push(std::move(result));
        release_server_callbacks();
    }

    void schedule_drain() {
        owes_drain_ = false;
        scheduler_.post([self = shared_from_this()] {
            auto callback = std::move(self->on_drain_);
            self->on_drain_.reset();
            if (callback && !self->server_done_) callback();
        });
    }

    // Captures may own the writer, the handle or this exchange: they die outside the members.
    void release_server_callbacks() {
        auto drain = std::move(on_drain_);
        auto close = std::move(on_close_);
    }
    void release_client_callbacks() { auto callbacks = std::move(callbacks_); }

    void leave_registry() {
        if (auto registry = registry_.lock()) registry->erase(this);
        registry_.reset();
    }

    base::Scheduler& scheduler_;
    std::weak_ptr<Registry> registry_;
    std::string method_;
    std::int64_t idle_timeout_ms_;
    std::int64_t head_timeout_ms_ = 0;
    ResponseCallbacks callbacks_;
    base::Timer timer_;  // head timeout, then idle timeout

    std::deque<Event> queue_;
    std::size_t queued_bytes_ = 0;
    bool pump_scheduled_ = false;
    bool delivering_ = false;
    bool silent_ = false;
    bool paused_ = false;
    bool head_delivered_ = false;
    bool client_done_ = false;

    base::UniqueFunction<void()> on_drain_;
    base::UniqueFunction<void()> on_close_;
    bool head_queued_ = false;
    bool bodiless_ = false;
    bool owes_drain_ = false;   // a write() answered false since the last on_drain
    bool server_done_ = false;  // ended, aborted or closed
    bool reader_gone_ = false;
};

namespace {

class LoopbackWriter final : public RelayWriter {
public:
    explicit LoopbackWriter(std::shared_ptr<LoopbackExchange> exchange) : exchange_(std::move(exchange)) {}
    ~LoopbackWriter() override { exchange_->abort(); }

    // A callback released on the way may own this writer: hold the exchange, and do not touch `this` afterwards.
    void respond(Response response) override {
        auto exchange = exchange_;
        if (exchange->server_done()) return;
        exchange->start({response.status, std::move(response.headers)});
        exchange->write(response.body);
        exchange->end();
    }
    void start(ResponseHead head) override { exchange_->start(std::move(head)); }
    bool write(std::string_view bytes) override { return exchange_->write(bytes); }
    void end() override {
        auto exchange = exchange_;
        exchange->end();
    }
    void abort() override {
        auto exchange = exchange_;
        exchange->abort();
    }
    void fail(base::Error error) override {
        auto exchange = exchange_;
        exchange->fail(std::move(error));
    }
    void set_silent(bool silent) override { exchange_->set_silent(silent); }
    void on_drain(base::UniqueFunction<void()> callback) override { exchange_->on_drain(std::move(callback)); }
    void on_close(base::UniqueFunction<void()> callback) override { exchange_->on_close(std::move(callback)); }
    [[nodiscard]] bool closed() const override { return exchange_->server_done(); }
    [[nodiscard]] std::size_t queued_bytes() const override { return exchange_->queued_bytes(); }

private:
    std::shared_ptr<LoopbackExchange> exchange_;
};

class LoopbackHandle final : public RequestHandle::Impl {
public:
    explicit LoopbackHandle(std::shared_ptr<LoopbackExchange> exchange) : exchange_(std::move(exchange)) {}
    ~LoopbackHandle() override { exchange_->cancel(); }
    void set_paused(bool paused) override { exchange_->set_paused(paused); }

private:
    std::shared_ptr<LoopbackExchange> exchange_;
};

}  // namespace

class LoopbackClient::Exchanges {
public:
    LoopbackExchange::Registry live;
};

LoopbackClient::LoopbackClient(base::Scheduler& scheduler, HttpHandler& handler, std::string peer)
    : scheduler_(scheduler),
      relay_(std::make_shared<Relay>([&handler](ServerRequest request, std::shared_ptr<RelayWriter> writer) {
          handler.handle(std::move(request), std::move(writer));
      })),
      peer_(std::move(peer)),
      exchanges_(std::make_shared<Exchanges>()) {}

LoopbackClient::LoopbackClient(base::Scheduler& scheduler, Relay relay)
    : scheduler_(scheduler), relay_(std::make_shared<Relay>(std::move(relay))), exchanges_(std::make_shared<Exchanges>()) {}

LoopbackClient::~LoopbackClient() {
    // Cancelling runs foreign destructors, which may drop further handles: each is held while its turn comes.
    std::vector<std::shared_ptr<LoopbackExchange>> live;
    for (auto* exchange : exchanges_->live) {
        if (auto held = exchange->weak_from_this().lock()) live.push_back(std::move(held));
    }
    for (auto& exchange : live) exchange->cancel();
}

RequestHandle LoopbackClient::send(Request request, ResponseCallbacks callbacks) {
    auto registry = std::shared_ptr<LoopbackExchange::Registry>(exchanges_, &exchanges_->live);
    auto exchange = std::make_shared<LoopbackExchange>(scheduler_, registry, request.method, request.idle_timeout_ms,
                                                       std::move(callbacks));
    exchanges_->live.insert(exchange.get());
    exchange->arm_head_timeout(request.head_timeout_ms);
    ServerRequest received{std::move(request.method), std::move(request.target), std::move(request.headers),
                           std::move(request.body), peer_};
    scheduler_.post([exchange, relay = relay_, received = std::move(received)]() mutable {
        // The handler outlives the client, and a dead client's exchanges are done.
        if (exchange->client_done()) return;
        (*relay)(std::move(received), std::make_shared<LoopbackWriter>(exchange));
    });
    return RequestHandle(std::make_unique<LoopbackHandle>(std::move(exchange)));
}

}  // namespace net
