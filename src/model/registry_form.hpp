// The form that adds an image registry or changes one: the kinds there are, the form's rules, what is sent, and where a refusal belongs.
//
//   auto form = make_registry_form(nullptr);        // nullptr: a new one
//   form->submit([&](Json values) {
//       registries.save("", registry_body(values), [&](base::Result<void> saved) {
//           if (saved) form->succeeded(); else fail_registry_form(*form, saved.error()); }); });
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "state/forms/form.hpp"

namespace model {

struct RegistryView;

struct RegistryCredential {
    std::string_view name = {};   // of the contract; empty: none
    std::string_view label = {}, help = {};
    bool secret = false;
    int rows = 1;
};
struct RegistryKind {
    std::string_view type = {};   // of the contract
    std::string_view title = {}, url_example = {};
    bool url_needed = false;
    bool credentials_needed = false;
    std::array<RegistryCredential, 3> credentials = {};
};
[[nodiscard]] std::span<const RegistryKind> registry_kinds();
// The last one, "custom", for a type that is not known.
[[nodiscard]] const RegistryKind& registry_kind(std::string_view type);

// Fields: name, registryType, registryUrl, credentials/<name> of the kind. Credentials go together: all of them or none; one that has
// some keeps them while all are empty.
[[nodiscard]] std::unique_ptr<state::Form> make_registry_form(const RegistryView* changes);
// The body of POST /admin/registries or PUT /admin/registries/:id: without what is empty.
[[nodiscard]] base::Json registry_body(base::Json values);
void fail_registry_form(state::Form& form, const base::Error& error);

}  // namespace model
