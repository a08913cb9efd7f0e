// ListFeed: a ResourceFeed for backends that stream no watches: the list is read through GET /api/proxy, page by page, and again every
// kPeriodMs; what differs is told as changes.
#pragma once

#include <memory>

#include "model/model_context.hpp"
#include "model/resources.hpp"

namespace model {

class ListFeed final : public ResourceFeed {
public:
    static constexpr std::int64_t kPeriodMs = 3'000;
    static constexpr std::int64_t kRetryMs = 5'000;
    static constexpr std::size_t kPage = 500;

    explicit ListFeed(ModelContext& context);
    ~ListFeed() override;

    [[nodiscard]] net::WatchSubscription subscribe(const net::WatchSpec& spec, net::WatchCallbacks callbacks) override;
    void wake() override;

private:
    class Poll;
    class Place;
    ModelContext& context_;
    std::shared_ptr<std::vector<Poll*>> polls_;
};

}  // namespace model
