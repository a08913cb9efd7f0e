#include "model/watched_list.hpp"

#include <utility>
#include <vector>

namespace model {

using net::WatchChange;
using state::SharedJson;

WatchedList::WatchedList(net::WatchManager& watches, state::QueryClient& queries, base::Scheduler& scheduler, WatchedListOptions options)
    : scheduler_(scheduler), options_(std::move(options)), writer_(queries.writer()),
      refresh_(scheduler, options_.debounce_ms, options_.throttle_ms, [this] { writer_.invalidate(options_.key); }) {
    net::WatchCallbacks callbacks;
    callbacks.on_synced = [this](const net::WatchedObjects& all, bool first) { synced(all, first); };
    callbacks.on_event = [this](WatchChange change, const net::WatchedPtr& object) { changed(change, *object); };
    callbacks.on_state = [this](const net::WatchState& now) {
        state_ = now;
        if (on_state_) on_state_();
    };
    subscription_ = watches.subscribe(options_.spec, std::move(callbacks));
}

SharedJson WatchedList::item_of(const net::WatchedObject& object) {
    SharedJson item;
    if (options_.item) {
        item = options_.item(object);
    } else if (auto whole = SharedJson::parse(object.text)) {
        item = std::move(*whole);
    }
    if (item.is_object() && item.find(options_.item_key) == nullptr) item = item.with(options_.item_key, object.key());
    return item;
}

void WatchedList::synced(const net::WatchedObjects& all, bool first) {
    if (options_.patch == WatchedListOptions::Patch::modified) {
        if (first && !options_.skip_initial_sync) refresh_.request();
        return;
    }
    // A later snapshot has been told as changes.
    if (!first || options_.update) return;
    std::vector<SharedJson> items;
    for (const auto& [key, object] : all) {
        if (SharedJson item = item_of(*object); !item.is_null()) items.push_back(std::move(item));
    }
    const SharedJson list = SharedJson::array(std::move(items));
    writer_.update_data(options_.key, [&](const std::optional<SharedJson>& cached) -> std::optional<SharedJson> {
        if (cached && *cached == list) return std::nullopt;
        return list;
    });
}

void WatchedList::changed(WatchChange change, const net::WatchedObject& object) {
    const std::string key = object.key();
    SharedJson item = item_of(object);
    if (options_.patch == WatchedListOptions::Patch::modified && change != WatchChange::modified) {
        waiting_.erase(key);
        return refresh_.request();
    }
    if (item.is_null()) change = WatchChange::deleted;
    waiting_.insert_or_assign(key, Change{change, std::move(item)});
    if (!batch_timer_.pending()) batch_timer_ = scheduler_.after(kBatchMs, [this] { flush(); });
}

SharedJson WatchedList::applied(const SharedJson& cached, const std::string& key, const Change& change) {
    if (options_.update) return options_.update(cached, change.change, change.item);
    const SharedJson& id = change.item.is_object() ? change.item.member(options_.item_key) : SharedJson();
    if (change.change == WatchChange::deleted) return cached.without_item_by(options_.item_key, id.is_null() ? SharedJson(key) : id);
    return cached.with_item_by(options_.item_key, change.item);
}

void WatchedList::flush() {
    bool unknown = false;
    const auto changes = std::exchange(waiting_, {});
    writer_.update_data(options_.key, [&](const std::optional<SharedJson>& cached) -> std::optional<SharedJson> {
        if (!cached) return std::nullopt;  // nobody has read it yet: its fetch will have this
        SharedJson next = *cached;
        for (const auto& [key, change] : changes) {
            if (options_.patch == WatchedListOptions::Patch::modified && !options_.update) {
                bool has = false;
                for (const SharedJson& item : next.items()) has = has || item.member(options_.item_key) == change.item.member(options_.item_key);
                unknown = unknown || !has;
                if (!has) continue;
            }
            next = applied(next, key, change);
        }
        return next;
    });
    if (unknown) refresh_.request();
}

}  // namespace model
