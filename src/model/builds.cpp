#include "model/builds.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/url.hpp"
#include "model/query_keys.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

BuildView read_build(const wire::JsonReader& item) {
    return {.id = item.string_or("id", ""),
            .repo_url = item.string_or("repoUrl", ""),
            .branch = item.string_or("branch", ""),
            .registry_id = item.string_or("registryId", ""),
            .registry_name = item.string_or("registryName", ""),
            .image_name = item.string_or("imageName", ""),
            .image_tag = item.string_or("imageTag", ""),
            .build_context = item.string_or("buildContext", ""),
            .dockerfile = item.string_or("dockerfile", ""),
            .status = item.string_or("status", "pending"),
            .image_ref = item.string_or("finalImageRef", ""),
            .image_digest = item.string_or("imageDigest", ""),
            .error_message = item.string_or("errorMessage", ""),
            .error_stage = item.string_or("errorStage", ""),
            .created_at = item.string_or("createdAt", ""),
            .completed_at = item.string_or("completedAt", ""),
            .workflow_id = item.string_or("workflowId", ""),
            .node_id = item.string_or("nodeId", ""),
            .progress = static_cast<int>(item.integer_or("progress", 0, {.min = 0, .max = 100})),
            .image_bytes = item.integer_or("imageSize", 0),
            .duration_ms = item.integer_or("duration", 0),
            .use_nixpacks = item.boolean_or("useNixpacks", false),
            .simulated = item.boolean_or("simulated", false)};
}

