#include "net/api_client.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "wire/json_reader.hpp"

namespace net {

namespace {

// Calls that need no session and know nothing of renewals. Matched exactly: "/workflows/auth/x" is an ordinary path.
constexpr std::array<std::string_view, 7> kAuthPaths{"/auth/login",  "/auth/register",       "/auth/refresh", "/auth/methods",
                                                     "/auth/logout", "/auth/oauth/exchange", "/health"};

bool is_auth_path(std::string_view path) { return std::find(kAuthPaths.begin(), kAuthPaths.end(), path) != kAuthPaths.end(); }
// Of these two carry the token all the same, as it is.
bool shows_token(std::string_view path) { return !is_auth_path(path) || path == "/auth/refresh" || path == "/auth/logout"; }

bool is_replayable(const ApiRequest& request) {
    for (const char* method : {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"}) {
        if (request.method == method) return true;
    }
    return request.headers.has("idempotency-key");
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
        // A Status of Kubernetes, which came through the proxy.
        if (const auto it = body.find("message"); it != body.end() && it->is_string() && body.value("kind", Json()) == "Status") {
            error.message = it->get_ref<const std::string&>();
        }
    }
    return error;
}

struct ApiClient::Shared {
    int pending = 0;
    TokenRenewal* renewal = nullptr;  // null once the client is gone
    std::function<void(bool)> reachable;

    void report(bool reached) const {
        if (reachable) reachable(reached);
    }
};

// One call over its one or two attempts. Owned by the caller's handle; callbacks that outlive it find `self` gone.
class ApiClient::Call final : public RequestHandle::Impl {
public:
    Call(ApiClient& client, ApiRequest request, base::UniqueFunction<void(base::Result<ApiReply>)> done)
        : client_(client), shared_(client.shared_), request_(std::move(request)), done_(std::move(done)), self_(std::make_shared<Call*>(this)),
          is_auth_(is_auth_path(path())) {
        ++shared_->pending;
    }
    ~Call() override {
        *self_ = nullptr;
        leave_renewal();
        if (!settled_) --shared_->pending;
    }
    void set_paused(bool paused) override { handle_.set_paused(paused); }

    void begin() {
        deadline_ms_ = now_ms() + request_.timeout_ms;
        deadline_ = client_.scheduler_.after(request_.timeout_ms, [this] {
            settle(base::fail(base::ErrorCode::timed_out, "The server did not answer in time", "Try again"));
        });
        Session& session = client_.session_;
        session.sync();
        epoch_ = session.epoch();
        if (is_auth_ || session.token().empty()) return send();
        const TokenRenewal& renewal = client_.renewal_;
        if (renewal.running() || session.token_expired() || (session.renewal_due() && !renewal.pausing())) return renew_before();
        send();
    }

private:
    [[nodiscard]] std::string_view path() const { return std::string_view(request_.path).substr(0, request_.path.find('?')); }
    [[nodiscard]] std::int64_t now_ms() const { return client_.scheduler_.clock().monotonic_ms(); }

    void leave_renewal() {
        if (waiter_ != 0 && shared_->renewal) shared_->renewal->leave(waiter_);
        waiter_ = 0;
    }

    // Another session than the one this call was made in: then it has failed.
    bool session_over() {
        if (is_auth_) return false;
        client_.session_.sync();
        if (client_.session_.epoch() == epoch_) return false;
        settle(base::fail(base::ErrorCode::unauthenticated, "You are signed out", "Sign in again"));
        return true;
    }

    void send() {
        Request request;
        request.method = request_.method;
        request.target = request_.beside_prefix ? request_.path : client_.target(request_.path);
        request.headers = request_.headers;
        if (!request.headers.has("accept")) request.headers.set("accept", "application/json");
        request.head_timeout_ms = std::max<std::int64_t>(deadline_ms_ - now_ms(), 1);
        request.idle_timeout_ms = request.head_timeout_ms;
        if (request_.body) {
            request.headers.set("content-type", "application/json");
            request.body = wire::dump_json(*request_.body);
        }
        sent_token_ = shows_token(path()) ? client_.session_.token() : std::string();
        if (!sent_token_.empty()) request.headers.set("authorization", "Bearer " + sent_token_);
        handle_ = fetch(
            client_.http_, std::move(request),
            [self = self_](base::Result<Response> response) {
                if (Call* call = *self) call->received(std::move(response));
            },
            kMaxReplyBytes);
    }

    void received(base::Result<Response> response) {
        const auto self = self_;
        shared_->report(response || (response.error().code != base::ErrorCode::unavailable && response.error().code != base::ErrorCode::timed_out));
        if (!*self || session_over()) return;
        if (!response) return settle(base::fail(redacted(std::move(response).error())));
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
        if (response->status >= 400) {
            base::Error error = redacted(error_from_reply(response->status, json));
            if (response->status == 401 && !is_auth_ && !sent_token_.empty()) return rejected(std::move(error));
            return settle(base::fail(std::move(error)));
        }
        settle(ApiReply{response->status, std::move(response->headers), std::move(json)});
    }

