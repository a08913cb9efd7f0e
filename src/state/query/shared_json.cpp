#include "state/query/shared_json.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>

namespace state {

namespace {

constexpr std::uint64_t kMixer = 0x9E3779B97F4A7C15ULL;

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
    hash = (hash ^ value) * kMixer;
    return hash ^ (hash >> 29);
}

std::uint64_t hash_text(std::string_view text) {
    std::uint64_t hash = mix(7, text.size());
    const char* at = text.data();
    std::size_t left = text.size();
    for (; left >= 8; at += 8, left -= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, 8);
        hash = mix(hash, word);
    }
    std::uint64_t rest = 0;
    if (left != 0) std::memcpy(&rest, at, left);
    return mix(hash, rest);
}

}  // namespace

// One allocation: the head, then the characters, items or members.
struct alignas(8) SharedJson::Node {
    std::uint64_t hash;  // while a tree is being dropped: the next node of the list of those to be dropped
    std::uint32_t refs;
    std::uint32_t size;
    std::uint16_t depth;
    Kind kind;

    [[nodiscard]] void* payload() { return this + 1; }
    [[nodiscard]] char* text() { return static_cast<char*>(payload()); }
    [[nodiscard]] SharedJson* items() { return static_cast<SharedJson*>(payload()); }
    [[nodiscard]] Member* members() { return static_cast<Member*>(payload()); }
};

struct SharedJsonNodes {
    using Node = SharedJson::Node;
    using Kind = SharedJson::Kind;

