#include "model/resources.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/time_text.hpp"
#include "base/url.hpp"
#include "base/yaml_text.hpp"
#include "model/api_slots.hpp"
#include "model/clusters.hpp"
#include "model/query_keys.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

constexpr const char* kDefaultType = "apis/apps/v1/deployments";
constexpr const char* kTableForm = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
constexpr std::size_t kDiscoveryAtOnce = 4;
constexpr int kMaxTablePages = 200;
constexpr std::size_t kMaxCellBytes = 300;
constexpr std::size_t kMaxColumns = 30;
constexpr std::size_t kMaxYamlBytes = 4 * 1024 * 1024;

std::string cell_text(const Json& cell) {
    if (cell.is_null()) return {};
    std::string text = cell.is_string() ? cell.get_ref<const std::string&>() : base::dump_json(cell);
    if (text.size() > kMaxCellBytes) text.resize(base::utf8_prefix(text, kMaxCellBytes).size());
    return text;
}

std::vector<std::string> cells_of(const wire::JsonReader& row) {
    std::vector<std::string> cells;
    for (const wire::JsonReader cell : row.array_or_empty("cells")) {
        if (cells.size() < kMaxColumns) cells.push_back(cell.raw() ? cell_text(*cell.raw()) : std::string());
    }
    return cells;
}

std::string text_of(const Json& object, const char* part, const char* name) {
    const auto found = object.find(part);
    if (found == object.end() || !found->is_object()) return {};
    const auto value = found->find(name);
    return value != found->end() && value->is_string() ? value->get_ref<const std::string&>() : std::string();
}

}  // namespace

std::string resource_loss_words(const ResourceKind& kind, const Json& object) {
    const std::string name = text_of(object, "metadata", "name");
    const std::string& plural = kind.plural;
    const bool builtin = !kind.custom;
    std::string words = kind.kind + " " + name + " is deleted";
    if (builtin && plural == "namespaces") return words + " with everything in it.";
    if (builtin && (plural == "deployments" || plural == "statefulsets" || plural == "daemonsets" || plural == "replicasets" || plural == "jobs")) words += " with its pods";
    else if (builtin && plural == "cronjobs") words += " with its jobs and their pods";
    else if (builtin && plural == "persistentvolumeclaims") words += ", and the data on its volume may be lost";
    else if (builtin && plural == "secrets") words += ". Pods that use it keep running, but cannot be started again";
    else if (builtin && plural == "configmaps") words += ". Pods that use it keep running, but cannot be started again";
    else if (plural == "customresourcedefinitions") words += " with all objects of its kind";
    else if (builtin && plural == "services") words += ". What reaches pods through it loses its way";
    const auto metadata = object.find("metadata");
    if (metadata != object.end() && metadata->is_object()) {
        const auto owners = metadata->find("ownerReferences");
        if (owners != metadata->end() && owners->is_array() && !owners->empty() && (*owners)[0].is_object()) {
            const Json& owner = (*owners)[0];
            const std::string owner_kind = owner.value("kind", std::string());
            if (!owner_kind.empty()) words += ". It belongs to " + owner_kind + " " + owner.value("name", std::string()) + ", which may make a new one";
        }
    }
    return words + ".";
}

class Resources::Impl {
public:
    Impl(ModelContext& context, BrowsePreferences& browse, Clusters& clusters, ResourceFeed& feed)
        : context_(context), browse_(browse), clusters_(clusters), feed_(feed), slots_(context.api), self_(std::make_shared<Impl*>(this)) {
        take_preferences();
    }
    ~Impl() { *self_ = nullptr; }

    // ---- telling

    void update(const std::function<void(ResourcesState&)>& change) {
        const std::uint64_t before = state_.version();
        state_.update([&](ResourcesState& s) { change(s); });
        if (state_.version() != before) context_.changed(kTopicPages);
    }
    void rows_changed() { context_.changed(kTopicPages); }

    // A task of our own, while we live.
    template <class F>
    void post(F run) {
        context_.scheduler.post([guard = self_, run = std::move(run)]() mutable {
            if (Impl* impl = *guard) run(*impl);
        });
    }

    // ---- preferences

    void take_preferences() {
        const ResourcePreferences& kept = browse_.resources();
        state_.update([&](ResourcesState& s) {
            s.cluster = kept.filters.cluster;
            s.type = is_resource_type(kept.filters.type) ? kept.filters.type : kDefaultType;
        });
        apply_filter();
        rows_.set_sort(read_sort(kept));
    }
    void keep(const std::function<void(ResourcePreferences&)>& change) { browse_.update_resources(change); }

    [[nodiscard]] const ResourceFilters& filters() const { return browse_.resources().filters; }

