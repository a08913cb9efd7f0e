#include "gateway/server_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/http/status.hpp>
#include <charconv>
#include <cstdio>
#include <exception>

#include "base/time_text.hpp"
#include "base/url.hpp"
#include "net/router.hpp"

namespace gateway {

namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

constexpr std::size_t kMaxReadAheadBytes = std::size_t{64} * 1024;       // pipelined requests kept while one is answered
constexpr std::size_t kMaxDiscardedBytes = std::size_t{64} * 1024 * 1024;  // of a body that was refused
constexpr std::int64_t kLingerMs = 5'000;
constexpr std::size_t kKeptCapacityBytes = std::size_t{4} * 1024;

std::string to_std(boost::beast::string_view text) { return std::string(text.data(), text.size()); }

// "Thu, 01 Jan 2026 00:00:00 GMT" (RFC 9110, 5.6.7)
std::string http_date(std::int64_t unix_ms) {
    static constexpr const char* kDays[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const base::UtcTime utc = base::utc_from_unix_ms(unix_ms);
    char text[64];
    std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[(unix_ms / 86'400'000) % 7], utc.day,
                  kMonths[utc.month - 1], utc.year, utc.hour, utc.minute, utc.second);
    return text;
}

bool is_framing_header(std::string_view name) {
    for (std::string_view ours : {"Connection", "Keep-Alive", "Transfer-Encoding", "Content-Length", "Date", "Server"}) {
        if (net::equals_ignoring_case(name, ours)) return true;
    }
    return false;
}

// A value with a line break in it would forge headers.
void append_header(std::string& out, std::string_view name, std::string_view value) {
    const auto append_clean = [&out](std::string_view text) {
        for (char c : text) {
            if (c != '\r' && c != '\n' && c != '\0') out += c;
        }
    };
    append_clean(name);
    out += ": ";
    append_clean(value);
    out += "\r\n";
}

}  // namespace

void ServerShared::connection_gone(ServerConnection* connection) {
    live.erase(connection);
    if (stopping && live.empty() && on_idle) loop.post(std::move(on_idle));
}

ServerConnection::ServerConnection(std::shared_ptr<ServerShared> shared, asio::ip::tcp::socket socket)
    : shared_(std::move(shared)), socket_(std::move(socket)) {
    ErrorCode ignored;
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    socket_.set_option(asio::socket_base::keep_alive(true), ignored);
    socket_.non_blocking(true, ignored);
    const auto endpoint = socket_.remote_endpoint(ignored);
    if (!ignored) peer_ = endpoint.address().to_string();
}

void ServerConnection::start() {
    shared_->live.insert(this);
    arm(shared_->options.keep_alive_ms, &ServerConnection::on_keep_alive_expired);
    wait_readable();
}

void ServerConnection::refuse() {
    shared_->live.insert(this);
    reject(503, "too many connections");
    wait_readable();
}

void ServerConnection::begin_shutdown() {
    auto self = shared_from_this();
    if (phase_ == Phase::lingering || (phase_ == Phase::reading && !parser_)) {
        close_now();
    } else if (phase_ == Phase::answering && started_ && !finished_) {
        // A live stream: its end is a clean one.
        keep_alive_ = false;
        if (auto writer = writer_.lock()) writer->reader_left();
        end_answer();
    }
}

void ServerConnection::cut() {
    auto self = shared_from_this();
    if (auto writer = writer_.lock()) writer->reader_left();
    close_now();
}

void ServerConnection::arm(std::int64_t delay_ms, void (ServerConnection::*expired)()) {
    deadline_ = shared_->loop.after(delay_ms, [weak = weak_from_this(), expired] {
        if (auto self = weak.lock()) ((*self).*expired)();
    });
}

// --- reading ---

void ServerConnection::wait_readable() {
    if (waiting_readable_ || phase_ == Phase::closed) return;
    if (phase_ == Phase::answering && in_.size() >= kMaxReadAheadBytes) return;
    waiting_readable_ = true;
    socket_.async_wait(asio::socket_base::wait_read, [self = shared_from_this()](const ErrorCode& error) {
        self->waiting_readable_ = false;
        self->on_readable(error);
    });
}

