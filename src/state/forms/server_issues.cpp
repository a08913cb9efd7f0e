#include "state/forms/server_issues.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/text.hpp"
#include "state/forms/paths.hpp"

namespace state {

namespace {

// Takes what is about a field out of "path: message; path: message" and gives back the rest.
std::string take_issues(std::string_view text, const Schema& schema, std::vector<Issue>& issues) {
    std::string rest;
    while (!text.empty()) {
        const std::size_t end = text.find("; ");
        const std::string_view part = text.substr(0, end);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 2);
        const std::size_t colon = part.find(": ");
        std::string path = colon == std::string_view::npos ? std::string() : normal_path(part.substr(0, colon));
        if (!path.empty() && schema.find(path) != nullptr) {
            issues.push_back({std::move(path), std::string(part.substr(colon + 2))});
        } else {
            if (!rest.empty()) rest += "; ";
            rest += part;
        }
    }
    return rest;
}

bool is_letter(std::string_view text, std::size_t at) { return at < text.size() && (base::is_ascii_alpha(text[at]) || base::is_ascii_digit(text[at])); }

// Whether these words are in it. They are blanked out, so that "current password" is not read as "password" too.
bool take_mention(std::string& text, std::string_view words) {
    bool any = false;
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t found = base::find_ascii_case(std::string_view(text).substr(from), words);
        if (found == std::string_view::npos) break;
        const std::size_t at = from + found;
        from = at + 1;
        if ((at != 0 && is_letter(text, at - 1)) || is_letter(text, at + words.size())) continue;
        std::fill_n(text.begin() + static_cast<std::ptrdiff_t>(at), words.size(), ' ');
        any = true;
    }
    return any;
}

// Only a refusal speaks of what was sent; a lost connection does not, whatever its words.
bool is_refusal(base::ErrorCode code) {
    switch (code) {
        case base::ErrorCode::invalid_argument:
        case base::ErrorCode::not_found:
        case base::ErrorCode::conflict:
        case base::ErrorCode::unauthenticated:
        case base::ErrorCode::forbidden:
        case base::ErrorCode::too_large: return true;
        default: return false;
    }
}

std::string sentences(std::string first, std::string_view second) {
    if (first.empty()) return std::string(second);
    if (second.empty()) return first;
    if (first.back() != '.' && first.back() != '!' && first.back() != '?') first += '.';
    return first + " " + std::string(second);
}

}  // namespace

PlacedError place_error(const base::Error& error, const Schema& schema, std::span<const FieldWords> words) {
    PlacedError placed;
    const std::string hint = take_issues(error.hint, schema, placed.issues);
    const bool hint_had_issues = !placed.issues.empty();
    const std::string message = take_issues(error.message, schema, placed.issues);
    if (is_refusal(error.code) && placed.issues.empty()) {
        std::string_view path;
        bool one = false;
        std::vector<FieldWords> longest_first(words.begin(), words.end());
        std::stable_sort(longest_first.begin(), longest_first.end(), [](const FieldWords& a, const FieldWords& b) { return a.words.size() > b.words.size(); });
        std::string left = message;
        for (const FieldWords& field : longest_first) {
            if (!take_mention(left, field.words)) continue;
            one = path.empty() || path == field.path;
            path = field.path;
            if (!one) break;
        }
        if (one) {
            placed.issues.push_back({std::string(path), sentences(message, hint)});
            return placed;
        }
    }
    // "The request is not valid" says nothing more once the fields say what is wrong with it.
    placed.message = hint_had_issues ? hint : sentences(message, hint);
    return placed;
}

}  // namespace state
