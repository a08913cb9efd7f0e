#include "state/persist.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"

namespace state {

namespace {

constexpr std::string_view kKeptSuffix = ".kept";

// "<key>.v3.kept" or "<key>.broken.kept"
bool is_kept_copy(std::string_view name, std::string_view key) {
    if (!name.starts_with(key) || !name.ends_with(kKeptSuffix) || name.size() < key.size() + kKeptSuffix.size()) return false;
    name.remove_prefix(key.size());
    name.remove_suffix(kKeptSuffix.size());
    return name == ".broken" || (name.starts_with(".v") && base::parse_integer<int>(name.substr(2)).has_value());
}

}  // namespace

std::string write_envelope(const base::Json& state, int version) {
    return "{\"state\":" + base::dump_json(state) + ",\"version\":" + std::to_string(version) + "}";
}

base::Result<Envelope> read_envelope(std::string_view text, int missing_version) {
    auto json = base::parse_json(text);
    if (!json) return base::fail(json.error());
    if (!json->is_object()) return base::fail(base::ErrorCode::protocol, "no object");
    const auto stored_state = json->find("state");
    if (stored_state == json->end()) return base::fail(base::ErrorCode::protocol, "no \"state\"");
    Envelope envelope{.state = std::move(*stored_state), .version = missing_version};
    const auto stored_version = json->find("version");
    if (stored_version == json->end()) return envelope;
    // Non-negative integers are unsigned to nlohmann.
    const auto* number = stored_version->get_ptr<const base::Json::number_unsigned_t*>();
    if (number == nullptr || *number > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
        return base::fail(base::ErrorCode::protocol, "\"version\" is no version");
    }
    envelope.version = static_cast<int>(*number);
    return envelope;
}

base::Result<Envelope> migrate(Envelope envelope, int version, const std::vector<Migration>& migrations) {
    while (envelope.version < version) {
        const auto step = std::ranges::find(migrations, envelope.version, &Migration::from);
        if (step == migrations.end()) {
            return base::fail(base::ErrorCode::conflict, "no migration from version " + std::to_string(envelope.version));
        }
        auto next = step->run(std::move(envelope.state));
        if (!next) return base::fail(next.error());
        envelope.state = std::move(*next);
        ++envelope.version;
    }
    return envelope;
}

Hydration PersistHub::start(std::unique_ptr<Binding> binding) {
    Binding& bound = *binding;
    bindings_.push_back(std::move(binding));
    return hydrate(bound);
}

Hydration PersistHub::hydrate(Binding& binding) {
    const auto restore = [&](const base::Json& json) {
        binding.from_json(json);
        binding.saved_text = write_envelope(binding.to_json(), binding.version);
        binding.is_dirty = false;
    };
    // What the state serialises to now counts as saved: only changes from here on are written.
    binding.saved_text = write_envelope(binding.to_json(), binding.version);

    auto stored = storage_.get(binding.key);
    if (!stored) {
        report_storage_error(binding.key, stored.error());
        binding.write_failed = true;
        return Hydration::unavailable;
    }
    if (!*stored) return Hydration::fresh;
    const std::string& text = **stored;

    auto envelope = read_envelope(text, binding.version);
    if (!envelope) {
        return keep_aside(binding, text, ".broken", PersistNotice::Kind::broken_kept,
                          "Saved settings could not be read (" + envelope.error().message + "); a copy was kept");
    }
    const int stored_version = envelope->version;
    const std::string suffix = ".v" + std::to_string(stored_version);
    if (stored_version > binding.version) {
        return keep_aside(binding, text, suffix, PersistNotice::Kind::newer_kept,
                          "Saved settings come from a newer Binnacle; they were kept and defaults are used");
    }
    auto current = migrate(std::move(*envelope), binding.version, binding.migrations);
    if (!current) {
        return keep_aside(binding, text, suffix, PersistNotice::Kind::migration_failed,
                          "Saved settings of an older Binnacle could not be used (" + current.error().message + "); a copy was kept");
    }
    restore(current->state);
    if (stored_version == binding.version) return Hydration::restored;
    binding.saved_text.clear();  // the storage still holds the old form
    mark_dirty(binding);
    return Hydration::migrated;
}

Hydration PersistHub::keep_aside(Binding& binding, const std::string& text, const std::string& suffix, PersistNotice::Kind kind,
                                 const std::string& message) {
    const auto kept = storage_.set(binding.key + suffix + std::string(kKeptSuffix), text);
    if (!kept) {
        binding.read_only = true;
        report_storage_error(binding.key, kept.error());
    }
    report(kind, binding.key, message);
    return Hydration::kept_aside;
}

void PersistHub::mark_dirty(Binding& binding) {
    if (binding.is_dirty) return;
    const bool first = !dirty();
    binding.is_dirty = true;
    if (first && callbacks_.on_dirty) callbacks_.on_dirty();
}

// What another tab wrote since this one last read or wrote: its members win where nothing changed here.
void PersistHub::merge_foreign(Binding& binding) {
    if (binding.atomic || binding.saved_text.empty()) return;
    const auto stored = storage_.get(binding.key);
    if (!stored || !*stored || **stored == binding.saved_text) return;
    const auto theirs = read_envelope(**stored, binding.version);
    const auto before = read_envelope(binding.saved_text, binding.version);
    if (!theirs || !before || theirs->version != binding.version) return;
    base::Json merged = binding.to_json();
    if (!merged.is_object() || !theirs->state.is_object() || !before->state.is_object()) return;
    for (auto it = theirs->state.begin(); it != theirs->state.end(); ++it) {
        const auto mine = merged.find(it.key());
        const auto was = before->state.find(it.key());
        const bool unchanged = mine == merged.end() ? was == before->state.end() : was != before->state.end() && *mine == *was;
        if (unchanged) merged[it.key()] = *it;
    }
    binding.from_json(merged);
    binding.is_dirty = false;
}

std::size_t PersistHub::flush() {
    std::size_t written = 0;
    // By index: a notice callback may bind another store.
    for (std::size_t i = 0; i < bindings_.size(); ++i) {
        Binding& binding = *bindings_[i];
        if (!binding.is_dirty) continue;
        binding.is_dirty = false;
        if (binding.read_only) continue;
        merge_foreign(binding);
        std::string text = write_envelope(binding.to_json(), binding.version);
        if (text == binding.saved_text && !binding.write_failed) continue;
        const auto result = storage_.set(binding.key, text);
        binding.write_failed = !result;
        if (result) {
            binding.saved_text = std::move(text);
            ++written;
            ++writes_;
        } else {
            report_storage_error(binding.key, result.error());
        }
    }
    return written;
}

bool PersistHub::dirty() const {
    return std::ranges::any_of(bindings_, [](const auto& binding) { return binding->is_dirty; });
}

Hydration PersistHub::reload(std::string_view key) {
    Binding* binding = find(key);
    if (binding == nullptr) return Hydration::fresh;
    // Another member of the store may have changed that this key does not keep.
    if (!binding->is_dirty || write_envelope(binding->to_json(), binding->version) == binding->saved_text) return hydrate(*binding);
    merge_foreign(*binding);
    binding->is_dirty = true;
    return Hydration::restored;
}

void PersistHub::erase(std::string_view key) {
    if (Binding* binding = find(key)) {
        binding->is_dirty = false;
        binding->read_only = false;
        binding->saved_text = write_envelope(binding->to_json(), binding->version);
    }
    if (const auto removed = storage_.remove(key); !removed) report_storage_error(std::string(key), removed.error());
    const auto names = storage_.keys();
    if (!names) return;
    for (const std::string& name : *names) {
        if (!is_kept_copy(name, key)) continue;
        if (const auto removed = storage_.remove(name); !removed) report_storage_error(std::string(key), removed.error());
    }
}

bool PersistHub::degraded() const {
    return std::ranges::any_of(bindings_, [](const auto& binding) { return binding->write_failed || binding->read_only; });
}

PersistHub::Binding* PersistHub::find(std::string_view key) {
    const auto found = std::ranges::find_if(bindings_, [&](const auto& binding) { return binding->key == key; });
    return found == bindings_.end() ? nullptr : found->get();
}

void PersistHub::report(PersistNotice::Kind kind, const std::string& key, std::string message) {
    if (!reported_.insert(kind).second || !callbacks_.on_notice) return;
    callbacks_.on_notice({kind, key, std::move(message)});
}

void PersistHub::report_storage_error(const std::string& key, const base::Error& error) {
    switch (error.code) {
        case base::ErrorCode::quota:
            report(PersistNotice::Kind::storage_full, key, "The browser's storage is full: settings last until the page is closed");
            return;
        case base::ErrorCode::forbidden:
            report(PersistNotice::Kind::storage_denied, key, "This page may not store anything: settings last until it is closed");
            return;
        default:
            report(PersistNotice::Kind::storage_failed, key, "Settings could not be saved: " + error.message);
    }
}

}  // namespace state