void ServerConnection::on_readable(const ErrorCode& wait_error) {
    if (phase_ == Phase::closed) return;
    ErrorCode error = wait_error;
    std::size_t received = 0;
    if (!error) received = socket_.read_some(asio::buffer(shared_->scratch), error);
    if (error == asio::error::would_block || error == asio::error::try_again || error == asio::error::interrupted) {
        wait_readable();
        return;
    }
    if (error) {
        // The answer is complete and only has to be sent: a client that has closed its half may still read it.
        if (error == asio::error::eof && phase_ == Phase::answering && finished_) return;
        reader_left();
        return;
    }
    if (discard_input_ || phase_ == Phase::lingering) {
        discarded_ += received;
        if (discarded_ > kMaxDiscardedBytes) return close_now();
    } else {
        in_.append(shared_->scratch.data(), received);
        advance();
    }
    wait_readable();
}

void ServerConnection::advance() {
    while (phase_ == Phase::reading && !in_.empty()) {
        if (!parser_) {
            parser_.emplace();
            parser_->header_limit(shared_->options.max_head_bytes);
            parser_->body_limit(shared_->options.max_body_bytes);
            head_done_ = false;
            method_.clear();
            path_.clear();
            request_start_ms_ = shared_->loop.monotonic_ms();
            arm(shared_->options.head_timeout_ms, &ServerConnection::on_head_expired);
        }
        ErrorCode error;
        const std::size_t used = parser_->put(asio::buffer(in_), error);
        in_.erase(0, used);
        const bool needs_more = error == http::error::need_more;
        if (error && !needs_more) return reject(error);
        if (!head_done_ && parser_->is_header_done()) {
            head_done_ = true;
            on_head();
            if (phase_ != Phase::reading) return;
        }
        if (parser_->is_done()) return dispatch();
        if (needs_more || used == 0) return;
    }
}

void ServerConnection::on_head() {
    auto& message = parser_->get();
    http_1_0_ = message.version() < 11;
    keep_alive_ = message.keep_alive();
    method_ = to_std(message.method_string());
    int status = 0;
    std::string problem;
    check_head(status, problem);
    if (status != 0) return reject(status, problem);
    arm(shared_->options.body_timeout_ms, &ServerConnection::on_body_expired);
    if (parser_->is_done()) return;
    const auto expect = message[http::field::expect];
    if (expect.empty() || http_1_0_) return;
    if (!boost::beast::iequals(expect, "100-continue")) return reject(417, "this expectation cannot be met");
    pending_ += "HTTP/1.1 100 Continue\r\n\r\n";
    schedule_flush();
}

void ServerConnection::check_head(int& status, std::string& problem) {
    auto& message = parser_->get();
    if (!http_1_0_ && message.count(http::field::host) != 1) {
        status = 400;
        problem = "a request has exactly one Host header";
        return;
    }
    if (message.find(http::field::transfer_encoding) != message.end() && message.find(http::field::content_length) != message.end()) {
        status = 400;
        problem = "Content-Length and Transfer-Encoding exclude each other";
        return;
    }
    std::string target = to_std(message.target());
    if (target.starts_with("http://") || target.starts_with("https://")) {
        // The absolute form (RFC 9112, 3.2.2): its authority takes the place of Host.
        const auto url = base::parse_http_url(target);
        if (!url) {
            status = 400;
            problem = "malformed target";
            return;
        }
        message.set(http::field::host, url->authority());
        target = url->path + (url->query.empty() ? "" : "?" + url->query);
        message.target(target);
    }
    if (!target.starts_with('/')) {
        status = 400;
        problem = "the target must be a path";
    }
}

