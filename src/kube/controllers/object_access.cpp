#include "kube/controllers/object_access.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>
#include <utility>

namespace kube::controllers {
namespace {

constexpr std::string_view kSafeAlphabet = "bcdfghjklmnpqrstvwxz2456789";
constexpr std::string_view kHexDigits = "0123456789abcdef";

const Json& empty_array() {
    static const Json value = Json::array();
    return value;
}

const Json& empty_map() {
    static const Json value = Json::object();
    return value;
}

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
    const std::string digits = std::to_string(value);
    if (digits.size() < width) out.append(width - digits.size(), '0');
    out += digits;
}

std::optional<int> digits(std::string_view text, std::size_t position, std::size_t count) {
    if (position + count > text.size()) return std::nullopt;
    int value = 0;
    for (char c : text.substr(position, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    return value;
}

// The number before the unit, and the unit.
std::pair<double, std::string_view> split_quantity(std::string_view quantity) {
    double value = 0;
    const auto [end, error] = std::from_chars(quantity.data(), quantity.data() + quantity.size(), value);
    if (error != std::errc{} || !std::isfinite(value) || value < 0) return {0, {}};
    return {value, quantity.substr(static_cast<std::size_t>(end - quantity.data()))};
}

std::int64_t clamp_to_integer(double value) {
    constexpr double kLimit = 9.0e18;
    return static_cast<std::int64_t>(std::clamp(value, -kLimit, kLimit));
}

bool expression_matches(const Json& expression, const Json& labels) {
    const std::string key = text(expression, {"key"});
    const std::string op = text(expression, {"operator"});
    const Json* value = find(labels, {key});
    const bool has = value && value->is_string();
    if (op == "Exists") return has;
    if (op == "DoesNotExist") return !has;
    const Json& values = array(expression, {"values"});
    const bool listed = has && std::find(values.begin(), values.end(), *value) != values.end();
    if (op == "In") return listed;
    if (op == "NotIn") return !listed;
    return false;
}

}  // namespace

const Json* find(const Json& object, Path path) {
    const Json* current = &object;
    for (std::string_view name : path) {
        if (!current->is_object()) return nullptr;
        const auto it = current->find(name);
        if (it == current->end()) return nullptr;
        current = &*it;
    }
    return current;
}

std::string text(const Json& object, Path path, std::string_view fallback) {
    const Json* value = find(object, path);
    return value && value->is_string() ? value->get_ref<const std::string&>() : std::string(fallback);
}

std::int64_t integer(const Json& object, Path path, std::int64_t fallback) {
    const Json* value = find(object, path);
    if (!value) return fallback;
    if (const auto* number = value->get_ptr<const Json::number_unsigned_t*>()) {
        return *number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) ? fallback : static_cast<std::int64_t>(*number);
    }
    if (const auto* number = value->get_ptr<const Json::number_integer_t*>()) return *number;
    if (const auto* number = value->get_ptr<const Json::number_float_t*>()) return clamp_to_integer(*number);
    return fallback;
}

bool flag(const Json& object, Path path, bool fallback) {
    const Json* value = find(object, path);
    return value && value->is_boolean() ? *value->get_ptr<const Json::boolean_t*>() : fallback;
}

const Json& array(const Json& object, Path path) {
    const Json* value = find(object, path);
    return value && value->is_array() ? *value : empty_array();
}

const Json& map(const Json& object, Path path) {
    const Json* value = find(object, path);
    return value && value->is_object() ? *value : empty_map();
}

Json& member(Json& object, Path path) {
    Json* current = &object;
    if (!current->is_object()) *current = Json::object();
    for (std::string_view name : path) {
        current = &(*current)[std::string(name)];
        if (!current->is_object()) *current = Json::object();
    }
    return *current;
}

Json& list_member(Json& object, Path path) {
    Json* current = &object;
    for (std::string_view name : path) {
        if (!current->is_object()) *current = Json::object();
        current = &(*current)[std::string(name)];
    }
    if (!current->is_array()) *current = Json::array();
    return *current;
}

std::string dump(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string name_of(const Json& object) { return text(object, {"metadata", "name"}); }
std::string namespace_of(const Json& object) { return text(object, {"metadata", "namespace"}); }
std::string uid_of(const Json& object) { return text(object, {"metadata", "uid"}); }

ObjectKey key_of(std::string_view resource, const Json& object) {
    return {std::string(resource), namespace_of(object), name_of(object)};
}

bool is_deleting(const Json& object) { return !text(object, {"metadata", "deletionTimestamp"}).empty(); }

std::string annotation(const Json& object, std::string_view name) { return text(object, {"metadata", "annotations", name}); }
std::string label(const Json& object, std::string_view name) { return text(object, {"metadata", "labels", name}); }

const Json* controller_of(const Json& object) {
    for (const Json& reference : array(object, {"metadata", "ownerReferences"})) {
        if (flag(reference, {"controller"})) return &reference;
    }
    return nullptr;
}

bool is_controlled_by(const Json& object, const Json& owner) {
    const Json* reference = controller_of(object);
    return reference && text(*reference, {"uid"}) == uid_of(owner) && !uid_of(owner).empty();
}

Json owner_reference(const Json& owner, bool controller) {
    return Json{{"apiVersion", text(owner, {"apiVersion"})}, {"kind", text(owner, {"kind"})}, {"name", name_of(owner)},
                {"uid", uid_of(owner)},                      {"controller", controller},      {"blockOwnerDeletion", true}};
}

std::string_view resource_of_kind(std::string_view kind) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 21> kKinds{{
        {"Pod", "pods"},
        {"Service", "services"},
        {"ConfigMap", "configmaps"},
        {"Secret", "secrets"},
        {"PersistentVolumeClaim", "persistentvolumeclaims"},
        {"PersistentVolume", "persistentvolumes"},
        {"Endpoints", "endpoints"},
        {"EndpointSlice", "endpointslices"},
        {"Event", "events"},
        {"Node", "nodes"},
        {"Namespace", "namespaces"},
        {"ServiceAccount", "serviceaccounts"},
        {"Deployment", "deployments"},
        {"ReplicaSet", "replicasets"},
        {"StatefulSet", "statefulsets"},
        {"DaemonSet", "daemonsets"},
        {"Job", "jobs"},
        {"CronJob", "cronjobs"},
        {"Ingress", "ingresses"},
        {"NetworkPolicy", "networkpolicies"},
        {"HorizontalPodAutoscaler", "horizontalpodautoscalers"},
    }};
    const auto it = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& entry) { return entry.first == kind; });
    return it == kKinds.end() ? std::string_view{} : it->second;
}

