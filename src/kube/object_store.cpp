#include "kube/object_store.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <deque>
#include <map>
#include <span>
#include <utility>

#include "base/time_text.hpp"

namespace kube {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

const Json* find(const Json& object, std::string_view name) {
    if (!object.is_object()) return nullptr;
    const auto it = object.find(name);
    return it == object.end() ? nullptr : &*it;
}

std::string_view text_of(const Json* value) {
    if (!value || !value->is_string()) return {};
    return value->get_ref<const std::string&>();
}

std::string_view meta_text(const Json& object, std::string_view name) {
    const Json* metadata = find(object, "metadata");
    return metadata ? text_of(find(*metadata, name)) : std::string_view{};
}

bool has_entries(const Json* list) { return list && list->is_array() && !list->empty(); }

// Graceful deletion is over: marked, no grace left, nobody holds it. A namespace is held by spec.finalizers.
bool is_finished(const ObjectKey& key, const Json& object) {
    const Json* metadata = find(object, "metadata");
    if (!metadata || text_of(find(*metadata, "deletionTimestamp")).empty()) return false;
    if (has_entries(find(*metadata, "finalizers"))) return false;
    if (const Json* grace = find(*metadata, "deletionGracePeriodSeconds"); grace && grace->is_number() && *grace != 0) return false;
    if (key.resource == "namespaces") {
        if (const Json* spec = find(object, "spec"); spec && has_entries(find(*spec, "finalizers"))) return false;
    }
    return true;
}

// Everything but metadata and status, compared in place.
bool spec_differs(const Json& a, const Json& b) {
    const auto counts = [](std::string_view name) { return name != "metadata" && name != "status"; };
    for (const auto& [name, value] : a.items()) {
        if (!counts(name)) continue;
        const Json* other = find(b, name);
        if (!other || *other != value) return true;
    }
    for (const auto& [name, value] : b.items()) {
        if (counts(name) && !find(a, name)) return true;
    }
    return false;
}

std::string describe(const ObjectKey& key) { return key.resource + " \"" + key.name + "\""; }

}  // namespace

std::string make_uid(base::Random& random) {
    std::array<std::uint8_t, 16> bytes{};
    random.fill(bytes);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);  // version 4, RFC 9562
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
    std::string uid;
    uid.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) uid += '-';
        uid += kHexDigits[bytes[i] >> 4];
        uid += kHexDigits[bytes[i] & 15];
    }
    return uid;
}

class ObjectStore::Impl {
public:
    struct Listener {
        std::string resource;
        std::uint64_t since = 0;  // told of events after this version
        base::UniqueFunction<void(const StoreEvent&)> callback;
        bool active = true;
    };

    // Shared with posted tasks and subscriptions, which may outlive the store.
    struct Broadcast {
        std::vector<std::shared_ptr<Listener>> listeners;
        std::deque<StoreEvent> pending;
        bool posted = false;
    };

    class Registration final : public Subscription::Impl {
    public:
        Registration(std::weak_ptr<Broadcast> broadcast, std::shared_ptr<Listener> listener)
            : broadcast_(std::move(broadcast)), listener_(std::move(listener)) {}
        ~Registration() override {
            listener_->active = false;
            if (auto broadcast = broadcast_.lock()) std::erase(broadcast->listeners, listener_);
        }

    private:
        std::weak_ptr<Broadcast> broadcast_;
        std::shared_ptr<Listener> listener_;
    };

    Impl(base::Scheduler& scheduler, base::Random& random, std::size_t history_limit)
        : scheduler_(scheduler), random_(random), history_limit_(std::max<std::size_t>(history_limit, 1)) {}

    base::Result<ObjectPtr> create(const ObjectKey& key, Json object) {
        if (!object.is_object()) return base::fail(base::ErrorCode::invalid_argument, "not an object");
        if (objects_.contains(key)) return base::fail(base::ErrorCode::conflict, describe(key) + " already exists");
        Json& metadata = object["metadata"];
        if (!metadata.is_object()) metadata = Json::object();
        metadata["name"] = key.name;
        if (key.ns.empty()) {
            metadata.erase("namespace");
        } else {
            metadata["namespace"] = key.ns;
        }
        if (text_of(find(metadata, "uid")).empty()) metadata["uid"] = make_uid(random_);
        metadata["creationTimestamp"] = base::format_rfc3339(scheduler_.clock().unix_ms());
        metadata["generation"] = 1;
        return write(EventType::added, key, std::move(object), nullptr);
    }

