#include "web/api.hpp"

#include <emscripten/emscripten.h>
#include <emscripten/html5.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "web/bindings.hpp"
#include "web/frame_loop.hpp"
#include "web/page.hpp"
#include "web/renderer.hpp"
#include "web/semantics_bridge.hpp"

namespace web {

namespace {

using base::Json;

std::string_view word(model::StreamPhase phase) {
    switch (phase) {
        case model::StreamPhase::closed: return "closed";
        case model::StreamPhase::connecting: return "connecting";
        case model::StreamPhase::open: return "open";
        case model::StreamPhase::retrying: return "retrying";
        case model::StreamPhase::gave_up: return "gave up";
        case model::StreamPhase::stopped: return "stopped";
    }
    return "closed";
}

Json streams_json(const model::App& app) {
    Json streams = Json::array();
    for (const model::StreamView& stream : app.streams()) {
        Json entry = {{"key", stream.key},         {"state", word(stream.phase)},  {"bytes", stream.bytes},
                      {"events", stream.events},   {"retries", stream.retries}};
        if (!stream.last_error.empty()) entry["lastError"] = stream.last_error;
        if (!stream.note.empty()) entry["note"] = stream.note;
        streams.push_back(std::move(entry));
    }
    return streams;
}

// Node states are the contract's words, as they came.
Json nodes_json(const model::Graph& graph) {
    Json nodes = Json::object();
    for (model::NodeIndex i = 0; i < graph.node_slots(); ++i) {
        if (graph.node_alive(i)) nodes[graph.node(i).id] = std::string(model::wire_word(graph.status(i).state));
    }
    return nodes;
}

Json selection_json(const model::CanvasState& canvas) {
    Json selection = Json::array();
    for (const std::string& id : canvas.selected_nodes) selection.push_back(id);
    for (const std::string& id : canvas.selected_edges) selection.push_back(id);
    return selection;
}

std::string_view word(model::SessionPhase phase) {
    switch (phase) {
        case model::SessionPhase::starting: return "starting";
        case model::SessionPhase::signed_out: return "signed_out";
        case model::SessionPhase::signed_in: return "signed_in";
    }
    return "starting";
}

}  // namespace

void Api::start() { bn_api_start(this, ports_.version.c_str()); }

Json Api::snapshot() const {
    const FrameLoop& frames = ports_.frames;
    const Renderer::Counters& gl = ports_.renderer.counters();
    Json json = {
        {"version", ports_.version},
        {"frames", frames.frames()},
        {"lastFrameMs", frames.last_frame_cost_ms()},
        {"renderer", {{"webgl", ports_.renderer.available()}, {"drawCalls", gl.draw_calls}, {"vertices", gl.vertices},
                      {"batchUploads", gl.batch_uploads}, {"textureUploads", gl.texture_uploads}}},
        {"backend", ports_.backend_label},
        {"hub", std::string(ports_.hub_role())},
        {"pending", ports_.pending()},
        {"stores", Json::object()},
        {"streams", Json::array()},
        {"selection", Json::array()},
        {"viewport", nullptr},
        {"dropped", Json::object()},
        {"nodes", Json::object()},
    };
    if (ports_.app == nullptr) return json;
    const model::App& app = *ports_.app;
    for (const auto& [name, version] : app.store_versions()) json["stores"][name] = version;
    json["streams"] = streams_json(app);
    json["selection"] = selection_json(app.canvas());
    if (const auto& viewport = app.canvas().viewport) json["viewport"] = {{"x", viewport->x}, {"y", viewport->y}, {"zoom", viewport->zoom}};
    json["dropped"]["log"] = app.log().dropped();
    json["nodes"] = nodes_json(app.graph());
    json["workflow"] = app.workflow().id;
    json["session"] = word(app.session().phase);
    json["online"] = app.connection().online;
    json["logLines"] = app.log().size();
    return json;
}

Json Api::watch_status() const { return ports_.app == nullptr ? Json::object() : ports_.app->watch_status(); }

Json Api::diagnostics() const {
    Json json = snapshot();
    json["agent"] = ports_.page.agent;
    json["page"] = ports_.page.base;  // without query and fragment: they may hold what is nobody's business
    json["embedded"] = ports_.page.embedded;
    json["time"] = static_cast<std::int64_t>(emscripten_date_now());
    if (ports_.app != nullptr) {
        const model::App& app = *ports_.app;
        json["connectionProblem"] = app.connection().problem;
        json["storageDegraded"] = app.storage_degraded();
        json["problems"] = Json::array();
        for (const model::Problem& problem : app.problems()) {
            json["problems"].push_back({{"node", problem.node_name}, {"message", problem.message}});
        }
    }
    return json;
}

std::string Api::busy_reason() const {
    if (ports_.frames.frame_due()) return "a frame is due";
    if (ports_.pending() > 0) return std::to_string(ports_.pending()) + " requests have no answer";
    if (ports_.busy()) return "tasks wait";
    if (ports_.frames.can_draw() && !ports_.semantics.up_to_date()) return "the semantics mirror is behind";
    return {};
}

double Api::quiet_ms() {
    const double now = emscripten_get_now();
    if (!busy_reason().empty()) {
        busy_at_ms_ = now;
        return 0;
    }
    return now - std::max(busy_at_ms_, ports_.frames.last_frame_ms());
}

namespace {

char* to_browser(const Json& json) {
    const std::string text = base::dump_json(json);
    char* copy = static_cast<char*>(std::malloc(text.size() + 1));
    std::memcpy(copy, text.c_str(), text.size() + 1);
    return copy;
}

}  // namespace

}  // namespace web

extern "C" {
EMSCRIPTEN_KEEPALIVE char* bn_api_snapshot(web::Api* self) { return web::to_browser(self->snapshot()); }
EMSCRIPTEN_KEEPALIVE char* bn_api_watch_status(web::Api* self) { return web::to_browser(self->watch_status()); }
EMSCRIPTEN_KEEPALIVE char* bn_api_diagnostics(web::Api* self) { return web::to_browser(self->diagnostics()); }
EMSCRIPTEN_KEEPALIVE double bn_api_quiet_ms(web::Api* self) { return self->quiet_ms(); }
EMSCRIPTEN_KEEPALIVE char* bn_api_busy_reason(web::Api* self) {
    const std::string reason = self->busy_reason();
    return strdup(reason.empty() ? "frames kept coming" : reason.c_str());
}
EMSCRIPTEN_KEEPALIVE void bn_api_semantics(web::Api* self, int full) { self->set_full_semantics(full != 0); }
}
