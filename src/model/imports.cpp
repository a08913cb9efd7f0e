#include "model/imports.hpp"

#include "base/encoding.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "model/graph.hpp"
#include "model/graph/clipping.hpp"
#include "model/query_keys.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

std::unique_ptr<state::Form> make_form() {
    using namespace state::schema;
    const auto url = string().trim().min(1, "Enter the address of the repository").required("Enter the address of the repository");
    const auto of_repository = [&](const char* source) {
        return state::SchemaVariant{source, object({{"source", string()}, {"url", url}, {"branch", string().trim().or_default("")}, {"namespace", string().trim().or_default("")}}).keep_unknown()};
    };
    const state::SchemaVariant file{"file", object({{"source", string()}, {"content", string().min(1, "Paste a file, or choose one").required("Paste a file, or choose one")}, {"namespace", string().trim().or_default("")}}).keep_unknown()};
    return std::make_unique<state::Form>(union_of("source", {file, of_repository("github"), of_repository("gitlab"), of_repository("git_url")}),
                                         base::Json{{"source", "file"}, {"content", ""}, {"url", ""}, {"branch", ""}, {"namespace", ""}, {"workflow", "Imported"}});
}

ImportIssueView read_issue(const wire::JsonReader& item) {
    // Older hubs have warnings of words alone.
    if (const auto* words = item.raw() ? item.raw()->get_ptr<const std::string*>() : nullptr) return {.code = {}, .message = *words, .service = {}, .field = {}};
    return {.code = item.string_or("code", ""), .message = item.string_or("message", ""), .service = item.string_or("service", ""), .field = item.string_or("field", ""),
            .line = static_cast<int>(item.integer_or("line", 0, {.min = 0, .max = 100'000'000}))};
}

// "shop.compose.yaml" -> "Shop"
std::string name_from_file(std::string_view file) {
    file = file.substr(0, file.find('.'));
    const std::string lower = base::to_ascii_lower(file);
    if (file.empty() || lower == "compose" || lower == "docker-compose" || lower == "kubernetes" || lower == "k8s" || lower == "deployment" || lower == "pasted") return {};
    std::string name(file);
    name[0] = base::ascii_upper(name[0]);
    return name;
}

// A workflow that was exported as JSON needs no analysis: it is what it is.
Json analysis_of(const Clipping& clipping) {
    return {{"detectedType", "binnacle"}, {"suggestedNodes", clipping.graph.nodes_to_json()}, {"suggestedEdges", clipping.graph.edges_to_json()}};
}

}  // namespace

Imports::Imports(ModelContext& context, Hooks hooks) : context_(context), hooks_(std::move(hooks)), slots_(context.api) {}

void Imports::update(std::function<void(ImportsState&)> change) {
    const std::uint64_t before = state_.version();
    state_.update([&](ImportsState& s) { change(s); });
    if (state_.version() != before) context_.changed(kTopicBuilds);
}

void Imports::begin() {
    if (state().phase != ImportsState::Phase::closed) return;
    form_ = make_form();
    form_->on_change([this] { context_.changed(kTopicBuilds); });
    file_name_.clear();
    update([](ImportsState& s) {
        s = {};
        s.phase = ImportsState::Phase::asking;
    });
}

void Imports::end() {
    stream_.reset();
    slots_.clear();
    form_.reset();
    analysis_ = {};
    update([](ImportsState& s) { s = {}; });
}

void Imports::take_file(std::string name, std::string bytes) {
    begin();
    if (state().phase != ImportsState::Phase::asking) back();
    if (bytes.size() > kMaxFileBytes && !read_clipping(bytes)) return fail(name + " is larger than " + base::human_bytes(kMaxFileBytes) + ". Import it in parts.");
    if (!base::is_valid_utf8(bytes)) return fail(name + " is no text.");
    file_name_ = std::move(name);
    form_->set("source", "file");
    form_->set("content", std::move(bytes));
    update([&](ImportsState& s) {
        s.problem.clear();
        s.file_name = file_name_;
    });
}

void Imports::analyze() {
    if (!form_ || state().phase != ImportsState::Phase::asking) return;
    form_->submit([this](const Json& values) { send(values); });
}

void Imports::send(const Json& values) {
    update([](ImportsState& s) {
        s.phase = ImportsState::Phase::analyzing;
        s.problem.clear();
        s.progress = -1;
        s.stage.clear();
        s.last_words.clear();
    });
    wire::JsonErrors errors;
    const wire::JsonReader form(values, errors);
    Json body = {{"source", form.string_or("source", "file")}, {"namespace", form.string_or("namespace", "")}};
    if (body["source"] == "file") {
        const std::string content = form.string_or("content", "");
        if (const auto own = read_clipping(content)) return show(analysis_of(*own));
        body["fileContent"] = base::base64_encode(content);
        body["fileName"] = file_name_.empty() ? "pasted.yaml" : file_name_;
    } else {
        body["url"] = form.string_or("url", "");
        body["branch"] = form.string_or("branch", "");
    }
    slots_.call("analyze", {.method = "POST", .path = "/import/analyze", .body = std::move(body)}, [this](base::Result<net::ApiReply> reply) {
        if (!form_ || state().phase != ImportsState::Phase::analyzing) return;
        if (!reply) {
            update([](ImportsState& s) { s.phase = ImportsState::Phase::asking; });
            return form_->failed(reply.error());
        }
        wire::JsonErrors reply_errors;
        const wire::JsonReader answer(reply->json, reply_errors);
        if (answer.boolean_or("async", false)) return follow(answer.string_or("sessionId", ""));
        const Json* analysis = answer.raw("analysis");
        if (!analysis || !analysis->is_object()) return fail("The server sent no analysis.");
        show(*analysis);
    });
}

