// UniqueFunction: a move-only std::function (libc++ 21 has no std::move_only_function).
//
//   base::UniqueFunction<void(int)> f = [p = std::make_unique<int>(1)](int x) { *p += x; };
//   if (f) f(2);
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace base {

template <class Signature>
class UniqueFunction;

template <class R, class... Args>
class UniqueFunction<R(Args...)> {
public:
    UniqueFunction() = default;
    UniqueFunction(std::nullptr_t) {}  // NOLINT(google-explicit-constructor): reads as "no callback"

    template <class F>
        requires(!std::is_same_v<std::remove_cvref_t<F>, UniqueFunction> && std::is_invocable_r_v<R, F&, Args...>)
    UniqueFunction(F&& f)  // NOLINT(google-explicit-constructor): callables convert, as with std::function
        : target_(std::make_unique<Holder<std::decay_t<F>>>(std::forward<F>(f))) {}

    // Calling an empty function is a bug of the caller.
    R operator()(Args... args) { return target_->call(std::forward<Args>(args)...); }
    explicit operator bool() const { return target_ != nullptr; }
    void reset() { target_.reset(); }

private:
    struct Base {
        virtual ~Base() = default;
        virtual R call(Args... args) = 0;
    };
    template <class F>
    struct Holder final : Base {
        explicit Holder(F f) : function(std::move(f)) {}
        R call(Args... args) override {
            if constexpr (std::is_void_v<R>) {
                function(std::forward<Args>(args)...);
            } else {
                return function(std::forward<Args>(args)...);
            }
        }
        F function;
    };
    std::unique_ptr<Base> target_;
};

}  // namespace base
