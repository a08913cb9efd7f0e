#include "model/dry_run.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

constexpr std::size_t kMaxValueBytes = 300;

std::string short_text(const Json* value) {
    if (!value || value->is_null()) return {};
    const auto* text = value->get_ptr<const Json::string_t*>();
    const std::string whole = text ? *text : base::dump_json(*value);
    if (whole.size() <= kMaxValueBytes) return whole;
    return std::string(base::utf8_prefix(whole, kMaxValueBytes)) + "…";
}

PlannedNode read_node(const wire::JsonReader& item) {
    PlannedNode node{item.string_or("node_id", ""), item.string_or("object", ""), item.string_or("action", ""), item.string_or("message", ""), {}};
    if (node.object.empty()) node.object = node.node_id;
    for (const wire::JsonReader change : item.array_or_empty("changes")) {
        node.changes.push_back({change.string_or("path", ""), short_text(change.raw("from")), short_text(change.raw("to"))});
    }
    return node;
}

}  // namespace

int DryRunState::count(std::string_view action) const {
    return static_cast<int>(std::count_if(nodes.begin(), nodes.end(), [&](const PlannedNode& node) { return node.action == action; }));
}

void DryRun::update(const std::function<void(DryRunState&)>& change) {
    state_.update([&](DryRunState& s) { change(s); });
    context_.changed(kTopicChrome);
}

void DryRun::ask(const std::string& workflow_id) {
    const std::uint64_t mine = ++asked_;
    update([](DryRunState& s) { s = {.open = true, .phase = LoadPhase::loading, .error = {}, .nodes = {}}; });
    save_([this, mine, workflow_id](bool saved) {
        if (mine != asked_) return;
        if (!saved) {
            return update([](DryRunState& s) {
                s.phase = LoadPhase::failed;
                s.error = {base::ErrorCode::unavailable, "Your edits could not be saved, so there is nothing to try yet.", "Save them first, then try again"};
            });
        }
        slots_.call("dry-run", {.method = "POST", .path = "/workflows/" + base::percent_encode_segment(workflow_id) + "/dry-run"}, [this](base::Result<net::ApiReply> reply) {
            update([&](DryRunState& s) {
                s.phase = reply ? LoadPhase::ready : LoadPhase::failed;
                if (!reply) {
                    s.error = reply.error();
                    if (s.error.code == base::ErrorCode::not_found) s.error = {base::ErrorCode::not_found, "This backend has no dry run.", "Compare with an earlier version instead, or run"};
                    return;
                }
                wire::JsonErrors errors;
                for (const wire::JsonReader item : wire::JsonReader(reply->json, errors).array_or_empty("nodes")) s.nodes.push_back(read_node(item));
            });
        });
    });
}

void DryRun::close() {
    ++asked_;
    slots_.clear();
    update([](DryRunState& s) { s = {}; });
}

}  // namespace model