    static ResourceSort read_sort(const ResourcePreferences& kept) {
        ResourceSort sort{.by = ResourceSort::By::name, .cell = 0, .descending = kept.descending};
        if (kept.sort == "namespace") sort.by = ResourceSort::By::ns;
        if (kept.sort == "age") sort.by = ResourceSort::By::age;
        if (kept.sort == "status") sort.by = ResourceSort::By::status;
        return sort;  // by a column of one kind is not kept: another kind has others
    }

    void apply_filter() {
        const ResourceFilters& f = filters();
        rows_.set_filter({.text = f.search, .only_problems = f.status == "problems", .hide_system = f.hide_system && f.ns.empty()});
        work_on_rows();
    }

    // Sorting and filtering of long lists goes on in tasks of their own.
    void work_on_rows() {
        rows_changed();
        if (!rows_.busy() || rows_posted_) return;
        rows_posted_ = true;
        post([](Impl& impl) {
            impl.rows_posted_ = false;
            impl.rows_.step();
            impl.work_on_rows();
        });
    }

    // ---- opening and closing

    void set_open(bool open) {
        if (state_.get().open == open) return;
        update([&](ResourcesState& s) { s.open = open; });
        if (open) {
            read_kinds(false);
            watch_list();
            watch_namespaces();
            if (!state_.get().selected.empty()) watch_events();
        } else {
            drop_list();
            namespaces_watch_.reset();
            events_watch_.reset();
            events_.clear();
            slots_.clear();
            update([](ResourcesState& s) {
                if (s.kinds_phase == LoadPhase::loading) s.kinds_phase = s.kinds.empty() ? LoadPhase::idle : LoadPhase::ready;
            });
        }
    }

    void reload() {
        read_kinds(true);
        feed_.wake();
        if (state_.get().phase == LoadPhase::failed) watch_list();
    }

    void clear() {
        set_open(false);
        rows_.clear();
        namespace_set_.clear();
        forget_details();
        state_.set({});
        wanted_.clear();
        kinds_at_ms_ = -1;
        take_preferences();
        context_.changed(kTopicPages);
    }

    // ---- discovery

    std::string proxied(const std::string& path, base::Query query = {}) const {
        if (const std::string& cluster = state_.get().cluster; !cluster.empty()) query.add("cluster", cluster);
        return "/api/proxy" + path + query.to_suffix();
    }
    net::ApiRequest read_request(const std::string& path, base::Query query = {}) const { return {.path = proxied(path, std::move(query)), .beside_prefix = true}; }

    void read_kinds(bool again) {
        const std::int64_t now_ms = context_.scheduler.clock().monotonic_ms();
        const bool fresh = kinds_at_ms_ >= 0 && now_ms - kinds_at_ms_ < kKindsFreshMs;
        if (!state_.get().open || state_.get().kinds_phase == LoadPhase::loading || (fresh && !again)) return;
        const bool first = state_.get().kinds.empty();
        update([&](ResourcesState& s) { s.kinds_phase = first ? LoadPhase::loading : s.kinds_phase; });
        found_kinds_.clear();
        groups_left_.clear();
        groups_failed_ = 0;
        slots_.call("apis", read_request("/apis"), [this](base::Result<net::ApiReply> reply) {
            if (!reply) return kinds_failed(reply.error());
            groups_left_ = read_api_groups(reply->json);
            for (std::string& version : groups_left_) version.insert(0, "/apis/");
            groups_left_.insert(groups_left_.begin(), "/api/v1");
            groups_waiting_ = 0;
            for (std::size_t i = 0; i < kDiscoveryAtOnce; ++i) read_next_group();
        });
    }

    void read_next_group() {
        if (groups_left_.empty()) {
            if (groups_waiting_ == 0) kinds_read();
            return;
        }
        const std::string path = groups_left_.front();
        groups_left_.erase(groups_left_.begin());
        ++groups_waiting_;
        slots_.call("kinds " + path, read_request(path), [this](base::Result<net::ApiReply> reply) {
            --groups_waiting_;
            if (reply) add_api_resources(reply->json, found_kinds_);
            else ++groups_failed_;
            read_next_group();
        });
    }

    void kinds_read() {
        if (found_kinds_.empty()) return kinds_failed({base::ErrorCode::unavailable, "The cluster named no kind of object that can be listed", "Check the cluster on the Clusters page"});
        sort_kinds(found_kinds_);
        kinds_at_ms_ = context_.scheduler.clock().monotonic_ms();
        update([&](ResourcesState& s) {
            s.kinds_phase = LoadPhase::ready;
            s.kinds_error = {};
            s.groups_failed = groups_failed_;
            s.kinds = std::move(found_kinds_);
        });
        found_kinds_ = {};
        // The list may have waited for what its kind is like.
        if (state_.get().open && !list_watch_.active()) watch_list();
        read_table();
    }

