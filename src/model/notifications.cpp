#include "model/notifications.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "base/url.hpp"
#include "model/query_keys.hpp"
#include "model/stream_payloads.hpp"

namespace model {

namespace {

using state::SharedJson;

NotificationView read_item(const wire::JsonReader& item) {
    return {.id = item.string_or("id", ""),
            .type = item.string_or("type", ""),
            .title = item.string_or("title", ""),
            .message = item.string_or("message", ""),
            .link = item.string_or("link", ""),
            .created_at = item.string_or("createdAt", ""),
            .read = item.boolean_or("read", false)};
}

std::string page_path(std::size_t offset) {
    return "/user-notifications?limit=" + std::to_string(Notifications::kPage) + "&offset=" + std::to_string(offset);
}

// The cached list: {"notifications":[...], "total":n, "unreadCount":n}, as the backend gives its first page.

const SharedJson* find_item(const SharedJson& items, std::string_view id) {
    for (const SharedJson& item : items.items()) {
        if (item.string_or("id", "") == id) return &item;
    }
    return nullptr;
}

// Marks of `ids` what is unread; `beyond`: unread ones that are not in the list yet and are marked with them.
std::optional<SharedJson> with_marked(const SharedJson& list, const std::set<std::string>& ids, std::int64_t beyond) {
    SharedJson items = list.member("notifications");
    std::int64_t marked = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
        const SharedJson& item = items.item(i);
        if (item.boolean_or("read", false) || !ids.contains(std::string(item.string_or("id", "")))) continue;
        items = items.with_item(i, item.with("read", true));
        ++marked;
    }
    if (marked == 0 && !ids.empty()) return std::nullopt;
    const std::int64_t unread = std::max<std::int64_t>(list.integer_or("unreadCount", 0) - marked - beyond, 0);
    return list.with("notifications", std::move(items)).with("unreadCount", unread);
}

// A new one at the head, or an older page at the end. What is known already stays as it is.
std::optional<SharedJson> with_items(const SharedJson& list, const SharedJson& more, bool at_head) {
    std::vector<SharedJson> items(list.member("notifications").items().begin(), list.member("notifications").items().end());
    std::vector<SharedJson> fresh;
    for (const SharedJson& item : more.items()) {
        if (!item.string_or("id", "").empty() && !find_item(list.member("notifications"), item.string_or("id", ""))) fresh.push_back(item);
    }
    if (fresh.empty()) return std::nullopt;
    items.insert(at_head ? items.begin() : items.end(), fresh.begin(), fresh.end());
    if (items.size() > Notifications::kMaxShown) items.resize(Notifications::kMaxShown);
    return list.with("notifications", SharedJson::array(std::move(items)));
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

Notifications::Notifications(ModelContext& context)
    : context_(context), slots_(context.api), list_(context, keys::notifications(), page_path(0), [this](const base::Result<Json>& answer) { take(answer); }) {
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
        list_.patch([&](const SharedJson& list) -> std::optional<SharedJson> { return list.with("unreadCount", said->unread); });
        update([unread = said->unread](NotificationsState& s) { s.unread = unread; });
        // What came while the stream was away.
        if (state().phase == LoadPhase::ready) reload();
        return;
    }
    const SharedJson item = SharedJson::from(said->item);
    if (item.string_or("id", "").empty()) return;
    const bool unread = !item.boolean_or("read", false);
    if (state().phase != LoadPhase::ready) return update([&](NotificationsState& s) { s.unread += unread ? 1 : 0; });
    list_.patch([&](const SharedJson& list) -> std::optional<SharedJson> {
        auto next = with_items(list, SharedJson::array({item}), true);
        if (!next) return next;
        return next->with("total", list.integer_or("total", 0) + 1).with("unreadCount", list.integer_or("unreadCount", 0) + (unread ? 1 : 0));
    });
}

void Notifications::ensure() {
    if (state().phase == LoadPhase::idle || state().phase == LoadPhase::failed) reload();
}

void Notifications::reload() {
    update([](NotificationsState& s) {
        if (s.phase != LoadPhase::ready) s.phase = LoadPhase::loading;
    });
    list_.load();
}

void Notifications::take(const base::Result<Json>& answer) {
    if (!answer) {
        return update([&](NotificationsState& s) {
            s.error = answer.error();
            if (s.phase != LoadPhase::ready) s.phase = LoadPhase::failed;  // else what there is stays, with its age
        });
    }
    wire::JsonErrors errors;
    const wire::JsonReader body(*answer, errors);
    std::vector<NotificationView> items;
    std::set<std::string> known;
    for (const wire::JsonReader entry : body.array_or_empty("notifications")) {
        NotificationView item = read_item(entry);
        if (!item.id.empty() && known.insert(item.id).second && items.size() < kMaxShown) items.push_back(std::move(item));
    }
    update([&](NotificationsState& s) {
        s.items = std::move(items);
        s.total = static_cast<int>(body.integer_or("total", static_cast<std::int64_t>(s.items.size()), {.min = 0, .max = 1'000'000}));
        s.unread = static_cast<int>(body.integer_or("unreadCount", s.unread, {.min = 0, .max = 1'000'000}));
        s.phase = LoadPhase::ready;
        s.loaded_at_ms = list_.updated_at_ms();
        if (!list_.failing()) s.error = {};
    });
}

void Notifications::load_more() {
    if (state().phase != LoadPhase::ready || state().loading_more || static_cast<int>(state().items.size()) >= state().total) return;
    update([](NotificationsState& s) { s.loading_more = true; });
    slots_.call("more", {.path = page_path(state().items.size())}, [this](base::Result<net::ApiReply> reply) {
        if (reply) {
            const SharedJson page = SharedJson::from(reply->json);
            list_.patch([&](const SharedJson& list) -> std::optional<SharedJson> {
                const SharedJson next = with_items(list, page.member("notifications"), false).value_or(list);
                return next.with("total", page.integer_or("total", list.integer_or("total", 0)));
            });
        }
        update([](NotificationsState& s) { s.loading_more = false; });
    });
}

// Seen at once; what the hub refuses is taken back.
void Notifications::mark(std::set<std::string> ids, int beyond, net::ApiRequest request, base::UniqueFunction<void(const base::Result<void>&)> done) {
    const auto tell = std::make_shared<base::UniqueFunction<void(const base::Result<void>&)>>(std::move(done));
    context_.queries.mutate(
        {.run = [&api = context_.api, request = std::move(request)](const state::MutationContext&, state::QueryDone answer) -> state::QueryWork {
             return api.call(request, [answer = std::move(answer)](base::Result<net::ApiReply> reply) mutable {
                 // One that is gone is as good as read.
                 if (!reply && reply.error().code != base::ErrorCode::not_found) return answer(base::fail(reply.error()));
                 answer(SharedJson());
             });
         },
         .optimistic =
             [ids = std::move(ids), beyond](const SharedJson&) {
                 return std::vector<state::OptimisticEdit>{{keys::notifications(), [ids, beyond](const std::optional<SharedJson>& list) {
                                                                return list ? with_marked(*list, ids, beyond) : std::nullopt;
                                                            }}};
             }},
        {},
        {.on_success = [self = self_, tell](const SharedJson&) { if (*self) (*tell)({}); },
         .on_error = [self = self_, tell](const base::Error& error) { if (*self) (*tell)(base::fail(error)); }});
    list_.deliver();
}

void Notifications::mark_read(const std::string& id) {
    const auto& items = state().items;
    const auto item = std::find_if(items.begin(), items.end(), [&](const NotificationView& each) { return each.id == id; });
    if (item == items.end() || item->read) return;
    mark({id}, 0, {.method = "PATCH", .path = "/user-notifications/" + base::percent_encode_segment(id) + "/read"}, [this](const base::Result<void>& marked) {
        if (!marked) context_.toast(ToastKind::warning, "The notification could not be marked as read", marked.error().message);
    });
}

void Notifications::mark_all_read() {
    if (state().unread == 0 || std::exchange(marking_all_, true)) return;
    std::set<std::string> unread;
    for (const NotificationView& item : state().items) {
        if (!item.read) unread.insert(item.id);
    }
    const int beyond = std::max(state().unread - static_cast<int>(unread.size()), 0);
    mark(std::move(unread), beyond, {.method = "POST", .path = "/user-notifications/mark-all-read"}, [this](const base::Result<void>& marked) {
        marking_all_ = false;
        if (!marked) context_.toast(ToastKind::warning, "The notifications could not be marked as read", marked.error().message);
    });
}

void Notifications::set_unread_only(bool unread_only) {
    preferences_.update([&](NotificationPreferences& s) { s.unread_only = unread_only; });
    context_.changed(kTopicChrome);
}

void Notifications::clear_notification_state() {
    stream_.reset();
    slots_.clear();
    list_.stop();
    marking_all_ = false;
    state_.set({});
    preferences_.set({});
    context_.persist.erase("binnacle-notifications");
    context_.changed(kTopicChrome | kTopicPages);
}

}  // namespace model