    base::Result<ObjectPtr> update(const ObjectKey& key, Json object) {
        if (!object.is_object()) return base::fail(base::ErrorCode::invalid_argument, "not an object");
        const auto it = objects_.find(key);
        if (it == objects_.end()) return base::fail(base::ErrorCode::not_found, describe(key) + " not found");
        const ObjectPtr previous = it->second;
        Json& metadata = object["metadata"];
        if (!metadata.is_object()) metadata = Json::object();
        const Json& old_metadata = (*previous)["metadata"];
        if (const auto asked = text_of(find(metadata, "resourceVersion"));
            !asked.empty() && asked != text_of(find(old_metadata, "resourceVersion"))) {
            return base::fail(base::ErrorCode::conflict, describe(key) + " was changed by somebody else",
                              "read the newest version, apply the change to it and try again");
        }
        for (const char* kept : {"name", "namespace", "uid", "creationTimestamp", "generation", "resourceVersion"}) {
            if (const Json* value = find(old_metadata, kept)) {
                metadata[kept] = *value;
            } else {
                metadata.erase(kept);
            }
        }
        if (object == *previous) return previous;
        if (is_finished(key, object)) return erase(key, std::move(object));
        if (spec_differs(*previous, object)) {
            const Json* generation = find(old_metadata, "generation");
            metadata["generation"] = (generation && generation->is_number_integer() ? generation->get<std::int64_t>() : 0) + 1;
        }
        return write(EventType::modified, key, std::move(object), previous);
    }

    base::Result<ObjectPtr> modify(const ObjectKey& key, const std::function<void(Json&)>& change) {
        const auto it = objects_.find(key);
        if (it == objects_.end()) return base::fail(base::ErrorCode::not_found, describe(key) + " not found");
        Json copy = *it->second;
        change(copy);
        return update(key, std::move(copy));
    }

    // `last` is the final state to report.
    base::Result<ObjectPtr> erase(const ObjectKey& key, Json last) {
        const auto it = objects_.find(key);
        const ObjectPtr previous = it->second;
        objects_.erase(it);
        ++version_;
        last["metadata"]["resourceVersion"] = std::to_string(version_);
        auto object = std::make_shared<const Json>(std::move(last));
        record({EventType::deleted, key, object, previous, version_});
        return object;
    }

    base::Result<ObjectPtr> write(EventType type, const ObjectKey& key, Json object, ObjectPtr previous) {
        ++version_;
        object["metadata"]["resourceVersion"] = std::to_string(version_);
        auto shared = std::make_shared<const Json>(std::move(object));
        objects_[key] = shared;
        record({type, key, shared, std::move(previous), version_});
        return shared;
    }

    void record(StoreEvent event) {
        broadcast_->pending.push_back(event);
        history_.push_back(std::move(event));
        while (history_.size() > history_limit_) {
            compacted_ = history_.front().resource_version;
            history_.pop_front();
        }
        if (broadcast_->posted) return;
        broadcast_->posted = true;
        scheduler_.post([weak = std::weak_ptr<Broadcast>(broadcast_)] {
            if (auto broadcast = weak.lock()) deliver(*broadcast);
        });
    }

    // Events written by listeners during the round are posted anew, so one round is bounded.
    static void deliver(Broadcast& broadcast) {
        broadcast.posted = false;
        auto events = std::exchange(broadcast.pending, {});
        for (const StoreEvent& event : events) {
            const auto listeners = broadcast.listeners;
            for (const auto& listener : listeners) {
                if (!listener->active || event.resource_version <= listener->since) continue;
                if (listener->resource.empty() || listener->resource == event.key.resource) listener->callback(event);
            }
        }
    }

    base::Scheduler& scheduler_;
    base::Random& random_;
    std::size_t history_limit_;
    std::map<ObjectKey, ObjectPtr> objects_;  // ordered by resource, namespace, name
    std::deque<StoreEvent> history_;          // ordered by resource_version
    std::uint64_t version_ = 0;
    std::uint64_t compacted_ = 0;
    std::shared_ptr<Broadcast> broadcast_ = std::make_shared<Broadcast>();
};

ObjectStore::ObjectStore(base::Scheduler& scheduler, base::Random& random, std::size_t history_limit)
    : impl_(std::make_unique<Impl>(scheduler, random, history_limit)) {}

ObjectStore::~ObjectStore() = default;

ObjectPtr ObjectStore::get(const ObjectKey& key) const {
    const auto it = impl_->objects_.find(key);
    return it == impl_->objects_.end() ? nullptr : it->second;
}