    void kinds_failed(const base::Error& error) {
        update([&](ResourcesState& s) {
            s.kinds_error = error;
            s.kinds_phase = s.kinds.empty() ? LoadPhase::failed : LoadPhase::ready;
            if (!s.kinds.empty()) return;
            s.phase = LoadPhase::failed;
            s.error = error;
        });
    }

    // ---- the list

    void drop_list() {
        list_watch_.reset();
        cells_timer_.cancel();
        slots_.drop("table");
        pending_.clear();
        stale_.clear();
        early_cells_.clear();
        ++list_generation_;
        table_under_way_ = false;
        if (rows_.size() > 0) rows_.clear();
        update([](ResourcesState& s) {
            s.phase = LoadPhase::idle;
            s.error = {};
            s.live = false;
            s.columns.clear();
        });
    }

    void watch_list() {
        drop_list();
        if (!state_.get().open) return;
        const std::string problem = label_problem(filters().labels);
        update([&](ResourcesState& s) {
            s.labels_problem = problem;
            s.phase = problem.empty() ? LoadPhase::loading : LoadPhase::ready;
        });
        // Whether the kind has namespaces is known once discovery has answered.
        if (!problem.empty() || state_.get().kinds.empty()) return;
        net::WatchSpec spec{.resource_type = state_.get().type, .org = {}, .project = {}, .ns = list_namespace(), .name = {}, .label_selector = filters().labels, .field_selector = {}, .cluster = state_.get().cluster};
        list_watch_ = feed_.subscribe(spec, {.on_synced = [this](const net::WatchedObjects& all, bool first) { on_synced(all, first); },
                                             .on_event = [this](net::WatchChange change, const net::WatchedPtr& object) { on_event(change, object); },
                                             .on_state = [this](const net::WatchState& state) { on_list_state(state); }});
        read_table();
    }

    // A kind without namespaces is listed as a whole.
    [[nodiscard]] std::string list_namespace() const {
        const ResourceKind* known = kind();
        return known && !known->namespaced ? std::string() : filters().ns;
    }

    void on_synced(const net::WatchedObjects& all, bool first) {
        if (first) {
            for (const auto& [key, object] : all) pending_[key] = object;
        }
        update([](ResourcesState& s) {
            s.phase = LoadPhase::ready;
            s.error = {};
            s.live = true;
        });
        work_on_pending();
        if (all.empty()) take_wanted();
    }

    void on_event(net::WatchChange change, const net::WatchedPtr& object) {
        if (change == net::WatchChange::deleted) {
            pending_.erase(object->key());
            stale_.erase(object->key());
            if (rows_.erase(object->key())) rows_changed();
            if (state_.get().selected == object->key() && state_.get().selected_uid == object->uid) update([](ResourcesState& s) { s.gone = true; });
            return;
        }
        pending_[object->key()] = object;
        work_on_pending();
    }

    void on_list_state(const net::WatchState& watch) {
        const bool live = watch.phase == net::WatchPhase::live;
        if (is_refusal(watch)) {
            pending_.clear();
            rows_.clear();
        }
        update([&](ResourcesState& s) {
            if (s.live && !live) s.live_until_ms = context_.scheduler.clock().unix_ms();
            s.live = live;
            if (live) {
                s.error = {};
            } else if (watch.phase == net::WatchPhase::stopped || watch.phase == net::WatchPhase::retrying) {
                s.error = watch.error;
                // A selector is the user's own words: what is wrong with it stands at its field.
                if (watch.error.code == base::ErrorCode::invalid_argument && !filters().labels.empty()) s.labels_problem = watch.error.message;
                else if (!watch.synced || is_refusal(watch)) s.phase = LoadPhase::failed;
            } else if (!watch.synced && s.phase == LoadPhase::failed) {
                s.phase = LoadPhase::loading;
            }
        });
    }

    // What may not be seen any more is not shown any more.
    static bool is_refusal(const net::WatchState& watch) {
        return watch.phase == net::WatchPhase::stopped && (watch.error.code == base::ErrorCode::forbidden || watch.error.code == base::ErrorCode::not_found);
    }

    // Some objects per task; a burst of changes to one object is one.
    void work_on_pending() {
        if (pending_posted_ || pending_.empty()) return;
        pending_posted_ = true;
        post([](Impl& impl) {
            impl.pending_posted_ = false;
            for (std::size_t i = 0; i < kSliceObjects && !impl.pending_.empty(); ++i) {
                const auto node = impl.pending_.extract(impl.pending_.begin());
                impl.take_object(node.mapped());
            }
            impl.work_on_rows();
            impl.work_on_pending();
            if (impl.pending_.empty()) impl.take_wanted();
        });
    }

