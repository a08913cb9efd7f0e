#include "hub/kube_api.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxAnswerBytes = 64 * 1024 * 1024;  // a list of all pods of a large cluster

base::ErrorCode code_of(int status) {
    switch (status) {
        case 400:
        case 415:
        case 422: return base::ErrorCode::invalid_argument;
        case 401:  // the hub's credentials, not the caller's: a 401 to the caller would end his session
        case 403: return base::ErrorCode::forbidden;
        case 404: return base::ErrorCode::not_found;
        case 409:
        case 410: return base::ErrorCode::conflict;
        case 413: return base::ErrorCode::too_large;
        default: return status >= 500 || status == 429 ? base::ErrorCode::unavailable : base::ErrorCode::protocol;
    }
}

}  // namespace

base::Error kube_error(int status, std::string_view body) {
    std::string message;
    if (auto json = base::parse_json(body)) {
        message = text_at(*json, "message");
        for (const Json& cause : array_at(*json, "details", "causes")) {
            const std::string text = text_at(cause, "message");
            if (text.empty() || message.find(text) != std::string::npos) continue;
            const std::string where = text_at(cause, "field");
            message += "; " + (where.empty() ? text : where + ": " + text);
        }
    }
    if (status == 401) message = "The cluster refuses the credentials" + (message.empty() ? "." : ": " + message);
    if (message.empty()) message = "The Kubernetes API answered with status " + std::to_string(status) + ".";
    return {code_of(status), std::move(message), {}};
}

base::Error kube_transport_error(const base::Error& error) {
    return {error.code, "The Kubernetes API does not answer: " + error.message, error.hint};
}

KubeApi::~KubeApi() {
    auto calls = std::move(calls_);  // a callback's captures may own things that come back here
    calls.clear();
}

void KubeApi::send(net::Request request, Done done) {
    const std::uint64_t id = next_id_++;
    if (!request.headers.has("accept")) request.headers.set("accept", "application/json");
    auto finish = [this, id, done = std::move(done)](base::Result<net::Response> response) mutable {
        const auto handle = calls_.extract(id);  // dropped at the end of this call
        if (!response) return done(base::fail(kube_transport_error(response.error())));
        if (response->status < 200 || response->status > 299) {
            return done(base::fail(kube_error(response->status, response->body)));
        }
        auto json = base::parse_json(response->body, {.max_bytes = kMaxAnswerBytes});
        if (!json) return done(base::fail(base::ErrorCode::protocol, "The Kubernetes API sent no JSON: " + json.error().message));
        done(std::move(*json));
    };
    calls_[id] = net::fetch(client_, std::move(request), std::move(finish), kMaxAnswerBytes);
}

void KubeApi::get(std::string target, Done done) { send({.method = "GET", .target = std::move(target)}, std::move(done)); }

void KubeApi::apply(const std::string& path, const Json& object, Done done) {
    send({.method = "PATCH",
          .target = path + "?fieldManager=binnacle&force=true",
          .headers = {{"content-type", "application/apply-patch+yaml"}},
          .body = dump_json(object)},
         std::move(done));
}

void KubeApi::remove(const std::string& path, Done done) {
    send({.method = "DELETE",
          .target = path + "?propagationPolicy=Background",
          .headers = {{"content-type", "application/json"}},
          .body = R"({"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"})"},
         std::move(done));
}

}  // namespace hub
