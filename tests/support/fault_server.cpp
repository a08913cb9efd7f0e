#include "support/fault_server.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace support {

struct FaultServer::Connection {
    std::uint64_t id = 0;
    std::shared_ptr<net::ResponseWriter> writer;
    std::string pending;
    std::int64_t left = -1;  // bytes until the fault; -1: none
    bool stalls = false;     // the fault is silence, not a cut
    bool clean_end = false;  // the cut looks like an end
    bool silent = false;
    bool waiting = false;    // for the reader
    base::Timer pump_timer;
    base::Timer beat_timer;
};

FaultServer::FaultServer(base::Scheduler& scheduler, base::Random& random, Opening opening)
    : scheduler_(scheduler), random_(random), opening_(std::move(opening)), self_(std::make_shared<FaultServer*>(this)) {}

FaultServer::~FaultServer() {
    *self_ = nullptr;
    for (const auto& [id, connection] : std::exchange(connections_, {})) connection->writer->abort();
}

void FaultServer::handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) {
    ++counts_.requests;
    if (chance(faults_.cut_before_head)) {
        ++counts_.cut;
        return writer->abort();
    }
    if (!token_.empty() && request.headers.get("authorization") != token_) {
        ++counts_.refused;
        return writer->respond({401, {}, ""});
    }
    if (chance(faults_.refuse)) {
        ++counts_.refused;
        return refuse(*writer);
    }
    const auto connection = std::make_shared<Connection>();
    connection->id = next_id_++;
    connection->writer = std::move(writer);
    connections_[connection->id] = connection;
    most_ = std::max(most_, connections_.size());
    connection->writer->on_close([self = self_, id = connection->id] {
        if (*self) (*self)->drop(id);
    });
    if (chance(faults_.hang)) {
        ++counts_.hung;
        connection->silent = true;
        return;
    }
    connection->writer->start({200, {{"content-type", "text/event-stream"}}});
    if (next_cut_ >= 0) {
        connection->left = std::exchange(next_cut_, -1);
    } else if (const bool cut = chance(faults_.cut); cut || chance(faults_.stall)) {
        connection->left = static_cast<std::int64_t>(random_.below(kCutWithinBytes));
        connection->stalls = !cut;
        connection->clean_end = random_.below(2) == 0;
    }
    connection->pending = opening_(request);
    beat(connection);
    pump(connection);
}

void FaultServer::refuse(net::ResponseWriter& writer) {
    static constexpr std::array kStatuses{204, 403, 404, 408, 410, 418, 429, 500, 502, 503, 504};
    const std::uint64_t which = random_.below(kStatuses.size() + 1);
    if (which == kStatuses.size()) return writer.respond({200, {{"content-type", "text/html"}}, "<p>a proxy's page</p>"});
    net::Headers headers;
    if (kStatuses[which] == 429 || kStatuses[which] == 503) headers.set("retry-after", std::to_string(random_.below(20)));
    writer.respond({kStatuses[which], std::move(headers), ""});
}

void FaultServer::send(std::string_view bytes) {
    const auto now = connections_;
    for (const auto& [id, connection] : now) {
        if (connection->silent) continue;
        connection->pending += bytes;
        pump(connection);
    }
}

void FaultServer::restart() {
    for (const auto& [id, connection] : std::exchange(connections_, {})) connection->writer->abort();
}

void FaultServer::beat(const std::shared_ptr<Connection>& connection) {
    connection->beat_timer = scheduler_.after(kHeartbeatMs, [this, weak = std::weak_ptr<Connection>(connection)] {
        const auto living = weak.lock();
        if (!living || living->silent) return;
        living->pending += ":\n\n";
        beat(living);
        pump(living);
    });
}

void FaultServer::pump(const std::shared_ptr<Connection>& connection) {
    if (connection->silent || connection->waiting || connection->pump_timer.pending()) return;
    if (connection->pending.empty() && connection->left != 0) return;
    const std::int64_t pause_ms = faults_.max_pause_ms > 0 ? static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(faults_.max_pause_ms))) : 0;
    if (pause_ms == 0) return write_piece(connection);
    connection->pump_timer = scheduler_.after(pause_ms, [this, weak = std::weak_ptr<Connection>(connection)] {
        if (const auto living = weak.lock()) write_piece(living);
    });
}

void FaultServer::write_piece(const std::shared_ptr<Connection>& connection) {
    std::size_t size = connection->pending.size();
    if (faults_.max_piece > 0) size = std::min<std::size_t>(size, 1 + random_.below(faults_.max_piece));
    if (connection->left >= 0) size = std::min(size, static_cast<std::size_t>(connection->left));
    bool taken = true;
    if (size > 0) {
        taken = connection->writer->write(std::string_view(connection->pending).substr(0, size));
        connection->pending.erase(0, size);
    }
    if (connection->left >= 0 && (connection->left -= static_cast<std::int64_t>(size)) == 0) {
        if (connection->stalls) {
            ++counts_.stalled;
            connection->silent = true;
            return;
        }
        ++counts_.cut;
        connections_.erase(connection->id);
        if (connection->clean_end) connection->writer->end();
        else connection->writer->abort();
        return;
    }
    if (taken) return pump(connection);
    connection->waiting = true;
    connection->writer->on_drain([self = self_, weak = std::weak_ptr<Connection>(connection)] {
        const auto living = weak.lock();
        if (!*self || !living) return;
        living->waiting = false;
        (*self)->pump(living);
    });
}

void FaultServer::drop(std::uint64_t id) { connections_.erase(id); }

class SlowClient::Handle final : public net::RequestHandle::Impl {
public:
    Handle(net::RequestHandle inner, SlowClient& client) : inner_(std::move(inner)), scheduler_(client.scheduler_), random_(client.random_), drowsy_(client.drowsy_) { arm(); }
    void set_paused(bool paused) override { inner_.set_paused(paused); }

private:
    void arm() {
        timer_ = scheduler_.after(200 + static_cast<std::int64_t>(random_.below(4'000)), [this] {
            asleep_ = *drowsy_ && !asleep_;
            inner_.set_paused(asleep_);
            if (*drowsy_ || asleep_) arm();
        });
    }
    net::RequestHandle inner_;
    base::Scheduler& scheduler_;
    base::Random& random_;
    std::shared_ptr<bool> drowsy_;
    bool asleep_ = false;
    base::Timer timer_;
};

net::RequestHandle SlowClient::send(net::Request request, net::ResponseCallbacks callbacks) {
    net::RequestHandle inner = inner_.send(std::move(request), std::move(callbacks));
    if (!*drowsy_) return inner;
    return net::RequestHandle(std::make_unique<Handle>(std::move(inner), *this));
}

}  // namespace support
