// What a server said about a form, put where it belongs: under the field it is about, else above the form.
//
//   const PlacedError placed = place_error(reply.error(), form.schema(), {{{"email", "email"}, {"invite code", "invite_code"}}});
//   placed.issues;      // {"email", "There is already a user with this email address."}
//   placed.message;     // for the form as a whole; empty when the fields have it all
//
// Two ways lead to a field. The message or the hint is made of "path: message; path: message", as net::error_from_reply writes the
// details of a reply and wire::JsonErrors the mistakes of a document, and the schema knows the path. Or the server refused the
// request with a sentence that mentions the words of exactly one field ("the email or the password" is about neither; of "current
// password" and "password" the longer one counts).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "state/forms/schema.hpp"

namespace state {

struct FieldWords {
    std::string_view words;  // as sentences have them: "invite code"; whole words, in any case
    std::string_view path;
};

struct PlacedError {
    std::vector<Issue> issues;
    std::string message;
};
[[nodiscard]] PlacedError place_error(const base::Error& error, const Schema& schema, std::span<const FieldWords> words = {});

}  // namespace state
