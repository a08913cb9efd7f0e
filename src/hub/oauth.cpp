#include "hub/oauth.hpp"

#include <algorithm>
#include <utility>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "hub/crypto/sha256.hpp"
#include "wire/json_reader.hpp"

namespace hub {

namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kCookieNameStateChars = 8;
constexpr std::size_t kMaxTabBytes = 128;
constexpr std::size_t kMaxInviteBytes = 32;
constexpr std::size_t kMaxCodeBytes = 4 * 1024;
constexpr std::size_t kMaxNameBytes = 100;

bool is_provider_id(std::string_view id) {
    return !id.empty() && id.size() <= 32 && id.front() != '-' && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || base::is_ascii_digit(c) || c == '-';
    });
}

std::string cookie_value(std::string_view header, std::string_view name) {
    for (std::string_view part : base::split(header, ';')) {
        const auto halves = base::split_once(base::trim(part), '=');
        if (halves && halves->before == name) return std::string(halves->after);
    }
    return {};
}

bool is_loopback_host(std::string_view host) {
    if (host == "localhost" || host == "::1") return true;
    return host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::string without_slash(std::string text) {
    while (text.ends_with('/')) text.pop_back();
    return text;
}

}  // namespace

base::Result<void> check_provider(const OAuthProvider& provider, const std::vector<OAuthProvider>& others) {
    const auto refuse = [](std::string message, std::string hint) { return base::fail(base::ErrorCode::invalid_argument, std::move(message), std::move(hint)); };
    const std::string who = "The sign-in provider \"" + provider.id + "\"";
    if (!is_provider_id(provider.id) || provider.id == "email") {
        return refuse(who + " needs another name", "Use lower case letters, digits and '-', at most 32, and not \"email\"");
    }
    if (std::any_of(others.begin(), others.end(), [&](const OAuthProvider& other) { return other.id == provider.id; })) {
        return refuse(who + " is given twice", "Give each provider a name of its own");
    }
    if (provider.client_id.empty()) return refuse(who + " has no client id", "The provider shows it where the application was registered");
    const auto issuer = base::parse_http_url(provider.issuer);
    if (!issuer || !issuer->query.empty()) {
        return refuse(who + " has no usable issuer: \"" + provider.issuer + "\"", "It is an address such as https://sso.example/application/o/binnacle/");
    }
    if (!issuer->is_tls() && !is_loopback_host(issuer->host)) {
        return refuse(who + " has an issuer without https", "Plain http is taken for this machine only");
    }
    return {};
}

OAuth::OAuth(OAuthOptions options, OAuthPorts ports) : options_(std::move(options)), ports_(std::move(ports)) {
    options_.public_url = without_slash(std::move(options_.public_url));
    options_.frontend_url = without_slash(options_.frontend_url.empty() ? options_.public_url : std::move(options_.frontend_url));
}

OAuth::~OAuth() = default;

void OAuth::set_listening_url(const std::string& url) {
    options_.public_url = without_slash(url);
    if (options_.frontend_url.empty()) options_.frontend_url = options_.public_url;
    checks_host_ = true;
}

void OAuth::attach(ExternalUsers& users, net::Router& router, const std::string& prefix) {
    reset();
    users_ = &users;
    prefix_ = prefix;
    lifetime_ = std::make_unique<Lifetime>();
    for (const OAuthProvider& provider : options_.providers) {
        clients_.push_back(std::make_unique<OAuthProviderClient>(provider, OAuthProviderPorts{ports_.outbound, ports_.scheduler, ports_.signatures}));
    }
    router.route("GET", prefix + "/auth/oauth/:provider/authorize", [this](const net::RoutedRequest& routed, const Writer& writer) { authorize(routed, writer); });
    router.route("GET", prefix + "/auth/oauth/:provider/callback", [this](const net::RoutedRequest& routed, const Writer& writer) { callback(routed, writer); });
    router.route("POST", prefix + "/auth/oauth/exchange", [this](const net::RoutedRequest& routed, const Writer& writer) { exchange(routed.request, writer); });
}

void OAuth::detach(const ExternalUsers& users) {
    if (users_ == &users) reset();
}

void OAuth::reset() {
    lifetime_.reset();
    clients_.clear();
    transactions_.clear();
    codes_.clear();
    users_ = nullptr;
}

Json OAuth::providers() const {
    Json list = Json::array();
    for (const OAuthProvider& provider : options_.providers) {
        list.push_back({{"name", provider.id}, {"displayName", provider.title}, {"icon", provider.icon}});
    }
    return list;
}

// ---- 1: to the provider

