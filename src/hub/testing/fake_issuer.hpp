// FakeIssuer: an OpenID Connect issuer and a GitHub in one HttpHandler, strict where the real ones are (exact redirect, PKCE S256,
// codes that work once, client authentication), and wrong where a test asks for it.
//
//   FakeIssuer issuer(clock, "https://sso.example");
//   outbound.serve("https://sso.example", issuer);
//   std::string back = issuer.approve(authorize_location);       // what the browser would be redirected to
//   issuer.claims["aud"] = "another";                             // from now on
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/scheduler.hpp"
#include "hub/json_text.hpp"
#include "hub/outbound_http.hpp"
#include "net/http.hpp"
#include "net/loopback.hpp"

namespace hub::testing {

class FakeIssuer final : public net::HttpHandler {
public:
    // `origin` is where it is reached; its issuer is origin + "/o/".
    FakeIssuer(const base::Clock& clock, std::string its_origin);

    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override;
    // As if the person had agreed at `location`: the address the browser is sent to. Empty when the request was refused.
    [[nodiscard]] std::string approve(const std::string& location);

    [[nodiscard]] std::string issuer() const { return origin + "/o/"; }

    std::string origin;                    // on a socket: known when it listens
    std::string client_id = "binnacle";
    std::string client_secret = "s3cret/+ :x";
    std::string redirect_uri;              // registered; empty: any

    // What it tells of the person. A null takes a claim away.
    Json claims = Json::object();          // over the ID token's own
    Json userinfo = Json::object();        // over what userinfo answers
    bool email_in_token = true;            // else only userinfo has email and name
    std::string email = "ann@example.org";
    bool email_verified = true;
    std::string subject = "ann-1";
    Json github_emails;                    // null: [email]

    // How it talks.
    Json discovery = Json::object();       // over the document's own
    Json answer_parameters = Json::object();  // over code, state, iss of the redirect
    bool names_itself = true;              // `iss` in the redirect and in the document
    int discovery_status = 200;
    int token_status = 200;
    std::string raw_id_token;              // in place of the real one
    // Signs: gives the header (alg, kid) and the signature's bytes. None: HS256 by the client secret.
    Json token_header = {{"alg", "HS256"}};
    std::function<std::string(const std::string&)> sign;
    Json keys = {{"keys", Json::array()}};

    // What it has seen.
    int discoveries = 0;
    int token_requests = 0;
    int key_requests = 0;
    std::string last_token_authorization;
    std::string last_token_body;

private:
    struct Grant {
        std::string redirect_uri;
        std::string challenge;
        std::string nonce;
    };
    void token(const net::ServerRequest& request, net::ResponseWriter& writer);
    void authorize(const net::ServerRequest& request, net::ResponseWriter& writer);
    [[nodiscard]] bool is_client(const net::ServerRequest& request, std::string_view id, std::string_view secret) const;
    [[nodiscard]] std::string make_id_token(const std::string& nonce) const;

    const base::Clock& clock_;
    std::map<std::string, Grant> grants_;  // by code
    int next_code_ = 1;
};

// Servers by origin, over loopback.
class LoopbackOutbound final : public OutboundHttp {
public:
    explicit LoopbackOutbound(base::Scheduler& scheduler) : scheduler_(scheduler) {}
    void serve(const std::string& origin, net::HttpHandler& handler) { servers_[origin] = &handler; }
    void forget(const std::string& origin) { servers_.erase(origin); }
    [[nodiscard]] base::Result<std::unique_ptr<net::HttpClient>> connect(const std::string& origin) override {
        const auto found = servers_.find(origin);
        if (found == servers_.end()) return base::fail(base::ErrorCode::unavailable, origin + " cannot be reached");
        return std::unique_ptr<net::HttpClient>(std::make_unique<net::LoopbackClient>(scheduler_, *found->second));
    }

private:
    base::Scheduler& scheduler_;
    std::map<std::string, net::HttpHandler*> servers_;
};

}  // namespace hub::testing
