#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.hpp"
#include "kube/api_json.hpp"
#include "kube/patch.hpp"

namespace kube::api {
namespace {

using Tokens = std::vector<std::string>;

std::unexpected<base::Error> malformed(std::string message) {
    return base::fail(base::ErrorCode::invalid_argument, "json patch: " + std::move(message));
}
std::unexpected<base::Error> unfit(std::string message) {
    return base::fail(base::ErrorCode::conflict, "the server rejected our request due to an error in our request: " + std::move(message));
}

// RFC 6901.
std::optional<Tokens> parse_pointer(std::string_view pointer) {
    Tokens tokens;
    if (pointer.empty()) return tokens;
    if (pointer.front() != '/') return std::nullopt;
    for (const auto part : base::split(pointer.substr(1), '/')) {
        std::string token;
        for (std::size_t i = 0; i < part.size(); ++i) {
            if (part[i] != '~') {
                token += part[i];
                continue;
            }
            if (++i >= part.size() || (part[i] != '0' && part[i] != '1')) return std::nullopt;
            token += part[i] == '0' ? '~' : '/';
        }
        tokens.push_back(std::move(token));
    }
    if (pointer == "/") tokens = {""};
    return tokens;
}

std::optional<std::size_t> array_index(std::string_view token, std::size_t limit) {
    if (token.size() > 1 && token.front() == '0') return std::nullopt;
    const auto index = base::parse_integer<std::size_t>(token);
    if (!index || *index > limit) return std::nullopt;
    return index;
}

// The value at the first `count` tokens, or null.
Json* resolve(Json& root, const Tokens& tokens, std::size_t count) {
    Json* value = &root;
    for (std::size_t i = 0; i < count; ++i) {
        if (value->is_object()) {
            const auto it = value->find(tokens[i]);
            if (it == value->end()) return nullptr;
            value = &*it;
        } else if (value->is_array()) {
            const auto index = array_index(tokens[i], value->size());
            if (!index || *index >= value->size()) return nullptr;
            value = &(*value)[*index];
        } else {
            return nullptr;
        }
    }
    return value;
}

bool add_at(Json& root, const Tokens& tokens, Json value) {
    if (tokens.empty()) {
        root = std::move(value);
        return true;
    }
    Json* parent = resolve(root, tokens, tokens.size() - 1);
    if (!parent) return false;
    if (parent->is_object()) {
        (*parent)[tokens.back()] = std::move(value);
        return true;
    }
    if (!parent->is_array()) return false;
    if (tokens.back() == "-") {
        parent->push_back(std::move(value));
        return true;
    }
    const auto index = array_index(tokens.back(), parent->size());
    if (!index) return false;
    parent->insert(parent->begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
    return true;
}

std::optional<Json> remove_at(Json& root, const Tokens& tokens) {
    if (tokens.empty()) return std::nullopt;
    Json* parent = resolve(root, tokens, tokens.size() - 1);
    if (!parent || !resolve(*parent, {tokens.back()}, 1)) return std::nullopt;
    Json taken;
    if (parent->is_object()) {
        const auto it = parent->find(tokens.back());
        taken = std::move(*it);
        parent->erase(it);
    } else {
        const auto at = parent->begin() + static_cast<std::ptrdiff_t>(*array_index(tokens.back(), parent->size()));
        taken = std::move(*at);
        parent->erase(at);
    }
    return taken;
}

std::size_t count_values(const Json& value) {
    std::size_t count = 1;
    if (value.is_structured()) {
        for (const Json& member : value) count += count_values(member);
    }
    return count;
}

// Operations could nest a document as deep as they like; what later walks it must not run out of stack.
bool fits_below(const Json& value, std::size_t levels) {
    if (!value.is_structured()) return true;
    if (levels == 0) return false;
    return std::all_of(value.begin(), value.end(), [&](const Json& member) { return fits_below(member, levels - 1); });
}

bool is_prefix(const Tokens& prefix, const Tokens& tokens) {
    return prefix.size() < tokens.size() && std::equal(prefix.begin(), prefix.end(), tokens.begin());
}

}  // namespace

base::Result<Json> apply_json_patch(Json target, const Json& patch) {
    if (!patch.is_array()) return malformed("not an array of operations");
    if (patch.size() > kMaxPatchOperations) {
        return base::fail(base::ErrorCode::too_large,
                          "The allowed maximum operations in a JSON patch is " + std::to_string(kMaxPatchOperations) + ", got " +
                              std::to_string(patch.size()));
    }
    std::size_t copied = 0;
    for (const Json& operation : patch) {
        const std::string_view op = view(child(operation, "op"));
        const Json* path_text = child(operation, "path");
        if (!path_text || !path_text->is_string()) return malformed("an operation has no path");
        const auto path = parse_pointer(view(path_text));
        if (!path) return malformed("invalid path \"" + std::string(view(path_text).substr(0, 200)) + "\"");
        if (path->size() >= kMaxPatchDepth) return malformed("the path is too long");
        const auto too_deep = [&](const Json& value) { return !fits_below(value, kMaxPatchDepth - path->size()); };
        const auto missing = [&] {
            return unfit(std::string(op) + " operation does not apply: doc is missing path: \"" + std::string(view(path_text).substr(0, 200)) + "\"");
        };
        if (op == "add" || op == "replace" || op == "test") {
            const Json* value = child(operation, "value");
            if (!value) return malformed(std::string(op) + " operation has no value");
            if (too_deep(*value)) return malformed("the value is nested too deeply");
            Json* present = resolve(target, *path, path->size());
            if (op == "test") {
                if (!present || *present != *value) {
                    return unfit("testing value " + std::string(view(path_text).substr(0, 200)) + " failed");
                }
            } else if (op == "replace") {
                if (!present) return missing();
                *present = *value;
            } else if (!add_at(target, *path, *value)) {
                return missing();
            }
        } else if (op == "remove") {
            if (!remove_at(target, *path)) return missing();
        } else if (op == "move" || op == "copy") {
            const Json* from_text = child(operation, "from");
            const auto from = from_text && from_text->is_string() ? parse_pointer(view(from_text)) : std::nullopt;
            if (!from) return malformed(std::string(op) + " operation has no valid from");
            const Json* source = resolve(target, *from, from->size());
            if (!source) return missing();
            if (too_deep(*source)) return malformed("the value is nested too deeply");
            if (op == "copy") {
                copied += count_values(*source);
                if (copied > kMaxPatchedValues) return base::fail(base::ErrorCode::too_large, "the patch copies too much");
                if (!add_at(target, *path, Json(*source))) return missing();
            } else if (*from != *path) {
                if (is_prefix(*from, *path)) return malformed("cannot move a value into itself");
                auto taken = remove_at(target, *from);
                if (!taken || !add_at(target, *path, std::move(*taken))) return missing();
            }
        } else {
            return malformed("unexpected kind: " + std::string(op.substr(0, 40)));
        }
    }
    return target;
}

Json apply_merge_patch(Json target, const Json& patch) {
    if (!patch.is_object()) return patch;
    if (!target.is_object()) target = Json::object();
    for (const auto& [name, value] : patch.items()) {
        if (value.is_null()) {
            target.erase(name);
        } else {
            Json& member = target[name];
            member = apply_merge_patch(std::move(member), value);
        }
    }
    return target;
}

}  // namespace kube::api
