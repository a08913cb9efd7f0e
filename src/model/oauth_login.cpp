#include "model/oauth_login.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

constexpr std::size_t kTabSecretBytes = 24;
constexpr std::size_t kMaxTitleBytes = 64;

// It becomes a part of an address.
bool is_provider_id(std::string_view id) {
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

struct Words {
    std::string_view word;
    std::string_view text;  // '%' is the provider
};
constexpr Words kWords[] = {
    {"denied", "The sign-in was cancelled at %. Try again, or choose another way."},
    {"expired", "The sign-in took too long, or was used already. Try again."},
    {"wrong_browser", "This sign-in was begun in another tab or browser. Try again here."},
    {"wrong_address", "Signing in by a provider works at this address only. Try again here."},
    {"provider_unavailable", "% cannot be reached. Try again later, or tell who runs this server."},
    {"provider_error", "% did not complete the sign-in. Try again; if that does not help, the server's log says more."},
    {"bad_token", "What % answered could not be trusted. Try again; if that does not help, the server's log says more."},
    {"no_email", "% gave no email address. Add one there, or allow it to be shared."},
    {"email_unverified", "Your email address is not verified at %. Verify it there and try again."},
    {"password_account", "There is an account with this email address that has a password. Sign in with the password."},
    {"other_provider", "There is an account with this email address that signs in by another provider. Use that one."},
    {"invite_required", "A new account needs an invite code. Ask an admin for it, choose \"Create an account\" and enter it there."},
    {"busy", "Too many sign-ins at once. Try again in a minute."},
    {"unknown_provider", "This server does not know that provider any more. Reload the page."},
};

}  // namespace

std::vector<SignInProvider> read_providers(const base::Json& methods) {
    wire::JsonErrors errors;
    std::vector<SignInProvider> providers;
    for (const wire::JsonReader entry : wire::JsonReader(methods, errors).array_or_empty("providers")) {
        SignInProvider provider;
        provider.id = entry.string_or("name", "");
        provider.title = std::string(base::utf8_prefix(entry.string_or("displayName", provider.id), kMaxTitleBytes));
        provider.icon = entry.string_or("icon", "");
        if (is_provider_id(provider.id) && providers.size() < kMaxProviders) providers.push_back(std::move(provider));
    }
    return providers;
}

std::string make_memo(const std::string& tab, const std::string& title) { return base::dump_json({{"tab", tab}, {"title", title}}); }

std::string make_tab_secret(base::Random& random) {
    std::uint8_t bytes[kTabSecretBytes];
    random.fill(bytes);
    return base::base64url_encode({reinterpret_cast<const char*>(bytes), sizeof bytes});
}

std::string oauth_problem(std::string_view word, std::string_view title) {
    std::string_view text = "Signing in by % failed. Try again; if that does not help, the server's log says more.";
    for (const Words& entry : kWords) {
        if (entry.word == word) text = entry.text;
    }
    const std::size_t at = text.find('%');
    if (at == std::string_view::npos) return std::string(text);
    const std::string_view who = !title.empty() ? title : at == 0 ? std::string_view("The provider") : std::string_view("the provider");
    return std::string(text.substr(0, at)).append(who).append(text.substr(at + 1));
}

}  // namespace model
