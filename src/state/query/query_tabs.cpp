#include "state/query/query_tabs.hpp"

#include "state/query/query_core.hpp"

namespace state {

namespace {
constexpr std::int64_t kVersion = 1;
}

QueryTabs::QueryTabs(QueryClient& client, base::TabChannel& channel, std::string session)
    : client_(client), channel_(channel), session_(std::move(session)) {
    channel_.on_message([this](std::string_view text) { receive(text); });
    subscription_ = client_.on_invalidate([this](const QueryFilter& filter) {
        // A predicate is code and stays at home; without one the message says the same as the call.
        if (filter.predicate || filter.stale || filter.fetch_status) return;
        const SharedJson message = SharedJson::object({{"v", kVersion},
                                                       {"kind", "invalidate"},
                                                       {"session", session_},
                                                       {"at", client_.scheduler().clock().unix_ms()},
                                                       {"key", filter.key.value_or(QueryKey()).json()},
                                                       {"exact", filter.exact}});
        if (!channel_.post(message.text())) ++failed_posts_;
    });
}

QueryTabs::~QueryTabs() { channel_.on_message(nullptr); }

void QueryTabs::receive(std::string_view text) {
    const auto message = SharedJson::parse(text, {.max_bytes = 64 * 1024});
    if (!message || message->integer_or("v", 0) != kVersion || message->string_or("kind", "") != "invalidate" ||
        message->string_or("session", "") != session_ || !message->member("key").is_array()) {
        ++ignored_;
        return;
    }
    const std::int64_t at_ms = message->integer_or("at", 0);
    QueryFilter filter(QueryKey::from(message->member("key")));
    filter.exact = message->boolean_or("exact", false);
    filter.predicate = [at_ms](const QueryKey&, const QueryState& state) { return state.data_updated_at_ms <= at_ms; };
    client_.core_->invalidate(filter, QueryActivity::active, false);
}

}  // namespace state
