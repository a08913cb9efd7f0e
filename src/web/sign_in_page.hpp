// SignInPage: leaves for a sign-in provider and finds what came back (model/oauth_login.hpp has the whole way).
#pragma once

#include <string>

#include "model/oauth_login.hpp"

namespace web {

class SignInPage final : public model::SignInPage {
public:
    // `origin` of the backend, empty for the page's own. Providers refuse to be framed: an embedded page opens itself in a tab of its own,
    // where the person presses the button once more.
    SignInPage(std::string origin, bool embedded) : origin_(std::move(origin)), embedded_(embedded) {}
    bool leave_for(const std::string& target, const std::string& memo) override;

private:
    std::string origin_;
    bool embedded_;
};

}  // namespace web