    void take_object(const net::WatchedPtr& object) {
        if (const ResourceRow* known = rows_.find(object->key()); known && known->uid == object->uid && known->version == object->resource_version) return;
        ResourceRow row{.ns = object->ns, .name = object->name, .uid = object->uid, .version = object->resource_version, .created_ms = 0, .status = {}, .cells = {}, .cells_version = {}, .object = object};
        if (const auto json = base::parse_json(object->text)) {
            row.created_ms = base::parse_rfc3339_ms(text_of(*json, "metadata", "creationTimestamp")).value_or(0);
            row.status = resource_status(state_.get().type, *json);
        }
        const std::string key = object->key();
        if (auto early = early_cells_.extract(key); !early.empty()) {
            row.cells = std::move(early.mapped().first);
            row.cells_version = std::move(early.mapped().second);
        }
        const bool current = row.cells_version == row.version;
        rows_.put(std::move(row));
        if (has_table() && !current) {
            stale_.insert(key);
            refresh_cells_later();
        }
        if (state_.get().selected == key) selected_changed();
    }

    // ---- columns and cells

    [[nodiscard]] bool has_table() const { return !state_.get().columns.empty() || table_under_way_; }

    void read_table() {
        if (!state_.get().open || table_under_way_ || !state_.get().columns.empty() || kind() == nullptr || !list_watch_.active()) return;
        table_pages_ = 0;
        read_table_page({});
    }

    void read_table_page(const std::string& continue_token) {
        table_under_way_ = true;
        base::Query query{{"limit", std::to_string(kTablePage)}, {"includeObject", "Metadata"}};
        if (!filters().labels.empty()) query.add("labelSelector", filters().labels);
        if (!continue_token.empty()) query.add("continue", continue_token);
        net::ApiRequest request = read_request(kind()->path(list_namespace()), std::move(query));
        request.headers = {{"Accept", kTableForm}};
        slots_.call("table", std::move(request), [this, generation = list_generation_](base::Result<net::ApiReply> reply) {
            if (generation != list_generation_) return;
            table_under_way_ = false;
            if (!reply) return;  // the list itself says what is wrong; name, status and age are there without a table
            take_table(reply->json);
            wire::JsonErrors errors;
            const auto metadata = wire::JsonReader(reply->json, errors).optional_object("metadata");
            const std::string next = metadata ? metadata.string_or("continue", "") : std::string();
            if (!next.empty() && ++table_pages_ < kMaxTablePages) read_table_page(next);
            else if (!stale_.empty()) refresh_cells_later();
        });
    }

    void take_table(const Json& json) {
        wire::JsonErrors errors;
        const wire::JsonReader table(json, errors);
        if (table.string_or("kind", "") != "Table") return;
        std::vector<ResourceColumn> columns;
        std::size_t cell = 0;
        for (const wire::JsonReader definition : table.array_or_empty("columnDefinitions")) {
            ResourceColumn column{.name = definition.string_or("name", ""), .cell = cell++, .number = false, .wide = definition.integer_or("priority", 0) > 0};
            const std::string type = definition.string_or("type", "");
            column.number = type == "integer" || type == "number";
            // Name and age we have ourselves, and the age is right at any time.
            const std::string lower = base::to_ascii_lower(column.name);
            if (column.cell >= kMaxColumns || lower == "name" || lower == "age" || lower == "created at" || column.name.empty()) continue;
            columns.push_back(std::move(column));
        }
        if (!columns.empty()) {
            update([&](ResourcesState& s) {
                if (s.columns.empty()) s.columns = std::move(columns);
            });
        }
        for (const wire::JsonReader row : table.array_or_empty("rows")) {
            const auto object = row.optional_object("object");
            const auto metadata = object ? object.optional_object("metadata") : object;
            if (!metadata) continue;
            const std::string key = metadata.string_or("namespace", "") + "/" + metadata.string_or("name", "");
            std::string version = metadata.string_or("resourceVersion", "");
            const ResourceRow* known = rows_.find(key);
            if (!known) {  // the table was faster than the watch
                early_cells_[key] = {cells_of(row), std::move(version)};
                continue;
            }
            if (known->version == version) stale_.erase(key);
            rows_.set_cells(key, cells_of(row), std::move(version));
        }
        work_on_rows();
    }

    // Changed rows keep their old cells for a moment; a burst is asked for once.
    void refresh_cells_later() {
        if (cells_timer_.pending() || table_under_way_) return;
        cells_timer_ = context_.scheduler.after(kCellsDelayMs, [this] { refresh_cells(); });
    }

