// Resources: the objects of a cluster, kind by kind, live: what the Resources page shows and does.
//
//   model::Resources& resources = app.resources();
//   resources.set_open(true);                        // the page is shown: kinds are read, the list is watched
//   resources.show("apis/apps/v1/deployments");
//   for (std::size_t i = first; i < last; ++i) draw(resources.rows().shown(i));
//   resources.select("default/web");                 // its details: object(), yaml(), events()
//   resources.scale(3);
//
// Where things come from
//   - Kinds: the discovery documents, through GET /api/proxy.
//   - Rows: net::WatchManager by way of ResourceFeed. Changes wait in a queue with one place per object and are worked off in slices, so
//     that 50,000 objects hold up no frame; the order is kept by ResourceRows.
//   - Columns and cells: the server's own Table of the kind; where it gives none there are name, namespace, status and age alone. Cells of
//     rows that changed are asked for anew a moment later, of the visible ones first.
//   - What a view filters and sorts by is kept in BrowsePreferences; place() is the part of it that a link says.
//
// Promises
//   - The selection is an object's, by uid: it stays with it however the list changes. An object that goes away leaves its last state in
//     the details, marked `gone`.
//   - A label selector the server refuses is said at its field and the list stays empty; a list that may not be seen says which verb is missing.
//   - Closed (set_open(false)) nothing is watched, asked for or kept but the choice of what to show. After clear() nothing comes back.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/browse_preferences.hpp"
#include "model/model_context.hpp"
#include "model/resource_kinds.hpp"
#include "model/resource_rows.hpp"
#include "model/route.hpp"
#include "net/watch_manager.hpp"
#include "state/store.hpp"

namespace model {

class Clusters;

// Where live objects come from: net::WatchManager, or a test's.
class ResourceFeed {
public:
    virtual ~ResourceFeed() = default;
    [[nodiscard]] virtual net::WatchSubscription subscribe(const net::WatchSpec& spec, net::WatchCallbacks callbacks) = 0;
    // Asks again now what was refused or failed.
    virtual void wake() = 0;
};
class WatchFeed final : public ResourceFeed {
public:
    explicit WatchFeed(net::WatchManager& watches) : watches_(watches) {}
    [[nodiscard]] net::WatchSubscription subscribe(const net::WatchSpec& spec, net::WatchCallbacks callbacks) override { return watches_.subscribe(spec, std::move(callbacks)); }
    void wake() override { watches_.wake(); }

private:
    net::WatchManager& watches_;
};

struct ResourceColumn {
    std::string name;
    std::size_t cell = 0;      // of ResourceRow::cells
    bool number = false;
    bool wide = false;         // for wide lists only, as with `kubectl get -o wide`
    friend bool operator==(const ResourceColumn&, const ResourceColumn&) = default;
};

struct ResourceEvent {
    std::string type, reason, message, from;
    std::int64_t last_ms = 0;  // unix
    int count = 1;
    friend bool operator==(const ResourceEvent&, const ResourceEvent&) = default;
};

enum class ResourceAction : std::uint8_t { remove, restart, scale };

struct ResourcesState {
    bool open = false;
    LoadPhase kinds_phase = LoadPhase::idle;
    base::Error kinds_error;
    std::vector<ResourceKind> kinds;
    std::size_t groups_failed = 0;          // groups whose kinds are missing because the server did not answer for them
    std::vector<std::string> namespaces;

    std::string cluster;                    // a name; empty: the hub's default one
    std::string type;
    LoadPhase phase = LoadPhase::idle;      // of the list
    base::Error error;                      // failed: why there is no list; ready: why it is not live
    bool live = false;
    std::int64_t live_until_ms = 0;         // unix; when it was live last, while it is not
    std::string labels_problem;             // what is wrong with the label selector
    std::vector<ResourceColumn> columns;

    std::string selected;                   // "namespace/name"; empty: none
    std::string selected_uid;
    bool gone = false;                      // the selected object was deleted
    bool details_open = false;
    std::map<std::string, ResourceAction> busy;  // by "namespace/name"
    friend bool operator==(const ResourcesState&, const ResourcesState&) = default;
};

class Resources {
public:
    static constexpr std::size_t kSliceObjects = 200;   // objects read per task
    static constexpr std::size_t kTablePage = 500;
    static constexpr std::size_t kSingleCells = 4;      // more changed rows than this are asked for as one table, where that is one page
    static constexpr std::size_t kVisibleCells = 20;    // else so many of the visible ones at a time
    static constexpr std::int64_t kCellsDelayMs = 300;
    static constexpr std::int64_t kKindsFreshMs = 30'000;
    static constexpr std::size_t kMaxEvents = 100;
    static constexpr std::size_t kMaxLabelBytes = 1'000;

    // All must outlive this.
    Resources(ModelContext& context, BrowsePreferences& browse, Clusters& clusters, ResourceFeed& feed);
    ~Resources();
    Resources(const Resources&) = delete;
    Resources& operator=(const Resources&) = delete;

    [[nodiscard]] const ResourcesState& state() const;
    [[nodiscard]] const ResourceRows& rows() const;
    // Raised by every change that can be seen.
    [[nodiscard]] std::uint64_t version() const;
    [[nodiscard]] const ResourceKind* kind() const;      // the one that is shown; null until discovery has it
    [[nodiscard]] const ResourceFilters& filters() const;

    // ---- details of the selected object
    [[nodiscard]] const Json* object() const;            // null until it is known
    [[nodiscard]] const std::vector<std::string>& yaml() const;  // its lines, without managedFields
    [[nodiscard]] std::string yaml_text() const;         // the same, to copy
    [[nodiscard]] const std::vector<ResourceEvent>& events() const;  // newest first
    [[nodiscard]] ResourceStatus status() const;

    // ---- where
    void set_open(bool open);
    [[nodiscard]] ResourcePlace place() const;
    // What a link said; what is not valid was left out before. An object is selected as soon as it is there.
    void go(const ResourcePlace& place);
    void reload();                                       // Retry: kinds, list and what failed
    void wake();                                         // the tab or the network came back

    // ---- what is shown
    void show(const std::string& type);
    void set_cluster(const std::string& cluster);
    void set_namespace(const std::string& ns);
    void set_labels(const std::string& selector);
    void set_search(const std::string& text);
    void set_only_problems(bool on);
    void set_hide_system(bool on);
    void set_sort(const ResourceSort& sort);             // the same column again turns the order round: the view's affair
    void set_view_mode(ResourceViewMode mode);
    // Rows [first, last) are on screen.
    void set_visible(std::size_t first, std::size_t last);

    // ---- selection
    void select(const std::string& key);
    void select_index(std::size_t index);
    void clear_selection();
    void set_details_open(bool open);
    // Another kind's object, of an owner reference for example.
    void open_object(const std::string& type, const std::string& ns, const std::string& name);

    // ---- actions on the selected object
    [[nodiscard]] bool can(ResourceAction action) const;
    // What goes with it: the sentence of the confirmation.
    [[nodiscard]] std::string loss_words() const;
    void remove();
    void restart();
    void scale(std::int64_t replicas);

    // Sign-out: everything goes, the choice too.
    void clear();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

// One line that says what is lost with an object of that kind.
[[nodiscard]] std::string resource_loss_words(const ResourceKind& kind, const Json& object);

}  // namespace model
