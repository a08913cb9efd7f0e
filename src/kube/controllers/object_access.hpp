// Reading and writing of Kubernetes objects as JSON, for controllers and the kubelet.
//
// Objects come from users, so every reader takes any JSON and answers with a fallback when a field is absent or of another
// type, and every writer turns what is in its way into an object first. Nothing here throws.
//
//   const std::int64_t replicas = integer(deployment, {"spec", "replicas"}, 1);
//   member(pod, {"status"})["phase"] = "Running";
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "kube/object_store.hpp"

namespace kube::controllers {

using Path = std::initializer_list<std::string_view>;

// Null when the path leads nowhere.
[[nodiscard]] const Json* find(const Json& object, Path path);
[[nodiscard]] std::string text(const Json& object, Path path, std::string_view fallback = {});
[[nodiscard]] std::int64_t integer(const Json& object, Path path, std::int64_t fallback = 0);
[[nodiscard]] bool flag(const Json& object, Path path, bool fallback = false);
// An empty array (object) when there is none.
[[nodiscard]] const Json& array(const Json& object, Path path);
[[nodiscard]] const Json& map(const Json& object, Path path);
// The object (array) at the path, made where it is missing.
Json& member(Json& object, Path path);
Json& list_member(Json& object, Path path);
// JSON text, never failing on broken UTF-8.
[[nodiscard]] std::string dump(const Json& value);

[[nodiscard]] std::string name_of(const Json& object);
[[nodiscard]] std::string namespace_of(const Json& object);
[[nodiscard]] std::string uid_of(const Json& object);
[[nodiscard]] ObjectKey key_of(std::string_view resource, const Json& object);
[[nodiscard]] bool is_deleting(const Json& object);  // a deletionTimestamp is set
[[nodiscard]] std::string annotation(const Json& object, std::string_view name);
[[nodiscard]] std::string label(const Json& object, std::string_view name);

// The owner reference with controller=true, or null.
[[nodiscard]] const Json* controller_of(const Json& object);
[[nodiscard]] bool is_controlled_by(const Json& object, const Json& owner);
[[nodiscard]] Json owner_reference(const Json& owner, bool controller = true);
// The plural of a built-in kind ("Deployment" -> "deployments"); empty for others.
[[nodiscard]] std::string_view resource_of_kind(std::string_view kind);

// A metav1.LabelSelector; an empty or missing one matches nothing here (every controller requires one).
[[nodiscard]] bool selector_matches(const Json& selector, const Json& labels);
// A plain map (Service.spec.selector, nodeSelector): every entry must be there.
[[nodiscard]] bool map_matches(const Json& wanted, const Json& labels);

// RFC 3339 in UTC. parse gives nullopt for anything else; fractions are read, an offset too.
[[nodiscard]] std::string format_time(std::int64_t unix_ms);
[[nodiscard]] std::string format_time_nano(std::int64_t unix_ns);
[[nodiscard]] std::optional<std::int64_t> parse_time_ms(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> time_ms(const Json& object, Path path);

// resource.Quantity: thousandths of a core, and bytes. 0 for what is not a quantity.
[[nodiscard]] std::int64_t milli_cores(const Json* quantity);
[[nodiscard]] std::int64_t bytes(const Json* quantity);

// Seconds given by a user, in milliseconds: 0 to ten years.
[[nodiscard]] std::int64_t seconds_as_ms(const Json& object, Path path, std::int64_t fallback_s = 0);

// An IntOrString such as maxSurge: a number, or a percentage of `total`, rounded up or down.
[[nodiscard]] std::int64_t int_or_percent(const Json* value, std::int64_t total, bool round_up, std::string_view fallback);

// Sets a condition of `status`; lastTransitionTime moves only when the condition's status changes. With `with_update_time`
// lastUpdateTime is written as well (Deployments), and moves when status, reason or message change.
void set_condition(Json& status, std::string_view type, std::string_view value, std::string_view reason, std::string_view message,
                   std::int64_t now_ms, bool with_update_time = false);
void remove_condition(Json& status, std::string_view type);
[[nodiscard]] const Json* condition(const Json& object, std::string_view type);  // of object.status.conditions
[[nodiscard]] bool condition_is(const Json& object, std::string_view type, std::string_view value);

// FNV-1a, and the short form that appears in names ("6d4cf56db6"): no vowels, so no words.
[[nodiscard]] std::uint64_t fnv1a(std::string_view text, std::uint64_t seed = 14695981039346656037ULL);
[[nodiscard]] std::string short_hash(std::string_view text);
[[nodiscard]] std::string random_suffix(base::Random& random, int length = 5);
// Digits of a fixed length in base 16, for made-up digests and container ids.
[[nodiscard]] std::string hex_digest(std::string_view text, int length = 64);

// `name` followed by `-suffix`, cut so that the whole is a valid object name (253), or label value (63).
[[nodiscard]] std::string joined_name(std::string_view name, std::string_view suffix, std::size_t limit = 63);

}  // namespace kube::controllers
