#include "state/trace.hpp"

#include "base/text.hpp"
#include "base/time_text.hpp"

namespace state {

namespace {

std::string shown(const base::Json& value) {
    std::string text = base::dump_json(value);
    if (text.size() <= Trace::kMaxValueBytes) return text;
    std::size_t end = Trace::kMaxValueBytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // not within a character
    text.resize(end);
    return text + "…";
}

std::string pointer_to(const std::string& parent, const std::string& key) {
    std::string path = parent + '/';
    for (const char c : key) {
        if (c == '~') path += "~0";
        else if (c == '/') path += "~1";
        else path += c;
    }
    return path;
}

void collect(const std::string& path, const base::Json& from, const base::Json& to, std::size_t limit, std::vector<TraceChange>& out) {
    if (out.size() >= limit || from == to) return;
    if (!from.is_object() || !to.is_object()) {
        out.push_back({path, shown(from), shown(to)});
        return;
    }
    for (auto it = from.begin(); it != from.end() && out.size() < limit; ++it) {
        const std::string below = pointer_to(path, it.key());
        const auto other = to.find(it.key());
        if (other == to.end()) out.push_back({below, shown(*it), ""});
        else collect(below, *it, *other, limit, out);
    }
    for (auto it = to.begin(); it != to.end() && out.size() < limit; ++it) {
        if (!from.contains(it.key())) out.push_back({pointer_to(path, it.key()), "", shown(*it)});
    }
}

}  // namespace

std::string_view redacted(std::string_view secret) { return secret.empty() ? "(none)" : "(set)"; }

std::vector<TraceChange> differences(const base::Json& from, const base::Json& to, std::size_t limit) {
    std::vector<TraceChange> changes;
    collect("", from, to, limit, changes);
    return changes;
}

void Trace::record(std::string_view store, std::string_view action, const base::Json& from, const base::Json& to) {
    if (from == to) return;
    if (action.empty()) action = "change";
    const std::int64_t now_ms = clock_.monotonic_ms();
    const bool again = !entries_.empty() && entries_.back().store == store && entries_.back().action == action && now_ms - last_ms_ < kCoalesceMs;
    last_ms_ = now_ms;
    ++version_;
    if (again) {
        TraceEntry& entry = entries_.back();
        ++entry.count;
        entry.unix_ms = clock_.unix_ms();
        entry.changes = differences(before_newest_, to, kMaxChanges);
        return;
    }
    before_newest_ = from;
    entries_.push_back({next_number_++, clock_.unix_ms(), std::string(store), std::string(action), 1, differences(from, to, kMaxChanges)});
}

base::Json Trace::to_json() const {
    base::Json list = base::Json::array();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const TraceEntry& entry = entries_[i];
        base::Json changes = base::Json::array();
        for (const TraceChange& change : entry.changes) changes.push_back({{"path", change.path}, {"from", change.from}, {"to", change.to}});
        list.push_back({{"number", entry.number}, {"time", base::format_rfc3339_nanos(entry.unix_ms, 0)}, {"store", entry.store}, {"action", entry.action},
                        {"count", entry.count}, {"changes", std::move(changes)}});
    }
    return {{"older", entries_.dropped()}, {"entries", std::move(list)}};
}

void Trace::clear() {
    entries_.clear();
    ++version_;
}

}  // namespace state