    void rejected(base::Error error) {
        const std::string now = client_.session_.token();
        // Another token would be rejected too: the session is good, but not for this.
        if (retried_ || (now == sent_token_ && client_.renewal_.fresh(now))) {
            error.code = base::ErrorCode::forbidden;
            if (error.hint.empty()) error.hint = "Your session is in order, but the server does not accept it for this";
            return settle(base::fail(std::move(error)));
        }
        retried_ = true;
        if (now != sent_token_ && !now.empty()) return send_again();  // a late 401 of an older token
        wait(TokenRenewal::Why::rejected, [](Call& call, const base::Result<void>& renewed) {
            if (renewed) return call.send_again();
            call.settle(base::fail(renewed.error()));
        });
    }

    void send_again() {
        if (!client_.replay_all_ && !is_replayable(request_)) {
            return settle(base::fail(base::ErrorCode::unavailable, "Your session had to be renewed, so this was not done", "Try again"));
        }
        send();
    }

    void renew_before() {
        wait(TokenRenewal::Why::due, [](Call& call, const base::Result<void>& renewed) {
            // Renewed early and in vain: the token still works.
            if (renewed || !call.client_.session_.token_expired()) return call.send();
            call.settle(base::fail(renewed.error()));
        });
    }

    void wait(TokenRenewal::Why why, void (*then)(Call&, const base::Result<void>&)) {
        waiter_ = client_.renewal_.join(client_.session_.token(), why, [self = self_, then](base::Result<void> renewed) {
            Call* call = *self;
            if (!call) return;
            call->waiter_ = 0;
            if (!call->session_over()) then(*call, renewed);
        });
    }

    // A server may quote what it was sent.
    base::Error redacted(base::Error error) const {
        if (sent_token_.empty()) return error;
        for (std::string* text : {&error.message, &error.hint}) {
            for (auto at = text->find(sent_token_); at != std::string::npos; at = text->find(sent_token_, at)) text->replace(at, sent_token_.size(), "[token]");
        }
        return error;
    }

    void settle(base::Result<ApiReply> reply) {
        settled_ = true;
        --shared_->pending;
        deadline_.cancel();
        leave_renewal();
        *self_ = nullptr;  // nothing may reach it any more; the caller may keep the handle
        const RequestHandle handle = std::exchange(handle_, {});
        auto done = std::move(done_);
        done(std::move(reply));  // may destroy *this
    }

    ApiClient& client_;
    std::shared_ptr<Shared> shared_;
    ApiRequest request_;
    base::UniqueFunction<void(base::Result<ApiReply>)> done_;
    std::shared_ptr<Call*> self_;
    RequestHandle handle_;
    base::Timer deadline_;
    std::int64_t deadline_ms_ = 0;
    std::uint64_t epoch_ = 0;
    std::uint64_t waiter_ = 0;
    std::string sent_token_;
    bool is_auth_;
    bool retried_ = false;
    bool settled_ = false;
};

ApiClient::ApiClient(HttpClient& http, base::Scheduler& scheduler, std::string prefix, Session& session)
    : http_(http), scheduler_(scheduler), prefix_(std::move(prefix)), session_(session), shared_(std::make_shared<Shared>()),
      renewal_(http, scheduler, target("/auth/refresh"), session) {
    shared_->renewal = &renewal_;
    renewal_.on_reachable([shared = shared_](bool reached) { shared->report(reached); });
}

ApiClient::~ApiClient() { shared_->renewal = nullptr; }

RequestHandle ApiClient::call(ApiRequest request, base::UniqueFunction<void(base::Result<ApiReply>)> done) {
    auto call = std::make_unique<Call>(*this, std::move(request), std::move(done));
    call->begin();
    return RequestHandle(std::move(call));
}

void ApiClient::renew(base::UniqueFunction<void(base::Result<void>)> done) {
    session_.sync();
    const std::string token = session_.token();
    // Just renewed: the stream was refused with the one before, or will be refused with this one too and says so then.
    if (renewal_.fresh(token)) {
        scheduler_.post([done = std::move(done)]() mutable { done({}); });
        return;
    }
    renewal_.join(token, TokenRenewal::Why::rejected, std::move(done));
}

void ApiClient::renew_if_due() {
    session_.sync();
    if (session_.token().empty() || !session_.renewal_due() || renewal_.running() || renewal_.pausing()) return;
    renewal_.join(session_.token(), TokenRenewal::Why::due, [](const base::Result<void>&) {});
}

std::string ApiClient::authorization() {
    session_.sync();
    const std::string token = session_.token();
    return token.empty() ? std::string{} : "Bearer " + token;
}

int ApiClient::pending() const { return shared_->pending; }

void ApiClient::on_reachable(std::function<void(bool)> callback) { shared_->reachable = std::move(callback); }

}  // namespace net
