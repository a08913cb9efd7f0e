// ByteStream: a connected socket, plain or TLS, behind one small interface. Internal to the client.
//
// Callbacks run from the loop, never inside the call; after close() they run with an error.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <memory>
#include <string>

#include "base/unique_function.hpp"

namespace gateway {

class ByteStream {
public:
    using OnConnected = base::UniqueFunction<void(boost::system::error_code)>;
    using OnBytes = base::UniqueFunction<void(boost::system::error_code, std::size_t)>;

    virtual ~ByteStream() = default;
    // Resolves `host` (or takes it as an address), tries each endpoint, and shakes hands.
    virtual void connect(const std::string& host, std::uint16_t port, OnConnected done) = 0;
    virtual void read_some(boost::asio::mutable_buffer buffer, OnBytes done) = 0;
    virtual void write_all(boost::asio::const_buffer buffer, OnBytes done) = 0;
    virtual void close() = 0;
    // Why the other side's certificate was not accepted, after a connect() that failed for that.
    [[nodiscard]] virtual std::string refusal() const { return {}; }
};

[[nodiscard]] std::shared_ptr<ByteStream> make_plain_stream(boost::asio::io_context& context);
// `tls` must outlive the stream. `server_name` empty: the host's. `check_name` false: whoever answers is right.
[[nodiscard]] std::shared_ptr<ByteStream> make_tls_stream(boost::asio::io_context& context, boost::asio::ssl::context& tls, std::string server_name,
                                                          bool check_name);

}  // namespace gateway
