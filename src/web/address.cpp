#include "web/address.hpp"

#include <utility>

#include "web/bindings.hpp"

namespace web {

Address::Address(base::Scheduler& scheduler, model::App& app, AddressOptions options) : scheduler_(scheduler), app_(app), options_(std::move(options)) {
    const model::ReadRoute read = model::read_route(options_.query);
    shown_ = read.route;
    app_.go(read);
}

void Address::follow() {
    // While somebody signs in, the address says where they wanted to go; after a sign-out nothing of who has left.
    if (timer_.pending() || app_.session().phase == model::SessionPhase::starting) return;
    const model::Route now = app_.route();
    if (now == shown_) return;
    // A step must be an entry of its own before the next one comes.
    if (is_step(now)) write();
    else timer_ = scheduler_.after(kSettleMs, [this] { write(); });
}

// A sign-out is none: back does not lead into a session that is over.
bool Address::is_step(const model::Route& now) const { return app_.session().phase == model::SessionPhase::signed_in && model::is_step(shown_, now); }

void Address::write() {
    timer_.cancel();
    const model::Route now = app_.route();
    if (now == shown_) return;
    const bool step = options_.steps && is_step(now);
    shown_ = now;
    options_.query = model::write_route(now, options_.query);
    bn_page_address(options_.query.c_str(), step ? 1 : 0);
}

void Address::on_pop(std::string query) {
    timer_.cancel();
    options_.query = std::move(query);
    const model::ReadRoute read = model::read_route(options_.query);
    shown_ = read.route;
    app_.go(read);
}

}  // namespace web
