#include "hub/notification_center.hpp"

#include <algorithm>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "wire/sse_writer.hpp"

namespace hub {

namespace {

constexpr const char* kCollection = "user_notifications";

}  // namespace

std::size_t NotificationCenter::unread(const Box& box) {
    return static_cast<std::size_t>(std::count_if(box.items.begin(), box.items.end(), [](const Json& item) { return !flag_at(item, "read"); }));
}

std::string NotificationCenter::connected(const Box& box) {
    return wire::sse_event("connected", dump_json({{"unreadCount", unread(box)}}));
}

void NotificationCenter::with_box(const std::string& user_id, Writer writer, Then then) {
    Box& box = boxes_[user_id];
    if (box.phase == Box::Phase::ready) return then(box);
    box.waiting.emplace_back([this, user_id, writer = std::move(writer), then = std::move(then)](base::Result<void> read_it) mutable {
        if (read_it) return then(boxes_[user_id]);
        if (writer) send_error(*writer, read_it.error());
    });
    if (box.phase == Box::Phase::unread) read(user_id, box);
}

void NotificationCenter::read(const std::string& user_id, Box& box) {
    box.phase = Box::Phase::loading;
    store_.get(kCollection, user_id, lifetime_.guard([this, user_id](base::Result<Document> document) {
        Box& found = boxes_[user_id];
        base::Result<void> outcome;
        if (document) {
            const auto json = base::parse_json(document->json);
            for (const Json& item : array_at(json ? *json : shared_null(), "items")) {
                if (found.items.size() < kKept && !text_at(item, "id").empty()) found.items.push_back(item);
            }
        } else if (document.error().code != base::ErrorCode::not_found) {
            outcome = base::fail(document.error());
        }
        found.phase = outcome ? Box::Phase::ready : Box::Phase::unread;  // the next one tries again
        for (auto& waiting : std::exchange(found.waiting, {})) waiting(outcome);
    }));
}

void NotificationCenter::tell(const std::vector<std::string>& user_ids, const Notice& notice) {
    for (const std::string& user_id : user_ids) {
        if (user_id.empty()) continue;
        with_box(user_id, nullptr, [this, user_id, notice](Box& box) { add(user_id, box, notice); });
    }
}

void NotificationCenter::add(const std::string& user_id, Box& box, const Notice& notice) {
    const std::int64_t now_ms = scheduler_.clock().unix_ms();
    box.items.push_front({{"id", base::make_id(random_, now_ms)},
                          {"userId", user_id},
                          {"type", notice.type},
                          {"title", base::utf8_prefix(notice.title, kMaxTextBytes)},
                          {"message", base::utf8_prefix(notice.message, kMaxTextBytes)},
                          {"read", false},
                          {"link", notice.link},
                          {"refId", notice.ref_id},
                          {"createdAt", base::format_rfc3339_millis(now_ms)}});
    if (box.items.size() > kKept) box.items.resize(kKept);
    save(user_id, box);
    box.followers.send(wire::sse_event("new_notification", dump_json(box.items.front())));
}

// One write at a time; what comes meanwhile is one more.
void NotificationCenter::save(const std::string& user_id, Box& box) {
    box.dirty = true;
    if (box.saving) return;
    box.saving = true;
    box.dirty = false;
    Json items = Json::array();
    for (const Json& item : box.items) items.push_back(item);
    store_.put(kCollection, user_id, dump_json({{"items", std::move(items)}}), DocumentStore::kAnyRevision,
               lifetime_.guard([this, user_id](base::Result<std::int64_t>) {
                   Box& saved = boxes_[user_id];
                   saved.saving = false;
                   if (saved.dirty) save(user_id, saved);
               }));
}

void NotificationCenter::list(const std::string& user_id, std::size_t limit, std::size_t offset, Writer writer) {
    with_box(user_id, writer, [writer, limit, offset](Box& box) {
        Json page = Json::array();
        for (std::size_t i = offset; i < box.items.size() && page.size() < limit; ++i) page.push_back(box.items[i]);
        send_json(*writer, 200, {{"notifications", std::move(page)}, {"total", box.items.size()}, {"unreadCount", unread(box)}});
    });
}

void NotificationCenter::count_unread(const std::string& user_id, Writer writer) {
    with_box(user_id, writer, [writer](Box& box) { send_json(*writer, 200, {{"unreadCount", unread(box)}}); });
}

void NotificationCenter::mark_read(const std::string& user_id, std::string id, Writer writer) {
    with_box(user_id, writer, [this, user_id, id = std::move(id), writer](Box& box) {
        const auto found = std::find_if(box.items.begin(), box.items.end(), [&](const Json& item) { return text_at(item, "id") == id; });
        if (found == box.items.end()) return send_error(*writer, 404, "There is no such notification; only the last " + std::to_string(kKept) + " are kept.");
        if (!flag_at(*found, "read")) {
            (*found)["read"] = true;
            save(user_id, box);
        }
        send_json(*writer, 200, {{"message", "Marked as read"}, {"unreadCount", unread(box)}});
    });
}

void NotificationCenter::mark_all_read(const std::string& user_id, Writer writer) {
    with_box(user_id, writer, [this, user_id, writer](Box& box) {
        const std::size_t before = unread(box);
        for (Json& item : box.items) item["read"] = true;
        if (before > 0) save(user_id, box);
        send_json(*writer, 200, {{"message", "All are marked as read"}, {"marked", before}, {"unreadCount", 0}});
    });
}

void NotificationCenter::stream(const std::string& user_id, Writer writer) {
    with_box(user_id, writer, [this, user_id, writer](Box& box) {
        heartbeat_.add(writer);
        box.followers.add(writer, [this, user_id] { return connected(boxes_[user_id]); });
    });
}

}  // namespace hub