std::vector<ObjectPtr> ObjectStore::list(std::string_view resource, std::string_view ns) const {
    std::vector<ObjectPtr> found;
    for (auto it = impl_->objects_.lower_bound(ObjectKey{std::string(resource), std::string(ns), {}});
         it != impl_->objects_.end() && it->first.resource == resource && (ns.empty() || it->first.ns == ns); ++it) {
        found.push_back(it->second);
    }
    return found;
}

std::vector<std::string> ObjectStore::resources() const {
    std::vector<std::string> names;
    auto it = impl_->objects_.begin();
    while (it != impl_->objects_.end()) {
        names.push_back(it->first.resource);
        // The first key of any later resource: no resource name continues with a zero byte.
        it = impl_->objects_.lower_bound(ObjectKey{names.back() + '\0', {}, {}});
    }
    return names;
}

base::Result<ObjectPtr> ObjectStore::create(const ObjectKey& key, Json object) { return impl_->create(key, std::move(object)); }

base::Result<ObjectPtr> ObjectStore::update(const ObjectKey& key, Json object) { return impl_->update(key, std::move(object)); }

base::Result<ObjectPtr> ObjectStore::modify(const ObjectKey& key, const std::function<void(Json&)>& change) {
    return impl_->modify(key, change);
}

base::Result<ObjectPtr> ObjectStore::remove(const ObjectKey& key) {
    const auto it = impl_->objects_.find(key);
    if (it == impl_->objects_.end()) return base::fail(base::ErrorCode::not_found, describe(key) + " not found");
    return impl_->erase(key, *it->second);
}

std::uint64_t ObjectStore::resource_version() const { return impl_->version_; }

std::uint64_t ObjectStore::compacted_version() const { return impl_->compacted_; }

std::optional<std::vector<StoreEvent>> ObjectStore::events_after(std::string_view resource, std::uint64_t after) const {
    if (after < impl_->compacted_) return std::nullopt;
    const auto& history = impl_->history_;
    auto it = std::upper_bound(history.begin(), history.end(), after,
                               [](std::uint64_t version, const StoreEvent& event) { return version < event.resource_version; });
    std::vector<StoreEvent> events;
    for (; it != history.end(); ++it) {
        if (resource.empty() || it->key.resource == resource) events.push_back(*it);
    }
    return events;
}

Subscription ObjectStore::subscribe(std::string_view resource, base::UniqueFunction<void(const StoreEvent&)> listener) {
    auto entry = std::make_shared<Impl::Listener>();
    entry->resource = resource;
    entry->since = impl_->version_;
    entry->callback = std::move(listener);
    impl_->broadcast_->listeners.push_back(entry);
    return Subscription(std::make_unique<Impl::Registration>(impl_->broadcast_, std::move(entry)));
}

void ObjectStore::compact() {
    impl_->history_.clear();
    impl_->compacted_ = impl_->version_;
}

Json ObjectStore::to_json() const {
    Json objects = Json::array();
    for (const auto& [key, object] : impl_->objects_) {
        objects.push_back(Json{{"resource", key.resource}, {"object", *object}});
    }
    return Json{{"resourceVersion", impl_->version_}, {"objects", std::move(objects)}};
}

base::Result<void> ObjectStore::from_json(const Json& snapshot) {
    const auto bad = [](std::string message) {
        return base::fail(base::ErrorCode::invalid_argument, "not a cluster snapshot: " + std::move(message));
    };
    const Json* version = find(snapshot, "resourceVersion");
    const Json* objects = find(snapshot, "objects");
    if (!version || !version->is_number_unsigned()) return bad("resourceVersion is not a number");
    if (!objects || !objects->is_array()) return bad("objects is not an array");
    std::map<ObjectKey, ObjectPtr> restored;
    auto newest = version->get<std::uint64_t>();
    for (const Json& entry : *objects) {
        const auto resource = text_of(find(entry, "resource"));
        const Json* object = find(entry, "object");
        if (resource.empty() || !object || !object->is_object()) return bad("an entry has no resource or object");
        ObjectKey key{std::string(resource), std::string(meta_text(*object, "namespace")), std::string(meta_text(*object, "name"))};
        const auto own_version = meta_text(*object, "resourceVersion");
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(own_version.data(), own_version.data() + own_version.size(), number);
        if (key.name.empty() || error != std::errc{} || end != own_version.data() + own_version.size()) {
            return bad("an object has no name or resourceVersion");
        }
        newest = std::max(newest, number);
        restored[std::move(key)] = std::make_shared<const Json>(*object);
    }
    impl_->objects_ = std::move(restored);
    impl_->version_ = newest;
    compact();
    return {};
}

}  // namespace kube