void Imports::follow(const std::string& session_id) {
    update([](ImportsState& s) { s.progress = 0; });
    stream_ = context_.streams.join("import:" + session_id, [this, session_id] { return context_.stream(net::StreamKind::import_analysis, "/import/" + base::percent_encode_segment(session_id) + "/stream"); },
                                    {.on_event = [this](const wire::SseEvent& event) { on_event(event); },
                                     .on_change =
                                         [this](const net::EventStream::State& stream) {
                                             const bool over = stream.phase == net::EventStream::Phase::stopped || stream.phase == net::EventStream::Phase::gave_up;
                                             if (over && !stream.last_error.empty()) fail(stream.last_error);
                                         }});
}

void Imports::on_event(const wire::SseEvent& event) {
    const auto said = decode_import_event(event.type, event.data);
    if (!said || state().phase != ImportsState::Phase::analyzing) return;
    using Kind = ImportEvent::Kind;
    if (said->kind == Kind::failed) return fail(said->error_message);
    if (said->kind == Kind::complete) {
        if (!said->analysis.is_object()) return fail("The server sent no analysis.");
        return show(said->analysis);
    }
    update([&](ImportsState& s) {
        if (said->percent >= 0) s.progress = said->percent;
        if (!said->stage.empty()) s.stage = said->stage;
        if (said->kind == Kind::log) s.last_words = said->log.message;
    });
}

void Imports::fail(std::string problem) {
    stream_.reset();
    slots_.drop("analyze");
    if (form_ && form_->submitting()) form_->failed(std::vector<state::Issue>{});
    update([&](ImportsState& s) {
        s.phase = ImportsState::Phase::asking;
        s.progress = -1;
        s.problem = std::move(problem);
    });
}

void Imports::show(Json analysis) {
    stream_.reset();
    if (form_->submitting()) form_->succeeded();
    analysis_ = std::move(analysis);
    wire::JsonErrors errors;
    const wire::JsonReader reader(analysis_, errors);
    update([&](ImportsState& s) {
        s.phase = ImportsState::Phase::ready;
        s.progress = -1;
        s.detected_type = reader.string_or("detectedType", "unknown");
        s.errors.clear();
        s.warnings.clear();
        s.nodes.clear();
        for (const wire::JsonReader item : reader.array_or_empty("errors")) s.errors.push_back(read_issue(item));
        for (const wire::JsonReader item : reader.array_or_empty("warnings")) s.warnings.push_back(read_issue(item));
        for (const wire::JsonReader item : reader.array_or_empty("suggestedNodes")) {
            if (!item.raw()) continue;
            const auto node = node_from_json(*item.raw(), item.path());
            if (node) s.nodes.push_back({node->node.id, node->node.type, node->node.name, node->node.subtitle});
        }
        s.edges = static_cast<int>(reader.array_or_empty("suggestedEdges").size());
        s.builds = static_cast<int>(reader.member("sourceBuildConfig").keys().size());
    });
    if (const std::string name = name_from_file(file_name_); !name.empty() && form_->text("workflow") == "Imported") form_->set("workflow", name);
}

void Imports::cancel() {
    if (state().phase == ImportsState::Phase::analyzing) fail({});
}

void Imports::back() {
    if (state().phase != ImportsState::Phase::ready) return;
    analysis_ = {};
    update([](ImportsState& s) {
        const std::string file = s.file_name;
        s = {};
        s.phase = ImportsState::Phase::asking;
        s.file_name = file;
    });
}

void Imports::add_to_workflow() {
    if (state().phase != ImportsState::Phase::ready || state().nodes.empty()) return;
    const auto added = hooks_.insert(analysis_["suggestedNodes"], analysis_["suggestedEdges"]);
    if (!added) {
        return update([&](ImportsState& s) { s.problem = added.error().message; });
    }
    context_.toast(ToastKind::success, std::to_string(*added) + (*added == 1 ? " node added" : " nodes added"), "Undo takes them out again.");
    end();
}

void Imports::create_workflow() {
    if (!form_ || state().phase != ImportsState::Phase::ready || state().applying) return;
    const std::string name(base::trim(form_->text("workflow")));
    if (name.empty()) {
        return update([](ImportsState& s) { s.problem = "Give the workflow a name."; });
    }
    update([](ImportsState& s) {
        s.applying = true;
        s.problem.clear();
    });
    slots_.call("create", {.method = "POST", .path = "/import/create-workflow", .body = Json{{"name", name}, {"clusterId", "default"}, {"analysis", analysis_}}}, [this](base::Result<net::ApiReply> reply) {
        update([](ImportsState& s) { s.applying = false; });
        if (!reply) {
            return update([&](ImportsState& s) { s.problem = reply.error().message + (reply.error().hint.empty() ? "" : " " + reply.error().hint); });
        }
        wire::JsonErrors errors;
        const std::string id = wire::JsonReader(reply->json, errors).optional_object("workflow").string_or("id", "");
        context_.queries.invalidate(keys::workflows::lists());
        end();
        if (!id.empty()) hooks_.open_workflow(id);
    });
}

}  // namespace model
