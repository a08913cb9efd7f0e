#include "model/tab_sync.hpp"

#include <utility>

namespace model {

namespace {

constexpr std::size_t kMaxDepth = 64;

// The member if it is a string, else null.
const std::string* text_member(const Json& object, const char* key) {
    const auto it = object.find(key);
    return it == object.end() ? nullptr : it->get_ptr<const std::string*>();
}

}  // namespace

TabSync::TabSync(base::TabChannel* channel, std::string backend) : channel_(channel), backend_(std::move(backend)) {
    if (channel_) channel_->on_message([this](std::string_view text) { receive(text); });
}

TabSync::~TabSync() {
    if (channel_) channel_->on_message({});
}

void TabSync::on(std::string kind, Handler handler) { handlers_.insert_or_assign(std::move(kind), std::make_shared<Handler>(std::move(handler))); }

bool TabSync::post(std::string_view kind, Json fields, Reach reach) {
    if (!channel_) return false;
    if (!fields.is_object()) fields = Json::object();
    fields["v"] = kVersion;
    fields["kind"] = std::string(kind);
    if (reach == Reach::backend) fields["backend"] = backend_;
    const std::string text = base::dump_json(fields);
    const bool sent = text.size() <= kMaxMessageBytes && channel_->post(text).has_value();
    ++(sent ? counters_->sent : counters_->unsent);
    return sent;
}

void TabSync::receive(std::string_view text) {
    const auto counters = counters_;
    const auto json = base::parse_json(text, {.max_bytes = kMaxMessageBytes, .max_depth = kMaxDepth});
    if (!json || !json->is_object()) {
        ++counters->malformed;
        return;
    }
    const auto version = json->find("v");
    const std::string* kind = text_member(*json, "kind");
    if (version == json->end() || !version->is_number_integer() || !kind) {
        ++counters->malformed;
        return;
    }
    const auto backend = json->find("backend");
    const bool for_us = backend == json->end() || (backend->is_string() && backend->get_ref<const std::string&>() == backend_);
    const auto handler = handlers_.find(*kind);
    if (*version != Json(kVersion) || !for_us || handler == handlers_.end()) {
        ++counters->ignored;
        return;
    }
    ++counters->handled;
    const std::shared_ptr<Handler> function = handler->second;
    (*function)(*json);  // may drop *this
}

}  // namespace model
