// Signing in by a provider (GitHub, an OpenID Connect issuer), the page's part: which providers there are, what the tab keeps while the
// browser is away, and words for what came back. The hub's part: hub/oauth.hpp; App's: app_oauth.cpp.
//
//   app.sign_in_by("github", invite)      // the browser leaves for the provider; this program ends
//   ... the next start of the page ...
//   App app(ports, {.oauth_return = page.oauth_return});       // exchanges the code for a session, or says why there is none
//
// Promises
//   - The tab keeps a secret of its own (`tab`) in sessionStorage, and a code is exchanged with it only: a link with somebody else's
//     code signs nobody in.
//   - The code is in no address once web/auth/callback.js has run, and is used once.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/random.hpp"

namespace model {

struct SignInProvider {
    std::string id, title, icon;  // icon: "github", "authentik", "oidc"
    friend bool operator==(const SignInProvider&, const SignInProvider&) = default;
};

// What the page found when it came back from a provider. Nothing in it: it did not.
struct OAuthReturn {
    std::string code;
    std::string error;  // a word of hub/oauth.hpp
    std::string tab;    // the secret it left with
    std::string title;  // the provider's, to be named to the user
};

// The page around the program: what a sign-in by a provider needs of it.
class SignInPage {
public:
    virtual ~SignInPage() = default;
    // Keeps `memo` for the page that comes back and sends the browser to `target` of the backend. False when nothing can be kept.
    virtual bool leave_for(const std::string& target, const std::string& memo) = 0;
};

// `providers` of GET /auth/methods: those with a usable name, at most kMaxProviders.
inline constexpr std::size_t kMaxProviders = 12;
[[nodiscard]] std::vector<SignInProvider> read_providers(const base::Json& methods);

// {"tab","title"} for SignInPage; the page adds where it was.
[[nodiscard]] std::string make_memo(const std::string& tab, const std::string& title);
[[nodiscard]] std::string make_tab_secret(base::Random& random);

// A sentence or two for a word of `?error=`.
[[nodiscard]] std::string oauth_problem(std::string_view word, std::string_view title);

}  // namespace model
