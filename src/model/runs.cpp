#include "model/runs.hpp"

#include <algorithm>
#include <utility>

#include "base/time_text.hpp"
#include "base/url.hpp"
#include "model/query_keys.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

constexpr std::size_t kMaxLogs = 2'000;

std::int64_t time_of(const std::string& stamp) { return base::parse_rfc3339_ms(stamp).value_or(0); }

std::string text_in(const Json& json, const char* key) {
    const auto found = json.is_object() ? json.find(key) : json.end();
    if (!json.is_object() || found == json.end()) return {};
    const auto* text = found->get_ptr<const Json::string_t*>();
    return text ? *text : std::string();
}

}  // namespace

std::string run_words(std::string_view status) {
    if (status == "completed") return "Completed";
    if (status == "failed") return "Failed";
    if (status == "running") return "Running";
    if (status == "cancelled") return "Cancelled";
    return std::string(status);
}

NodeState span_state(const RunSpan& span) {
    if (span.state == "applying" || span.state == "applied") return NodeState::pending;
    if (span.state == "unchanged") return NodeState::created;
    if (span.state == "failed") return NodeState::error;
    return node_state_from_wire(span.state);
}

std::string span_words(const RunSpan& span, NodeKind kind) {
    if (span.state == "applying" || span.state == "applied" || span.state == "unchanged" || span.state == "failed") return span.state;
    return std::string(ui_word(kind, node_state_from_wire(span.state)));
}

RunView read_run(const Json& json) {
    wire::JsonErrors errors;
    const wire::JsonReader reader(json, errors);
    RunView run;
    run.id = reader.string_or("id", "");
    run.status = reader.string_or("status", "");
    run.triggered_by = reader.string_or("triggered_by", "");
    run.error = reader.string_or("error", "");
    run.started_at = reader.string_or("started_at", "");
    run.number = reader.integer_or("number", 0);
    run.version = reader.integer_or("version", 0);
    run.duration_ms = reader.integer_or("duration", 0);
    run.cut = reader.boolean_or("timeline_cut", false);
    run.from_ms = time_of(run.started_at);
    run.to_ms = std::max(run.from_ms, time_of(reader.string_or("completed_at", "")));
    if (const Json* logs = reader.raw("logs"); logs && logs->is_array()) {
        for (const Json& line : *logs) {
            if (const auto* text = line.get_ptr<const Json::string_t*>(); text && run.logs.size() < kMaxLogs) run.logs.push_back(*text);
        }
    }
    const Json* states = reader.raw("node_states");
    if (!states || !states->is_object()) return run;
    std::map<std::string, std::size_t> index;
    const auto add = [&](const std::string& id, std::string name, std::string type) {
        if (index.contains(id)) return;
        index[id] = run.nodes.size();
        run.nodes.push_back({id, std::move(name), std::move(type), {}});
    };
    // In the order of the graph that ran; a backend that does not keep it names at least what it applied.
    if (const Json* nodes = reader.raw("nodes"); nodes && nodes->is_array()) {
        for (const Json& node : *nodes) {
            const std::string id = text_in(node, "id");
            if (id.empty()) continue;
            const auto data = node.find("data");
            std::string name = data == node.end() ? std::string() : text_in(*data, "name");
            add(id, name.empty() ? id : std::move(name), text_in(node, "type"));
        }
    }
    for (auto it = states->begin(); it != states->end(); ++it) add(it.key(), it.key(), "");
    if (const Json* timeline = reader.raw("timeline"); timeline && timeline->is_array()) {
        for (const Json& entry : *timeline) {
            const auto node = index.find(text_in(entry, "node_id"));
            const std::int64_t at_ms = time_of(text_in(entry, "at"));
            if (node == index.end() || at_ms == 0) continue;
            std::vector<RunSpan>& spans = run.nodes[node->second].spans;
            if (!spans.empty()) spans.back().to_ms = std::max(spans.back().from_ms, at_ms);
            spans.push_back({text_in(entry, "state"), text_in(entry, "message"), at_ms, at_ms});
            run.from_ms = run.from_ms == 0 ? at_ms : std::min(run.from_ms, at_ms);
            run.to_ms = std::max(run.to_ms, at_ms);
        }
    }
    for (RunNode& node : run.nodes) {
        if (!node.spans.empty()) {
            node.spans.back().to_ms = run.to_ms;
            continue;
        }
        // No timeline: what it came to is all that is known.
        const auto state = states->find(node.id);
        if (state != states->end()) node.spans.push_back({text_in(*state, "state"), text_in(*state, "message"), run.from_ms, run.to_ms});
    }
    return run;
}

