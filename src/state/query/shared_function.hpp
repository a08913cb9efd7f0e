// SharedFunction: a copyable callable whose copies are one and the same function. Options hold these: they can be copied from the
// defaults of a key prefix into a query, and "is it still the same select?" is a comparison of identities.
//
//   state::SharedFunction<int(int)> twice = [](int x) { return 2 * x; };
//   auto copy = twice;            // copy == twice
//   if (copy) copy(4);
//
// Where the result is base::Result<void> a lambda that returns nothing will do: it always succeeds.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "base/result.hpp"
#include "base/unique_function.hpp"

namespace state {

template <class Signature>
class SharedFunction;

template <class R, class... Args>
class SharedFunction<R(Args...)> {
    template <class F>
    static constexpr bool kFits = std::is_invocable_r_v<R, F&, Args...>;
    template <class F>
    static constexpr bool kFitsAsVoid = std::is_same_v<R, base::Result<void>> && std::is_invocable_r_v<void, F&, Args...> && !kFits<F>;

public:
    SharedFunction() = default;
    SharedFunction(std::nullptr_t) {}  // NOLINT(google-explicit-constructor): reads as "none"

    template <class F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, SharedFunction> && (kFits<std::decay_t<F>> || kFitsAsVoid<std::decay_t<F>>))
    SharedFunction(F&& f) {  // NOLINT(google-explicit-constructor): callables convert
        if constexpr (kFits<std::decay_t<F>>) {
            target_ = std::make_shared<base::UniqueFunction<R(Args...)>>(std::forward<F>(f));
        } else {
            target_ = std::make_shared<base::UniqueFunction<R(Args...)>>([g = std::forward<F>(f)](Args... args) mutable -> R {
                g(std::forward<Args>(args)...);
                return {};
            });
        }
    }

    // Calling an empty function is a bug of the caller. The function outlives the call even if its owner is dropped meanwhile.
    R operator()(Args... args) const {
        const auto target = target_;
        return (*target)(std::forward<Args>(args)...);
    }
    explicit operator bool() const { return target_ != nullptr; }
    friend bool operator==(const SharedFunction&, const SharedFunction&) = default;

private:
    std::shared_ptr<base::UniqueFunction<R(Args...)>> target_;
};

}  // namespace state