std::unique_ptr<state::Form> make_form(const Builds::Wish& wish) {
    using namespace state::schema;
    const auto needed = [](const char* words) { return string().trim().min(1, words).required(words); };
    const state::Schema schema = object({
        {"repoUrl", needed("Enter the address of a git repository").max(1'000)},
        {"branch", string().trim().or_default("main")},
        {"registryId", needed("Choose a registry")},
        {"imageName", needed("Give the image a name").matches([](std::string_view name) { return base::to_ascii_lower(name) == name && name.find_first_of(" :@") == std::string_view::npos; },
                                                              "Lower case, without registry and tag, such as team/web")},
        {"imageTag", string().trim().or_default("latest")},
        {"useNixpacks", boolean().or_default(false)},
        {"dockerfile", string().trim().or_default("Dockerfile")},
        {"buildContext", string().trim().or_default(".")},
        {"buildArgs", array(object({{"name", string().trim()}, {"value", string()}})).or_default(base::Json::array())},
    });
    const auto or_words = [](const std::string& value, const char* otherwise) { return value.empty() ? std::string(otherwise) : value; };
    return std::make_unique<state::Form>(schema, base::Json{{"repoUrl", wish.repo_url},
                                                            {"branch", or_words(wish.branch, "main")},
                                                            {"registryId", wish.registry_id},
                                                            {"imageName", wish.image_name},
                                                            {"imageTag", or_words(wish.image_tag, "latest")},
                                                            {"useNixpacks", wish.use_nixpacks},
                                                            {"dockerfile", or_words(wish.dockerfile, "Dockerfile")},
                                                            {"buildContext", or_words(wish.build_context, ".")},
                                                            {"buildArgs", base::Json::array()}});
}

std::string path_of(const std::string& id) { return "/builds/" + base::percent_encode_segment(id); }

}  // namespace

std::string_view build_words(std::string_view status) {
    if (status == "pending") return "Waiting";
    if (status == "cloning") return "Cloning";
    if (status == "building") return "Building";
    if (status == "pushing") return "Pushing";
    if (status == "completed") return "Completed";
    if (status == "failed") return "Failed";
    if (status == "cancelled") return "Cancelled";
    return status;
}

Builds::Builds(ModelContext& context)
    : context_(context), slots_(context.api),
      list_(context, keys::builds(), "/builds?limit=" + std::to_string(kListed), [this](const base::Result<Json>& answer) { take(answer); }) {}

const BuildView* Builds::find(const std::string& id) const {
    for (const BuildView& build : state().builds) {
        if (build.id == id) return &build;
    }
    return nullptr;
}

void Builds::update(std::function<void(BuildsState&)> change) {
    const std::uint64_t before = state_.version();
    state_.update([&](BuildsState& s) { change(s); });
    if (state_.version() != before) context_.changed(kTopicBuilds);
}

void Builds::ensure() {
    if (state().phase == LoadPhase::idle) reload();
}

void Builds::reload() {
    update([](BuildsState& s) {
        if (s.phase != LoadPhase::ready) s.phase = LoadPhase::loading;
    });
    list_.load();
}

void Builds::take(const base::Result<Json>& answer) {
    update([&](BuildsState& s) {
        if (!answer) {
            s.error = answer.error();
            s.phase = LoadPhase::failed;
            return;
        }
        wire::JsonErrors errors;
        std::vector<BuildView> builds;
        for (const wire::JsonReader item : wire::JsonReader(*answer, errors).array_or_empty("builds")) {
            if (BuildView build = read_build(item); !build.id.empty()) builds.push_back(std::move(build));
        }
        // The one that is followed stays, however old it is; its stream knows more than the list.
        const auto open = std::find_if(s.builds.begin(), s.builds.end(), [&](const BuildView& build) { return build.id == s.open_id; });
        if (open != s.builds.end()) {
            const auto listed = std::find_if(builds.begin(), builds.end(), [&](const BuildView& build) { return build.id == s.open_id; });
            if (listed == builds.end()) builds.push_back(*open);
            else if (!listed->is_over()) *listed = *open;
        }
        s.builds = std::move(builds);
        s.phase = LoadPhase::ready;
        s.error = {};
    });
}

void Builds::put(BuildView build) {
    update([&](BuildsState& s) {
        const auto known = std::find_if(s.builds.begin(), s.builds.end(), [&](const BuildView& other) { return other.id == build.id; });
        if (known != s.builds.end()) *known = std::move(build);
        else s.builds.insert(s.builds.begin(), std::move(build));
    });
}

void Builds::open(const std::string& id) {
    if (id.empty()) return;
    if (state().open_id == id && stream_) return;
    close();
    log_.clear();
    update([&](BuildsState& s) {
        s.open_id = id;
        ++s.log_version;
    });
    stream_ = context_.streams.join("build:" + id, [this, id] { return context_.stream(net::StreamKind::build, path_of(id) + "/stream"); },
                                    {.on_event = [this](const wire::SseEvent& event) { on_event(event); },
                                     .on_change =
                                         [this](const net::EventStream::State& stream) {
                                             update([&](BuildsState& s) {
                                                 s.live = stream.phase == net::EventStream::Phase::open;
                                                 s.stream_problem = stream.last_error;
                                             });
                                         }});
    if (!find(id)) read_one(id);
}

void Builds::read_one(const std::string& id) {
    slots_.call("read", {.path = path_of(id)}, [this, id](base::Result<net::ApiReply> reply) {
        if (!reply) {
            // Its stream knows as much; only one that is not there is shown to nobody.
            const bool gone = reply.error().code == base::ErrorCode::not_found || reply.error().code == base::ErrorCode::forbidden;
            if (state().open_id != id || !gone) return;
            context_.toast(ToastKind::warning, "The build cannot be shown", reply.error().message);
            return close();
        }
        wire::JsonErrors errors;
        if (const wire::JsonReader item = wire::JsonReader(reply->json, errors).optional_object("build")) put(read_build(item));
    });
}

void Builds::close() {
    stream_.reset();
    update([](BuildsState& s) {
        s.open_id.clear();
        s.live = false;
        s.stream_problem.clear();
    });
}

void Builds::on_event(const wire::SseEvent& event) {
    const auto said = decode_build_event(event.type, event.data);
    if (!said) return;
    const std::string id = state().open_id;
    using Kind = BuildEvent::Kind;
    if (said->kind == Kind::snapshot) {
        wire::JsonErrors errors;
        BuildView build = read_build(wire::JsonReader(said->raw, errors));
        if (build.id == id) put(std::move(build));
        return;
    }
    if (said->kind == Kind::log) {
        log_.push_back(said->log);
        if (log_.size() > kMaxLines) log_.erase(log_.begin(), log_.begin() + static_cast<std::ptrdiff_t>(kMaxLines / 10));
        return update([](BuildsState& s) { ++s.log_version; });
    }
    update([&](BuildsState& s) {
        const auto build = std::find_if(s.builds.begin(), s.builds.end(), [&](const BuildView& other) { return other.id == id; });
        if (build == s.builds.end()) return;
        if (said->percent >= 0) build->progress = said->percent;
        if (said->kind == Kind::progress && !said->status.empty()) build->status = said->status;
        if (said->kind == Kind::complete) {
            build->status = "completed";
            build->progress = 100;
        }
        if (said->kind == Kind::failed) build->status = "failed";
        // A stream that was opened after the end says the status alone; the rest was in its metadata.
        if (!said->image_ref.empty()) {
            build->image_ref = said->image_ref;
            build->image_digest = said->image_digest;
        }
        if (!said->error_message.empty()) {
            build->error_message = said->error_message;
            build->error_stage = said->error_stage;
        }
        if (said->kind == Kind::cancelled) build->status = "cancelled";
    });
    // How long it took and how large it is only the build itself says.
    if ((said->kind == Kind::failed || said->kind == Kind::complete) && said->status.empty()) read_one(id);
}

void Builds::cancel(const std::string& id) {
    if (state().busy.contains(id)) return;
    update([&](BuildsState& s) { s.busy.insert(id); });
    slots_.call("cancel/" + id, {.method = "POST", .path = path_of(id) + "/cancel"}, [this, id](base::Result<net::ApiReply> reply) {
        update([&](BuildsState& s) { s.busy.erase(id); });
        if (!reply) {
            context_.toast(ToastKind::warning, "The build was not cancelled", reply.error().message);
            return reload();
        }
        wire::JsonErrors errors;
        if (const wire::JsonReader item = wire::JsonReader(reply->json, errors).optional_object("build")) put(read_build(item));
    });
}

void Builds::begin(const Wish& wish) {
    form_ = make_form(wish);
    form_->on_change([this] { context_.changed(kTopicBuilds); });
    form_workflow_ = wish.workflow_id;
    form_node_ = wish.node_id;
    update([](BuildsState& s) { s.form_open = true; });
}

void Builds::end_form() {
    form_.reset();
    slots_.drop("start");
    update([](BuildsState& s) { s.form_open = false; });
}

void Builds::submit() {
    if (!form_) return;
    form_->submit([this](Json values) {
        Json args = Json::object();
        for (const Json& row : values["buildArgs"]) {
            if (const std::string name = row.value("name", ""); !name.empty()) args[name] = row.value("value", "");
        }
        values["buildArgs"] = std::move(args);
        values["workflowId"] = form_workflow_;
        values["nodeId"] = form_node_;
        slots_.call("start", {.method = "POST", .path = "/builds/start", .body = std::move(values)}, [this](base::Result<net::ApiReply> reply) {
            if (!form_) return;
            if (!reply) return form_->failed(reply.error());
            wire::JsonErrors errors;
            BuildView build = read_build(wire::JsonReader(reply->json, errors).object("build"));
            form_->succeeded();
            end_form();
            const std::string id = build.id;
            put(std::move(build));
            open(id);
            list_.invalidate();
        });
    });
}

void Builds::clear() {
    stream_.reset();
    slots_.clear();
    list_.stop();
    form_.reset();
    log_.clear();
    state_.set({});
    context_.changed(kTopicBuilds);
}

}  // namespace model