    void refresh_cells() {
        std::erase_if(stale_, [this](const std::string& key) {
            const ResourceRow* row = rows_.find(key);
            return row == nullptr || row->cells_version == row->version;
        });
        if (stale_.empty() || !state_.get().open || kind() == nullptr) return;
        if (stale_.size() > kSingleCells && rows_.size() <= kTablePage) {
            table_pages_ = kMaxTablePages;  // this one page alone
            stale_.clear();  // what the server does not tell of is not asked for again, until it changes
            return read_table_page({});
        }
        std::vector<std::string> wanted;
        if (stale_.size() <= kSingleCells) {
            wanted.assign(stale_.begin(), stale_.end());
        } else {
            for (std::size_t i = visible_first_; i < std::min(visible_last_, rows_.shown_size()) && wanted.size() < kVisibleCells; ++i) {
                std::string key = rows_.shown(i).key();
                if (stale_.contains(key)) wanted.push_back(std::move(key));
            }
            if (wanted.size() == kVisibleCells) refresh_cells_later();  // there may be more of them
        }
        for (const std::string& key : wanted) {
            stale_.erase(key);
            const ResourceRow* row = rows_.find(key);
            net::ApiRequest request = read_request(kind()->path(row->ns, row->name), {{"includeObject", "Metadata"}});
            request.headers = {{"Accept", kTableForm}};
            slots_.call("cells " + key, std::move(request), [this, generation = list_generation_](base::Result<net::ApiReply> reply) {
                if (generation == list_generation_ && reply) take_table(reply->json);
            });
        }
    }

    void set_visible(std::size_t first, std::size_t last) {
        const bool moved = first != visible_first_ || last != visible_last_;
        visible_first_ = first;
        visible_last_ = last;
        if (moved && stale_.size() > kSingleCells) refresh_cells_later();
    }

    // ---- what is shown

    [[nodiscard]] const ResourceKind* kind() const { return find_kind(state_.get().kinds, state_.get().type); }

