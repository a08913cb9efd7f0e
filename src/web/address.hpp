// Address: keeps the page's address and App's route the same. Steps (another page, another workflow) become history entries, so that
// back and forward work; what changes in between (the selection) only changes the present entry.
//
//   Address address(scheduler, app, {.query = "?workflow=65f0", .steps = true});   // sends the app where the address says
//   address.follow();              // after a change: writes it soon
//   address.on_pop("?view=...");   // the user went back or forward
//
// Browsers refuse a page that writes its address too often, so writing waits kSettleMs. Embedded pages write no steps: the history is
// the portal's.
#pragma once

#include <string>

#include "base/scheduler.hpp"
#include "model/app.hpp"

namespace web {

struct AddressOptions {
    std::string query;
    bool steps = true;
};

class Address {
public:
    static constexpr std::int64_t kSettleMs = 250;

    Address(base::Scheduler& scheduler, model::App& app, AddressOptions options);
    Address(const Address&) = delete;
    Address& operator=(const Address&) = delete;

    void follow();
    void on_pop(std::string query);

private:
    [[nodiscard]] bool is_step(const model::Route& now) const;
    void write();

    base::Scheduler& scheduler_;
    model::App& app_;
    AddressOptions options_;
    model::Route shown_;   // what the address says
    base::Timer timer_;
};

}  // namespace web
