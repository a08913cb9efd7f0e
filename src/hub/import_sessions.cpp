#include "hub/import_sessions.hpp"

#include <algorithm>

#include "base/ids.hpp"
#include "base/text.hpp"
#include "base/time_text.hpp"
#include "hub/import_analysis.hpp"
#include "hub/stream_envelope.hpp"

namespace hub {

namespace {

constexpr std::int64_t kPatience_ms = 15'000;

bool is_over(const Json& session) {
    const std::string status = text_at(session, "status");
    return status == "completed" || status == "failed";
}

}  // namespace

std::size_t ImportSessions::running() const {
    return static_cast<std::size_t>(std::count_if(sessions_.begin(), sessions_.end(), [](const auto& entry) { return !is_over(entry.second->wire); }));
}

base::Result<std::string> ImportSessions::begin(const User& caller, const ImportSource& source, std::vector<ImportPlace> places, std::string ns) {
    if (running() >= kMaxRunning) return base::fail(base::ErrorCode::unavailable, std::to_string(kMaxRunning) + " imports are under way already.", "Try again in a minute.");
    const std::string id = base::make_id(random_, scheduler_.clock().unix_ms());
    auto session = std::make_unique<Session>(heartbeat_);
    session->wire = {{"id", id},
                     {"userId", caller.id},
                     {"source", source.kind},
                     {"url", source.url},
                     {"branch", source.branch},
                     {"status", "pending"},
                     {"currentStage", "pending"},
                     {"progress", 0},
                     {"createdAt", base::format_rfc3339_millis(scheduler_.clock().unix_ms())}};
    session->places = std::move(places);
    session->ns = std::move(ns);
    sessions_[id] = std::move(session);
    order_.push_back(id);
    forget_oldest();
    post(id, &ImportSessions::fetch_next);
    return id;
}

void ImportSessions::post(const std::string& id, void (ImportSessions::*step)(Session&)) {
    scheduler_.post(lifetime_.guard([this, id, step] {
        if (const auto found = sessions_.find(id); found != sessions_.end()) (this->*step)(*found->second);
    }));
}

ImportSessions::Session* ImportSessions::find(const User& caller, std::string_view id, net::ResponseWriter& writer) {
    const auto found = sessions_.find(id);
    if (found != sessions_.end() && (caller.role == "admin" || text_at(found->second->wire, "userId") == caller.id)) return found->second.get();
    send_error(writer, 404, "There is no such import.", {"Imports are kept as long as the hub runs, the last " + std::to_string(kKept) + " of them."});
    return nullptr;
}

void ImportSessions::get(const User& caller, std::string_view id, Writer writer) {
    if (const Session* session = find(caller, id, *writer)) send_json(*writer, 200, {{"session", session->wire}});
}

void ImportSessions::stream(const User& caller, std::string_view id, std::string_view last_event_id, Writer writer) {
    if (Session* session = find(caller, id, *writer)) session->events.follow(writer, last_event_id, dump_json(session->wire));
}

void ImportSessions::progress(Session& session, std::string_view status, int percent) {
    session.wire["status"] = status;
    session.wire["currentStage"] = status;
    session.wire["progress"] = percent;
    session.events.append_state("progress", {{"status", status}, {"current_stage", status}, {"progress", percent}});
}

void ImportSessions::say(Session& session, std::string_view level, std::string message) {
    session.events.append_line("log", {{"stage", text_at(session.wire, "currentStage")}, {"message", std::move(message)}, {"level", level}});
}

void ImportSessions::fetch_next(Session& session) {
    if (session.next_place == 0) {
        progress(session, "cloning", 5);
        if (!outbound_) return fail(session, "This hub cannot reach servers outside of its cluster. Paste the file, or upload it.");
    }
    if (session.next_place >= session.places.size()) {
        if (session.places.size() == 1) return fail(session, session.places.front().file + " is not there, or not public. Check the address and the branch.");
        std::vector<std::string> files;
        for (const ImportPlace& place : session.places) files.push_back(place.file);
        return fail(session, "The repository has none of " + base::join(files, ", ") + ", has no such branch, or is not public. Give the address of the file itself, or paste it.");
    }
    const ImportPlace& place = session.places[session.next_place++];
    say(session, "info", "Looking for " + place.file + " at " + place.origin);
    if (session.origin != place.origin) {
        auto client = outbound_->connect(place.origin);
        if (!client) return fail(session, client.error().message + (client.error().hint.empty() ? "" : " " + client.error().hint));
        session.client = std::move(*client);
        session.origin = place.origin;
    }
    net::Request request{.method = "GET", .target = place.target, .headers = {{"accept", "text/plain, application/yaml, */*"}}};
    request.head_timeout_ms = kPatience_ms;
    request.idle_timeout_ms = kPatience_ms;
    session.call = net::fetch(*session.client, std::move(request),
                              lifetime_.guard([this, id = text_at(session.wire, "id")](base::Result<net::Response> response) {
                                  if (const auto found = sessions_.find(id); found != sessions_.end()) on_answer(*found->second, std::move(response));
                              }),
                              kMaxImportBytes);
}

void ImportSessions::on_answer(Session& session, base::Result<net::Response> response) {
    const ImportPlace& place = session.places[session.next_place - 1];
    if (!response) {
        if (response.error().code == base::ErrorCode::too_large) return fail(session, place.file + " is larger than " + base::human_bytes(kMaxImportBytes) + ". Import it in parts.");
        return fail(session, place.origin + " does not answer: " + response.error().message);
    }
    if (response->status == 200) return analyse(session, response->body, place.file);
    if (response->status == 429 || response->status >= 500) return fail(session, place.origin + " answers with status " + std::to_string(response->status) + ". Try again later.");
    // Not there, not public, or a page to sign in.
    const int done = 5 + static_cast<int>(session.next_place * 45 / session.places.size());
    progress(session, "cloning", done);
    post(text_at(session.wire, "id"), &ImportSessions::fetch_next);  // not from within the call that it replaces
}

void ImportSessions::analyse(Session& session, const std::string& text, const std::string& file) {
    say(session, "info", "Found " + file + ", " + base::human_bytes(text.size()));
    progress(session, "analyzing", 60);
    Json analysis = analyze_import(text, {.file_name = file, .ns = session.ns});
    say(session, "info", std::to_string(array_at(analysis, "suggestedNodes").size()) + " nodes, " + std::to_string(array_at(analysis, "warnings").size()) + " warnings, " +
                             std::to_string(array_at(analysis, "errors").size()) + " errors");
    progress(session, "completed", 100);
    session.wire["fileName"] = file;
    session.wire["analysis"] = analysis;
    const Json live = stream_envelope("complete", "import:" + text_at(session.wire, "id"), scheduler_.clock().unix_ms(), {{"analysis", analysis}});
    session.events.finish("complete", live, "complete", analysis);
}

void ImportSessions::fail(Session& session, std::string message) {
    const std::string stage = text_at(session.wire, "currentStage");
    say(session, "error", message);
    session.wire["status"] = "failed";
    session.wire["errorMessage"] = message;
    session.wire["errorStage"] = stage;
    const Json live = stream_envelope("failed", "import:" + text_at(session.wire, "id"), scheduler_.clock().unix_ms(), {{"error_message", message}, {"error_stage", stage}});
    session.events.finish("failed", live, "failed", {{"error", message}});
}

void ImportSessions::forget_oldest() {
    for (std::size_t i = 0; order_.size() > kKept && i < order_.size();) {
        const auto found = sessions_.find(order_[i]);
        if (!is_over(found->second->wire)) {
            ++i;
            continue;
        }
        sessions_.erase(found);
        order_.erase(order_.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

}  // namespace hub
