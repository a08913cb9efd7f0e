#include "base/testing/virtual_tabs.hpp"

#include <algorithm>
#include <utility>

namespace base::testing {

struct VirtualBrowser::World {
    struct Member {
        std::string name;
        std::shared_ptr<TabState> tab;
        std::shared_ptr<UniqueFunction<void(std::string_view)>> callback;
    };
    struct Claim {
        std::uint64_t id = 0;
        std::shared_ptr<TabState> tab;
        TabLocks::Options options;
        UniqueFunction<void(Result<void>)> granted;
        bool held = false;
    };

    Scheduler& scheduler;
    std::int64_t message_delay_ms;
    std::uint64_t next_id = 1;
    std::map<std::uint64_t, Member> members;
    std::map<std::string, std::deque<Claim>> locks;  // the holder is in front
    std::vector<std::string> posted;
    std::map<std::uint64_t, Timer> deliveries;

    World(Scheduler& s, std::int64_t delay_ms) : scheduler(s), message_delay_ms(delay_ms) {}

    static void grant_front(const std::shared_ptr<World>& world, const std::string& name) {
        auto& claims = world->locks[name];
        if (claims.empty() || claims.front().held) return;
        claims.front().held = true;
        world->scheduler.post([weak = std::weak_ptr<World>(world), name, id = claims.front().id] {
            const auto alive = weak.lock();
            if (!alive) return;
            for (Claim& claim : alive->locks[name]) {
                if (claim.id != id || !claim.held || !claim.granted) continue;
                auto granted = std::move(claim.granted);
                granted({});
                return;
            }
        });
    }
    static void remove(const std::shared_ptr<World>& world, const std::string& name, std::uint64_t id) {
        auto& claims = world->locks[name];
        std::erase_if(claims, [&](const Claim& claim) { return claim.id == id; });
        grant_front(world, name);
    }
};

class VirtualBrowser::Channel final : public TabChannel {
public:
    Channel(std::shared_ptr<World> world, std::shared_ptr<TabState> tab, std::string name)
        : world_(std::move(world)), name_(std::move(name)), id_(world_->next_id++) {
        world_->members[id_] = {name_, std::move(tab), std::make_shared<UniqueFunction<void(std::string_view)>>()};
    }
    ~Channel() override { world_->members.erase(id_); }

    Result<void> post(std::string_view message) override {
        if (!world_->members[id_].tab->open) return {};
        world_->posted.emplace_back(message);
        std::vector<std::uint64_t> receivers;
        for (const auto& [id, member] : world_->members) {
            if (id != id_ && member.name == name_ && member.tab->open && !member.tab->frozen) receivers.push_back(id);
        }
        const std::uint64_t delivery = world_->next_id++;
        world_->deliveries[delivery] = world_->scheduler.after(
            world_->message_delay_ms, [weak = std::weak_ptr<World>(world_), delivery, receivers = std::move(receivers), text = std::string(message)] {
                const auto world = weak.lock();
                if (!world) return;
                const auto done = world->deliveries.extract(delivery);
                for (const std::uint64_t id : receivers) {
                    const auto member = world->members.find(id);
                    if (member == world->members.end() || !member->second.tab->open || member->second.tab->frozen) continue;
                    const auto callback = member->second.callback;
                    if (*callback) (*callback)(text);
                }
            });
        return {};
    }
    void on_message(UniqueFunction<void(std::string_view)> callback) override { *world_->members[id_].callback = std::move(callback); }

private:
    std::shared_ptr<World> world_;
    std::string name_;
    std::uint64_t id_;
};

class VirtualBrowser::Held final : public LockHandle::Impl {
public:
    Held(std::shared_ptr<World> world, std::string name, std::uint64_t id) : world_(std::move(world)), name_(std::move(name)), id_(id) {}
    ~Held() override {
        *alive_ = false;
        World::remove(world_, name_, id_);
    }
    [[nodiscard]] std::shared_ptr<bool> alive() const { return alive_; }

private:
    std::shared_ptr<World> world_;
    std::string name_;
    std::uint64_t id_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

VirtualBrowser::VirtualBrowser(Scheduler& scheduler, std::int64_t message_delay_ms)
    : world_(std::make_shared<World>(scheduler, message_delay_ms)) {}

std::unique_ptr<VirtualBrowser::Tab> VirtualBrowser::open_tab() { return std::make_unique<Tab>(world_, std::make_shared<TabState>()); }
std::uint64_t VirtualBrowser::messages() const { return world_->posted.size(); }
const std::vector<std::string>& VirtualBrowser::posted() const { return world_->posted; }

std::unique_ptr<TabChannel> VirtualBrowser::Tab::channel(std::string name) {
    return std::make_unique<Channel>(world_, state_, std::move(name));
}

void VirtualBrowser::Tab::close() {
    if (!state_->open) return;
    state_->open = false;
    std::vector<std::pair<std::string, std::uint64_t>> gone;
    for (const auto& [name, claims] : world_->locks) {
        for (const auto& claim : claims) {
            if (claim.tab == state_) gone.emplace_back(name, claim.id);
        }
    }
    for (const auto& [name, id] : gone) World::remove(world_, name, id);
}

LockHandle VirtualBrowser::Tab::request(std::string name, Options options, UniqueFunction<void(Result<void>)> granted) {
    const std::uint64_t id = world_->next_id++;
    if (locks_denied_ || !state_->open) {
        auto held = std::make_unique<Held>(world_, name, id);
        world_->scheduler.post([alive = held->alive(), granted = std::move(granted)]() mutable {
            if (*alive) granted(fail(ErrorCode::unavailable, "This browser offers no locks between tabs"));
        });
        return LockHandle(std::move(held));
    }
    auto& claims = world_->locks[name];
    if (options.steal && !claims.empty() && claims.front().held) {
        world_->scheduler.post([lost = std::make_shared<UniqueFunction<void()>>(std::move(claims.front().options.lost))] {
            if (*lost) (*lost)();
        });
        claims.pop_front();
    }
    World::Claim claim{id, state_, std::move(options), std::move(granted), false};
    if (claim.options.steal) claims.push_front(std::move(claim));
    else claims.push_back(std::move(claim));
    World::grant_front(world_, name);
    return LockHandle(std::make_unique<Held>(world_, std::move(name), id));
}

}  // namespace base::testing
