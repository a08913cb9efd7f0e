#include "gateway/client_exchange.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/beast/http/error.hpp>

namespace gateway {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

bool is_token(std::string_view text) {
    constexpr std::string_view kExtra = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kExtra.find(c) != std::string_view::npos;
    });
}

bool is_clean(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool is_sendable(const net::Request& request) {
    if (!is_token(request.method)) return false;
    if (std::any_of(request.target.begin(), request.target.end(), [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; })) {
        return false;
    }
    return std::all_of(request.headers.fields().begin(), request.headers.fields().end(),
                       [](const auto& field) { return is_token(field.first) && is_clean(field.second); });
}

bool is_idempotent(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE" || method == "OPTIONS";
}

bool is_ours(std::string_view name) {
    for (std::string_view ours : {"Host", "Connection", "Content-Length", "Transfer-Encoding"}) {
        if (net::equals_ignoring_case(name, ours)) return true;
    }
    return false;
}

}  // namespace

// --- ClientShared, ClientConnection ---

std::shared_ptr<ByteStream> ClientShared::make_stream() const {
    return tls ? make_tls_stream(loop.context(), *tls, options.tls_server_name, !options.insecure) : make_plain_stream(loop.context());
}

void ClientConnection::read() {
    if (reading_) return;
    reading_ = true;
    stream_->read_some(asio::buffer(buffer_), [self = shared_from_this()](const boost::system::error_code& error, std::size_t size) {
        self->reading_ = false;
        if (auto user = self->user_.lock()) {
            user->on_read(error, {self->buffer_.data(), size});
        } else {
            // Idle: the server closed it, or said something nobody asked for.
            self->leave_pool();
            self->close();
        }
    });
}

void ClientConnection::park(const std::shared_ptr<ClientShared>& shared) {
    user_.reset();
    pool_ = shared;
    shared->idle.push_back(shared_from_this());
    if (shared->idle.size() > shared->options.max_idle_connections) {
        auto oldest = shared->idle.front();
        shared->idle.erase(shared->idle.begin());
        oldest->close();
    }
    idle_timer_ = shared->loop.after(shared->options.idle_connection_ms, [weak = weak_from_this()] {
        if (auto self = weak.lock()) {
            self->leave_pool();
            self->close();
        }
    });
    read();
}

void ClientConnection::leave_pool() {
    if (auto pool = pool_.lock()) std::erase_if(pool->idle, [this](const auto& other) { return other.get() == this; });
}

// --- ClientExchange ---

ClientExchange::ClientExchange(std::shared_ptr<ClientShared> shared, net::Request request, net::ResponseCallbacks callbacks)
    : shared_(std::move(shared)), request_(std::move(request)), callbacks_(std::move(callbacks)) {}

ClientExchange::~ClientExchange() { leave(); }

void ClientExchange::start() {
    shared_->live.insert(this);
    if (request_.head_timeout_ms > 0) {
        timer_ = shared_->loop.after(request_.head_timeout_ms, [weak = weak_from_this()] {
            auto self = weak.lock();
            if (self && !self->head_ready_) self->fail(base::ErrorCode::timed_out, "no answer from " + self->shared_->url.authority());
        });
    }
    shared_->loop.post([self = shared_from_this()] {
        if (self->over_ || self->outcome_) return;
        if (!is_sendable(self->request_)) {
            self->fail(base::ErrorCode::invalid_argument, "the request's method, target or a header has forbidden characters");
            return;
        }
        self->begin(false);
    });
}