    // The simplest mistakes are said without asking; the rest is the server's to judge.
    static std::string label_problem(std::string_view selector) {
        if (selector.size() > kMaxLabelBytes) return "At most 1,000 characters";
        const bool odd = std::any_of(selector.begin(), selector.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20; });
        if (odd) return "Use labels like app=web,tier!=cache";
        return {};
    }

    void show(const std::string& type) {
        if (!is_resource_type(type) || type == state_.get().type) return;
        clear_selection();
        update([&](ResourcesState& s) { s.type = type; });
        keep([&](ResourcePreferences& p) { p.filters.type = type; });
        if (rows_.sort().by == ResourceSort::By::cell) rows_.set_sort(read_sort(browse_.resources()));
        watch_list();
    }

    void set_cluster(const std::string& cluster) {
        if (cluster == state_.get().cluster) return;
        clear_selection();
        update([&](ResourcesState& s) {
            s.cluster = cluster;
            s.kinds.clear();
            s.kinds_phase = LoadPhase::idle;
            s.namespaces.clear();
        });
        slots_.clear();
        namespace_set_.clear();
        kinds_at_ms_ = -1;
        keep([&](ResourcePreferences& p) { p.filters.cluster = cluster; p.filters.ns.clear(); });
        apply_filter();
        if (!state_.get().open) return;
        watch_list();
        watch_namespaces();
        read_kinds(true);
    }

    void set_namespace(const std::string& ns) {
        if (ns == filters().ns) return;
        clear_selection();
        keep([&](ResourcePreferences& p) { p.filters.ns = ns; });
        apply_filter();
        watch_list();
    }

    void set_labels(const std::string& selector) {
        const std::string trimmed(base::trim(selector));
        if (trimmed == filters().labels) return;
        keep([&](ResourcePreferences& p) { p.filters.labels = trimmed; });
        watch_list();
    }

    void set_search(const std::string& text) {
        if (text == filters().search) return;
        keep([&](ResourcePreferences& p) { p.filters.search = text; });
        apply_filter();
    }
    void set_only_problems(bool on) {
        keep([&](ResourcePreferences& p) { p.filters.status = on ? "problems" : ""; });
        apply_filter();
    }
    void set_hide_system(bool on) {
        keep([&](ResourcePreferences& p) { p.filters.hide_system = on; });
        apply_filter();
    }
    void set_sort(const ResourceSort& sort) {
        constexpr const char* kWords[] = {"", "namespace", "age", "status", ""};
        keep([&](ResourcePreferences& p) {
            p.sort = kWords[static_cast<std::size_t>(sort.by)];
            p.descending = sort.descending;
        });
        rows_.set_sort(sort);
        work_on_rows();
    }

    // ---- namespaces

    void watch_namespaces() {
        namespaces_watch_ = feed_.subscribe({.resource_type = "api/v1/namespaces", .org = {}, .project = {}, .ns = {}, .name = {}, .label_selector = {}, .field_selector = {}, .cluster = state_.get().cluster},
                                            {.on_synced =
                                                 [this](const net::WatchedObjects& all, bool first) {
                                                     if (!first) return;
                                                     namespace_set_.clear();
                                                     for (const auto& [key, object] : all) namespace_set_.insert(object->name);
                                                     namespaces_changed();
                                                 },
                                             .on_event =
                                                 [this](net::WatchChange change, const net::WatchedPtr& object) {
                                                     if (change == net::WatchChange::deleted) namespace_set_.erase(object->name);
                                                     else namespace_set_.insert(object->name);
                                                     namespaces_changed();
                                                 },
                                             .on_state =
                                                 [this](const net::WatchState& watch) {
                                                     // Who may not list them may still know some.
                                                     if (watch.phase != net::WatchPhase::stopped || watch.synced) return;
                                                     const ClusterInfo* info = state_.get().cluster.empty() ? clusters_.default_cluster() : clusters_.find(state_.get().cluster);
                                                     if (info) namespace_set_.insert(info->namespaces.begin(), info->namespaces.end());
                                                     namespaces_changed();
                                                 }});
    }
    void namespaces_changed() {
        update([&](ResourcesState& s) { s.namespaces.assign(namespace_set_.begin(), namespace_set_.end()); });
    }

    // ---- selection and details

    void select(const std::string& key) {
        const ResourceRow* row = rows_.find(key);
        if (!row || (state_.get().selected == key && state_.get().selected_uid == row->uid)) return;
        wanted_.clear();
        forget_details();
        update([&](ResourcesState& s) {
            s.selected = key;
            s.selected_uid = row->uid;
            s.gone = false;
        });
        selected_changed();
        watch_events();
    }

    void clear_selection() {
        wanted_.clear();
        events_watch_.reset();
        forget_details();
        update([](ResourcesState& s) {
            s.selected.clear();
            s.selected_uid.clear();
            s.gone = false;
            s.details_open = false;
        });
    }

    void forget_details() {
        details_ = {};
        events_.clear();
    }

    // What a link or another page wanted, once its list is here.
    void take_wanted() {
        if (wanted_.empty()) return;
        const std::string wanted = std::exchange(wanted_, {});
        if (rows_.find(wanted)) {
            select(wanted);
            update([](ResourcesState& s) { s.details_open = true; });
        } else {
            context_.toast(ToastKind::warning, "The object is not there any more", wanted.starts_with('/') ? wanted.substr(1) : wanted);
        }
    }

    void selected_changed() {
        const ResourceRow* row = rows_.find(state_.get().selected);
        if (!row) return;
        // The same name again, made anew: another object.
        if (row->uid != state_.get().selected_uid) return update([](ResourcesState& s) { s.gone = true; });
        details_.object.reset();
        details_.source = row->object;
        details_.status = row->status;
        ++details_version_;
        context_.changed(kTopicPages);
    }

    const Json* object() {
        if (!details_.object && details_.source) {
            auto json = base::parse_json(details_.source->text);
            details_.object = json ? std::move(*json) : Json::object();
            details_.lines.clear();
        }
        return details_.object ? &*details_.object : nullptr;
    }

    const std::vector<std::string>& yaml() {
        if (const Json* json = object(); json && details_.lines.empty()) {
            Json shown = *json;
            if (const auto metadata = shown.find("metadata"); metadata != shown.end() && metadata->is_object()) metadata->erase("managedFields");
            std::string text = base::yaml_text(shown);
            if (text.size() > kMaxYamlBytes) text = std::string(base::utf8_prefix(text, kMaxYamlBytes)) + "\n# cut here: the object is larger than 4 MiB";
            for (const std::string_view line : base::split(text, '\n')) details_.lines.emplace_back(line);
            if (!details_.lines.empty() && details_.lines.back().empty()) details_.lines.pop_back();
        }
        return details_.lines;
    }

    void watch_events() {
        events_watch_.reset();
        known_events_.clear();
        events_.clear();
        if (!state_.get().open || state_.get().selected_uid.empty() || state_.get().type == "api/v1/events") return;
        const std::string ns(state_.get().selected.substr(0, state_.get().selected.find('/')));
        events_watch_ = feed_.subscribe({.resource_type = "api/v1/events", .org = {}, .project = {}, .ns = ns, .name = {}, .label_selector = {}, .field_selector = "involvedObject.uid=" + state_.get().selected_uid, .cluster = state_.get().cluster},
                                        {.on_synced =
                                             [this](const net::WatchedObjects& all, bool first) {
                                                 if (!first) return;
                                                 for (const auto& [key, event] : all) take_event(event);
                                                 events_changed();
                                             },
                                         .on_event =
                                             [this](net::WatchChange change, const net::WatchedPtr& event) {
                                                 if (change == net::WatchChange::deleted) known_events_.erase(event->key());
                                                 else take_event(event);
                                                 events_changed();
                                             },
                                         .on_state = {}});
    }

    void take_event(const net::WatchedPtr& event) {
        const auto json = base::parse_json(event->text);
        if (!json) return;
        wire::JsonErrors errors;
        const wire::JsonReader reader(*json, errors);
        ResourceEvent out{.type = reader.string_or("type", "Normal"), .reason = reader.string_or("reason", ""), .message = reader.string_or("message", ""), .from = {}, .last_ms = 0,
                          .count = static_cast<int>(reader.integer_or("count", 1, {.min = 0, .max = 1'000'000}))};
        if (const auto source = reader.optional_object("source")) out.from = source.string_or("component", "");
        for (const char* field : {"lastTimestamp", "eventTime", "firstTimestamp"}) {
            if (out.last_ms == 0) out.last_ms = base::parse_rfc3339_ms(reader.string_or(field, "")).value_or(0);
        }
        known_events_[event->key()] = std::move(out);
    }

    void events_changed() {
        events_.clear();
        for (const auto& [key, event] : known_events_) events_.push_back(event);
        std::stable_sort(events_.begin(), events_.end(), [](const ResourceEvent& a, const ResourceEvent& b) { return a.last_ms > b.last_ms; });
        if (events_.size() > kMaxEvents) events_.resize(kMaxEvents);
        ++details_version_;
        context_.changed(kTopicPages);
    }

    // ---- where

    [[nodiscard]] ResourcePlace place() const {
        const ResourceFilters& f = filters();
        return {.type = state_.get().type, .cluster = state_.get().cluster, .ns = f.ns, .object = state_.get().selected.empty() ? wanted_ : state_.get().selected, .labels = f.labels, .search = f.search};
    }

    void go(const ResourcePlace& to) {
        set_cluster(to.cluster);
        const bool other_list = (is_resource_type(to.type) && to.type != state_.get().type) || to.ns != filters().ns || to.labels != filters().labels;
        keep([&](ResourcePreferences& p) {
            p.filters.ns = to.ns;
            p.filters.labels = to.labels;
            p.filters.search = to.search;
            if (is_resource_type(to.type)) p.filters.type = to.type;
        });
        if (is_resource_type(to.type)) update([&](ResourcesState& s) { s.type = to.type; });
        apply_filter();
        if (to.object.empty() ? !state_.get().selected.empty() : to.object != state_.get().selected) clear_selection();
        if (!to.object.empty() && to.object != state_.get().selected) wanted_ = to.object;
        if (other_list && state_.get().open) watch_list();
        else if (state_.get().phase == LoadPhase::ready && pending_.empty()) take_wanted();
    }

    void open_object(const std::string& type, const std::string& ns, const std::string& name) {
        ResourcePlace to = place();
        to.type = type;
        to.object = ns + "/" + name;
        to.search.clear();
        to.labels.clear();
        if (!to.ns.empty() && !ns.empty()) to.ns = ns;
        go(to);
    }

    // ---- actions

    [[nodiscard]] bool can(ResourceAction action) {
        const ResourceKind* known = kind();
        if (!known || state_.get().selected.empty() || state_.get().gone || state_.get().busy.contains(state_.get().selected)) return false;
        switch (action) {
            case ResourceAction::remove: return known->can_delete;
            case ResourceAction::restart: return known->can_restart();
            case ResourceAction::scale: return known->can_scale;
        }
        return false;
    }

    void act(ResourceAction action, const char* route, Json body, std::string done_words) {
        if (!can(action)) return;
        const std::string key = state_.get().selected;
        const auto slash = key.find('/');
        const std::string name = key.substr(slash + 1);
        body["path"] = kind()->path(key.substr(0, slash), name);
        if (!state_.get().cluster.empty()) body["cluster"] = state_.get().cluster;
        update([&](ResourcesState& s) { s.busy[key] = action; });
        const std::string what = kind()->kind + " " + name;
        slots_.call("act " + key, {.method = "POST", .path = std::string("/objects/") + route, .body = std::move(body)},
                    [this, key, what, done_words = std::move(done_words)](base::Result<net::ApiReply> reply) {
                        update([&](ResourcesState& s) { s.busy.erase(key); });
                        if (!reply) return context_.toast(ToastKind::danger, what + ": it did not work", reply.error().message + (reply.error().hint.empty() ? "" : ". " + reply.error().hint));
                        std::string more;
                        if (reply->json.is_object()) more = reply->json.value("waiting", std::string());
                        context_.toast(ToastKind::success, what + " " + done_words, more);
                    });
    }

    ModelContext& context_;
    BrowsePreferences& browse_;
    Clusters& clusters_;
    ResourceFeed& feed_;
    ApiSlots slots_;
    std::shared_ptr<Impl*> self_;  // null inside once destroyed: guards posted tasks
    state::Store<ResourcesState> state_;
    ResourceRows rows_;

    std::vector<ResourceKind> found_kinds_;
    std::vector<std::string> groups_left_;
    std::size_t groups_waiting_ = 0;
    std::size_t groups_failed_ = 0;
    std::int64_t kinds_at_ms_ = -1;  // monotonic

    net::WatchSubscription list_watch_, namespaces_watch_, events_watch_;
    std::map<std::string, net::WatchedPtr> pending_;  // changes that have not become rows yet, the newest of each object
    bool pending_posted_ = false;
    bool rows_posted_ = false;
    std::set<std::string> namespace_set_;
    std::uint64_t list_generation_ = 0;

    std::set<std::string> stale_;  // rows whose cells are of an older version
    std::map<std::string, std::pair<std::vector<std::string>, std::string>> early_cells_;  // of rows that have not come yet: cells, version
    bool table_under_way_ = false;
    int table_pages_ = 0;
    base::Timer cells_timer_;
    std::size_t visible_first_ = 0, visible_last_ = 0;

    std::string wanted_;  // to be selected when it is there
    struct Details {
        net::WatchedPtr source;
        std::optional<Json> object;
        std::vector<std::string> lines;
        ResourceStatus status;
    };
    Details details_;
    std::map<std::string, ResourceEvent> known_events_;
    std::vector<ResourceEvent> events_;
    std::uint64_t details_version_ = 0;
};

