#include "model/versions.hpp"

#include <algorithm>
#include <utility>

#include "base/url.hpp"
#include "model/query_keys.hpp"
#include "wire/json_reader.hpp"

namespace model {

namespace {

VersionView read_view(const wire::JsonReader& item) {
    VersionView view;
    view.number = item.integer_or("version", 0);
    view.name = item.string_or("name", "");
    view.tag = item.string_or("tag", "");
    view.description = item.string_or("description", "");
    view.created_at = item.string_or("created_at", "");
    view.created_by = item.string_or("created_by", "");
    view.run_id = item.string_or("run_id", "");
    view.run_status = item.string_or("run_status", "");
    view.restored_from = item.integer_or("restored_from", 0);
    view.automatic = item.boolean_or("is_automatic", false);
    // A backend that knows no summaries sends the graphs themselves.
    const auto count = [&](std::string_view number, std::string_view list) {
        const Json* all = item.raw(list);
        return static_cast<std::size_t>(std::max<std::int64_t>(item.integer_or(number, all && all->is_array() ? static_cast<std::int64_t>(all->size()) : 0), 0));
    };
    view.nodes = count("node_count", "nodes");
    view.edges = count("edge_count", "edges");
    return view;
}

// Some backends wrap it: {"version": {...}}.
const Json& unwrapped(const Json& json) {
    const auto inner = json.is_object() ? json.find("version") : json.end();
    return inner != json.end() && inner->is_object() ? *inner : json;
}

std::unique_ptr<state::Form> make_form(const VersionView* of) {
    using namespace state::schema;
    const state::Schema schema = object({
        {"name", string().trim().max(100, "At most 100 characters").or_default("")},
        {"tag", string().trim().max(60, "At most 60 characters").matches([](std::string_view tag) { return tag.find_first_of(" \t") == std::string_view::npos; }, "No spaces, such as v1.2 or before-the-move").or_default("")},
        {"description", string().trim().max(2'000, "At most 2,000 characters").or_default("")},
    });
    return std::make_unique<state::Form>(schema, Json{{"name", of ? of->name : ""}, {"tag", of ? of->tag : ""}, {"description", of ? of->description : ""}});
}

std::string with_hint(const base::Error& error) { return error.hint.empty() ? error.message : error.message + " " + error.hint + "."; }

}  // namespace

std::string VersionView::title() const {
    std::string title = "Version " + std::to_string(number);
    if (!name.empty()) return title + " · " + name;
    if (restored_from > 0) return title + " · restored from " + std::to_string(restored_from);
    return title;
}

Versions::Versions(ModelContext& context, Ports ports) : context_(context), ports_(std::move(ports)), slots_(context.api) {}

void Versions::update(const std::function<void(VersionsState&)>& change) {
    const std::uint64_t before = state_.version();
    state_.update([&](VersionsState& s) { change(s); });
    if (state_.version() != before) context_.changed(kTopicHistory);
}

const VersionView* Versions::find(std::int64_t number) const {
    for (const VersionView& version : state().versions) {
        if (version.number == number) return &version;
    }
    return nullptr;
}

std::string Versions::path() const { return "/workflows/" + base::percent_encode_segment(state().workflow_id) + "/versions"; }

void Versions::show(const std::string& workflow_id) {
    if (workflow_id.empty() || (state().workflow_id == workflow_id && list_)) return;
    clear();
    update([&](VersionsState& s) {
        s.workflow_id = workflow_id;
        s.phase = LoadPhase::loading;
    });
    list_ = std::make_unique<ListQuery>(context_, keys::workflows::versions(workflow_id), path() + "?summary=true&limit=" + std::to_string(kListed),
                                        [this](const base::Result<Json>& answer) { take(answer); });
    list_->load();
}

void Versions::reload() {
    if (list_) list_->load();
}

void Versions::take(const base::Result<Json>& answer) {
    update([&](VersionsState& s) {
        if (!answer) {
            s.error = answer.error();
            s.phase = LoadPhase::failed;
            return;
        }
        wire::JsonErrors errors;
        const wire::JsonReader reader(*answer, errors);
        s.versions.clear();
        for (const wire::JsonReader item : reader.array_or_empty("versions")) {
            if (VersionView view = read_view(item); view.number > 0) s.versions.push_back(std::move(view));
        }
        std::stable_sort(s.versions.begin(), s.versions.end(), [](const VersionView& a, const VersionView& b) { return a.number > b.number; });
        s.total = std::max<std::int64_t>(reader.integer_or("total", 0), static_cast<std::int64_t>(s.versions.size()));
        s.phase = LoadPhase::ready;
        s.error = {};
        const bool there = std::any_of(s.versions.begin(), s.versions.end(), [&](const VersionView& view) { return view.number == s.selected; });
        if (!there) s.selected = 0;
    });
}

void Versions::select(std::int64_t number) {
    update([&](VersionsState& s) { s.selected = number; });
}

void Versions::begin(std::int64_t number) {
    form_ = make_form(number > 0 ? find(number) : nullptr);
    form_->on_change([this] { context_.changed(kTopicHistory); });
    update([&](VersionsState& s) { s.form_for = number; });
}

void Versions::end_form() {
    form_.reset();
    slots_.drop("words");
    update([](VersionsState& s) { s.form_for = -1; });
}

void Versions::submit() {
    if (!form_) return;
    const std::int64_t number = state().form_for;
    form_->submit([this, number](Json values) {
        const auto send = [this, number, values = std::move(values)] {
            net::ApiRequest request{.method = number > 0 ? "PUT" : "POST", .path = number > 0 ? path() + "/" + std::to_string(number) : path(), .body = values};
            slots_.call("words", std::move(request), [this](base::Result<net::ApiReply> reply) {
                if (!form_) return;
                if (!reply) return form_->failed(reply.error());
                form_->succeeded();
                end_form();
                wire::JsonErrors errors;
                const std::int64_t made = wire::JsonReader(unwrapped(reply->json), errors).integer_or("version", 0);
                if (made > 0) select(made);
                if (list_) list_->invalidate();
            });
        };
        if (number > 0) return send();
        // What is kept is what is stored.
        ports_.save([this, send, workflow = state().workflow_id](bool saved) {
            if (!form_ || state().workflow_id != workflow) return;
            if (!saved) return form_->failed(base::Error{base::ErrorCode::unavailable, "Your edits could not be saved, so there is nothing to keep yet.", "Save them first, then try again"});
            send();
        });
    });
}

void Versions::compare(std::int64_t from, std::int64_t to) {
    left_.reset();
    right_.reset();
    update([&](VersionsState& s) { s.compare = {.open = true, .from = from, .to = to, .phase = LoadPhase::loading, .error = {}, .diff = {}}; });
    context_.changed(kTopicCanvas);
    read_side("left", from, left_);
    if (to != kPresent) read_side("right", to, right_);
    else slots_.drop("right");
}

void Versions::read_side(const std::string& slot, std::int64_t number, std::optional<Graph>& side) {
    slots_.call(slot, {.path = path() + "/" + std::to_string(number)}, [this, number, &side](base::Result<net::ApiReply> reply) {
        auto graph = reply ? Graph::from_json(unwrapped(reply->json)) : base::Result<Graph>(base::fail(reply.error()));
        if (!graph) {
            return update([&](VersionsState& s) {
                s.compare.phase = LoadPhase::failed;
                s.compare.error = graph.error();
                if (reply) s.compare.error.message = "Version " + std::to_string(number) + " cannot be read: " + graph.error().message;
            });
        }
        side = std::move(*graph);
        compare_now();
    });
}

void Versions::compare_now() {
    const bool with_present = state().compare.to == kPresent;
    if (!state().compare.open || !left_ || (!with_present && !right_)) return;
    update([&](VersionsState& s) {
        s.compare.diff = diff_graphs(*left_, with_present ? ports_.present : *right_);
        s.compare.phase = LoadPhase::ready;
        s.compare.error = {};
    });
    context_.changed(kTopicCanvas);
}

void Versions::end_compare() {
    if (!state().compare.open) return;
    slots_.drop("left");
    slots_.drop("right");
    left_.reset();
    right_.reset();
    update([](VersionsState& s) { s.compare = {}; });
    context_.changed(kTopicCanvas);
}

void Versions::document_changed() {
    if (state().compare.open && state().compare.to == kPresent && state().compare.phase == LoadPhase::ready) compare_now();
}

void Versions::restore(std::int64_t number) {
    if (state().restoring != 0) return;
    update([&](VersionsState& s) { s.restoring = number; });
    ports_.save([this, number, workflow = state().workflow_id](bool saved) {
        if (state().workflow_id != workflow) return;
        if (!saved) {
            update([](VersionsState& s) { s.restoring = 0; });
            return context_.toast(ToastKind::danger, "Not restored", "Your edits could not be saved first; they would not be in any version. Save them, then restore again.");
        }
        net::ApiRequest request{.method = "POST", .path = path() + "/" + std::to_string(number) + "/restore"};
        if (const std::string etag = ports_.etag(); !etag.empty()) request.headers.set("if-match", etag);
        slots_.call("restore", std::move(request), [this, number](base::Result<net::ApiReply> reply) {
            update([](VersionsState& s) { s.restoring = 0; });
            if (!reply) {
                context_.toast(ToastKind::danger, "Not restored", with_hint(reply.error()));
                if (reply.error().code == base::ErrorCode::conflict) ports_.meet_other();
                return;
            }
            const auto workflow_json = reply->json.is_object() ? reply->json.find("workflow") : reply->json.end();
            if (!reply->json.is_object() || workflow_json == reply->json.end()) return ports_.meet_other();
            if (list_) list_->invalidate();
            ports_.restored(number, *workflow_json, reply->headers);
        });
    });
}

void Versions::run_ended() {
    if (list_) list_->invalidate();
}

void Versions::clear() {
    slots_.clear();
    list_.reset();
    form_.reset();
    left_.reset();
    right_.reset();
    state_.set({});
    context_.changed(kTopicHistory);
}

}  // namespace model
