// Result and Error: how every fallible call in Binnacle answers.
//
// Shared code throws nothing (the wasm presets are built with -fno-exceptions). A function that can fail returns
// Result<T>; the caller handles the error once: returns it or reports it.
//
//   Result<int> parse_port(std::string_view text);
//   auto port = parse_port("80");
//   if (!port) return base::fail(port.error());
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace base {

enum class ErrorCode {
    invalid_argument,  // the caller's input is malformed; trying again will not help
    not_found,
    conflict,          // somebody else changed it (revision, resourceVersion, duplicate name)
    unauthenticated,   // no or expired credentials (HTTP 401)
    forbidden,         // known caller, not allowed (HTTP 403)
    too_large,         // over a documented limit
    timed_out,
    cancelled,
    unavailable,       // network error, connection cut, backend down: trying again may help
    protocol,          // the peer broke its wire format
    quota,             // storage full or denied
    internal,          // a bug or a failing dependency
};

// `message` says what happened, `hint` what the user can do next (may be empty). Neither ever contains a secret.
struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message;
    std::string hint;

    friend bool operator==(const Error&, const Error&) = default;
};

// Stable lower-case word of a code ("timed_out"), for logs and JSON.
[[nodiscard]] std::string_view to_string(ErrorCode code);

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error> fail(Error error) { return std::unexpected<Error>(std::move(error)); }
[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message, std::string hint = {}) {
    return std::unexpected<Error>(Error{code, std::move(message), std::move(hint)});
}

}  // namespace base
