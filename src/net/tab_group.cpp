#include "net/tab_group.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "net/channel_transport.hpp"
#include "net/loopback.hpp"

namespace net {

std::string_view to_string(TabRole role) {
    switch (role) {
        case TabRole::waiting: return "waiting";
        case TabRole::opening: return "opening";
        case TabRole::owner: return "owner";
        case TabRole::follower: return "follower";
        case TabRole::alone: return "alone";
    }
    return "waiting";
}

class TabGroup::Impl final : public std::enable_shared_from_this<Impl> {
public:
    explicit Impl(Ports ports)
        : ports_(std::move(ports)),
          front_(std::make_unique<LoopbackClient>(ports_.scheduler, [this](ServerRequest request, std::shared_ptr<RelayWriter> writer) {
              accept(std::move(request), std::move(writer));
          })) {
        if (!ports_.channel) return;
        link_ = std::make_unique<ChannelLink>(std::move(ports_.channel), ports_.random);
        link_->on_frame([this](const ChannelFrame& frame) { receive(frame); });
    }

    HttpClient& front() { return *front_; }
    [[nodiscard]] TabRole role() const { return role_; }
    [[nodiscard]] std::size_t other_tabs() const { return host_ ? host_->tabs() : 0; }
    void on_role(base::UniqueFunction<void(TabRole)> callback) { on_role_ = std::move(callback); }
    void on_failure(base::UniqueFunction<void(const base::Error&)> callback) { on_failure_ = std::move(callback); }

    void on_company(base::UniqueFunction<void()> callback) { on_company_ = std::move(callback); }

    void start(bool share) {
        if (!share || !link_ || !ports_.locks.available()) return work_alone();
        queue_for_lock(false);
        seek();
    }

    // The group is destroyed: not one callback more.
    void close() {
        ++generation_;
        front_.reset();
        entries_.clear();
        lock_.release();
        on_role_.reset();
        on_failure_.reset();
        on_company_.reset();
        drop_connection();
        server_.reset();
        link_.reset();
    }

    void set_visible(bool visible) {
        if (std::exchange(visible_, visible) == visible) return;
        if (host_) host_->set_hidden(!visible);
        if (client_) client_->set_visible(visible);
        unanswered_seeks_ = 0;
        if (visible && role_ == TabRole::waiting && link_) seek();
    }

    void leave() {
        left_ = true;
        if (host_) host_->leave();
        if (client_) link_->post(FrameKind::bye, client_->host_id());
    }

    void came_back() {
        left_ = false;
        if (host_) host_->announce();
        else if (link_ && role_ != TabRole::alone) link_->post(FrameKind::hello, "*");
    }

private:
    struct Entry {
        ServerRequest request;  // until it was sent; GET and HEAD until the answer's head
        std::shared_ptr<RelayWriter> writer;
        RequestHandle inner;    // active: on its way
        bool has_head = false;
        base::Timer patience;
    };
    using Entries = std::map<std::uint64_t, Entry>;

    static bool may_repeat(const Entry& entry) {
        return !entry.has_head && (entry.request.method == "GET" || entry.request.method == "HEAD");
    }
    [[nodiscard]] HttpClient* connection() const {
        if (local_) return local_.get();
        return client_.get();
    }

    // ---- requests

    void accept(ServerRequest request, std::shared_ptr<RelayWriter> writer) {
        const std::uint64_t id = ++last_entry_;
        writer->on_close([weak = weak_from_this(), id] {
            if (const auto self = weak.lock()) self->entries_.erase(id);
        });
        Entry& entry = entries_[id];
        entry.request = std::move(request);
        entry.writer = std::move(writer);
        if (connection()) forward(id, entry);
        else be_patient(id, entry);
    }

    void be_patient(std::uint64_t id, Entry& entry) {
        entry.patience = ports_.scheduler.after(kPatienceMs, [this, id] {
            fail(id, {base::ErrorCode::unavailable, "no tab has the hub yet", "Wait a moment; if it stays so, close the other tabs of this site and reload"});
        });
    }

    void forward(std::uint64_t id, Entry& entry) {
        entry.patience.cancel();
        Request request;
        if (may_repeat(entry)) {
            request = {entry.request.method, entry.request.target, entry.request.headers, entry.request.body};
        } else {
            request = {entry.request.method, std::move(entry.request.target), std::move(entry.request.headers), std::move(entry.request.body)};
        }
        request.head_timeout_ms = request.idle_timeout_ms = 0;  // the loopback in front has the clock
        ResponseCallbacks callbacks;
        callbacks.on_head = [this, id](ResponseHead head) {
            Entry& to = entries_.find(id)->second;  // it owns the handle whose callback this is
            to.has_head = true;
            to.request = {};
            to.writer->start(std::move(head));
        };
        callbacks.on_data = [this, id](std::string_view bytes) {
            Entry& to = entries_.find(id)->second;
            if (to.writer->write(bytes)) return;
            to.inner.set_paused(true);
            to.writer->on_drain([weak = weak_from_this(), id] {
                const auto self = weak.lock();
                if (!self) return;
                if (const auto found = self->entries_.find(id); found != self->entries_.end()) found->second.inner.set_paused(false);
            });
        };
        callbacks.on_done = [this, id](base::Result<void> result) {
            if (!result) return fail(id, std::move(result).error());
            const auto entry_node = entries_.extract(id);
            entry_node.mapped().writer->end();
        };
        entry.inner = connection()->send(std::move(request), std::move(callbacks));
    }