void OAuth::authorize(const net::RoutedRequest& routed, const Writer& writer) {
    OAuthProviderClient* provider = find(routed.param("provider"));
    if (!provider) return to_page(*writer, "error", "unknown_provider");
    if (const auto host = routed.request.headers.get("Host"); checks_host_ && !host.empty()) {
        const auto url = base::parse_http_url(options_.public_url);
        if (!url || !base::equals_ascii_case(url->authority(), host)) return to_page(*writer, "error", "wrong_address");
    }
    const std::int64_t now_ms = ports_.scheduler.clock().monotonic_ms();
    if (starts_.wait_ms(routed.request.peer, now_ms)) return to_page(*writer, "error", "busy");
    const auto query = base::parse_query(routed.query());
    if (!query || query->get("tab").size() > kMaxTabBytes || query->get("invite").size() > kMaxInviteBytes) {
        return send_error(*writer, 400, "The query of this address is malformed.");
    }
    make_room(transactions_);
    const std::string state = random_word();
    Transaction& transaction = transactions_[state];
    transaction = {.provider = provider->config().id,
                   .verifier = random_word(),
                   .nonce = random_word(),
                   .cookie = random_word(),
                   .tab = std::string(query->get("tab")),
                   .invite = std::string(base::trim(query->get("invite"))),
                   .ends_at_ms = now_ms + kTransactionLifetimeMs};
    provider->authorize_url({.redirect_uri = redirect_uri(transaction.provider), .state = state, .nonce = transaction.nonce, .verifier = transaction.verifier},
                            [this, state, cookie = cookie_of(transaction, state, false), writer](base::Result<std::string> url) {
        if (!url) {
            transactions_.erase(state);
            return to_error(*writer, url.error());
        }
        writer->respond({.status = 307, .headers = {{"Location", *url}, {"Set-Cookie", cookie}, {"Cache-Control", "no-store"}, {"Referrer-Policy", "no-referrer"}}});
    });
}

// ---- 2: back from the provider

void OAuth::callback(const net::RoutedRequest& routed, const Writer& writer) {
    OAuthProviderClient* provider = find(routed.param("provider"));
    if (!provider) return to_page(*writer, "error", "unknown_provider");
    const auto query = base::parse_query(routed.query());
    const std::string state(query ? query->get("state") : std::string_view());
    auto found = transactions_.extract(state);
    if (found.empty() || found.mapped().provider != provider->config().id) return to_page(*writer, "error", "expired");
    const Transaction transaction = std::move(found.mapped());
    const std::string gone = cookie_of(transaction, state, true);
    if (ports_.scheduler.clock().monotonic_ms() >= transaction.ends_at_ms) return to_page(*writer, "error", "expired", gone);

    const std::string name = "binnacle_oauth_" + state.substr(0, kCookieNameStateChars);
    if (!crypto::equal_in_constant_time(cookie_value(routed.request.headers.get("Cookie"), name), transaction.cookie)) {
        return to_page(*writer, "error", "wrong_browser", gone);
    }
    const std::optional<std::string> iss = query->has("iss") ? std::optional<std::string>(query->get("iss")) : std::nullopt;
    if (!provider->accepts_issuer(iss)) {
        return to_error(*writer, {base::ErrorCode::unauthenticated, "The answer of " + provider->config().title + " names another issuer, or none", "provider_error"}, gone);
    }
    if (query->has("error")) {
        const std::string word(query->get("error").substr(0, 80));
        if (word == "access_denied") return to_page(*writer, "error", "denied", gone);
        return to_error(*writer, {base::ErrorCode::unauthenticated, provider->config().title + " answers \"" + base::to_valid_utf8(word) + "\"", "provider_error"}, gone);
    }
    const std::string code(query->get("code"));
    if (code.empty() || code.size() > kMaxCodeBytes) {
        return to_error(*writer, {base::ErrorCode::unauthenticated, provider->config().title + " gave no code", "provider_error"}, gone);
    }
    provider->identify({.code = code, .redirect_uri = redirect_uri(transaction.provider), .nonce = transaction.nonce, .verifier = transaction.verifier},
                       [this, provider, transaction, gone, writer](base::Result<ProviderIdentity> who) {
        if (!who) return to_error(*writer, who.error(), gone);
        enter(provider->config(), transaction, std::move(*who), gone, writer);
    });
}

void OAuth::enter(const OAuthProvider& provider, const Transaction& transaction, ProviderIdentity who, const std::string& gone, const Writer& writer) {
    const bool welcome = may_join(provider, who.email);
    std::string name(base::utf8_prefix(base::to_valid_utf8(base::trim(who.name)), kMaxNameBytes));
    if (name.empty()) name = who.email.substr(0, who.email.find('@'));
    users_->enter({.provider = provider.id,
                   .subject = std::move(who.subject),
                   .email = std::move(who.email),
                   .name = std::move(name),
                   .avatar_url = std::move(who.avatar_url),
                   .invite = transaction.invite,
                   .may_join = welcome},
                  lifetime_->guard([this, tab = transaction.tab, gone, writer](ExternalEntry entry) {
        if (!entry.refusal.empty()) return to_page(*writer, "error", entry.refusal, gone);
        make_room(codes_);
        const std::string code = random_word();
        codes_[code] = {.user_id = std::move(entry.user_id), .tab = tab, .ends_at_ms = ports_.scheduler.clock().monotonic_ms() + kLoginCodeLifetimeMs};
        to_page(*writer, "code", code, gone);
    }));
}

