#include "hub/watch_driver.hpp"

#include <algorithm>

namespace hub {

WatchDriver::WatchDriver(KubeApi& kube, base::Random& random, wire::WatchOptions options, wire::WatchConsumer& consumer, ListGate* gate)
    : kube_(&kube), gate_(gate), machine_(std::move(options), random, consumer) {
    machine_.start(now_ms());
    follow();
}

void WatchDriver::move_to(KubeApi& kube) {
    handle_.cancel();
    under_way_ = 0;
    ticket_ = {};
    kube_ = &kube;
    machine_.start(now_ms());
    follow();
}

// After anything that happened: what is under way becomes what the machine wants.
void WatchDriver::follow() {
    if (machine_.wants_renewal() && !renewal_posted_) {
        // A cluster's credentials are its link's: whoever gives it others moves us there. What can be done here is to ask once more, since
        // a proxy in between may have renewed its own.
        renewal_posted_ = true;
        kube_->scheduler().post(lifetime_.guard([this] {
            renewal_posted_ = false;
            machine_.on_renewed(now_ms());
            follow();
        }));
    }
    if (!machine_.is_initial()) ticket_ = {};
    const auto& wanted = machine_.request();
    if (!wanted || wanted->id != under_way_) {
        handle_.cancel();
        under_way_ = 0;
    }
    if (wanted && wanted->id != under_way_) {
        if (machine_.is_initial() && gate_ != nullptr && !ticket_.taken()) ticket_ = gate_->enter(lifetime_.guard([this] { follow(); }));
        if (!ticket_.taken() || ticket_.granted()) send();
    }
    arm();
}

void WatchDriver::send() {
    const std::uint64_t id = machine_.request()->id;
    under_way_ = id;
    net::Request request{.method = "GET", .target = machine_.request()->target};
    request.headers.set("accept", "application/json");
    request.head_timeout_ms = 0;  // the machine has its own deadlines
    machine_.sent(id, now_ms());
    handle_ = kube_->client().send(std::move(request), {.on_head =
                                                            [this, id](const net::ResponseHead& head) {
                                                                machine_.on_head(id, now_ms(), {.status = head.status, .retry_after = head.headers.get("retry-after")});
                                                                arm();
                                                            },
                                                        .on_data =
                                                            [this, id](std::string_view bytes) {
                                                                machine_.on_data(id, now_ms(), bytes);
                                                                follow();
                                                            },
                                                        .on_done =
                                                            [this, id](const base::Result<void>& result) {
                                                                machine_.on_end(id, now_ms(), result ? nullptr : &result.error());
                                                                follow();
                                                            }});
}

// One timer; a deadline that moves further away, as it does with every byte, leaves it alone.
void WatchDriver::arm() {
    const auto deadline = machine_.deadline_ms();
    if (!deadline) return timer_.cancel();
    if (timer_.pending() && timer_due_ms_ <= *deadline) return;
    timer_due_ms_ = *deadline;
    timer_ = kube_->scheduler().after(std::max<std::int64_t>(0, *deadline - now_ms()), [this] {
        machine_.tick(now_ms());
        follow();
    });
}

}  // namespace hub