    void fail(std::uint64_t id, base::Error error) {
        const auto entry_node = entries_.extract(id);
        if (!entry_node.empty()) entry_node.mapped().writer->fail(std::move(error));
    }

    void connected() {
        unanswered_seeks_ = 0;
        seek_timer_.cancel();
        std::vector<std::uint64_t> waiting;
        for (const auto& [id, entry] : entries_) {
            if (!entry.inner.active()) waiting.push_back(id);
        }
        for (const std::uint64_t id : waiting) {
            if (const auto found = entries_.find(id); found != entries_.end()) forward(id, found->second);
        }
    }

    // Whoever answered does not any more. What can be asked again waits for the next, the rest fails.
    void disconnect() {
        if (!connection()) return;
        std::vector<std::uint64_t> cut;
        for (auto& [id, entry] : entries_) {
            if (!entry.inner.active()) continue;
            entry.inner.cancel();
            if (may_repeat(entry)) be_patient(id, entry);
            else cut.push_back(id);
        }
        drop_connection();
        for (const std::uint64_t id : cut) fail(id, {base::ErrorCode::unavailable, "the hub moves to another tab", {}});
    }

    void drop_connection() {
        host_.reset();
        local_.reset();
        client_.reset();
    }

    void become(TabRole role) {
        role_ = role;
        if (on_role_) on_role_(role);
    }

    // ---- the lock

    void queue_for_lock(bool steal) {
        steal_timer_.cancel();
        lock_.release();
        base::TabLocks::Options options;
        options.steal = steal;
        options.lost = [weak = weak_from_this(), turn = ++lock_turn_] {
            const auto self = weak.lock();
            if (self && turn == self->lock_turn_) self->on_lock_lost();
        };
        lock_ = ports_.locks.request(std::string(kLockName), std::move(options), [this, turn = lock_turn_](base::Result<void> granted) {
            if (turn != lock_turn_) return;
            if (granted) open_server();
            else if (role_ == TabRole::waiting) work_alone();
        });
    }

    void on_lock_lost() {
        ++generation_;  // a server that is being opened
        disconnect();
        server_.reset();
        become(TabRole::waiting);
        queue_for_lock(false);
        seek();
    }

    void work_alone() {
        lock_.release();
        seek_timer_.cancel();
        alone_ = true;
        if (link_) link_->post(FrameKind::hello, "*");
        open_server();
    }

    void on_company_heard(const ChannelFrame& frame) {
        if (frame.kind != FrameKind::hello) return;
        if (frame.to == "*") link_->post(FrameKind::hello, frame.from);
        if (auto callback = std::exchange(on_company_, {})) callback();
    }

    void open_server() {
        disconnect();
        steal_timer_.cancel();
        seek_timer_.cancel();
        become(TabRole::opening);
        if (!alone_) link_->post(FrameKind::announce, "*");
        ports_.open(alone_, [weak = weak_from_this(), turn = ++generation_](base::Result<std::unique_ptr<TabServer>> server) {
            const auto self = weak.lock();
            if (self && self->generation_ == turn) self->on_server(std::move(server));
        });
    }

    void on_server(base::Result<std::unique_ptr<TabServer>> server) {
        if (!server) return on_open_failed(server.error());
        server_ = std::move(*server);
        local_ = std::make_unique<LoopbackClient>(ports_.scheduler, server_->handler());
        if (!alone_) {
            ChannelHost::Ports ports{.link = *link_, .scheduler = ports_.scheduler, .handler = server_->handler()};
            ports.on_ping = [this] { if (ports_.on_ping) ports_.on_ping(); };
            ports.on_tabs = [this](std::size_t tabs) { if (ports_.on_tabs) ports_.on_tabs(tabs); };
            newest_epoch_ = std::max(newest_epoch_, server_->epoch());
            host_ = std::make_unique<ChannelHost>(std::move(ports), server_->epoch());
            host_->set_hidden(!visible_);
            host_->announce();
        }
        connected();
        become(alone_ ? TabRole::alone : TabRole::owner);
    }

    void on_open_failed(const base::Error& error) {
        if (on_failure_) on_failure_(error);
        // Somebody else may have more luck; our own turn comes again.
        lock_.release();
        become(TabRole::waiting);
        reopen_timer_ = ports_.scheduler.after(kReopenMs, [this] {
            if (role_ != TabRole::waiting) return;
            if (alone_) return open_server();
            if (!lock_.active()) queue_for_lock(false);
            seek();
        });
    }

