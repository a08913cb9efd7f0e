// ServerConnection: one accepted socket of BeastServer. Internal to the server's two source files.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "gateway/beast_server.hpp"

namespace gateway {

class ServerConnection;
class ServerWriter;

// What all connections of a server share.
struct ServerShared {
    AsioScheduler& loop;
    net::HttpHandler& handler;
    ServerOptions options;
    bool stopping = false;
    std::unordered_set<ServerConnection*> live{};
    base::UniqueFunction<void()> on_idle{};           // the last connection is gone after shutdown()
    std::array<char, std::size_t{64} * 1024> scratch{};  // all reads go through here: an idle connection owns no buffer

    void connection_gone(ServerConnection* connection);
};

class ServerConnection final : public std::enable_shared_from_this<ServerConnection> {
public:
    ServerConnection(std::shared_ptr<ServerShared> shared, boost::asio::ip::tcp::socket socket);
    void start();
    // 503 and a close, for one connection too many.
    void refuse();
    void begin_shutdown();
    void cut();

    // --- for the writer of the request under way ---
    void start_answer(net::ResponseHead head, std::optional<std::size_t> body_bytes);
    bool write_body(std::string_view bytes);
    void end_answer();
    void abort_answer();
    [[nodiscard]] bool answer_started() const { return started_; }
    [[nodiscard]] std::size_t queued_body_bytes() const { return pending_body_bytes_ + in_flight_body_bytes_; }

private:
    using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
    using ErrorCode = boost::system::error_code;
    enum class Phase { reading, answering, lingering, closed };

    void wait_readable();
    void on_readable(const ErrorCode& error);
    void advance();
    void on_head();
    void check_head(int& status, std::string& problem);
    void dispatch();
    void reject(int status, std::string_view message);
    void reject(const ErrorCode& error);

    void schedule_flush();
    void flush();
    void on_written(const ErrorCode& error);
    void complete();
    void linger();
    void reader_left();
    void close_now();
    void arm(std::int64_t delay_ms, void (ServerConnection::*expired)());
    void on_keep_alive_expired() { close_now(); }
    void on_head_expired() { reject(408, "the request's head took too long"); }
    void on_body_expired() { reject(408, "the request's body took too long"); }
    void log_access(int status);

    std::shared_ptr<ServerShared> shared_;
    boost::asio::ip::tcp::socket socket_;
    Phase phase_ = Phase::reading;
    base::Timer deadline_;

    // Reading.
    std::string in_;
    std::optional<Parser> parser_;
    bool head_done_ = false;
    bool waiting_readable_ = false;
    bool discard_input_ = false;
    std::size_t discarded_ = 0;

    // The request under way and its answer.
    std::weak_ptr<ServerWriter> writer_;
    std::string peer_;
    std::string method_;
    std::string path_;
    std::int64_t request_start_ms_ = 0;
    int status_ = 0;
    std::uint64_t body_bytes_ = 0;
    bool http_1_0_ = false;
    bool keep_alive_ = true;
    bool started_ = false;
    bool chunked_ = false;
    bool bodiless_ = false;
    bool finished_ = false;       // nothing more is written; complete() when all is flushed
    bool cut_when_flushed_ = false;

    // Writing.
    std::string pending_;
    std::string in_flight_;
    std::size_t pending_body_bytes_ = 0;
    std::size_t in_flight_body_bytes_ = 0;
    bool flush_scheduled_ = false;
};

// The handler's side of one answer; outlives the connection if the handler wants so.
class ServerWriter final : public net::ResponseWriter {
public:
    ServerWriter(AsioScheduler& loop, std::weak_ptr<ServerConnection> connection)
        : loop_(loop), connection_(std::move(connection)) {}
    ~ServerWriter() override { abort(); }

    void respond(net::Response response) override;
    void start(net::ResponseHead head) override;
    bool write(std::string_view bytes) override;
    void end() override;
    void abort() override;
    void on_drain(base::UniqueFunction<void()> callback) override;
    void on_close(base::UniqueFunction<void()> callback) override;
    [[nodiscard]] bool closed() const override { return done_; }
    [[nodiscard]] std::size_t queued_bytes() const override;

    // --- for the connection ---
    void reader_left();
    void drained();

private:
    // Held during each call: a callback that is released on the way may own this writer.
    [[nodiscard]] std::shared_ptr<ServerConnection> connection() const { return done_ ? nullptr : connection_.lock(); }
    void finish();
    void schedule_drain();

    AsioScheduler& loop_;
    std::weak_ptr<ServerConnection> connection_;
    base::UniqueFunction<void()> on_drain_;
    base::UniqueFunction<void()> on_close_;
    std::shared_ptr<ServerWriter*> self_ = std::make_shared<ServerWriter*>(this);  // for tasks that must not keep it alive
    bool done_ = false;
    bool reader_left_ = false;
    bool owes_drain_ = false;
};

}  // namespace gateway