// ---- 3: the page gets its session

void OAuth::exchange(const net::ServerRequest& request, const Writer& writer) {
    const std::int64_t now_ms = ports_.scheduler.clock().monotonic_ms();
    if (const auto wait_ms = exchanges_.wait_ms(request.peer, now_ms)) {
        return send_error(*writer, 429, "Too many attempts. Wait a minute and sign in again.", {}, {{"Retry-After", std::to_string((*wait_ms + 999) / 1'000)}});
    }
    const auto body = read_body(request);
    if (!body) return send_error(*writer, body.error());
    wire::JsonErrors errors;
    const wire::JsonReader fields(*body, errors);
    const std::string code = fields.string("code");
    const std::string tab = fields.string_or("tab", "");
    if (!errors.empty()) return send_error(*writer, errors.to_error());
    const auto found = codes_.extract(code);
    const bool good = !found.empty() && now_ms < found.mapped().ends_at_ms && (found.mapped().tab.empty() || crypto::equal_in_constant_time(found.mapped().tab, tab));
    const Json session = good ? users_->session_of(found.mapped().user_id) : Json();
    if (session.is_null()) return send_error(*writer, 400, "This sign-in is over: it took too long, or its code was used already.", {"Sign in again."});
    send_json(*writer, 200, session);
}

// ---- parts

OAuthProviderClient* OAuth::find(std::string_view id) const {
    const auto found = std::find_if(clients_.begin(), clients_.end(), [id](const auto& client) { return client->config().id == id; });
    return found == clients_.end() ? nullptr : found->get();
}

std::string OAuth::random_word() const {
    std::uint8_t bytes[kSecretBytes];
    ports_.random.fill(bytes);
    return base::base64url_encode({reinterpret_cast<const char*>(bytes), sizeof bytes});
}

std::string OAuth::redirect_uri(std::string_view provider) const {
    return options_.public_url + prefix_ + "/auth/oauth/" + std::string(provider) + "/callback";
}

// A name for each transaction: two tabs may be at it at once.
std::string OAuth::cookie_of(const Transaction& transaction, std::string_view state, bool clear) const {
    const auto url = base::parse_http_url(options_.public_url);
    std::string cookie = "binnacle_oauth_" + std::string(state.substr(0, kCookieNameStateChars)) + "=" + (clear ? std::string() : transaction.cookie);
    cookie += "; Path=" + (url ? without_slash(url->path) : std::string()) + prefix_ + "/auth/oauth/" + transaction.provider;
    cookie += "; Max-Age=" + std::to_string(clear ? 0 : kTransactionLifetimeMs / 1'000) + "; HttpOnly; SameSite=Lax";
    if (url && url->is_tls()) cookie += "; Secure";
    return cookie;
}

bool OAuth::may_join(const OAuthProvider& provider, std::string_view email) const {
    const std::string domain = base::to_ascii_lower(email.substr(email.rfind('@') + 1));
    return std::any_of(provider.join_domains.begin(), provider.join_domains.end(),
                       [&](const std::string& allowed) { return allowed == "*" || base::equals_ascii_case(allowed, domain); });
}

void OAuth::to_page(net::ResponseWriter& writer, const std::string& name, const std::string& value, const std::string& cookie) const {
    net::Headers headers{{"Location", options_.frontend_url + "/auth/callback?" + name + "=" + base::percent_encode(value)},
                         {"Cache-Control", "no-store"},
                         {"Referrer-Policy", "no-referrer"}};
    if (!cookie.empty()) headers.set("Set-Cookie", cookie);
    writer.respond({.status = 303, .headers = std::move(headers)});
}

void OAuth::to_error(net::ResponseWriter& writer, const base::Error& error, const std::string& cookie) {
    if (ports_.log) ports_.log("sign-in: " + error.message);
    to_page(writer, "error", error.hint.empty() ? "server_error" : error.hint, cookie);
}

// What is over goes first; after that the one that would end soonest.
template <class Map>
void OAuth::make_room(Map& map) const {
    const std::int64_t now_ms = ports_.scheduler.clock().monotonic_ms();
    std::erase_if(map, [now_ms](const auto& entry) { return now_ms >= entry.second.ends_at_ms; });
    while (map.size() >= kMaxTransactions) {
        map.erase(std::min_element(map.begin(), map.end(), [](const auto& a, const auto& b) { return a.second.ends_at_ms < b.second.ends_at_ms; }));
    }
}

}  // namespace hub
