// NotificationCenter: what people are told of although they did not watch: runs, nodes that fail, changes of the hub itself.
//
// Each user has a box of their own: the last kKept notifications, newest first, one document of the store. A box is read when it
// is first needed. Whoever follows a box gets every new notification at once; a reader that lags gets `connected` again when it has
// caught up, which says that it has to read the list anew.
//
//   center.tell({user_id}, {.type = "workflow_failed", .title = "Shop failed", .message = why, .link = "/workflows/" + id, .ref_id = id});
//   center.tell(auth.user_ids(Auth::Whom::everybody), {...});
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/scheduler.hpp"
#include "hub/answers.hpp"
#include "hub/document_store.hpp"
#include "hub/followers.hpp"
#include "hub/heartbeat.hpp"
#include "hub/lifetime.hpp"

namespace hub {

struct Notice {
    std::string type;     // workflow_deployed, workflow_failed, build_completed, build_failed, resource_warning, system
    std::string title;    // "Online shop failed"
    std::string message;  // may be empty
    std::string link;     // where a click leads: "/workflows/<id>", "/workflows/<id>/nodes/<node>", "/clusters/<name>", "/settings/plugins"
    std::string ref_id;   // of the workflow, cluster, plugin
};

class NotificationCenter {
public:
    static constexpr std::size_t kKept = 500;  // per user
    static constexpr std::size_t kMaxTextBytes = 2'000;

    NotificationCenter(DocumentStore& store, base::Scheduler& scheduler, base::Random& random, Heartbeat& heartbeat)
        : store_(store), scheduler_(scheduler), random_(random), heartbeat_(heartbeat) {}
    void tell(const std::vector<std::string>& user_ids, const Notice& notice);

    // Answers {notifications, total, unreadCount}.
    void list(const std::string& user_id, std::size_t limit, std::size_t offset, Writer writer);
    void count_unread(const std::string& user_id, Writer writer);
    void mark_read(const std::string& user_id, std::string id, Writer writer);
    void mark_all_read(const std::string& user_id, Writer writer);
    void stream(const std::string& user_id, Writer writer);

private:
    struct Box {
        enum class Phase { unread, loading, ready } phase = Phase::unread;
        std::deque<Json> items;  // newest first, as on the wire
        std::vector<base::UniqueFunction<void(base::Result<void>)>> waiting;
        Followers<> followers;
        bool saving = false;
        bool dirty = false;
    };
    using Then = base::UniqueFunction<void(Box&)>;

    // Reads the box if needed; on failure answers `writer`, if there is one.
    void with_box(const std::string& user_id, Writer writer, Then then);
    void read(const std::string& user_id, Box& box);
    void add(const std::string& user_id, Box& box, const Notice& notice);
    void save(const std::string& user_id, Box& box);
    [[nodiscard]] static std::size_t unread(const Box& box);
    [[nodiscard]] static std::string connected(const Box& box);

    DocumentStore& store_;
    base::Scheduler& scheduler_;
    base::Random& random_;
    Heartbeat& heartbeat_;
    std::map<std::string, Box> boxes_;  // by user
    Lifetime lifetime_;
};

}  // namespace hub
