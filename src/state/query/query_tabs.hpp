// QueryTabs: an edit made in one tab invalidates the same queries in the others.
//
//   state::QueryTabs tabs(queries, channel, session_id);   // after every sign-in with its id; drop it at sign-out
//
// Only the invalidation travels, as {"v":1,"kind":"invalidate","session":...,"at":...,"key":[...],"exact":...}: never data, so a large list
// costs nothing and an old value cannot overwrite a new one. Each tab refetches what it shows. A message of another session, of an
// unknown version or shape is ignored; one older than the data here is, too. What came from another tab is not sent on, and the
// answers of refetches are not announced: no two tabs can keep each other busy.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/tabs.hpp"
#include "state/query/query_client.hpp"

namespace state {

class QueryTabs {
public:
    QueryTabs(QueryClient& client, base::TabChannel& channel, std::string session);
    QueryTabs(const QueryTabs&) = delete;
    QueryTabs& operator=(const QueryTabs&) = delete;
    ~QueryTabs();
    // Messages the channel refused to post.
    [[nodiscard]] std::uint64_t failed_posts() const { return failed_posts_; }
    [[nodiscard]] std::uint64_t ignored_messages() const { return ignored_; }

private:
    void receive(std::string_view text);

    QueryClient& client_;
    base::TabChannel& channel_;
    std::string session_;
    std::uint64_t failed_posts_ = 0;
    std::uint64_t ignored_ = 0;
    Subscription subscription_;
};

}  // namespace state
