// ResponseParser: HTTP/1.1 answer bytes in, head and decoded body bytes out. No sockets; Beast does the syntax.
// Internal to the client.
#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <string>
#include <string_view>

#include "net/http.hpp"

namespace gateway {

class ResponseParser final : public boost::beast::http::basic_parser<false> {
public:
    explicit ResponseParser(std::uint32_t max_head_bytes) {
        header_limit(max_head_bytes);
        body_limit(boost::none);
        eager(true);
    }

    net::ResponseHead head;
    std::string body;  // decoded so far; the owner takes it away

private:
    using string_view = boost::beast::string_view;
    using error_code = boost::beast::error_code;

    void on_request_impl(boost::beast::http::verb, string_view, string_view, int, error_code&) override {}
    void on_response_impl(int code, string_view, int, error_code&) override { head.status = code; }
    void on_field_impl(boost::beast::http::field, string_view name, string_view value, error_code&) override {
        if (in_trailer_) return;
        head.headers.add({name.data(), name.size()}, std::string(value.data(), value.size()));
    }
    void on_header_impl(error_code&) override { in_trailer_ = true; }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(string_view bytes, error_code&) override {
        body.append(bytes.data(), bytes.size());
        return bytes.size();
    }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view bytes, error_code&) override {
        body.append(bytes.data(), bytes.size());
        return bytes.size();
    }
    void on_finish_impl(error_code&) override {}

    bool in_trailer_ = false;
};

}  // namespace gateway
