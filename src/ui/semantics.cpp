#include "ui/semantics.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace ui {

namespace {

// What is always there: landmarks and what is announced.
bool is_structural(Role role, std::uint32_t flags) {
    if ((flags & kLive) != 0) return true;
    switch (role) {
        case Role::region:
        case Role::navigation:
        case Role::main:
        case Role::status:
        case Role::alert:
        case Role::dialog:
        case Role::heading: return true;
        default: return false;
    }
}

struct Hash {
    std::uint64_t value = 1469598103934665603ULL;
    void add(std::uint64_t x) {
        value ^= x;
        value *= 1099511628211ULL;
        value ^= value >> 29;
    }
    void add(float x) { add(std::uint64_t{std::bit_cast<std::uint32_t>(x)}); }
    void add(std::string_view text) {
        add(std::uint64_t{text.size()});
        for (const char c : text) {
            value ^= static_cast<unsigned char>(c);
            value *= 1099511628211ULL;
        }
    }
};

std::uint64_t hash_of(const std::vector<SemanticRecord>& records) {
    Hash hash;
    for (const SemanticRecord& r : records) {
        hash.add(std::uint64_t{r.id} << 32 | r.parent);
        hash.add(std::uint64_t{static_cast<std::uint8_t>(r.role)} << 32 | r.flags);
        hash.add(r.rect.x);
        hash.add(r.rect.y);
        hash.add(r.rect.w);
        hash.add(r.rect.h);
        hash.add(r.value_min);
        hash.add(r.value_max);
        hash.add(r.value_now);
        hash.add(r.name);
        hash.add(r.value);
        hash.add(r.description);
    }
    return hash.value;
}

constexpr int kActionFrames = 2;

}  // namespace

bool Semantics::wants(Role role, std::uint32_t flags) const { return full_ || is_structural(role, flags); }

void Semantics::begin_frame() {
    records_.clear();
    parents_.clear();
    seen_.clear();
}

std::uint32_t Semantics::unique_id(std::uint32_t id) {
    // Plain texts repeat (two "Pods" labels); a repeated id gets a stable successor, so the mirror can key by id.
    auto [entry, is_new] = seen_.try_emplace(id, 0);
    if (is_new) return id;
    std::uint32_t candidate = id;
    do {
        ++entry->second;
        candidate = id ^ (static_cast<std::uint32_t>(entry->second) * 2654435761U);
    } while (seen_.contains(candidate));
    seen_.emplace(candidate, 0);
    return candidate;
}

void Semantics::push(SemanticRecord record) {
    if (!wants(record.role, record.flags)) return;
    record.id = unique_id(record.id);
    if (record.parent == 0 && !parents_.empty()) record.parent = parents_.back();
    records_.push_back(std::move(record));
}

void Semantics::begin_group(SemanticRecord record) {
    if (!wants(record.role, record.flags)) {
        parents_.push_back(parents_.empty() ? 0 : parents_.back());
        return;
    }
    record.id = unique_id(record.id);
    if (record.parent == 0 && !parents_.empty()) record.parent = parents_.back();
    parents_.push_back(record.id);
    records_.push_back(std::move(record));
}

void Semantics::end_group() {
    if (!parents_.empty()) parents_.pop_back();
}

bool Semantics::finish_frame() {
    const std::uint64_t hash = hash_of(records_);
    if (hash == last_hash_) return false;
    last_hash_ = hash;
    ++version_;
    return true;
}

void Semantics::post_action(SemanticAction action) {
    if (actions_.empty()) action_age_ = 0;
    actions_.push_back(std::move(action));
}

bool Semantics::take_action(std::uint32_t id, ActionKind kind, SemanticAction& out) {
    const auto found = std::find_if(actions_.begin(), actions_.end(),
                                    [&](const SemanticAction& a) { return a.id == id && a.kind == kind; });
    if (found == actions_.end()) return false;
    out = std::move(*found);
    actions_.erase(found);
    return true;
}

void Semantics::expire_actions() {
    if (actions_.empty()) {
        action_age_ = 0;
    } else if (++action_age_ >= kActionFrames) {
        actions_.clear();
        action_age_ = 0;
    }
}

const SemanticRecord* Semantics::find(std::uint32_t id) const {
    const auto found = std::find_if(records_.begin(), records_.end(), [id](const SemanticRecord& r) { return r.id == id; });
    return found == records_.end() ? nullptr : &*found;
}

const SemanticRecord* Semantics::find(Role role, std::string_view name) const {
    const auto found = std::find_if(records_.begin(), records_.end(),
                                    [&](const SemanticRecord& r) { return r.role == role && r.name == name; });
    return found == records_.end() ? nullptr : &*found;
}

std::string_view role_word(Role role) {
    switch (role) {
        case Role::none: return "none";
        case Role::button: return "button";
        case Role::link: return "link";
        case Role::checkbox: return "checkbox";
        case Role::switch_: return "switch";
        case Role::radio: return "radio";
        case Role::tab: return "tab";
        case Role::textbox: return "textbox";
        case Role::searchbox: return "searchbox";
        case Role::slider: return "slider";
        case Role::combobox: return "combobox";
        case Role::option: return "option";
        case Role::menu: return "menu";
        case Role::menuitem: return "menuitem";
        case Role::dialog: return "dialog";
        case Role::region: return "region";
        case Role::navigation: return "navigation";
        case Role::main: return "main";
        case Role::toolbar: return "toolbar";
        case Role::tablist: return "tablist";
        case Role::list: return "list";
        case Role::listitem: return "listitem";
        case Role::tree: return "tree";
        case Role::treeitem: return "treeitem";
        case Role::grid: return "grid";
        case Role::row: return "row";
        case Role::cell: return "cell";
        case Role::log: return "log";
        case Role::status: return "status";
        case Role::alert: return "alert";
        case Role::heading: return "heading";
        case Role::text: return "text";
        case Role::img: return "img";
        case Role::separator: return "separator";
        case Role::progressbar: return "progressbar";
        case Role::group: return "group";
        case Role::node: return "node";
        case Role::edge: return "edge";
    }
    return "none";
}

}  // namespace ui
