#include "base/result.hpp"

namespace base {

std::string_view to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::invalid_argument: return "invalid_argument";
        case ErrorCode::not_found: return "not_found";
        case ErrorCode::conflict: return "conflict";
        case ErrorCode::unauthenticated: return "unauthenticated";
        case ErrorCode::forbidden: return "forbidden";
        case ErrorCode::too_large: return "too_large";
        case ErrorCode::timed_out: return "timed_out";
        case ErrorCode::cancelled: return "cancelled";
        case ErrorCode::unavailable: return "unavailable";
        case ErrorCode::protocol: return "protocol";
        case ErrorCode::quota: return "quota";
        case ErrorCode::internal: return "internal";
    }
    return "internal";
}

}  // namespace base
