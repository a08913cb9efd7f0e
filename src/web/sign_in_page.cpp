#include "web/sign_in_page.hpp"

#include "web/bindings.hpp"

namespace web {

bool SignInPage::leave_for(const std::string& target, const std::string& memo) {
    return bn_page_sign_in((origin_ + target).c_str(), memo.c_str(), embedded_ ? 1 : 0) != 0;
}

}  // namespace web
