// Raw sockets against a BeastServer on the same loop: what a peer that is not BeastClient would send.
#pragma once

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <string>

#include "gateway/beast_server.hpp"

namespace test {

constexpr std::int64_t kWatchdogMs = 30'000;

// Answers by a function.
class FunctionHandler final : public net::HttpHandler {
public:
    using Function = base::UniqueFunction<void(net::ServerRequest, std::shared_ptr<net::ResponseWriter>)>;
    explicit FunctionHandler(Function function) : function_(std::move(function)) {}
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        function_(std::move(request), std::move(writer));
    }

private:
    Function function_;
};

// A connected socket that collects what it receives.
class RawPeer {
public:
    RawPeer(gateway::AsioScheduler& loop, std::uint16_t port) : loop_(loop), state_(std::make_shared<State>(loop)) {
        boost::system::error_code error;
        state_->socket.connect({boost::asio::ip::make_address("127.0.0.1"), port}, error);
        REQUIRE_FALSE(error);
        read(state_);
    }
    ~RawPeer() { close(); }
    RawPeer(const RawPeer&) = delete;
    RawPeer& operator=(const RawPeer&) = delete;

    void send(std::string bytes) {
        auto text = std::make_shared<std::string>(std::move(bytes));
        boost::asio::async_write(state_->socket, boost::asio::buffer(*text),
                                 [text, state = state_](const boost::system::error_code&, std::size_t) {});
    }
    void close() {
        boost::system::error_code ignored;
        state_->socket.close(ignored);
    }
    void close_half() {
        boost::system::error_code ignored;
        state_->socket.shutdown(boost::asio::socket_base::shutdown_send, ignored);
    }
    [[nodiscard]] const std::string& received() const { return state_->received; }
    [[nodiscard]] bool is_closed() const { return state_->closed; }
    // What arrives until the server closes.
    std::string read_to_end() {
        CHECK(loop_.run_until([this] { return state_->closed; }, kWatchdogMs));
        return state_->received;
    }
    bool wait_for(const std::string& text) {
        return loop_.run_until([&] { return state_->received.find(text) != std::string::npos || state_->closed; }, kWatchdogMs) &&
               state_->received.find(text) != std::string::npos;
    }

private:
    struct State {
        explicit State(gateway::AsioScheduler& loop) : socket(loop.context()) {}
        boost::asio::ip::tcp::socket socket;
        std::string received;
        char buffer[16384];
        bool closed = false;
    };
    static void read(const std::shared_ptr<State>& state) {
        state->socket.async_read_some(boost::asio::buffer(state->buffer), [state](const boost::system::error_code& error, std::size_t size) {
            state->received.append(state->buffer, size);
            if (error) {
                state->closed = true;
            } else {
                read(state);
            }
        });
    }
    gateway::AsioScheduler& loop_;
    std::shared_ptr<State> state_;
};

inline std::unique_ptr<gateway::BeastServer> listen(gateway::AsioScheduler& loop, net::HttpHandler& handler,
                                                    gateway::ServerOptions options = {}) {
    auto server = gateway::BeastServer::listen(loop, handler, std::move(options));
    REQUIRE(server.has_value());
    return std::move(*server);
}

}  // namespace test
