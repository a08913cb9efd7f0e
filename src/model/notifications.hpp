// Notifications: what the hub tells this user: runs, nodes that fail, changes of the hub. Live by one event stream; the list is read
// when somebody looks at it, newest first, a page at a time, and is the query cache's (keys::notifications): the stream and the pages
// patch it, marking as read is an optimistic mutation. Until it is there, the stream's count is all that is known.
//
//   notifications.start();                       // signed in: opens the stream, which says how many are unread
//   notifications.ensure();                      // the panel opens: reads the list unless it is there
//   notifications.mark_read(id);                 // at once here; taken back if the hub refuses
//   const NotificationLink to = parse_notification_link(item.link);
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/api_slots.hpp"
#include "model/list_query.hpp"
#include "model/model_context.hpp"
#include "net/shared_streams.hpp"
#include "state/store.hpp"
#include "wire/json_reader.hpp"

namespace model {

struct NotificationView {
    std::string id, type, title, message, link, created_at;
    bool read = false;
    friend bool operator==(const NotificationView&, const NotificationView&) = default;
};

struct NotificationsState {
    LoadPhase phase = LoadPhase::idle;
    base::Error error;                    // of the last load; with items there, they are as old as loaded_at_ms says
    std::int64_t loaded_at_ms = 0;        // unix
    std::vector<NotificationView> items;  // newest first; `total` may be more
    int total = 0;
    int unread = 0;
    bool loading_more = false;
    bool live = false;                    // the stream is open
    friend bool operator==(const NotificationsState&, const NotificationsState&) = default;
};

// Persisted under "binnacle-notifications".
struct NotificationPreferences {
    bool unread_only = false;
    friend bool operator==(const NotificationPreferences&, const NotificationPreferences&) = default;
};

// Where a notification leads. Links come from the hub: only these forms are followed.
struct NotificationLink {
    std::string workflow_id;
    std::string node_id;  // of that workflow; may be empty
    std::string page;     // "clusters", "settings/plugins", ...; empty with a workflow or a build
    std::string build_id = {};
    friend bool operator==(const NotificationLink&, const NotificationLink&) = default;
};
[[nodiscard]] NotificationLink parse_notification_link(std::string_view link);

class Notifications {
public:
    static constexpr int kPage = 30;
    static constexpr std::size_t kMaxShown = 500;

    explicit Notifications(ModelContext& context);
    ~Notifications() { *self_ = nullptr; }
    Notifications(const Notifications&) = delete;
    Notifications& operator=(const Notifications&) = delete;

    [[nodiscard]] const NotificationsState& state() const { return state_.get(); }
    [[nodiscard]] const NotificationPreferences& preferences() const { return preferences_.get(); }
    [[nodiscard]] std::uint64_t version() const { return state_.version() + preferences_.version(); }

    void start();
    void wake();             // the tab came back: reconnect now
    void ensure();           // reads the first page if there is none, or it failed
    void reload();
    void load_more();
    void mark_read(const std::string& id);
    void mark_all_read();
    void set_unread_only(bool unread_only);
    // Sign-out: ends the stream and every call, forgets everything, here and in storage.
    void clear_notification_state();

private:
    void update(std::function<void(NotificationsState&)> change);
    void on_event(const wire::SseEvent& event);
    void take(const base::Result<Json>& answer);
    // `beyond`: unread ones that are not in the list but marked too.
    void mark(std::set<std::string> ids, int beyond, net::ApiRequest request, base::UniqueFunction<void(const base::Result<void>&)> done);

    ModelContext& context_;
    state::Store<NotificationsState> state_;
    state::Store<NotificationPreferences> preferences_;
    ApiSlots slots_;
    ListQuery list_;
    bool marking_all_ = false;
    std::shared_ptr<Notifications*> self_ = std::make_shared<Notifications*>(this);  // null once gone: a mutation may outlive this
    net::SharedStreams::Lease stream_;
};

}  // namespace model
