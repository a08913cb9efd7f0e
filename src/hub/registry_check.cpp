#include "hub/registry_check.hpp"

#include <memory>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "hub/crypto/aws_signature.hpp"

namespace hub {

namespace {

constexpr std::int64_t kPatience_ms = 15'000;
constexpr std::size_t kMaxAnswerBytes = 256 * 1024;
constexpr std::string_view kEcrTarget = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken";

// One check, alive as long as its owner wants the answer.
class RegistryCheck : public std::enable_shared_from_this<RegistryCheck> {
public:
    using Done = base::UniqueFunction<void(RegistryVerdict)>;
    RegistryCheck(OutboundHttp& outbound, base::Scheduler& scheduler, RegistryRecord record, Done done)
        : outbound_(outbound), scheduler_(scheduler), record_(std::move(record)), login_(login_of(record_)), done_(std::move(done)) {}

    void start() {
        if (record_.type == "ecr") return ask_aws();
        ask({});
    }

private:
    using Then = void (RegistryCheck::*)(const net::Response&);

    void finish(bool connected, std::string message, std::string hint = {}) {
        scheduler_.post([weak = weak_from_this(), verdict = RegistryVerdict{connected, std::move(message), std::move(hint)}]() mutable {
            const auto self = weak.lock();
            if (self) self->done_(std::move(verdict));
        });
    }

    void send(const std::string& origin, net::Request request, Then then) {
        auto client = outbound_.connect(origin);
        if (!client) return finish(false, client.error().message, client.error().hint);
        call_.cancel();  // over; we may be inside its callback
        client_ = std::move(*client);
        request.head_timeout_ms = kPatience_ms;
        request.idle_timeout_ms = kPatience_ms;
        request.headers.set("accept", "application/json");
        call_ = net::fetch(*client_, std::move(request), [weak = weak_from_this(), origin, then](base::Result<net::Response> response) {
            const auto self = weak.lock();
            if (!self) return;
            if (!response) {
                return self->finish(false, origin + " does not answer: " + response.error().message,
                                    response.error().hint.empty() ? "Check the address, and that this hub may reach it." : response.error().hint);
            }
            ((*self).*then)(*response);
        }, kMaxAnswerBytes);
    }

    void ask(std::string authorization) {
        asked_with_authorization_ = !authorization.empty();
        net::Request request{.target = "/v2/"};
        if (asked_with_authorization_) request.headers.set("authorization", std::move(authorization));
        send(record_.api_origin(), std::move(request), &RegistryCheck::on_answer);
    }

    [[nodiscard]] bool has_login() const { return !login_.user.empty(); }
    [[nodiscard]] std::string basic() const { return "Basic " + base::base64_encode(login_.user + ":" + login_.password); }

    void on_answer(const net::Response& response) {
        if (response.status == 200) {
            if (!has_login()) return finish(true, "The registry answers; images that are public can be pulled");
            if (asked_with_authorization_) return finish(true, "The registry answers and takes the credentials");
            return ask(basic());  // open to everybody: would it refuse ours?
        }
        if (response.status == 401 && !asked_with_authorization_) return on_challenge(parse_challenge(response.headers.get("www-authenticate")));
        if (response.status == 401 || response.status == 403) return refused();
        finish(false, record_.api_origin() + " answers with status " + std::to_string(response.status) + " to GET /v2/",
               response.status == 404 ? "This is no registry that container runtimes can use: check the address." : "Try again later.");
    }

    void refused() {
        if (has_login()) return finish(false, "The registry refuses the credentials", "Enter them again; for accounts with two factors use an access token.");
        finish(false, "The registry wants credentials", "Add a user name and a password or token.");
    }

    void on_challenge(const AuthChallenge& challenge) {
        if (challenge.scheme == "basic") {
            if (!has_login()) return refused();
            return ask(basic());
        }
        if (challenge.scheme.empty()) {
            return finish(false, "The registry does not say how to sign in",
                          "A page in a browser may not read it: check this registry from a hub in the gateway.");
        }
        if (challenge.scheme != "bearer" || challenge.realm.empty()) {
            return finish(false, "The registry asks for a way to sign in that Binnacle does not know", "Only Basic and Bearer are supported.");
        }
        const auto realm = base::parse_http_url(challenge.realm);
        if (!realm) return finish(false, "The registry names no usable place for tokens: " + challenge.realm);
        // The password is for the realm's eyes: never from an encrypted registry to an unencrypted realm.
        if (!realm->is_tls() && record_.api_origin().starts_with("https:")) {
            return finish(false, "The registry wants the password sent unencrypted to " + realm->origin(), "Tell whoever runs it.");
        }
        net::Request request;
        auto query = base::parse_query(realm->query);
        base::Query parameters = query ? *query : base::Query{};
        if (!challenge.service.empty()) parameters.set("service", challenge.service);
        if (has_login()) {
            parameters.set("account", login_.user);
            request.headers.set("authorization", basic());
        }
        request.target = realm->path + parameters.to_suffix();
        send(realm->origin(), std::move(request), &RegistryCheck::on_token);
    }

