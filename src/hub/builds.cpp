#include "hub/builds.hpp"

#include <algorithm>

#include "base/ids.hpp"
#include "base/time_text.hpp"
#include "hub/stream_envelope.hpp"

namespace hub {

namespace {

constexpr const char* kCollection = "builds";

bool is_over(const Json& build) {
    const std::string status = text_at(build, "status");
    return status == "completed" || status == "failed" || status == "cancelled";
}

bool may_see(const User& caller, const Json& build) { return caller.role == "admin" || text_at(build, "userId") == caller.id; }

// What a status is called while it lasts: the stage, but for what is before and after all stages.
Json progress_of(const Json& build) { return {{"status", build["status"]}, {"current_stage", build["currentStage"]}, {"progress", build["progress"]}}; }

}  // namespace

Builds::Builds(DocumentStore& store, base::Scheduler& scheduler, base::Random& random, Heartbeat& heartbeat, Finished finished)
    : store_(store), scheduler_(scheduler), random_(random), heartbeat_(heartbeat), finished_(std::move(finished)), stored_([this](ReadOnce::Done done) { read(std::move(done)); }) {}

std::string Builds::now() const { return base::format_rfc3339_millis(scheduler_.clock().unix_ms()); }

Json Builds::envelope(const Build& build, std::string_view type, Json data) const {
    return stream_envelope(type, "build:" + text_at(build.wire, "id"), scheduler_.clock().unix_ms(), std::move(data));
}

// ---- reading what is stored -------------------------------------------------------------------------------------------------------

void Builds::read(ReadOnce::Done done) {
    store_.list(kCollection, lifetime_.guard([this, done = std::move(done)](base::Result<std::vector<Document>> documents) mutable {
        if (!documents) return done(base::fail(documents.error()));
        for (const Document& document : *documents) take(document);
        std::sort(order_.begin(), order_.end(), [this](const std::string& a, const std::string& b) { return text_at(builds_[a]->wire, "createdAt") < text_at(builds_[b]->wire, "createdAt"); });
        done({});
    }));
}

void Builds::take(const Document& document) {
    const auto json = base::parse_json(document.json);
    if (!json || !json->is_object() || !field(*json, "build")) return;
    auto build = std::make_unique<Build>((*json)["build"], heartbeat_);
    if (text_at(build->wire, "id") != document.id) return;
    build->log = array_at(*json, "log");
    for (const Json& line : build->log) build->events.append_line("log", envelope(*build, "log", line));
    Build& kept = *build;
    builds_[document.id] = std::move(build);
    order_.push_back(document.id);
    if (is_over(kept.wire)) return end_stream(kept);
    // Whatever ran it is gone.
    kept.wire["errorStage"] = text_at(kept.wire, "currentStage");
    kept.wire["errorMessage"] = "The hub ended while this build was under way. Start it again.";
    finish(kept, "failed");
}

// ---- requests -----------------------------------------------------------------------------------------------------------------------

void Builds::with_build(const User& caller, std::string id, Writer writer, base::UniqueFunction<void(Build&)> then) {
    stored_.when_read(writer, [this, caller, id = std::move(id), writer, then = std::move(then)]() mutable {
        const auto found = builds_.find(id);
        if (found == builds_.end() || !may_see(caller, found->second->wire)) return send_error(*writer, 404, "There is no build " + id + ".", {"Only the last " + std::to_string(kKept) + " are kept."});
        then(*found->second);
    });
}

void Builds::start(const User& caller, BuildRequest request, RegistryRecord registry, Writer writer) {
    stored_.when_read(writer, [this, caller, request = std::move(request), registry = std::move(registry), writer]() mutable {
        if (queue_.size() >= kMaxWaiting) {
            return send_error(*writer, 429, std::to_string(queue_.size()) + " builds are waiting already.", {"Wait for one of them, or cancel it."}, {{"retry-after", "10"}});
        }
        const std::string id = base::make_id(random_, scheduler_.clock().unix_ms());
        Json args = Json::array();
        for (const auto& [name, value] : request.build_args) args.push_back(name);
        auto build = std::make_unique<Build>(
            Json{{"id", id},
                 {"userId", caller.id},
                 {"repoUrl", request.source.web_address()},
                 {"branch", request.branch},
                 {"registryId", registry.id},
                 {"registryName", registry.name},
                 {"imageName", request.image_name},
                 {"imageTag", request.image_tag},
                 {"buildContext", request.build_context},
                 {"dockerfile", request.use_nixpacks ? "" : request.dockerfile},
                 {"buildArgNames", std::move(args)},
                 {"useNixpacks", request.use_nixpacks},
                 {"workflowId", request.workflow_id},
                 {"nodeId", request.node_id},
                 {"status", "pending"},
                 {"currentStage", "pending"},
                 {"progress", 0},
                 {"simulated", true},
                 {"createdAt", now()}},
            heartbeat_);
        build->plan = plan_build(request, registry);
        Build& kept = *build;
        builds_[id] = std::move(build);
        order_.push_back(id);
        queue_.push_back(id);
        forget_oldest();
        save(kept);
        send_json(*writer, 201, {{"build", kept.wire}, {"message", "The build has been started. It is simulated: nothing is pushed."}});
        start_next();
    });
}

void Builds::list(const User& caller, std::size_t limit, std::size_t offset, Writer writer) {
    stored_.when_read(writer, [this, caller, limit, offset, writer] {
        Json page = Json::array();
        std::size_t total = 0;
        for (auto id = order_.rbegin(); id != order_.rend(); ++id) {
            const Json& build = builds_[*id]->wire;
            if (!may_see(caller, build)) continue;
            if (total++ >= offset && page.size() < limit) page.push_back(build);
        }
        send_json(*writer, 200, {{"builds", std::move(page)}, {"total", total}, {"limit", limit}, {"offset", offset}});
    });
}

void Builds::get(const User& caller, std::string id, Writer writer) {
    with_build(caller, std::move(id), writer, [writer](Build& build) { send_json(*writer, 200, {{"build", build.wire}}); });
}

void Builds::cancel(const User& caller, std::string id, Writer writer) {
    with_build(caller, id, writer, [this, id, writer](Build& build) {
        if (is_over(build.wire)) return send_error(*writer, 409, "The build is over: it is " + text_at(build.wire, "status") + ".");
        const bool ran = std::erase(queue_, id) == 0;
        finish(build, "cancelled");
        send_json(*writer, 200, {{"message", "The build was cancelled"}, {"build", build.wire}});
        if (!ran) return;
        --running_;
        start_next();
    });
}

void Builds::stream(const User& caller, std::string id, std::string last_event_id, Writer writer) {
    with_build(caller, std::move(id), writer, [last_event_id = std::move(last_event_id), writer](Build& build) { build.events.follow(writer, last_event_id, dump_json(build.wire)); });
}

// ---- running --------------------------------------------------------------------------------------------------------------------------

void Builds::start_next() {
    while (running_ < kMaxRunning && !queue_.empty()) {
        const std::string id = queue_.front();
        queue_.pop_front();
        Build& build = *builds_[id];
        ++running_;
        build.wire["startedAt"] = now();
        build.wire["commit"] = build.plan.commit;
        arm(build);
    }
}

void Builds::arm(Build& build) {
    const std::int64_t delay_ms = build.next_step < build.plan.steps.size() ? build.plan.steps[build.next_step].delay_ms : 0;
    build.timer = scheduler_.after(delay_ms, lifetime_.guard([this, id = text_at(build.wire, "id")] { run_step(id); }));
}

void Builds::run_step(const std::string& id) {
    Build& build = *builds_[id];
    if (build.next_step < build.plan.steps.size()) {
        say(build, build.plan.steps[build.next_step++]);
        return arm(build);
    }
    if (build.plan.succeeds()) {
        build.wire["progress"] = 100;
        build.wire["finalImageRef"] = build.plan.image_ref;
        build.wire["imageDigest"] = build.plan.image_digest;
        build.wire["imageSize"] = build.plan.image_bytes;
    } else {
        build.wire["errorStage"] = build.plan.error_stage;
        build.wire["errorMessage"] = build.plan.error_message;
    }
    --running_;
    finish(build, build.plan.succeeds() ? "completed" : "failed");
    start_next();
}

void Builds::say(Build& build, const BuildStep& step) {
    const bool new_stage = text_at(build.wire, "currentStage") != step.stage;
    const bool moved = number_at(build.wire, 0, "progress") != step.progress;
    build.wire["status"] = step.stage;
    build.wire["currentStage"] = step.stage;
    build.wire["progress"] = step.progress;
    if (new_stage || moved) tell_progress(build);
    Json line = {{"stage", step.stage}, {"message", step.message}, {"level", step.level}};
    build.events.append_line("log", envelope(build, "log", line));
    build.log.push_back(std::move(line));
    if (new_stage) save(build);
}

void Builds::tell_progress(Build& build) { build.events.append_state("progress", envelope(build, "progress", progress_of(build.wire))); }

void Builds::finish(Build& build, std::string_view status) {
    build.timer.cancel();
    build.wire["status"] = status;
    build.wire["completedAt"] = now();
    if (const auto started_ms = base::parse_rfc3339_ms(text_at(build.wire, "startedAt"))) build.wire["duration"] = std::max<std::int64_t>(0, scheduler_.clock().unix_ms() - *started_ms);
    end_stream(build);
    save(build);
    if (finished_ && status != "cancelled") finished_(build.wire);
}

void Builds::end_stream(Build& build) {
    const std::string status = text_at(build.wire, "status");
    const Json late = {{"status", status}};  // contract: a bare status for those that come when it is over
    if (status == "completed") {
        build.events.finish("complete", envelope(build, "complete", {{"final_image_ref", build.wire["finalImageRef"]}, {"image_digest", build.wire["imageDigest"]}}), "complete", late);
    } else if (status == "failed") {
        build.events.finish("failed", envelope(build, "failed", {{"error_message", text_at(build.wire, "errorMessage")}, {"error_stage", text_at(build.wire, "errorStage")}}), "complete", late);
    } else {
        build.events.finish("cancelled", envelope(build, "cancelled", {{"status", status}}), "complete", late);
    }
}

void Builds::save(const Build& build) {
    store_.put(kCollection, text_at(build.wire, "id"), dump_json({{"build", build.wire}, {"log", build.log}}), DocumentStore::kAnyRevision, [](base::Result<std::int64_t>) {});
}

void Builds::forget_oldest() {
    for (std::size_t i = 0; order_.size() > kKept && i < order_.size();) {
        const std::string id = order_[i];
        if (!is_over(builds_[id]->wire)) {
            ++i;
            continue;
        }
        order_.erase(order_.begin() + static_cast<std::ptrdiff_t>(i));
        builds_.erase(id);
        store_.remove(kCollection, id, DocumentStore::kAnyRevision, [](base::Result<void>) {});
    }
}

}  // namespace hub