    // ---- the others

    void receive(const ChannelFrame& frame) {
        if (left_) return;  // a page on its way out promises nothing
        if (alone_) return on_company_heard(frame);
        if (host_) return host_->receive(frame);
        if (role_ == TabRole::opening) {
            if (frame.kind == FrameKind::hello) link_->post(FrameKind::announce, frame.from);
            return;
        }
        switch (frame.kind) {
            case FrameKind::announce: on_announce(frame); break;
            case FrameKind::gone:
                if (client_ && client_->host_id() == frame.from) lose_owner();
                return;
            default: break;
        }
        if (client_) client_->receive(frame);
    }

    void on_announce(const ChannelFrame& frame) {
        const bool same = client_ && client_->host_id() == frame.from;
        if ((frame.number & kAnnounceReady) == 0) {
            // It has the lock, so whoever had it before has not.
            unanswered_seeks_ = 0;
            steal_timer_.cancel();
            if (client_ && frame.to == "*") lose_owner();
            return;
        }
        const auto epoch = base::parse_integer_in<std::int64_t>(frame.payload, 0, std::int64_t{1} << 53);
        if (same || !epoch || *epoch < newest_epoch_) return;
        newest_epoch_ = *epoch;
        steal_timer_.cancel();
        disconnect();
        client_ = std::make_unique<ChannelClient>(*link_, ports_.scheduler, std::string(frame.from));
        client_->set_visible(visible_);
        client_->on_lost([this] {
            lose_owner();
            steal_soon();
        });
        if (!lock_.active()) queue_for_lock(false);
        connected();
        become(TabRole::follower);
    }

    void lose_owner() {
        disconnect();
        become(TabRole::waiting);
        seek();
    }

    // Nobody is known: ask, and in the end take the lock from one who does not answer.
    void seek() {
        if (role_ != TabRole::waiting || !link_) return;
        link_->post(FrameKind::hello, "*");
        seek_timer_ = ports_.scheduler.after(kSeekMs, [this] {
            if (visible_ && ++unanswered_seeks_ >= kUnansweredSeeks) {
                unanswered_seeks_ = 0;
                steal_soon();
            }
            seek();
        });
    }

    void steal_soon() {
        if (!visible_ || role_ != TabRole::waiting || steal_timer_.pending()) return;
        steal_timer_ = ports_.scheduler.after(static_cast<std::int64_t>(ports_.random.below(kStealJitterMs)), [this] {
            if (role_ == TabRole::waiting) queue_for_lock(true);
        });
    }

    Ports ports_;
    std::unique_ptr<ChannelLink> link_;
    base::UniqueFunction<void(TabRole)> on_role_;
    base::UniqueFunction<void(const base::Error&)> on_failure_;
    base::UniqueFunction<void()> on_company_;
    TabRole role_ = TabRole::waiting;
    bool visible_ = true;
    bool alone_ = false;
    bool left_ = false;

    base::LockHandle lock_;
    std::uint64_t lock_turn_ = 0;     // callbacks of an earlier request are void
    std::uint64_t generation_ = 0;    // of the server
    std::int64_t newest_epoch_ = 0;
    int unanswered_seeks_ = 0;
    base::Timer seek_timer_;
    base::Timer steal_timer_;
    base::Timer reopen_timer_;

    std::unique_ptr<TabServer> server_;
    std::unique_ptr<ChannelHost> host_;       // owner
    std::unique_ptr<HttpClient> local_;       // owner, alone
    std::unique_ptr<ChannelClient> client_;   // follower
    Entries entries_;
    std::uint64_t last_entry_ = 0;
    std::unique_ptr<LoopbackClient> front_;
};

TabGroup::TabGroup(Ports ports) : impl_(std::make_shared<Impl>(std::move(ports))) {}
TabGroup::~TabGroup() { impl_->close(); }
void TabGroup::on_role(base::UniqueFunction<void(TabRole)> callback) { impl_->on_role(std::move(callback)); }
void TabGroup::on_failure(base::UniqueFunction<void(const base::Error&)> callback) { impl_->on_failure(std::move(callback)); }
void TabGroup::on_company(base::UniqueFunction<void()> callback) { impl_->on_company(std::move(callback)); }
void TabGroup::start(bool share) { impl_->start(share); }
RequestHandle TabGroup::send(Request request, ResponseCallbacks callbacks) {
    return impl_->front().send(std::move(request), std::move(callbacks));
}
TabRole TabGroup::role() const { return impl_->role(); }
std::size_t TabGroup::other_tabs() const { return impl_->other_tabs(); }
void TabGroup::set_visible(bool visible) { impl_->set_visible(visible); }
void TabGroup::leave() { impl_->leave(); }
void TabGroup::came_back() { impl_->came_back(); }

}  // namespace net