std::map<std::string, NodeStatus> states_at(const RunView& run, std::int64_t at_ms) {
    std::map<std::string, NodeStatus> states;
    for (const RunNode& node : run.nodes) {
        const RunSpan* now = nullptr;
        for (const RunSpan& span : node.spans) {
            if (span.from_ms <= at_ms) now = &span;
        }
        if (!now) continue;
        NodeStatus status;
        status.state = span_state(*now);
        status.wire_state = wire_word(status.state);
        status.message = now->message;
        states[node.id] = std::move(status);
    }
    return states;
}

std::vector<std::int64_t> moments_of(const RunView& run) {
    std::vector<std::int64_t> moments{run.from_ms, run.to_ms};
    for (const RunNode& node : run.nodes) {
        for (const RunSpan& span : node.spans) moments.push_back(span.from_ms);
    }
    std::sort(moments.begin(), moments.end());
    moments.erase(std::unique(moments.begin(), moments.end()), moments.end());
    return moments;
}

void Runs::update(const std::function<void(RunsState&)>& change) {
    const std::uint64_t before = state_.version();
    state_.update([&](RunsState& s) { change(s); });
    if (state_.version() != before) context_.changed(kTopicHistory);
}

const RunView* Runs::find(std::string_view id) const {
    if (id.empty()) return nullptr;
    for (const RunView& run : state().runs) {
        if (run.id == id) return &run;
    }
    return nullptr;
}

void Runs::show(const std::string& workflow_id) {
    if (workflow_id.empty() || (state().workflow_id == workflow_id && list_)) return;
    clear();
    update([&](RunsState& s) {
        s.workflow_id = workflow_id;
        s.phase = LoadPhase::loading;
    });
    list_ = std::make_unique<ListQuery>(context_, keys::workflows::runs(workflow_id), "/workflows/" + base::percent_encode_segment(workflow_id) + "/runs?limit=" + std::to_string(kListed),
                                        [this](const base::Result<Json>& answer) { take(answer); });
    list_->load();
}

void Runs::reload() {
    if (list_) list_->load();
}

void Runs::take(const base::Result<Json>& answer) {
    update([&](RunsState& s) {
        if (!answer) {
            s.error = answer.error();
            s.phase = LoadPhase::failed;
            return;
        }
        const auto list = answer->is_object() ? answer->find("runs") : answer->end();
        s.runs.clear();
        if (answer->is_object() && list != answer->end() && list->is_array()) {
            for (const Json& item : *list) {
                if (RunView run = read_run(item); !run.id.empty()) s.runs.push_back(std::move(run));
            }
        }
        s.phase = LoadPhase::ready;
        s.error = {};
        const auto there = [&](const std::string& id) { return std::any_of(s.runs.begin(), s.runs.end(), [&](const RunView& run) { return run.id == id; }); };
        if (!there(s.selected)) s.selected = s.runs.empty() ? std::string() : s.runs.front().id;
    });
    if (!state().replayed.empty() && !replayed()) end_replay();
}

void Runs::select(const std::string& id) {
    if (state().replayed != id) end_replay();
    update([&](RunsState& s) { s.selected = id; });
}

void Runs::replay_at(std::int64_t at_ms) {
    const RunView* run = selected();
    if (!run) return;
    const std::int64_t at = std::clamp(at_ms, run->from_ms, run->to_ms);
    const auto states = states_at(*run, at);
    update([&](RunsState& s) {
        s.replayed = s.selected;
        s.replay_at_ms = at;
    });
    shown_(&states);
}

void Runs::end_replay() {
    if (state().replayed.empty()) return;
    update([](RunsState& s) {
        s.replayed.clear();
        s.replay_at_ms = 0;
    });
    shown_(nullptr);
}

void Runs::run_ended() {
    if (list_) list_->invalidate();
}

void Runs::clear() {
    end_replay();
    list_.reset();
    state_.set({});
    context_.changed(kTopicHistory);
}

}  // namespace model
