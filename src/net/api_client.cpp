#include "net/api_client.hpp"

#include <array>
#include <utility>
#include <vector>

#include "wire/json_reader.hpp"

namespace net {

namespace {

// Matched exactly: "/workflows/auth/x" is an ordinary path.
constexpr std::array<std::string_view, 4> kAuthPaths{"/auth/login", "/auth/register", "/auth/refresh", "/auth/methods"};

bool is_auth_path(std::string_view path) {
    for (const auto auth_path : kAuthPaths) {
        if (path == auth_path) return true;
    }
    return false;
}

base::ErrorCode code_from_status(int status) {
    switch (status) {
        case 401: return base::ErrorCode::unauthenticated;
        case 403: return base::ErrorCode::forbidden;
        case 404: return base::ErrorCode::not_found;
        case 408: return base::ErrorCode::timed_out;
        case 409:
        case 412: return base::ErrorCode::conflict;
        case 413: return base::ErrorCode::too_large;
        default: return status >= 500 || status == 429 ? base::ErrorCode::unavailable : base::ErrorCode::invalid_argument;
    }
}

// "details" is a sentence, or a list of sentences or of {path, message}.
std::string details_text(const Json& details) {
    if (details.is_string()) return details.get_ref<const std::string&>();
    if (!details.is_array()) return {};
    std::string text;
    for (const Json& item : details) {
        std::string line;
        if (item.is_string()) {
            line = item.get_ref<const std::string&>();
        } else if (item.is_object()) {
            for (const char* key : {"path", "message"}) {
                const auto it = item.find(key);
                if (it == item.end() || !it->is_string() || it->get_ref<const std::string&>().empty()) continue;
                line += (line.empty() ? "" : ": ") + it->get_ref<const std::string&>();
            }
        }
        if (!line.empty()) text += (text.empty() ? "" : "; ") + line;
    }
    return text;
}

}  // namespace

base::Error error_from_reply(int status, const Json& body) {
    base::Error error{code_from_status(status), "The server answered with status " + std::to_string(status), {}};
    if (body.is_object()) {
        if (const auto it = body.find("error"); it != body.end() && it->is_string() && !it->get_ref<const std::string&>().empty()) {
            error.message = it->get_ref<const std::string&>();
        }
        if (const auto it = body.find("details"); it != body.end()) error.hint = details_text(*it);
    }
    return error;
}

struct ApiClient::Shared {
    bool alive = true;
    int pending = 0;
    RequestHandle refresh;
    std::vector<base::UniqueFunction<void(base::Result<void>)>> refresh_waiters;
    std::function<void(bool)> reachable;

    void settle_refresh(const base::Result<void>& result) {
        auto waiters = std::exchange(refresh_waiters, {});
        for (auto& waiter : waiters) waiter(result);
    }
    void report(bool reached) const {
        if (reachable) reachable(reached);
    }
};

// One call over its one or two attempts. Owned by the caller's handle; callbacks that outlive it find `self` gone.
class ApiClient::Call final : public RequestHandle::Impl {
public:
    Call(ApiClient& client, ApiRequest request, base::UniqueFunction<void(base::Result<ApiReply>)> done)
        : client_(client), shared_(client.shared_), request_(std::move(request)), done_(std::move(done)), self_(std::make_shared<Call*>(this)) {
        ++shared_->pending;
    }
    ~Call() override {
        *self_ = nullptr;
        if (!settled_) --shared_->pending;
    }
    void set_paused(bool paused) override { handle_.set_paused(paused); }

    void begin() {
        const bool renew_first = !is_auth_path(request_.path) && !client_.session_.token().empty() && client_.session_.token_expired();
        if (renew_first) {
            renew_and_send();
        } else {
            send();
        }
    }

private:
    void send() {
        Request request;
        request.method = request_.method;
        request.target = client_.target(request_.path);
        request.headers = request_.headers;
        request.headers.set("accept", "application/json");
        request.head_timeout_ms = kTimeoutMs;
        request.idle_timeout_ms = kTimeoutMs;
        if (request_.body) {
            request.headers.set("content-type", "application/json");
            request.body = wire::dump_json(*request_.body);
        }
        sent_token_ = client_.session_.token();
        // Login and register carry no token; the refresh carries the old one.
        const bool with_token = !is_auth_path(request_.path) || request_.path == "/auth/refresh";
        if (with_token && !sent_token_.empty()) request.headers.set("authorization", "Bearer " + sent_token_);
        handle_ = fetch(
            client_.http_, std::move(request),
            [self = self_](base::Result<Response> response) {
                if (Call* call = *self) call->received(std::move(response));
            },
            kMaxReplyBytes);
    }