void ClientExchange::begin(bool fresh_connection) {
    parser_.emplace(shared_->options.max_head_bytes);
    if (request_.method == "HEAD") parser_->skip(true);
    in_.clear();
    bytes_seen_ = false;
    request_written_ = false;
    if (!fresh_connection && !shared_->idle.empty()) {
        connection_ = std::move(shared_->idle.back());
        shared_->idle.pop_back();
        connection_->unpark();
        connection_->use(weak_from_this());
        write_request();
        return;
    }
    connection_ = std::make_shared<ClientConnection>(shared_->make_stream());
    connection_->use(weak_from_this());
    // A cancelled exchange closes its connection, so this holds it for no longer than needed.
    connection_->stream().connect(shared_->url.host, shared_->url.port, [weak = weak_from_this(), held = connection_](const ErrorCode& error) {
        auto self = weak.lock();
        if (self && self->connection_ == held) self->connected(error);
    });
}

void ClientExchange::connected(const ErrorCode& error) {
    if (over_ || outcome_) return;
    if (const std::string refusal = error ? connection_->stream().refusal() : std::string(); !refusal.empty()) {
        fail(base::ErrorCode::unavailable, "the certificate of " + shared_->url.origin() + " is refused: " + refusal,
             "Give the certificate authority that signed it, and an address that it names");
        return;
    }
    if (error) {
        fail(base::ErrorCode::unavailable, "cannot connect to " + shared_->url.origin() + ": " + error.message(),
             "Check that the server is running and the address is right");
        return;
    }
    write_request();
}

void ClientExchange::write_request() {
    if (request_text_.empty()) request_text_ = request_text();
    connection_->stream().write_all(asio::buffer(request_text_), [self = shared_from_this(), held = connection_](const ErrorCode& error, std::size_t) {
        // An error here shows in reading too, and an early answer (413) may still be on its way.
        if (self->connection_ == held && !error) self->request_written_ = true;
    });
    connection_->read();
}

std::string ClientExchange::request_text() const {
    std::string text = request_.method + " " + shared_->prefix;
    if (!request_.target.starts_with('/')) text += '/';
    text += request_.target + " HTTP/1.1\r\nHost: " + shared_->url.authority() + "\r\n";
    for (const auto& [name, value] : request_.headers.fields()) {
        if (!is_ours(name)) text += name + ": " + value + "\r\n";
    }
    for (const auto& [name, value] : shared_->options.extra_headers.fields()) {
        if (!is_ours(name) && !request_.headers.has(name)) text += name + ": " + value + "\r\n";
    }
    if (!request_.headers.has("User-Agent")) text += "User-Agent: binnacle-gateway\r\n";
    if (!request_.headers.has("Accept")) text += "Accept: */*\r\n";
    const bool expects_body = request_.method == "POST" || request_.method == "PUT" || request_.method == "PATCH";
    if (expects_body || !request_.body.empty()) text += "Content-Length: " + std::to_string(request_.body.size()) + "\r\n";
    text += "\r\n";
    text += request_.body;
    return text;
}

void ClientExchange::on_read(const ErrorCode& error, std::string_view bytes) {
    if (over_ || outcome_) return;
    auto self = shared_from_this();
    if (!bytes.empty()) {
        bytes_seen_ = true;
        in_.append(bytes);
        feed();
    }
    if (error && !over_ && !outcome_) on_eof(error);
    deliver();
}

void ClientExchange::feed() {
    while (!in_.empty() && !outcome_) {
        ErrorCode error;
        const std::size_t used = parser_->put(asio::buffer(in_), error);
        in_.erase(0, used);
        if (error && error != http::error::need_more) {
            fail(base::ErrorCode::protocol, "malformed answer from " + shared_->url.authority() + ": " + error.message());
            return;
        }
        if (parser_->is_header_done() && parser_->head.status >= 100 && parser_->head.status < 200) {
            if (parser_->head.status == 101) {
                fail(base::ErrorCode::protocol, "the server switched protocols without being asked");
                return;
            }
            // An interim answer; the real one follows.
            parser_.emplace(shared_->options.max_head_bytes);
            if (request_.method == "HEAD") parser_->skip(true);
            continue;
        }
        if (parser_->is_header_done()) head_ready_ = true;
        if (parser_->is_done()) {
            outcome_.emplace();
            release_connection(parser_->keep_alive() && request_written_ && in_.empty());
            return;
        }
        if (error == http::error::need_more || used == 0) return;
    }
}