void ServerConnection::dispatch() {
    phase_ = Phase::answering;
    deadline_.cancel();
    auto& message = parser_->get();
    net::ServerRequest request;
    request.method = method_;
    request.target = to_std(message.target());
    for (const auto& field : message) request.headers.add(to_std(field.name_string()), to_std(field.value()));
    request.body = std::move(message.body());
    request.peer = peer_;
    path_ = std::string(net::split_target(request.target).path);
    parser_.reset();
    if (in_.empty()) in_ = std::string();

    auto writer = std::make_shared<ServerWriter>(shared_->loop, weak_from_this());
    writer_ = writer;
    std::string problem;
    try {
        shared_->handler.handle(std::move(request), std::move(writer));
        return;
    } catch (const std::exception& exception) {
        problem = exception.what();
    } catch (...) {
        problem = "unknown exception";
    }
    std::fprintf(stderr, "binnacle-gateway: %s %s failed: %s\n", method_.c_str(), path_.c_str(), problem.c_str());
    if (auto alive = writer_.lock()) {
        if (!started_) alive->respond(net::error_response(500, "internal error"));
        alive->abort();
    }
}

void ServerConnection::reject(int status, std::string_view message) {
    auto self = shared_from_this();
    deadline_.cancel();
    phase_ = Phase::answering;
    keep_alive_ = false;
    discard_input_ = true;
    if (parser_ && method_.empty()) {
        // For the log, as far as it was understood.
        method_ = to_std(parser_->get().method_string());
        const std::string target = to_std(parser_->get().target());
        path_ = std::string(net::split_target(target).path);
    }
    parser_.reset();
    in_ = std::string();
    net::Response response = net::error_response(status, message);
    start_answer({response.status, std::move(response.headers)}, response.body.size());
    write_body(response.body);
    end_answer();
}

