// Persist: keeps stores across reloads, one storage key per store, {"state":...,"version":n}.
//
//   state::PersistHub persist(local_storage, {.on_notice = [](const state::PersistNotice& n) { toasts.warn(n.message); },
//                                             .on_dirty = [] { request_frame(); }});
//   persist.bind(panels, {.key = "binnacle.panels",
//                         .version = 2,
//                         .to_json = [](const Panels& p) { return base::Json{{"dock", p.dock_px}}; },   // what to keep
//                         .from_json = [](const base::Json& json, Panels current) {                     // tolerant: over current
//                             wire::JsonErrors ignored; wire::JsonReader r(json, ignored);
//                             current.dock_px = r.integer_or("dock", current.dock_px, {.min = 80, .max = 2000});
//                             return current; },
//                         .migrations = {{1, [](base::Json old) -> base::Result<base::Json> { ... }}}}); // version 1 -> 2
//   persist.flush();      // once at the end of a frame, and on pagehide
//
// Promises
//   - bind() reads at once; hydrating writes nothing, except that migrated state is written back by the next flush().
//   - flush() writes each changed store once, however many updates there were; a change in what to_json leaves out writes nothing.
//   - Nothing readable is lost. State of a newer version, state that no migration leads from, and state whose migration fails move to
//     "<key>.v<n>.kept", broken text to "<key>.broken.kept"; the store starts from its current value. If even that copy cannot be
//     written, the key is left as it is and this session keeps the store in memory.
//   - A full or denied storage never stops the application: the store lives on in memory, degraded() says so, and one notice per
//     kind is given in all. A full storage is tried again with the next change.
//   - Another tab may have written the same key since: then members that did not change here are taken from there before writing, so
//     a stale copy never overwrites what it does not touch. State that belongs together says `atomic`: then the last writer wins whole.
//   - An envelope without a version is taken as of the current one. Migrations are pure and run one version at a time.
//
// Stores must outlive the hub. Never bind secrets or log buffers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/unique_function.hpp"
#include "state/storage.hpp"
#include "state/store.hpp"

namespace state {

// Turns the "state" of version `from` into that of `from` + 1.
struct Migration {
    int from = 0;
    std::function<base::Result<base::Json>(base::Json)> run = {};
};

template <class T>
struct PersistSchema {
    std::string key = {};
    int version = 1;  // >= 1
    std::function<base::Json(const T&)> to_json = {};
    std::function<T(const base::Json&, T current)> from_json = {};
    std::vector<Migration> migrations = {};
    bool atomic = false;
};

struct PersistNotice {
    enum class Kind : std::uint8_t {
        storage_full,      // not saved; in memory only until room is made
        storage_denied,    // this page may not store anything
        storage_failed,    // any other storage error
        newer_kept,        // written by a newer Binnacle, kept aside
        broken_kept,       // unreadable, kept aside
        migration_failed,  // old state that could not be brought up to date, kept aside
    };
    Kind kind;
    std::string key;      // of the first store it happened to
    std::string message;  // for the user
};

enum class Hydration : std::uint8_t {
    fresh,        // nothing was stored
    restored,
    migrated,
    kept_aside,   // something was stored that this version cannot use
    unavailable,  // the storage cannot be read
};

// The envelope and its migrations, apart from any store: what golden files test.
struct Envelope {
    base::Json state;
    int version = 0;
};
[[nodiscard]] std::string write_envelope(const base::Json& state, int version);
// `missing_version` is what an envelope without a version gets.
[[nodiscard]] base::Result<Envelope> read_envelope(std::string_view text, int missing_version);
// Brings `envelope` to `version`; conflict when no chain of migrations leads there.
[[nodiscard]] base::Result<Envelope> migrate(Envelope envelope, int version, const std::vector<Migration>& migrations);

class PersistHub {
public:
    struct Callbacks {
        base::UniqueFunction<void(const PersistNotice&)> on_notice = {};
        base::UniqueFunction<void()> on_dirty = {};  // when the first store became dirty since the last flush()
    };

    explicit PersistHub(KeyValueStorage& storage) : PersistHub(storage, Callbacks{}) {}
    PersistHub(KeyValueStorage& storage, Callbacks callbacks) : storage_(storage), callbacks_(std::move(callbacks)) {}
    PersistHub(const PersistHub&) = delete;
    PersistHub& operator=(const PersistHub&) = delete;

    // Hydrates `store` and watches it from then on. Each key once.
    template <class T>
    Hydration bind(Store<T>& store, PersistSchema<T> schema) {
        auto binding = std::make_unique<StoreBinding<T>>(store, std::move(schema));
        StoreBinding<T>& bound = *binding;
        const Hydration outcome = start(std::move(binding));
        bound.subscription = store.subscribe([this, &bound](const T&) { mark_dirty(bound); });
        return outcome;
    }
    // Writes what changed. Returns the number of keys written.
    std::size_t flush();
    [[nodiscard]] bool dirty() const;
    // Another tab wrote `key` (a storage event): takes it over; what changed here and is not saved yet stays as it is.
    Hydration reload(std::string_view key);
    // Removes what is stored of `key`, kept copies too, and forgets unsaved changes. For sign-out: first reset the store.
    void erase(std::string_view key);

    // At least one store is only in memory.
    [[nodiscard]] bool degraded() const;
    [[nodiscard]] std::uint64_t writes() const { return writes_; }

private:
    class Binding {
    public:
        virtual ~Binding() = default;
        [[nodiscard]] virtual base::Json to_json() const = 0;
        virtual void from_json(const base::Json& json) = 0;

        std::string key;
        int version = 1;
        std::vector<Migration> migrations;
        std::string saved_text;  // what the storage holds, or what it would hold for the state as hydrated
        bool atomic = false;
        bool is_dirty = false;
        bool write_failed = false;
        bool read_only = false;  // its key holds something that could not be kept aside
        Subscription subscription;
    };
    template <class T>
    class StoreBinding final : public Binding {
    public:
        StoreBinding(Store<T>& store, PersistSchema<T> schema)
            : store_(store), to_json_(std::move(schema.to_json)), from_json_(std::move(schema.from_json)) {
            key = std::move(schema.key);
            version = schema.version;
            migrations = std::move(schema.migrations);
            atomic = schema.atomic;
        }
        [[nodiscard]] base::Json to_json() const override { return to_json_(store_.get()); }
        void from_json(const base::Json& json) override { store_.set(from_json_(json, store_.get())); }

    private:
        Store<T>& store_;
        std::function<base::Json(const T&)> to_json_;
        std::function<T(const base::Json&, T)> from_json_;
    };

    Hydration start(std::unique_ptr<Binding> binding);
    Hydration hydrate(Binding& binding);
    Hydration keep_aside(Binding& binding, const std::string& text, const std::string& suffix, PersistNotice::Kind kind,
                         const std::string& message);
    void mark_dirty(Binding& binding);
    void merge_foreign(Binding& binding);
    [[nodiscard]] Binding* find(std::string_view key);
    void report(PersistNotice::Kind kind, const std::string& key, std::string message);
    void report_storage_error(const std::string& key, const base::Error& error);

    KeyValueStorage& storage_;
    Callbacks callbacks_;
    std::vector<std::unique_ptr<Binding>> bindings_;
    std::set<PersistNotice::Kind> reported_;
    std::uint64_t writes_ = 0;
};

}  // namespace state