bool selector_matches(const Json& selector, const Json& labels) {
    const Json& match_labels = map(selector, {"matchLabels"});
    const Json& expressions = array(selector, {"matchExpressions"});
    if (match_labels.empty() && expressions.empty()) return false;
    if (!map_matches(match_labels, labels)) return false;
    return std::all_of(expressions.begin(), expressions.end(), [&](const Json& each) { return expression_matches(each, labels); });
}

bool map_matches(const Json& wanted, const Json& labels) {
    if (!wanted.is_object()) return false;
    for (const auto& [key, value] : wanted.items()) {
        const Json* found = find(labels, {key});
        if (!found || *found != value) return false;
    }
    return true;
}

std::string format_time(std::int64_t unix_ms) {
    using namespace std::chrono;
    const sys_seconds at{floor<seconds>(milliseconds{unix_ms})};
    const sys_days day = floor<days>(at);
    const year_month_day date{day};
    const hh_mm_ss clock{at - day};
    std::string out;
    out.reserve(20);
    append_padded(out, static_cast<int>(date.year()), 4);
    out += '-';
    append_padded(out, static_cast<unsigned>(date.month()), 2);
    out += '-';
    append_padded(out, static_cast<unsigned>(date.day()), 2);
    out += 'T';
    append_padded(out, clock.hours().count(), 2);
    out += ':';
    append_padded(out, clock.minutes().count(), 2);
    out += ':';
    append_padded(out, clock.seconds().count(), 2);
    out += 'Z';
    return out;
}