    void on_token(const net::Response& response) {
        if (response.status == 401 || response.status == 403) return refused();
        const auto json = base::parse_json(response.body);
        std::string token = json ? text_at(*json, "token") : std::string();
        if (token.empty() && json) token = text_at(*json, "access_token");
        if (response.status != 200 || token.empty()) {
            return finish(false, "The registry's token server answers with status " + std::to_string(response.status) + (token.empty() ? " and no token" : ""), "Try again later.");
        }
        ask("Bearer " + token);
    }

    // ECR's password is made for twelve hours from an access key.
    void ask_aws() {
        const std::string region = text_at(record_.credentials, "region");
        const bool china = region.starts_with("cn-");
        const std::string host = "api.ecr." + region + (china ? ".amazonaws.com.cn" : ".amazonaws.com");
        if (base::parse_http_url("https://" + host).has_value() == false) return finish(false, "\"" + region + "\" is no AWS region", "Write it as eu-central-1.");
        crypto::AwsRequest signing{.headers = {}, .body = "{}", .region = region, .service = "ecr", .date = crypto::aws_date(scheduler_.clock().unix_ms())};
        signing.headers = {{"content-type", "application/x-amz-json-1.1"}, {"host", host}, {"x-amz-date", signing.date}, {"x-amz-target", std::string(kEcrTarget)}};
        net::Request request{.method = "POST", .target = "/", .headers = {}, .body = signing.body};
        for (const auto& [name, value] : signing.headers) {
            if (name != "host") request.headers.set(name, value);  // the client's own
        }
        request.headers.set("authorization", crypto::aws_authorization(signing, text_at(record_.credentials, "accessKeyId"), text_at(record_.credentials, "secretAccessKey")));
        send("https://" + host, std::move(request), &RegistryCheck::on_aws);
    }

    void on_aws(const net::Response& response) {
        const auto json = base::parse_json(response.body);
        if (response.status != 200) {
            std::string why = json ? text_at(*json, "message") : std::string();
            if (why.empty() && json) why = text_at(*json, "Message");
            return finish(false, "AWS refuses the access key" + (why.empty() ? std::string() : ": " + why), "Check the key, its region, and that it may call ecr:GetAuthorizationToken.");
        }
        const Json& list = array_at(json ? *json : shared_null(), "authorizationData");
        const auto pair = base::base64_decode(list.empty() ? std::string() : text_at(list.front(), "authorizationToken"));
        const auto halves = base::split_once(pair ? std::string_view(*pair) : std::string_view(), ':');
        if (!halves) return finish(false, "AWS gave no password for the registry", "Try again later.");
        login_ = {std::string(halves->before), std::string(halves->after)};
        ask(basic());
    }

    OutboundHttp& outbound_;
    base::Scheduler& scheduler_;
    RegistryRecord record_;
    RegistryLogin login_;
    Done done_;
    bool asked_with_authorization_ = false;
    std::unique_ptr<net::HttpClient> client_;
    net::RequestHandle call_;
};

}  // namespace

std::shared_ptr<void> check_registry(OutboundHttp& outbound, base::Scheduler& scheduler, const RegistryRecord& record,
                                     base::UniqueFunction<void(RegistryVerdict)> done) {
    auto check = std::make_shared<RegistryCheck>(outbound, scheduler, record, std::move(done));
    check->start();
    return check;
}

AuthChallenge parse_challenge(std::string_view header) {
    AuthChallenge challenge;
    header = base::trim(header);
    const std::size_t blank = header.find(' ');
    challenge.scheme = base::to_ascii_lower(header.substr(0, blank));
    if (blank == std::string_view::npos) return challenge;
    header.remove_prefix(blank);
    while (!header.empty()) {
        while (!header.empty() && (header.front() == ' ' || header.front() == ',')) header.remove_prefix(1);
        const std::size_t equals = header.find('=');
        if (equals == std::string_view::npos) break;
        const std::string name = base::to_ascii_lower(base::trim(header.substr(0, equals)));
        header.remove_prefix(equals + 1);
        std::string value;
        if (header.starts_with('"')) {
            std::size_t i = 1;
            for (; i < header.size() && header[i] != '"'; ++i) {
                if (header[i] == '\\' && i + 1 < header.size()) ++i;
                value += header[i];
            }
            header.remove_prefix(std::min(header.size(), i + 1));
        } else {
            const std::size_t comma = header.find(',');
            value = base::trim(header.substr(0, comma));
            header.remove_prefix(comma == std::string_view::npos ? header.size() : comma);
        }
        if (name == "realm") challenge.realm = std::move(value);
        else if (name == "service") challenge.service = std::move(value);
        else if (name == "scope") challenge.scope = std::move(value);
    }
    return challenge;
}

}  // namespace hub
