// The connection that everything live shares: what the program says of it, and the list of all streams for the developer panel.
#include <algorithm>

#include "base/text.hpp"
#include "model/app_impl.hpp"

namespace model {

namespace {

StreamPhase view_phase(net::EventStream::Phase phase) {
    switch (phase) {
        case net::EventStream::Phase::closed: return StreamPhase::closed;
        case net::EventStream::Phase::connecting: return StreamPhase::connecting;
        case net::EventStream::Phase::open: return StreamPhase::open;
        case net::EventStream::Phase::retrying: return StreamPhase::retrying;
        case net::EventStream::Phase::gave_up: return StreamPhase::gave_up;
        case net::EventStream::Phase::stopped: return StreamPhase::stopped;
    }
    return StreamPhase::closed;
}

StreamPhase view_phase(net::StreamLink::Phase phase) {
    switch (phase) {
        case net::StreamLink::Phase::idle:
        case net::StreamLink::Phase::released: return StreamPhase::closed;
        case net::StreamLink::Phase::connecting: return StreamPhase::connecting;
        case net::StreamLink::Phase::open: return StreamPhase::open;
        case net::StreamLink::Phase::waiting: return StreamPhase::retrying;
        case net::StreamLink::Phase::unsupported: return StreamPhase::stopped;
    }
    return StreamPhase::closed;
}

StreamPhase view_phase(net::WatchPhase phase) {
    switch (phase) {
        case net::WatchPhase::waiting:
        case net::WatchPhase::syncing: return StreamPhase::connecting;
        case net::WatchPhase::live: return StreamPhase::open;
        case net::WatchPhase::retrying: return StreamPhase::retrying;
        case net::WatchPhase::stopped: return StreamPhase::stopped;
    }
    return StreamPhase::closed;
}

StreamView view_of(std::string key, const net::EventStream::State& s) {
    return {.key = std::move(key), .phase = view_phase(s.phase), .bytes = s.bytes, .events = s.events, .retries = s.retries, .retry_at_ms = s.retry_at_ms,
            .last_error = s.last_error, .ended = s.reason == net::StopReason::ended, .attempts = s.attempts, .phase_since_ms = s.phase_since_ms};
}

std::string counted(std::size_t count, std::string_view one) { return base::grouped(count) + " " + std::string(one) + (count == 1 ? "" : "s"); }

}  // namespace

net::StreamLink::Options App::Impl::link_options() {
    return {.root = options.watch_root,
            .authorization = [this] { return api.authorization(); },
            .renew = [this](base::UniqueFunction<void(bool)> done) {
                api.renew([done = std::move(done)](base::Result<void> renewed) mutable { done(renewed.has_value()); });
            }};
}

// Streams wait silently while their connection is tried again: that there is none is said here.
void App::Impl::on_link_change() {
    const net::StreamLink::Status& status = link.status();
    if (status.phase == net::StreamLink::Phase::open && !connection.get().online) return back_online();
    // The first attempt after a cut comes at once, and is not worth a word.
    if (status.phase != net::StreamLink::Phase::waiting || status.retries < 2) return;
    connection.update([&](ConnectionState& s) {
        s.online = false;
        s.problem = "The " + options.backend_label + " does not answer";
        s.retry_at_ms = status.retry_at_ms;
    });
    changed(kTopicChrome);
}

void App::Impl::back_online() {
    connection.update([](ConnectionState& s) { s = ConnectionState{}; });
    wake();
    read_workflows(false);
    autosave.back_online();
    read_again(true);
    refresh_live_soon();
    changed(kTopicChrome);
}

std::vector<StreamView> App::Impl::streams() {
    const std::int64_t now_ms = ports.scheduler.clock().monotonic_ms();
    std::vector<StreamView> views;
    const auto add = [&](StreamView view) {
        view.events_per_second = rates.update(view.key, view.events, now_ms);
        views.push_back(std::move(view));
    };
    if (!link.unsupported()) {
        const net::StreamLink::Status& s = link.status();
        StreamView view{.key = "connection", .phase = view_phase(s.phase), .bytes = s.bytes, .events = s.frames, .retries = s.retries, .retry_at_ms = s.retry_at_ms, .last_error = s.last_error};
        if (s.phase == net::StreamLink::Phase::open) view.opened_at_ms = s.opened_at_ms;
        view.note = s.phase == net::StreamLink::Phase::released ? "let go while the tab is hidden"
                                                                : counted(mux.channels().size(), "channel") + ", " + counted(watches.list().size(), "watch") + (s.resumes > 0 ? ", resumed " + std::to_string(s.resumes) + " times" : "");
        add(std::move(view));
    }
    const std::vector<std::string> queued = mux.queued();
    for (const net::SharedStreams::Entry& entry : live.list()) {
        StreamView view = view_of(std::string(entry.key), entry.state);
        const std::string_view target = entry.target;
        if (std::find(queued.begin(), queued.end(), target) != queued.end()) view.note = "waits for a free connection";
        for (const net::StreamMux::ChannelStatus& channel : mux.channels()) {
            if (channel.target != target) continue;
            view.opened_at_ms = channel.opened_at_ms;
            if (channel.unread_bytes > 0) view.note = base::human_bytes(channel.unread_bytes) + " unread";
        }
        add(std::move(view));
    }
    for (const net::WatchManager::Status& watch : watches.list()) {
        add({.key = "watch:" + watch.key,
             .phase = view_phase(watch.state.phase),
             .bytes = watch.received_bytes,
             .events = watch.events,
             .retries = watch.retries,
             .retry_at_ms = watch.retry_at_ms,
             .last_error = watch.state.error.message,
             .opened_at_ms = watch.opened_at_ms,
             .note = counted(watch.objects, "object") + ", " + counted(watch.subscribers, "view") + (watch.resyncs > 0 ? ", listed anew " + std::to_string(watch.resyncs) + " times" : "")});
    }
    rates.forget_before(now_ms - net::StreamLink::kResumeMs);
    return views;
}

StreamView App::Impl::log_view() const { return view_of("pod-logs:" + log_stream.source().resource_id, log_stream.state()); }

}  // namespace model