std::string format_time_nano(std::int64_t unix_ns) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    const std::int64_t fraction = ((unix_ns % kSecond) + kSecond) % kSecond;
    std::string out = format_time((unix_ns - fraction) / 1'000'000);
    out.back() = '.';
    append_padded(out, fraction, 9);
    out += 'Z';
    return out;
}

std::optional<std::int64_t> parse_time_ms(std::string_view text) {
    const auto year = digits(text, 0, 4), month = digits(text, 5, 2), day = digits(text, 8, 2);
    const auto hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    if (text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') || text[13] != ':' || text[16] != ':') return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                                           std::chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    std::int64_t seconds = std::int64_t{std::chrono::sys_days{date}.time_since_epoch().count()} * 86400 + *hour * 3600 + *minute * 60 + *second;
    std::int64_t fraction_ms = 0;
    std::size_t position = 19;
    if (position < text.size() && text[position] == '.') {
        std::int64_t scale = 100;
        for (++position; position < text.size() && text[position] >= '0' && text[position] <= '9'; ++position, scale /= 10) {
            fraction_ms += (text[position] - '0') * scale;
        }
    }
    const std::string_view zone = text.substr(std::min(position, text.size()));
    if (zone != "Z" && zone != "z") {
        const auto zone_hour = digits(zone, 1, 2), zone_minute = digits(zone, 4, 2);
        if (zone.size() != 6 || !zone_hour || !zone_minute || zone[3] != ':' || (zone[0] != '+' && zone[0] != '-')) return std::nullopt;
        const int offset = *zone_hour * 3600 + *zone_minute * 60;
        seconds += zone[0] == '+' ? -offset : offset;
    }
    return seconds * 1000 + fraction_ms;
}

std::optional<std::int64_t> time_ms(const Json& object, Path path) {
    const Json* value = find(object, path);
    if (!value || !value->is_string()) return std::nullopt;
    return parse_time_ms(value->get_ref<const std::string&>());
}

std::int64_t milli_cores(const Json* quantity) {
    if (!quantity) return 0;
    if (quantity->is_number()) return clamp_to_integer(quantity->get<double>() * 1000);
    if (!quantity->is_string()) return 0;
    const auto [value, unit] = split_quantity(quantity->get_ref<const std::string&>());
    if (unit == "m") return clamp_to_integer(std::ceil(value));
    if (unit == "u") return clamp_to_integer(std::ceil(value / 1e3));
    if (unit == "n") return clamp_to_integer(std::ceil(value / 1e6));
    if (unit == "k") return clamp_to_integer(value * 1e6);
    return unit.empty() ? clamp_to_integer(std::ceil(value * 1000)) : 0;
}

std::int64_t bytes(const Json* quantity) {
    if (!quantity) return 0;
    if (quantity->is_number()) return clamp_to_integer(quantity->get<double>());
    if (!quantity->is_string()) return 0;
    static constexpr std::array<std::pair<std::string_view, double>, 15> kUnits{{{"", 1},
                                                                                 {"m", 1e-3},
                                                                                 {"k", 1e3},
                                                                                 {"K", 1e3},
                                                                                 {"M", 1e6},
                                                                                 {"G", 1e9},
                                                                                 {"T", 1e12},
                                                                                 {"P", 1e15},
                                                                                 {"E", 1e18},
                                                                                 {"Ki", 1024.0},
                                                                                 {"Mi", 1048576.0},
                                                                                 {"Gi", 1073741824.0},
                                                                                 {"Ti", 1099511627776.0},
                                                                                 {"Pi", 1125899906842624.0},
                                                                                 {"Ei", 1152921504606846976.0}}};
    const auto [value, unit] = split_quantity(quantity->get_ref<const std::string&>());
    for (const auto& [name, factor] : kUnits) {
        if (name == unit) return clamp_to_integer(std::ceil(value * factor));
    }
    return 0;
}

std::int64_t seconds_as_ms(const Json& object, Path path, std::int64_t fallback_s) {
    constexpr std::int64_t kTenYears_s = std::int64_t{10} * 366 * 86'400;
    return std::clamp<std::int64_t>(integer(object, path, fallback_s), 0, kTenYears_s) * 1000;
}

std::int64_t int_or_percent(const Json* value, std::int64_t total, bool round_up, std::string_view fallback) {
    if (value && value->is_number()) return std::clamp<std::int64_t>(clamp_to_integer(value->get<double>()), 0, 1'000'000);
    const std::string_view given = value && value->is_string() ? std::string_view(value->get_ref<const std::string&>()) : fallback;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(given.data(), given.data() + given.size(), number);
    if (error != std::errc{} || number < 0 || number > 1'000'000) return 0;
    if (end == given.data() + given.size()) return number;
    if (*end != '%') return 0;
    return round_up ? (number * total + 99) / 100 : number * total / 100;
}

void set_condition(Json& status, std::string_view type, std::string_view value, std::string_view reason, std::string_view message,
                   std::int64_t now_ms, bool with_update_time) {
    Json& conditions = list_member(status, {"conditions"});
    Json* entry = nullptr;
    for (Json& each : conditions) {
        if (text(each, {"type"}) == type) entry = &each;
    }
    if (!entry) entry = &conditions.emplace_back(Json{{"type", type}});
    const std::string now = format_time(now_ms);
    const bool turned = text(*entry, {"status"}) != value;
    const bool reworded = text(*entry, {"reason"}) != reason || text(*entry, {"message"}) != message;
    if (turned) (*entry)["lastTransitionTime"] = now;
    if (with_update_time && (turned || reworded)) (*entry)["lastUpdateTime"] = now;
    (*entry)["status"] = value;
    for (const auto& [name, content] : {std::pair{"reason", reason}, std::pair{"message", message}}) {
        if (content.empty()) {
            entry->erase(name);
        } else {
            (*entry)[name] = content;
        }
    }
}

void remove_condition(Json& status, std::string_view type) {
    Json& conditions = list_member(status, {"conditions"});
    for (std::size_t i = conditions.size(); i-- > 0;) {
        if (text(conditions[i], {"type"}) == type) conditions.erase(i);
    }
}

const Json* condition(const Json& object, std::string_view type) {
    for (const Json& each : array(object, {"status", "conditions"})) {
        if (text(each, {"type"}) == type) return &each;
    }
    return nullptr;
}

bool condition_is(const Json& object, std::string_view type, std::string_view value) {
    const Json* found = condition(object, type);
    return found && text(*found, {"status"}) == value;
}

std::uint64_t fnv1a(std::string_view text, std::uint64_t seed) {
    std::uint64_t hash = seed;
    for (char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 1099511628211ULL;
    }
    return hash;
}

std::string short_hash(std::string_view text) {
    std::uint64_t hash = fnv1a(text);
    hash ^= hash >> 31;
    std::string out;
    for (int i = 0; i < 10; ++i, hash /= kSafeAlphabet.size()) out += kSafeAlphabet[hash % kSafeAlphabet.size()];
    return out;
}

std::string random_suffix(base::Random& random, int length) {
    std::string out;
    for (int i = 0; i < length; ++i) out += kSafeAlphabet[random.below(kSafeAlphabet.size())];
    return out;
}

std::string hex_digest(std::string_view text, int length) {
    std::string out;
    std::uint64_t hash = fnv1a(text);
    while (out.size() < static_cast<std::size_t>(length)) {
        hash = fnv1a("/", hash);
        std::uint64_t mixed = hash;
        mixed ^= mixed >> 33;
        mixed *= 0xff51afd7ed558ccdULL;
        mixed ^= mixed >> 33;
        for (int i = 0; i < 16 && out.size() < static_cast<std::size_t>(length); ++i, mixed >>= 4) out += kHexDigits[mixed & 15];
    }
    return out;
}

std::string joined_name(std::string_view name, std::string_view suffix, std::size_t limit) {
    std::string out(name.substr(0, std::min(name.size(), limit - std::min(limit, suffix.size() + 1))));
    while (!out.empty() && (out.back() == '-' || out.back() == '.')) out.pop_back();
    out += '-';
    out += suffix;
    return out;
}

}  // namespace kube::controllers
