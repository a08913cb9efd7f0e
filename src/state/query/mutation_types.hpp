// Mutations: changes sent to the server, with optimistic edits of the cache that survive overlap.
//
//   client.mutate({.run = [&api](const state::MutationContext& m, state::QueryDone done) -> state::QueryWork { ... },
//                  .optimistic = [](const state::SharedJson& v) { return std::vector<state::OptimisticEdit>{
//                      {keys::agents_detail(v.string_or("id", "")), [v](const std::optional<state::SharedJson>& now) {
//                          return now ? std::optional(now->with("is_active", v.member("active"))) : std::nullopt; }}}; },
//                  .invalidates = {keys::agents_lists()}},
//                 variables);
//
// Optimistic edits
//   - An edit is a function of the data, kept until its fate is known. What views see is the server's data with all such edits on top,
//     in the order they were made. A failed mutation takes only its own edits back, whatever happened meanwhile, and data that was
//     absent is absent again.
//   - Running fetches of the edited keys need not be cancelled: whenever their answers come, the edits are put on top again.
//   - After success an edit stays on top until an answer arrives whose fetch began later, or until it can be folded into the data.
//     `confirm`, if there is one, then replaces `apply`: it sees the server's reply (a new id, say). Edits should therefore be such
//     that applying them to data that has them already changes nothing.
//
// Order of callbacks: hooks.on_mutate, on_mutate (its result is the context), run, hooks.on_success, on_success, hooks.on_settled,
// on_settled, then the state becomes success; on failure on_error in place of on_success. A success callback that returns an error
// leads to the error path; an error from an error callback goes to hooks.on_report and masks nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "state/query/query_types.hpp"

namespace state {

using MutationId = std::uint64_t;
enum class MutationStatus : std::uint8_t { idle, pending, success, error };
[[nodiscard]] std::string_view to_string(MutationStatus status);

struct MutationState {
    MutationStatus status = MutationStatus::idle;
    bool is_paused = false;  // waits for the network, or for an earlier mutation of its scope
    SharedJson variables;
    SharedJson context;
    std::int64_t submitted_at_ms = 0;  // unix
    std::optional<SharedJson> data;
    std::optional<base::Error> error;
    std::uint32_t failure_count = 0;
    std::optional<base::Error> failure_reason;
};

struct MutationContext {
    MutationId id = 0;  // the same for every attempt
    std::optional<QueryKey> key;
    SharedJson variables;
    SharedJson context;
    SharedJson meta;
    int attempt = 0;
    std::uint64_t epoch = 0;
};
using MutationFunction = SharedFunction<QueryWork(const MutationContext&, QueryDone)>;

struct OptimisticEdit {
    QueryKey key;
    // Gives the edited data, or nothing to leave it as it is. Pure: it runs again whenever what it builds on changes.
    SharedFunction<std::optional<SharedJson>(const std::optional<SharedJson>& now)> apply = {};
    SharedFunction<std::optional<SharedJson>(const std::optional<SharedJson>& now, const SharedJson& reply)> confirm = {};
};

struct MutationOptions {
    std::optional<QueryKey> key = {};  // names the mutation: for filters, defaults, and to find `run` again after a reload
    MutationFunction run = {};
    std::string scope = {};            // mutations of one scope run one after another; empty: at once
    std::optional<int> retry = {};     // 1
    RetryDecision retry_if = {};
    RetryDelay retry_delay_ms = {};
    std::optional<NetworkMode> network_mode = {};
    std::optional<std::int64_t> gc_ms = {};
    SharedFunction<std::vector<OptimisticEdit>(const SharedJson& variables)> optimistic = {};
    SharedFunction<SharedJson(const SharedJson& variables)> on_mutate = {};
    SharedFunction<base::Result<void>(const SharedJson& data, const MutationState&)> on_success = {};
    SharedFunction<base::Result<void>(const base::Error&, const MutationState&)> on_error = {};
    SharedFunction<base::Result<void>(const MutationState&)> on_settled = {};
    std::vector<QueryKey> invalidates = {};  // prefixes, after success and failure, before on_settled
    SharedJson meta = {};
};

// Of one mutate() call.
struct MutateCallbacks {
    base::UniqueFunction<void(const SharedJson& data)> on_success = {};
    base::UniqueFunction<void(const base::Error&)> on_error = {};
    base::UniqueFunction<void()> on_settled = {};
};

// For every mutation of the client.
struct MutationHooks {
    SharedFunction<void(const MutationState&)> on_mutate = {};
    SharedFunction<base::Result<void>(const SharedJson&, const MutationState&)> on_success = {};
    SharedFunction<base::Result<void>(const base::Error&, const MutationState&)> on_error = {};
    SharedFunction<base::Result<void>(const MutationState&)> on_settled = {};
    SharedFunction<void(const base::Error&)> on_report = {};
};

}  // namespace state