void ServerConnection::reject(const ErrorCode& error) {
    if (error == http::error::header_limit) return reject(431, "the request's head is too large");
    if (error == http::error::body_limit) {
        return reject(413, "the request's body is larger than " + std::to_string(shared_->options.max_body_bytes) + " bytes");
    }
    if (error == http::error::bad_version) return reject(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    reject(400, "malformed request: " + error.message());
}

// --- answering ---

void ServerConnection::start_answer(net::ResponseHead head, std::optional<std::size_t> body_bytes) {
    started_ = true;
    status_ = head.status;
    body_bytes_ = 0;
    const bool is_head = method_ == "HEAD";
    const bool has_no_content = head.status == 204 || head.status == 304 || head.status < 200;
    bodiless_ = is_head || has_no_content;
    chunked_ = !bodiless_ && !body_bytes && !http_1_0_;
    if (!bodiless_ && !body_bytes && http_1_0_) keep_alive_ = false;
    if (shared_->stopping) keep_alive_ = false;

    const auto reason = http::obsolete_reason(static_cast<http::status>(head.status));
    pending_ += http_1_0_ ? "HTTP/1.0 " : "HTTP/1.1 ";
    pending_ += std::to_string(head.status) + " " + to_std(reason) + "\r\n";
    append_header(pending_, "Date", http_date(shared_->loop.unix_ms()));
    append_header(pending_, "Server", "Binnacle");
    for (const auto& [name, value] : head.headers.fields()) {
        if (!is_framing_header(name)) append_header(pending_, name, value);
    }
    for (const auto& [name, value] : shared_->options.extra_headers.fields()) {
        if (!head.headers.has(name)) append_header(pending_, name, value);
    }
    if (chunked_) append_header(pending_, "Transfer-Encoding", "chunked");
    if (body_bytes && !has_no_content) append_header(pending_, "Content-Length", std::to_string(*body_bytes));
    if (!keep_alive_) append_header(pending_, "Connection", "close");
    if (keep_alive_ && http_1_0_) append_header(pending_, "Connection", "keep-alive");
    pending_ += "\r\n";
    schedule_flush();
}

bool ServerConnection::write_body(std::string_view bytes) {
    if (bodiless_ || bytes.empty() || finished_) return true;
    if (chunked_) {
        char size[20];
        const auto end = std::to_chars(size, size + sizeof size, bytes.size(), 16).ptr;
        pending_.append(size, end);
        pending_ += "\r\n";
    }
    pending_.append(bytes);
    if (chunked_) pending_ += "\r\n";
    pending_body_bytes_ += bytes.size();
    body_bytes_ += bytes.size();
    schedule_flush();
    return queued_body_bytes() <= net::kHighWaterBytes;
}

void ServerConnection::end_answer() {
    if (finished_ || phase_ != Phase::answering) return;
    if (chunked_) pending_ += "0\r\n\r\n";
    finished_ = true;
    schedule_flush();
}

void ServerConnection::abort_answer() {
    if (finished_ || phase_ != Phase::answering) return;
    if (!started_) {
        net::Response response = net::error_response(500, "the request was dropped without an answer");
        start_answer({response.status, std::move(response.headers)}, response.body.size());
        write_body(response.body);
        end_answer();
        return;
    }
    finished_ = true;
    cut_when_flushed_ = true;
    keep_alive_ = false;
    schedule_flush();
}

// --- writing ---

// What one task writes leaves in one packet.
void ServerConnection::schedule_flush() {
    if (flush_scheduled_ || !in_flight_.empty() || phase_ == Phase::closed) return;
    flush_scheduled_ = true;
    shared_->loop.post([self = shared_from_this()] {
        self->flush_scheduled_ = false;
        self->flush();
    });
}

void ServerConnection::flush() {
    if (!in_flight_.empty() || phase_ == Phase::closed) return;
    if (pending_.empty()) {
        if (phase_ == Phase::answering && finished_) complete();
        return;
    }
    std::swap(in_flight_, pending_);
    in_flight_body_bytes_ = std::exchange(pending_body_bytes_, 0);
    asio::async_write(socket_, asio::buffer(in_flight_),
                      [self = shared_from_this()](const ErrorCode& error, std::size_t) { self->on_written(error); });
}

void ServerConnection::on_written(const ErrorCode& error) {
    in_flight_.clear();
    if (in_flight_.capacity() > kKeptCapacityBytes) in_flight_ = std::string();
    in_flight_body_bytes_ = 0;
    if (phase_ == Phase::closed) return;
    if (error) {
        reader_left();
        return;
    }
    if (queued_body_bytes() == 0) {
        if (auto writer = writer_.lock()) writer->drained();
    }
    flush();
}

void ServerConnection::complete() {
    log_access(status_);
    writer_.reset();
    if (cut_when_flushed_) {
        // HTTP/1.0 has no other sign of a cut than a reset.
        ErrorCode ignored;
        if (http_1_0_) socket_.set_option(asio::socket_base::linger(true, 0), ignored);
        return close_now();
    }
    if (!keep_alive_ || shared_->stopping) return linger();
    started_ = chunked_ = bodiless_ = finished_ = false;
    status_ = 0;
    phase_ = Phase::reading;
    arm(shared_->options.keep_alive_ms, &ServerConnection::on_keep_alive_expired);
    advance();
    wait_readable();
}

// Closes without a reset: unread bytes would make the kernel send one, and it can overtake the answer.
void ServerConnection::linger() {
    if (shared_->stopping && !discard_input_) return close_now();
    ErrorCode ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    phase_ = Phase::lingering;
    in_ = std::string();
    arm(kLingerMs, &ServerConnection::close_now);
    wait_readable();
}

void ServerConnection::reader_left() {
    auto self = shared_from_this();
    if (phase_ == Phase::answering && !finished_) log_access(0);
    if (auto writer = writer_.lock()) writer->reader_left();
    close_now();
}

void ServerConnection::close_now() {
    if (phase_ == Phase::closed) return;
    auto self = shared_from_this();
    phase_ = Phase::closed;
    deadline_.cancel();
    parser_.reset();
    pending_ = std::string();
    pending_body_bytes_ = 0;
    ErrorCode ignored;
    socket_.shutdown(asio::socket_base::shutdown_send, ignored);
    socket_.close(ignored);
    shared_->connection_gone(this);
}

void ServerConnection::log_access(int status) {
    if (!shared_->options.on_access || !*shared_->options.on_access) return;
    (*shared_->options.on_access)(
        {peer_, method_, path_, status, body_bytes_, shared_->loop.monotonic_ms() - request_start_ms_});
}

}  // namespace gateway
