#include "model/notifications.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "base/url.hpp"
#include "model/stream_payloads.hpp"

namespace model {

namespace {

NotificationView read_item(const wire::JsonReader& item) {
    return {.id = item.string_or("id", ""),
            .type = item.string_or("type", ""),
            .title = item.string_or("title", ""),
            .message = item.string_or("message", ""),
            .link = item.string_or("link", ""),
            .created_at = item.string_or("createdAt", ""),
            .read = item.boolean_or("read", false)};
}

state::PersistSchema<NotificationPreferences> preferences_schema() {
    return {.key = "binnacle-notifications",
            .version = 1,
            .to_json = [](const NotificationPreferences& s) { return Json{{"unreadOnly", s.unread_only}}; },
            .from_json = [](const Json& json, NotificationPreferences current) {
                wire::JsonErrors errors;
                current.unread_only = wire::JsonReader(json, errors).boolean_or("unreadOnly", false);
                return current;
            },
            .migrations = {}};
}

}  // namespace

NotificationLink parse_notification_link(std::string_view link) {
    const auto target = base::parse_target(link);
    if (!target || target->segments.empty()) return {};
    const std::vector<std::string>& at = target->segments;
    if (at[0] == "workflows" && at.size() == 2) return {.workflow_id = at[1], .node_id = {}, .page = {}};
    if (at[0] == "workflows" && at.size() == 4 && at[2] == "nodes") return {.workflow_id = at[1], .node_id = at[3], .page = {}};
    if (at[0] == "builds" && at.size() == 2) return {.workflow_id = {}, .node_id = {}, .page = {}, .build_id = at[1]};
    if (at[0] == "alerts") return {.workflow_id = {}, .node_id = {}, .page = "alerts"};
    if (at[0] == "clusters") return {.workflow_id = {}, .node_id = {}, .page = "clusters"};
    if (at[0] == "activity" && at.size() == 1) return {.workflow_id = {}, .node_id = {}, .page = "activity"};
    if (at[0] == "settings" && at.size() == 2) return {.workflow_id = {}, .node_id = {}, .page = "settings/" + at[1]};
    return {};
}

Notifications::Notifications(ModelContext& context) : context_(context), slots_(context.api) {
    context_.persist.bind(preferences_, preferences_schema());
}

void Notifications::update(std::function<void(NotificationsState&)> change) {
    const std::uint64_t before = state_.version();
    state_.update([&](NotificationsState& s) { change(s); });
    if (state_.version() != before) context_.changed(kTopicChrome | kTopicPages);
}

void Notifications::start() {
    stream_ = context_.streams.join("user-notifications", [this] { return context_.stream(net::StreamKind::user_notifications, "/user-notifications/stream"); },
                                    {.on_event = [this](const wire::SseEvent& event) { on_event(event); },
                                     .on_change =
                                         [this](const net::EventStream::State& stream) {
                                             const bool live = stream.phase == net::EventStream::Phase::open;
                                             update([live](NotificationsState& s) { s.live = live; });
                                         }},
                                    "connected");
}

void Notifications::wake() {
    stream_.reconnect_now();
}

void Notifications::on_event(const wire::SseEvent& event) {
    const auto said = decode_notification_event(event.type, event.data);
    if (!said) return;
    if (said->kind == NotificationEvent::Kind::connected) {
        update([unread = said->unread](NotificationsState& s) { s.unread = unread; });
        // What came while the stream was away.
        if (state().phase == LoadPhase::ready) reload();
        return;
    }
    wire::JsonErrors errors;
    NotificationView item = read_item(wire::JsonReader(said->item, errors));
    if (item.id.empty()) return;
    update([&](NotificationsState& s) {
        const bool known = std::any_of(s.items.begin(), s.items.end(), [&](const NotificationView& other) { return other.id == item.id; });
        if (known) return;
        if (!item.read) ++s.unread;
        if (s.phase != LoadPhase::ready) return;
        ++s.total;
        s.items.insert(s.items.begin(), item);
        if (s.items.size() > kMaxShown) s.items.pop_back();
    });
}

void Notifications::ensure() {
    if (state().phase == LoadPhase::idle || state().phase == LoadPhase::failed) reload();
}

void Notifications::reload() {
    update([](NotificationsState& s) {
        if (s.phase != LoadPhase::ready) s.phase = LoadPhase::loading;
    });
    read_page(0, true);
}

void Notifications::load_more() {
    if (state().phase != LoadPhase::ready || state().loading_more || static_cast<int>(state().items.size()) >= state().total) return;
    update([](NotificationsState& s) { s.loading_more = true; });
    read_page(static_cast<int>(state().items.size()), false);
}

void Notifications::read_page(int offset, bool replace) {
    slots_.call("list", {.path = "/user-notifications?limit=" + std::to_string(kPage) + "&offset=" + std::to_string(offset)}, [this, replace](base::Result<net::ApiReply> reply) {
        if (!reply) {
            return update([&](NotificationsState& s) {
                s.loading_more = false;
                if (s.phase == LoadPhase::ready) return;  // stale is better than nothing
                s.phase = LoadPhase::failed;
                s.error = reply.error();
            });
        }
        wire::JsonErrors errors;
        const wire::JsonReader body(reply->json, errors);
        update([&](NotificationsState& s) {
            if (replace) s.items.clear();
            std::set<std::string> known;
            for (const NotificationView& item : s.items) known.insert(item.id);
            for (const wire::JsonReader entry : body.array_or_empty("notifications")) {
                NotificationView item = read_item(entry);
                if (!item.id.empty() && known.insert(item.id).second && s.items.size() < kMaxShown) s.items.push_back(std::move(item));
            }
            s.total = static_cast<int>(body.integer_or("total", static_cast<std::int64_t>(s.items.size()), {.min = 0, .max = 1'000'000}));
            s.unread = static_cast<int>(body.integer_or("unreadCount", s.unread, {.min = 0, .max = 1'000'000}));
            s.phase = LoadPhase::ready;
            s.error = {};
            s.loading_more = false;
        });
    });
}

void Notifications::mark_read(const std::string& id) {
    const auto find = [id](NotificationsState& s) {
        return std::find_if(s.items.begin(), s.items.end(), [&](const NotificationView& item) { return item.id == id; });
    };
    bool was_unread = false;
    update([&](NotificationsState& s) {
        const auto item = find(s);
        if (item == s.items.end() || item->read) return;
        was_unread = true;
        item->read = true;
        s.unread = std::max(0, s.unread - 1);
    });
    if (!was_unread) return;
    slots_.call("read/" + id, {.method = "PATCH", .path = "/user-notifications/" + base::percent_encode_segment(id) + "/read"}, [this, find](base::Result<net::ApiReply> reply) {
        if (reply || reply.error().code == base::ErrorCode::not_found) return;
        update([&](NotificationsState& s) {
            const auto item = find(s);
            if (item == s.items.end() || !item->read) return;
            item->read = false;
            ++s.unread;
        });
        context_.toast(ToastKind::warning, "The notification could not be marked as read", reply.error().message);
    });
}

void Notifications::mark_all_read() {
    if (state().unread == 0 || slots_.busy("read-all")) return;
    std::set<std::string> marked;
    const int before = state().unread;
    update([&](NotificationsState& s) {
        for (NotificationView& item : s.items) {
            if (!item.read) marked.insert(item.id);
            item.read = true;
        }
        s.unread = 0;
    });
    slots_.call("read-all", {.method = "POST", .path = "/user-notifications/mark-all-read"}, [this, marked, before](base::Result<net::ApiReply> reply) {
        if (reply) return;
        update([&](NotificationsState& s) {
            for (NotificationView& item : s.items) {
                if (marked.contains(item.id)) item.read = false;
            }
            s.unread += before;  // besides what has come since
        });
        context_.toast(ToastKind::warning, "The notifications could not be marked as read", reply.error().message);
    });
}

void Notifications::set_unread_only(bool unread_only) {
    preferences_.update([&](NotificationPreferences& s) { s.unread_only = unread_only; });
    context_.changed(kTopicChrome);
}

void Notifications::clear_notification_state() {
    stream_.reset();
    slots_.clear();
    state_.set({});
    preferences_.set({});
    context_.persist.erase("binnacle-notifications");
    context_.changed(kTopicChrome | kTopicPages);
}

}  // namespace model