    void received(base::Result<Response> response) {
        if (!response) {
            shared_->report(response.error().code != base::ErrorCode::unavailable && response.error().code != base::ErrorCode::timed_out);
            return settle(base::fail(response.error()));
        }
        shared_->report(true);
        Json json;
        if (!response->body.empty()) {
            auto parsed = wire::parse_json(response->body, {.max_bytes = kMaxReplyBytes, .max_depth = kMaxReplyDepth});
            if (parsed) {
                json = std::move(*parsed);
            } else if (response->status < 400) {
                return settle(base::fail(base::ErrorCode::protocol, "The server's answer is not JSON",
                                         "Check that the backend's address in Settings is a Binnacle gateway"));
            }
        }
        if (response->status == 401 && !is_auth_path(request_.path) && !retried_ && !sent_token_.empty()) {
            retried_ = true;
            // A late 401 of an older token: just send again with the current one.
            if (client_.session_.token() != sent_token_ && !client_.session_.token().empty()) return send();
            return renew_and_send();
        }
        if (response->status >= 400) return settle(base::fail(error_from_reply(response->status, json)));
        settle(ApiReply{response->status, std::move(response->headers), std::move(json)});
    }

    void renew_and_send() {
        retried_ = true;
        client_.renew([self = self_](base::Result<void> renewed) {
            Call* call = *self;
            if (!call) return;
            if (renewed) return call->send();
            call->settle(base::fail(renewed.error()));
        });
    }

    void settle(base::Result<ApiReply> reply) {
        settled_ = true;
        --shared_->pending;
        auto done = std::move(done_);
        done(std::move(reply));  // may destroy *this
    }

    ApiClient& client_;
    std::shared_ptr<Shared> shared_;
    ApiRequest request_;
    base::UniqueFunction<void(base::Result<ApiReply>)> done_;
    std::shared_ptr<Call*> self_;
    RequestHandle handle_;
    std::string sent_token_;
    bool retried_ = false;
    bool settled_ = false;
};

ApiClient::ApiClient(HttpClient& http, base::Scheduler& scheduler, std::string prefix, Session& session)
    : http_(http), scheduler_(scheduler), prefix_(std::move(prefix)), session_(session), shared_(std::make_shared<Shared>()) {}

ApiClient::~ApiClient() {
    shared_->alive = false;
    shared_->refresh.cancel();
    shared_->refresh_waiters.clear();
}

RequestHandle ApiClient::call(ApiRequest request, base::UniqueFunction<void(base::Result<ApiReply>)> done) {
    auto call = std::make_unique<Call>(*this, std::move(request), std::move(done));
    call->begin();
    return RequestHandle(std::move(call));
}

void ApiClient::renew(base::UniqueFunction<void(base::Result<void>)> done) {
    shared_->refresh_waiters.push_back(std::move(done));
    if (shared_->refresh_waiters.size() > 1) return;
    Request request;
    request.method = "POST";
    request.target = target("/auth/refresh");
    request.headers.set("accept", "application/json");
    const std::string old_token = session_.token();
    if (!old_token.empty()) request.headers.set("authorization", "Bearer " + old_token);
    request.head_timeout_ms = kRefreshTimeoutMs;
    request.idle_timeout_ms = kRefreshTimeoutMs;
    shared_->refresh = fetch(http_, std::move(request), [this, shared = shared_, old_token](base::Result<Response> response) {
        if (!shared->alive) return;
        if (!response) {
            shared->report(false);
            return shared->settle_refresh(base::fail(response.error()));
        }
        // Logged out or another user meanwhile: this answer belongs to nobody.
        if (session_.token() != old_token) {
            return shared->settle_refresh(session_.token().empty()
                                              ? base::Result<void>(base::fail(base::ErrorCode::unauthenticated, "You are signed out"))
                                              : base::Result<void>());
        }
        auto json = wire::parse_json(response->body, {.max_bytes = kMaxReplyBytes, .max_depth = kMaxReplyDepth});
        if (response->status == 200 && json && json->is_object()) {
            session_.renewed(*json);
            return shared->settle_refresh({});
        }
        if (response->status == 401 || response->status == 400 || response->status == 403) {
            shared->settle_refresh(base::fail(base::ErrorCode::unauthenticated, "Your session has ended", "Sign in again"));
            session_.ended();
            return;
        }
        shared->settle_refresh(base::fail(base::ErrorCode::unavailable, "The session could not be renewed", "It is tried again with the next request"));
    });
}

std::string ApiClient::authorization() const {
    const std::string token = session_.token();
    return token.empty() ? std::string{} : "Bearer " + token;
}

int ApiClient::pending() const { return shared_->pending; }

void ApiClient::on_reachable(std::function<void(bool)> callback) { shared_->reachable = std::move(callback); }

}  // namespace net
