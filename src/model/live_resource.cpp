#include "model/live_resource.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/url.hpp"
#include "wire/json_reader.hpp"

namespace model {

void LiveResource::update(std::function<void(LiveResourceState&)> change) {
    const std::uint64_t before = state_.version();
    state_.update([&](LiveResourceState& s) { change(s); });
    if (state_.version() != before) context_.changed(kTopicLogs);
}

void LiveResource::follow(const std::string& id) {
    if (state().id == id) return;
    stream_.reset();
    update([&](LiveResourceState& s) {
        s = {};
        s.id = id;
    });
    if (id.empty()) return;
    stream_ = context_.streams.join("resource:" + id, [this, id] { return context_.stream(net::StreamKind::resource_status, "/resources/" + base::percent_encode_segment(id) + "/stream"); },
                                    {.on_event = [this](const wire::SseEvent& event) { on_event(event); },
                                     .on_change = [this](const net::EventStream::State& stream) { update([live = stream.phase == net::EventStream::Phase::open](LiveResourceState& s) { s.live = live; }); }},
                                    "metadata status_update");
}

void LiveResource::on_event(const wire::SseEvent& event) {
    const auto said = decode_resource_event(event.type, event.data);
    using Kind = ResourceStatusEvent::Kind;
    if (!said || (said->kind != Kind::snapshot && said->kind != Kind::update)) return;
    wire::JsonErrors errors;
    const wire::JsonReader detail(said->detail, errors);
    const bool has_detail = said->detail.is_object();
    update([&](LiveResourceState& s) {
        if (said->kind == Kind::snapshot) {
            s.name = said->name;
            s.ns = said->ns;
        }
        if (!said->type.empty()) s.type = said->type;
        s.word = said->status;
        s.message = has_detail ? detail.string_or("message", "") : std::string();
        s.reason = has_detail ? detail.string_or("reason", "") : std::string();
        s.ready = has_detail && detail.boolean_or("ready", false);
        const auto count = [&](std::string_view key) { return has_detail ? static_cast<int>(detail.integer_or(key, -1, {.min = -1, .max = 1'000'000})) : -1; };
        s.restarts = count("restarts");
        s.replicas = count("replicas");
        s.ready_replicas = count("readyReplicas");
    });
    // There will be nothing more to hear, and no such resource to ask for.
    if (said->status == "deleted") stream_.reset();
}

std::string resource_words(const LiveResourceState& state) {
    std::string words = !state.reason.empty() && state.word != "deleted" ? state.reason : state.word;
    if (!words.empty()) words[0] = base::ascii_upper(words[0]);
    if (state.replicas >= 0) words = std::to_string(std::max(state.ready_replicas, 0)) + " of " + std::to_string(state.replicas) + " ready";
    if (state.restarts > 0) words += ", " + std::to_string(state.restarts) + (state.restarts == 1 ? " restart" : " restarts");
    return words;
}

}  // namespace model
