#include "hub/testing/fake_issuer.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "hub/crypto/sha256.hpp"
#include "hub/id_token.hpp"
#include "net/router.hpp"

namespace hub::testing {

namespace {

constexpr const char* kAccessToken = "access-token-1";

void lay_over(Json& target, const Json& changes) {
    for (const auto& [name, value] : changes.items()) {
        if (value.is_null()) target.erase(name);
        else target[name] = value;
    }
}

void answer(net::ResponseWriter& writer, int status, const Json& body) {
    writer.respond({.status = status, .headers = {{"Content-Type", "application/json"}}, .body = base::dump_json(body)});
}

}  // namespace

FakeIssuer::FakeIssuer(const base::Clock& clock, std::string its_origin) : origin(std::move(its_origin)), clock_(clock) {}

void FakeIssuer::handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) {
    const std::string path(net::split_target(request.target).path);
    const bool has_token = request.headers.get("Authorization") == std::string("Bearer ") + kAccessToken;
    if (path == "/o/.well-known/openid-configuration") {
        ++discoveries;
        Json document{{"issuer", issuer()},
                      {"authorization_endpoint", origin + "/authorize"},
                      {"token_endpoint", origin + "/token"},
                      {"userinfo_endpoint", origin + "/userinfo"},
                      {"jwks_uri", origin + "/keys"},
                      {"authorization_response_iss_parameter_supported", names_itself}};
        lay_over(document, discovery);
        return answer(*writer, discovery_status, document);
    }
    if (path == "/authorize" || path == "/login/oauth/authorize") return authorize(request, *writer);
    if (path == "/token" || path == "/login/oauth/access_token") return token(request, *writer);
    if (path == "/keys") {
        ++key_requests;
        return answer(*writer, 200, keys);
    }
    if (!has_token) return answer(*writer, 401, {{"error", "invalid_token"}});
    if (path == "/userinfo") {
        Json info{{"sub", subject}, {"email", email}, {"email_verified", email_verified}, {"name", "Ann of userinfo"}};
        lay_over(info, userinfo);
        return answer(*writer, 200, info);
    }
    if (path == "/api/v3/user") return answer(*writer, 200, {{"id", 4711}, {"login", "ann"}, {"name", nullptr}, {"avatar_url", "https://avatars.example/4711"}});
    if (path == "/api/v3/user/emails") {
        Json emails = Json::array({{{"email", "old@example.org"}, {"primary", false}, {"verified", true}},
                                   {{"email", email}, {"primary", true}, {"verified", email_verified}}});
        return answer(*writer, 200, github_emails.is_null() ? emails : github_emails);
    }
    answer(*writer, 404, {{"error", "not_found"}});
}

std::string FakeIssuer::approve(const std::string& location) {
    const auto url = base::parse_http_url(location);
    const auto query = url ? base::parse_query(url->query) : base::fail(base::ErrorCode::invalid_argument, "");
    if (!query) return {};
    const std::string back(query->get("redirect_uri"));
    const bool sound = query->get("response_type") == "code" && query->get("client_id") == client_id && (redirect_uri.empty() || back == redirect_uri) &&
                       query->get("code_challenge_method") == "S256" && query->get("code_challenge").size() == 43 && !query->get("state").empty();
    if (!sound) return {};
    const std::string code = "code-" + std::to_string(next_code_++);
    grants_[code] = {.redirect_uri = back, .challenge = std::string(query->get("code_challenge")), .nonce = std::string(query->get("nonce"))};
    Json parameters{{"code", code}, {"state", std::string(query->get("state"))}};
    if (names_itself) parameters["iss"] = issuer();
    lay_over(parameters, answer_parameters);
    base::Query answer_query;
    for (const auto& [name, value] : parameters.items()) answer_query.add(name, value.is_string() ? *value.get_ptr<const std::string*>() : std::string());
    return back + answer_query.to_suffix();
}

void FakeIssuer::authorize(const net::ServerRequest& request, net::ResponseWriter& writer) {
    const std::string back = approve(origin + request.target);
    if (back.empty()) return answer(writer, 400, {{"error", "invalid_request"}});
    writer.respond({.status = 302, .headers = {{"Location", back}}, .body = {}});
}

bool FakeIssuer::is_client(const net::ServerRequest& request, std::string_view id, std::string_view secret) const {
    const std::string basic = "Basic " + base::base64_encode(base::percent_encode(client_id) + ":" + base::percent_encode(client_secret));
    const auto header = request.headers.get("Authorization");
    if (!header.empty()) return header == basic && id.empty();
    return id == client_id && secret == client_secret;
}

void FakeIssuer::token(const net::ServerRequest& request, net::ResponseWriter& writer) {
    ++token_requests;
    last_token_authorization = request.headers.get("Authorization");
    last_token_body = request.body;
    const bool is_github = request.target.starts_with("/login/");
    if (token_status != 200) return answer(writer, token_status, {{"error", "server_error"}});
    const auto form = base::parse_query(request.body);
    const auto refuse = [&](const char* word) { answer(writer, is_github ? 200 : 400, {{"error", word}}); };
    if (request.method != "POST" || !form || form->get("grant_type") != "authorization_code") return refuse("unsupported_grant_type");
    if (!is_client(request, form->get("client_id"), form->get("client_secret"))) return refuse("invalid_client");
    const auto grant = grants_.extract(std::string(form->get("code")));
    if (grant.empty() || grant.mapped().redirect_uri != form->get("redirect_uri") || grant.mapped().challenge != pkce_challenge(form->get("code_verifier"))) {
        return refuse("invalid_grant");
    }
    Json body{{"access_token", kAccessToken}, {"token_type", "Bearer"}};
    if (!is_github) body["id_token"] = raw_id_token.empty() ? make_id_token(grant.mapped().nonce) : raw_id_token;
    answer(writer, 200, body);
}

std::string FakeIssuer::make_id_token(const std::string& nonce) const {
    const std::int64_t now_s = clock_.unix_ms() / 1'000;
    Json body{{"iss", issuer()}, {"aud", client_id}, {"sub", subject}, {"nonce", nonce}, {"iat", now_s}, {"exp", now_s + 300}};
    if (email_in_token) lay_over(body, {{"email", email}, {"email_verified", email_verified}, {"name", "Ann Archer"}});
    lay_over(body, claims);
    const std::string text = base::base64url_encode(base::dump_json(token_header)) + "." + base::base64url_encode(base::dump_json(body));
    const std::string signature = sign ? sign(text) : std::string(crypto::as_bytes(crypto::hmac_sha256(client_secret, text)));
    return text + "." + base::base64url_encode(signature);
}

}  // namespace hub::testing
