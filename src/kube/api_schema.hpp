// Schema: the shapes of the served kinds, as far as the server and its controllers read them: field types, and how lists and
// maps merge. One table serves three masters: decoding (a string where a number belongs is a 400), strategic merge patches
// (patchMergeKey) and server-side apply (associative lists, sets, atomic values).
//
//   Schema schema;                                    // parses its text once; share it
//   const Schema::Type& pod = schema.kind("Pod");
//   schema.check(pod, object);                        // nullopt, or what is wrong and where
//
// Fields that the schema does not name are kept as they are; lists below them are atomic for apply.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kube/object_store.hpp"

namespace kube::api {

// Lists whose items are told apart are compared item by item; longer ones are refused when decoding.
inline constexpr std::size_t kMaxKeyedItems = 2000;

class Schema {
public:
    enum class Shape { any, string, integer, boolean, quantity, int_or_string, list, map, object };

    struct Type {
        Shape shape = Shape::any;
        std::string name;                       // of an object type
        bool atomic = false;                    // replaced as a whole by apply (lists of `keys` and sets are not)
        bool is_set = false;                    // a list of unique scalars
        std::vector<std::string> keys;          // of a list: what identifies an item
        const Type* item = nullptr;             // of a list or map
        std::map<std::string, const Type*, std::less<>> fields;  // of an object

        // Never null: unknown fields are `any`.
        [[nodiscard]] const Type& field(std::string_view field_name) const;
    };

    Schema();
    Schema(const Schema&) = delete;
    Schema& operator=(const Schema&) = delete;

    // The type of a kind's objects; for a kind that is not in the table one with ObjectMeta alone.
    [[nodiscard]] const Type& kind(std::string_view kind) const;

    // The first value of a wrong JSON type, as the Go decoder words it:
    // "cannot unmarshal string into field Deployment.spec.replicas of type integer".
    [[nodiscard]] std::optional<std::string> check(const Type& type, const Json& value) const;

private:
    const Type* parse_type(std::string_view text);
    Type* named(std::string_view name);

    std::vector<std::unique_ptr<Type>> owned_;
    std::map<std::string, Type*, std::less<>> named_;
};

// The value of an item's merge key; port protocols default to TCP as they do in a decoded object. Null when it has none.
[[nodiscard]] Json key_value(const Json& item, std::string_view key);
// Whether two items of a list with those keys are the same item.
[[nodiscard]] bool same_item(const Json& a, const Json& b, const std::vector<std::string>& keys);

}  // namespace kube::api