Resources::Resources(ModelContext& context, BrowsePreferences& browse, Clusters& clusters, ResourceFeed& feed)
    : impl_(std::make_unique<Impl>(context, browse, clusters, feed)) {}
Resources::~Resources() = default;

const ResourcesState& Resources::state() const { return impl_->state_.get(); }
const ResourceRows& Resources::rows() const { return impl_->rows_; }
std::uint64_t Resources::version() const { return impl_->state_.version() + impl_->rows_.version() + impl_->details_version_; }
const ResourceKind* Resources::kind() const { return impl_->kind(); }
const ResourceFilters& Resources::filters() const { return impl_->filters(); }
const Json* Resources::object() const { return impl_->object(); }
const std::vector<std::string>& Resources::yaml() const { return impl_->yaml(); }
std::string Resources::yaml_text() const { return base::join(impl_->yaml(), "\n") + "\n"; }
const std::vector<ResourceEvent>& Resources::events() const { return impl_->events_; }
ResourceStatus Resources::status() const { return impl_->details_.status; }

void Resources::set_open(bool open) { impl_->set_open(open); }
ResourcePlace Resources::place() const { return impl_->place(); }
void Resources::go(const ResourcePlace& place) { impl_->go(place); }
void Resources::reload() { impl_->reload(); }
void Resources::wake() {
    if (impl_->state_.get().open) impl_->feed_.wake();
}