void ClientExchange::on_eof(const ErrorCode& error) {
    if (retry_on_fresh_connection()) return;
    if (error == asio::error::eof && head_ready_) {
        ErrorCode parse_error;
        parser_->put_eof(parse_error);
        if (!parse_error && parser_->is_done()) {
            outcome_.emplace();
            release_connection(false);
            return;
        }
    }
    std::string message = head_ready_ ? "the connection was cut before the end of the answer"
                                      : "the connection to " + shared_->url.authority() + " was closed before an answer";
    if (error != asio::error::eof) message += ": " + error.message();  // such as a TLS alert that asks for a client certificate
    fail(base::ErrorCode::unavailable, std::move(message));
}

bool ClientExchange::retry_on_fresh_connection() {
    if (retried_ || bytes_seen_ || !connection_ || !connection_->reused() || !is_idempotent(request_.method)) return false;
    retried_ = true;
    release_connection(false);
    begin(true);
    return true;
}

void ClientExchange::fail(base::ErrorCode code, std::string message, std::string hint) {
    if (over_ || outcome_) return;
    outcome_ = base::Result<void>(base::fail(code, std::move(message), std::move(hint)));
    release_connection(false);
    schedule_deliver();
}

// Hands over what there is, in order, as far as the reader wants it; then reads on.
void ClientExchange::deliver() {
    if (delivering_ || over_) return;
    auto self = shared_from_this();
    delivering_ = true;
    if (head_ready_ && !head_delivered_) {
        head_delivered_ = true;
        arm_idle_timeout();
        if (callbacks_.on_head) callbacks_.on_head(std::move(parser_->head));
    }
    if (!over_ && !paused_ && parser_ && !parser_->body.empty()) {
        arm_idle_timeout();
        const std::string body = std::exchange(parser_->body, {});
        if (callbacks_.on_data) callbacks_.on_data(body);
    }
    delivering_ = false;
    if (over_) return release_callbacks();
    if (paused_) return;
    if (outcome_) {
        finish(std::move(*outcome_));
    } else if (connection_ && bytes_seen_) {
        connection_->read();
    }
}

void ClientExchange::schedule_deliver() {
    if (deliver_scheduled_) return;
    deliver_scheduled_ = true;
    shared_->loop.post([self = shared_from_this()] {
        self->deliver_scheduled_ = false;
        self->deliver();
    });
}

void ClientExchange::finish(base::Result<void> result) {
    over_ = true;
    timer_.cancel();
    leave();
    delivering_ = true;
    if (callbacks_.on_done) callbacks_.on_done(std::move(result));
    delivering_ = false;
    release_callbacks();
}

void ClientExchange::cancel() {
    if (over_) return;
    auto self = shared_from_this();
    over_ = true;
    timer_.cancel();
    leave();
    release_connection(false);
    if (!delivering_) release_callbacks();
}

void ClientExchange::set_paused(bool paused) {
    if (over_ || paused_ == paused) return;
    paused_ = paused;
    if (head_delivered_) arm_idle_timeout();  // our own silence is not the server's
    if (!paused) schedule_deliver();
}

void ClientExchange::arm_idle_timeout() {
    timer_.cancel();
    if (request_.idle_timeout_ms <= 0 || paused_ || outcome_) return;
    timer_ = shared_->loop.after(request_.idle_timeout_ms, [weak = weak_from_this()] {
        if (auto self = weak.lock()) self->fail(base::ErrorCode::timed_out, "the answer fell silent");
    });
}

void ClientExchange::release_connection(bool reusable) {
    auto connection = std::move(connection_);
    connection_.reset();
    if (!connection) return;
    if (reusable) {
        connection->park(shared_);
    } else {
        connection->close();
    }
}

void ClientExchange::release_callbacks() { auto callbacks = std::move(callbacks_); }

void ClientExchange::leave() { shared_->live.erase(this); }

}  // namespace gateway