    static Node* make(Kind kind, std::size_t size, std::size_t payload_bytes) {
        void* memory = ::operator new(sizeof(Node) + payload_bytes);
        return new (memory) Node{0, 1, static_cast<std::uint32_t>(size), 0, kind};
    }
    static SharedJson own(Node* node) {
        SharedJson value;
        value.kind_ = node->kind;
        value.value_.node = node;
        return value;
    }
    static std::uint16_t deeper(std::uint16_t depth, const SharedJson& child) {
        const std::size_t wanted = child.depth() + 1;
        return std::max(depth, static_cast<std::uint16_t>(std::min<std::size_t>(wanted, 65'535)));
    }
    static SharedJson text(std::string_view text) {
        Node* node = make(Kind::string, text.size(), text.size());
        if (!text.empty()) std::memcpy(node->text(), text.data(), text.size());
        node->hash = hash_text(text);
        return own(node);
    }
    // Takes the items.
    static SharedJson array(SharedJson* items, std::size_t count) {
        Node* node = make(Kind::array, count, count * sizeof(SharedJson));
        std::uint64_t hash = mix(11, count);
        node->depth = 1;
        for (std::size_t i = 0; i < count; ++i) {
            hash = mix(hash, items[i].hash());
            node->depth = deeper(node->depth, items[i]);
            new (node->items() + i) SharedJson(std::move(items[i]));
        }
        node->hash = hash;
        return own(node);
    }
    // Takes the members, which are sorted and unique.
    static SharedJson object(SharedJson::Member* members, std::size_t count) {
        Node* node = make(Kind::object, count, count * sizeof(SharedJson::Member));
        std::uint64_t hash = mix(13, count);
        node->depth = 1;
        for (std::size_t i = 0; i < count; ++i) {
            hash = mix(mix(hash, members[i].name.hash()), members[i].value.hash());
            node->depth = deeper(node->depth, members[i].value);
            new (node->members() + i) SharedJson::Member(std::move(members[i]));
        }
        node->hash = hash;
        return own(node);
    }
    // Drops one reference; true if that was the last.
    static bool dropped(const SharedJson& value) { return value.has_node() && --value.node()->refs == 0; }

    // A whole tree without recursion: its nodes wait in a list that runs through their hash fields.
    static void destroy(Node* first) noexcept {
        first->hash = 0;
        Node* waiting = first;
        const auto push = [&waiting](const SharedJson& child) {
            if (!dropped(child)) return;
            child.node()->hash = reinterpret_cast<std::uintptr_t>(waiting);
            waiting = child.node();
        };
        while (waiting != nullptr) {
            Node* node = waiting;
            waiting = reinterpret_cast<Node*>(static_cast<std::uintptr_t>(node->hash));
            if (node->kind == Kind::array) {
                for (std::uint32_t i = 0; i < node->size; ++i) push(node->items()[i]);
            } else if (node->kind == Kind::object) {
                for (std::uint32_t i = 0; i < node->size; ++i) {
                    push(node->members()[i].name);
                    push(node->members()[i].value);
                }
            }
            ::operator delete(node);
        }
    }
};

using Nodes = SharedJsonNodes;

SharedJson::SharedJson(std::string_view text) { *this = Nodes::text(text); }

void SharedJson::set_unsigned(std::uint64_t value) {
    if (value <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        kind_ = Kind::integer;
        value_.integer = static_cast<std::int64_t>(value);
    } else {
        kind_ = Kind::unsigned_integer;
        value_.unsigned_integer = value;
    }
}

void SharedJson::set_double(double value) {
    if (!std::isfinite(value)) return;  // null
    kind_ = Kind::number;
    value_.number = value == 0 ? 0.0 : value;
}

void SharedJson::retain() const {
    if (has_node()) ++node()->refs;
}

void SharedJson::release() noexcept {
    if (Nodes::dropped(*this)) Nodes::destroy(node());
}

std::uint64_t SharedJson::hash() const {
    if (has_node()) return node()->hash;
    if (kind_ == Kind::null) return kMixer;
    const std::uint64_t bits = kind_ == Kind::number ? std::bit_cast<std::uint64_t>(value_.number) : static_cast<std::uint64_t>(value_.integer);
    return mix(static_cast<std::uint64_t>(kind_) + 17, bits);
}

std::size_t SharedJson::depth() const { return has_node() ? node()->depth : 0; }
std::size_t SharedJson::size() const { return is_array() || is_object() ? node()->size : 0; }

std::span<const SharedJson> SharedJson::items() const {
    if (!is_array()) return {};
    return {node()->items(), node()->size};
}
std::span<const SharedJson::Member> SharedJson::members() const {
    if (!is_object()) return {};
    return {node()->members(), node()->size};
}

const SharedJson* SharedJson::find(std::string_view name) const {
    const auto all = members();
    const auto at = std::lower_bound(all.begin(), all.end(), name, [](const Member& m, std::string_view n) { return m.key() < n; });
    return at != all.end() && at->key() == name ? &at->value : nullptr;
}

namespace {
const SharedJson& null_value() {
    static const SharedJson null;
    return null;
}
}  // namespace

const SharedJson& SharedJson::member(std::string_view name) const {
    const SharedJson* found = find(name);
    return found ? *found : null_value();
}
const SharedJson& SharedJson::item(std::size_t index) const {
    const auto all = items();
    return index < all.size() ? all[index] : null_value();
}

std::string_view SharedJson::string_or(std::string_view fallback) const {
    return is_string() ? std::string_view(node()->text(), node()->size) : fallback;
}
std::int64_t SharedJson::integer_or(std::int64_t fallback) const {
    if (kind_ == Kind::integer) return value_.integer;
    constexpr double kLimit = 9223372036854775808.0;  // 2^63
    if (kind_ == Kind::number && value_.number >= -kLimit && value_.number < kLimit && std::trunc(value_.number) == value_.number) {
        return static_cast<std::int64_t>(value_.number);
    }
    return fallback;
}
double SharedJson::number_or(double fallback) const {
    switch (kind_) {
        case Kind::integer: return static_cast<double>(value_.integer);
        case Kind::unsigned_integer: return static_cast<double>(value_.unsigned_integer);
        case Kind::number: return value_.number;
        default: return fallback;
    }
}
bool SharedJson::boolean_or(bool fallback) const { return kind_ == Kind::boolean ? value_.integer != 0 : fallback; }

SharedJson SharedJson::array(std::vector<SharedJson> items) { return Nodes::array(items.data(), items.size()); }

SharedJson SharedJson::object(std::initializer_list<std::pair<std::string_view, SharedJson>> members) {
    std::vector<Member> made;
    made.reserve(members.size());
    for (const auto& [name, value] : members) made.push_back({SharedJson(name), value});
    return object_of(std::move(made));
}

SharedJson SharedJson::object_of(std::vector<Member> members) {
    const auto less = [](const Member& a, const Member& b) { return a.key() < b.key(); };
    if (!std::is_sorted(members.begin(), members.end(), less)) std::stable_sort(members.begin(), members.end(), less);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (kept != 0 && members[kept - 1].key() == members[i].key()) --kept;  // the last one wins
        if (kept != i) members[kept] = std::move(members[i]);
        ++kept;
    }
    return Nodes::object(members.data(), kept);
}

base::Result<SharedJson> SharedJson::parse(std::string_view text, base::JsonLimits limits) {
    const auto json = base::parse_json(text, limits);
    if (!json) return base::fail(json.error());
    return from(*json);
}

namespace {

// Member names repeat from row to row: the last ones made are used again.
class Names {
public:
    [[nodiscard]] SharedJson get(std::string_view name) {
        SharedJson& slot = slots_[hash_text(name) % slots_.size()];
        if (!slot.is_string() || slot.string_or({}) != name) slot = SharedJson(name);
        return slot;
    }

private:
    std::array<SharedJson, 61> slots_;
};

struct Reading {
    const base::Json* json = nullptr;
    base::Json::const_iterator next{};
    std::vector<SharedJson> items{};
    std::vector<SharedJson::Member> members{};
};

bool is_container(const base::Json& json) { return json.is_array() || json.is_object(); }

SharedJson scalar_from(const base::Json& json) {
    if (const auto* text = json.get_ptr<const base::Json::string_t*>()) return SharedJson(std::string_view(*text));
    if (const auto* flag = json.get_ptr<const base::Json::boolean_t*>()) return SharedJson(*flag);
    if (const auto* number = json.get_ptr<const base::Json::number_unsigned_t*>()) return SharedJson(*number);
    if (const auto* number = json.get_ptr<const base::Json::number_integer_t*>()) return SharedJson(*number);
    if (const auto* number = json.get_ptr<const base::Json::number_float_t*>()) return SharedJson(*number);
    return {};
}

}  // namespace

SharedJson SharedJson::from(const base::Json& json) {
    if (!is_container(json)) return scalar_from(json);
    Names names;
    std::vector<Reading> open;
    const auto enter = [&open](const base::Json& container) {
        open.push_back({&container, container.begin()});
        if (container.is_array()) open.back().items.reserve(container.size());
    };
    enter(json);
    for (;;) {
        Reading& top = open.back();
        if (top.next == top.json->end()) {
            SharedJson done = top.json->is_array() ? Nodes::array(top.items.data(), top.items.size())
                                                   : Nodes::object(top.members.data(), top.members.size());
            open.pop_back();
            if (open.empty()) return done;
            Reading& parent = open.back();
            if (parent.json->is_array()) {
                parent.items.push_back(std::move(done));
            } else {
                parent.members.push_back({names.get(parent.next.key()), std::move(done)});
            }
            ++parent.next;
        } else if (is_container(*top.next)) {
            enter(*top.next);
        } else if (top.json->is_array()) {
            top.items.push_back(scalar_from(*top.next));
            ++top.next;
        } else {
            top.members.push_back({names.get(top.next.key()), scalar_from(*top.next)});
            ++top.next;
        }
    }
}

base::Json SharedJson::to_json() const {
    struct Writing {
        const SharedJson* value;
        base::Json* json;
    };
    base::Json root;
    std::vector<Writing> open{{this, &root}};
    while (!open.empty()) {
        const auto [value, json] = open.back();
        open.pop_back();
        switch (value->kind_) {
            case Kind::null: *json = nullptr; break;
            case Kind::boolean: *json = value->boolean_or(false); break;
            case Kind::integer:
                // As the parser has it: what is not negative is unsigned.
                if (value->value_.integer >= 0) {
                    *json = static_cast<std::uint64_t>(value->value_.integer);
                } else {
                    *json = value->value_.integer;
                }
                break;
            case Kind::unsigned_integer: *json = value->value_.unsigned_integer; break;
            case Kind::number: *json = value->value_.number; break;
            case Kind::string: *json = std::string(value->string_or({})); break;
            case Kind::array: {
                *json = base::Json::array();
                auto& items = *json->get_ptr<base::Json::array_t*>();
                items.resize(value->size());
                for (std::size_t i = 0; i < items.size(); ++i) open.push_back({&value->items()[i], &items[i]});
                break;
            }
            case Kind::object: {
                *json = base::Json::object();
                auto& members = *json->get_ptr<base::Json::object_t*>();
                for (const Member& member : value->members()) open.push_back({&member.value, &members[std::string(member.key())]});
                break;
            }
        }
    }
    return root;
}

std::string SharedJson::text() const {
    std::string out;
    append_text(out);
    return out;
}

void SharedJson::append_text(std::string& out) const {
    struct Open {
        const SharedJson* value;
        std::size_t next;
    };
    std::vector<Open> open;
    const auto write = [&](const SharedJson& value) {
        switch (value.kind_) {
            case Kind::null: out += "null"; break;
            case Kind::boolean: out += value.boolean_or(false) ? "true" : "false"; break;
            case Kind::integer: out += std::to_string(value.value_.integer); break;
            case Kind::unsigned_integer: out += std::to_string(value.value_.unsigned_integer); break;
            case Kind::number: out += base::dump_json(base::Json(value.value_.number)); break;
            case Kind::string: base::append_json_string(out, value.string_or({})); break;
            case Kind::array:
            case Kind::object:
                out.push_back(value.is_array() ? '[' : '{');
                open.push_back({&value, 0});
                break;
        }
    };
    write(*this);
    while (!open.empty()) {
        Open& top = open.back();
        const SharedJson& value = *top.value;
        if (top.next == value.size()) {
            out.push_back(value.is_array() ? ']' : '}');
            open.pop_back();
            continue;
        }
        if (top.next != 0) out.push_back(',');
        const std::size_t index = top.next++;
        if (value.is_array()) {
            write(value.items()[index]);
        } else {
            base::append_json_string(out, value.members()[index].key());
            out.push_back(':');
            write(value.members()[index].value);
        }
    }
}

bool SharedJson::equal_nodes(const SharedJson& a, const SharedJson& b) {
    // Both of one kind, with different nodes. Containers within them wait in a list instead of a recursion.
    std::vector<std::pair<const SharedJson*, const SharedJson*>> waiting;
    const auto differ = [&waiting](const SharedJson& x, const SharedJson& y) {
        if (same(x, y)) return false;
        if (x.kind_ != y.kind_ || !x.has_node() || x.node()->hash != y.node()->hash || x.node()->size != y.node()->size) return true;
        if (x.is_string()) return x.string_or({}) != y.string_or({});
        waiting.emplace_back(&x, &y);
        return false;
    };
    if (differ(a, b)) return false;
    while (!waiting.empty()) {
        const auto [x, y] = waiting.back();
        waiting.pop_back();
        for (std::size_t i = 0; i < x->items().size(); ++i) {
            if (differ(x->items()[i], y->items()[i])) return false;
        }
        for (std::size_t i = 0; i < x->members().size(); ++i) {
            const Member& m = x->members()[i];
            const Member& n = y->members()[i];
            if (differ(m.name, n.name) || differ(m.value, n.value)) return false;
        }
    }
    return true;
}

}  // namespace state