void Resources::show(const std::string& type) { impl_->show(type); }
void Resources::set_cluster(const std::string& cluster) { impl_->set_cluster(cluster); }
void Resources::set_namespace(const std::string& ns) { impl_->set_namespace(ns); }
void Resources::set_labels(const std::string& selector) { impl_->set_labels(selector); }
void Resources::set_search(const std::string& text) { impl_->set_search(text); }
void Resources::set_only_problems(bool on) { impl_->set_only_problems(on); }
void Resources::set_hide_system(bool on) { impl_->set_hide_system(on); }
void Resources::set_sort(const ResourceSort& sort) { impl_->set_sort(sort); }
void Resources::set_view_mode(ResourceViewMode mode) { impl_->browse_.set_view_mode(mode); }
void Resources::set_visible(std::size_t first, std::size_t last) { impl_->set_visible(first, last); }

void Resources::select(const std::string& key) { impl_->select(key); }
void Resources::select_index(std::size_t index) {
    if (index < impl_->rows_.shown_size()) impl_->select(impl_->rows_.shown(index).key());
}
void Resources::clear_selection() { impl_->clear_selection(); }
void Resources::set_details_open(bool open) {
    impl_->update([open](ResourcesState& s) { s.details_open = open && !s.selected.empty(); });
}
void Resources::open_object(const std::string& type, const std::string& ns, const std::string& name) { impl_->open_object(type, ns, name); }

bool Resources::can(ResourceAction action) const { return impl_->can(action); }
std::string Resources::loss_words() const {
    const Json* object = impl_->object();
    return object && impl_->kind() ? resource_loss_words(*impl_->kind(), *object) : std::string();
}
void Resources::remove() { impl_->act(ResourceAction::remove, "delete", {{"uid", impl_->state_.get().selected_uid}}, "is deleted"); }
void Resources::restart() { impl_->act(ResourceAction::restart, "restart", Json::object(), "is being restarted"); }
void Resources::scale(std::int64_t replicas) {
    impl_->act(ResourceAction::scale, "scale", {{"replicas", replicas}}, "is scaled to " + std::to_string(replicas));
}
void Resources::clear() { impl_->clear(); }

}  // namespace model
