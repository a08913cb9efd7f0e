// Storing the open document: what autosave sends, what it says, and the draft that outlives the tab. It never touches the cluster.
#include <algorithm>

#include "base/json.hpp"
#include "model/app_impl.hpp"

namespace model {

namespace {

constexpr std::int64_t kDraftMs = 500;

// Stands for the content where the backend gives no ETag. FNV-1a, 64 bits: it tells versions apart, it proves nothing.
std::string fingerprint(const std::string& name, const Graph& graph) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;
    for (const std::string& text : {name, base::dump_json(graph.nodes_to_json()), base::dump_json(graph.edges_to_json())}) {
        for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
        hash *= 0x100000001b3ULL;
    }
    return "content-" + std::to_string(hash);
}

SavePhase shown(Autosave::Phase phase) {
    switch (phase) {
        case Autosave::Phase::closed:
        case Autosave::Phase::saved: return SavePhase::saved;
        case Autosave::Phase::unsaved: return SavePhase::unsaved;
        case Autosave::Phase::saving: return SavePhase::saving;
        case Autosave::Phase::failed: return SavePhase::failed;
        case Autosave::Phase::conflict: return SavePhase::conflict;
    }
    return SavePhase::saved;
}

}  // namespace

base::Result<StoredVersion> App::Impl::read_version(const Json& json, const net::Headers& headers) {
    auto graph = Graph::from_json(json);
    if (!graph) return base::fail(graph.error());
    wire::JsonErrors errors;
    const wire::JsonReader reader(json, errors);
    StoredVersion version{std::string(headers.get("etag")), reader.string_or("name", ""), reader.string_or("updated_at", ""), std::move(*graph)};
    if (version.etag.empty()) version.etag = fingerprint(version.name, version.graph);
    return version;
}

void App::Impl::take_up_draft(StoredVersion stored) {
    const Draft* draft = drafts.get().find(workflow.get().id);
    auto mine = draft ? Graph::from_json(Json{{"nodes", draft->nodes}, {"edges", draft->edges}}) : base::Result<Graph>(Graph{});
    const bool newer = draft && mine && (diff_graphs(*mine, stored.graph) != GraphDiff{} || draft->name != stored.name);
    const bool same_base = newer && draft->etag == stored.etag;
    if (newer) {
        for (NodeIndex i = 0; i < stored.graph.node_slots(); ++i) {
            if (stored.graph.node_alive(i)) mine->set_status(stored.graph.node(i).id, stored.graph.status(i));
        }
        document.adopt(*mine, draft->name, "your unsaved edits", ports.scheduler.clock().monotonic_ms());
        workflow.update([&](WorkflowState& s) { s.name = document.name(); });
    }
    const Autosave::Check check = stored.etag.starts_with("content-") ? Autosave::Check::read_again : Autosave::Check::if_match;
    autosave.open(newer && !same_base ? draft->etag : stored.etag, check);
    if (!newer) {
        if (draft) drop_draft();  // it did arrive, or cannot be read
    } else if (!same_base) {
        meet_version(std::move(stored), true);
    }
}

void App::Impl::mark_dirty() {
    if (bench) return;
    autosave.edited();
    if (!document.dirty()) {
        if (!autosave.in_flight()) drop_draft();
        if (autosave.phase() == Autosave::Phase::conflict) read_again(false);  // undone: nothing is left to choose
    } else if (!draft_timer.pending()) {
        draft_timer = ports.scheduler.after(kDraftMs, [this] { write_draft(); });
    }
    changed(kTopicChrome);
}

void App::Impl::write_draft() {
    draft_timer.cancel();
    if (bench || workflow.get().phase != LoadPhase::ready || !document.dirty()) return;
    const std::string& id = workflow.get().id;
    drafts.update([&](Drafts& d) {
        std::erase_if(d.entries, [&](const Draft& draft) { return draft.workflow_id == id; });
        d.entries.push_back({id, autosave.revision(), document.name(), graph.nodes_to_json(), graph.edges_to_json()});
        if (d.entries.size() > Drafts::kMax) d.entries.erase(d.entries.begin());
    });
    changed(kTopicChrome);  // a frame writes it
}

void App::Impl::drop_draft(const std::string& workflow_id) {
    if (workflow_id == workflow.get().id) draft_timer.cancel();
    if (!drafts.get().find(workflow_id)) return;
    drafts.update([&](Drafts& d) { std::erase_if(d.entries, [&](const Draft& draft) { return draft.workflow_id == workflow_id; }); });
    changed(kTopicChrome);
}

void App::Impl::send_document(const std::string& revision, Autosave::RevisionCallback done) {
    const std::string id = workflow.get().id;
    Json body{{"name", document.name()}, {"nodes", graph.nodes_to_json()}, {"edges", graph.edges_to_json()}};
    net::ApiRequest request{.method = "PUT", .path = "/workflows/" + id, .body = std::move(body)};
    const bool by_content = revision.starts_with("content-");
    if (!by_content && !revision.empty()) request.headers.set("if-match", revision);
    std::string sent_content = by_content ? fingerprint(document.name(), graph) : std::string{};
    std::optional<Json> records = outbox.take();
    call(std::move(request), [this, id, revision, sent_content = std::move(sent_content), records = std::move(records),
                              done = std::move(done)](base::Result<net::ApiReply> reply) mutable {
        const bool here = workflow.get().id == id;
        if (!reply) {
            if (here) outbox.give_back(std::move(records));
            return done(base::fail(reply.error()));
        }
        std::string fresh(reply->headers.get("etag"));
        if (fresh.empty()) fresh = sent_content.empty() ? revision : sent_content;
        Json told{{"id", id}, {"base", revision}, {"etag", fresh}};
        if (records) told["changes"] = std::move(*records);
        if (!tabs.post("workflow", told) && told.contains("changes")) {
            told.erase("changes");  // too large to tell: the others read it
            tabs.post("workflow", std::move(told));
        }
        if (!here) {
            // Another workflow is open by now. What failed stays in the draft.
            drop_draft(id);
            return;
        }
        done(std::move(fresh));
        if (std::exchange(heard_meanwhile, false)) read_again(true);
        name_in_list();
        if (document.dirty()) write_draft();
        else drop_draft();
        changed(kTopicChrome | kTopicWorkflows);
    });
}

void App::Impl::read_revision(Autosave::RevisionCallback done) {
    call({.path = "/workflows/" + workflow.get().id}, [done = std::move(done)](base::Result<net::ApiReply> reply) {
        if (!reply) return done(base::fail(reply.error()));
        auto version = read_version(reply->json, reply->headers);
        if (!version) return done(base::fail(version.error()));
        done(std::move(version->etag));
    });
}

void App::Impl::save_changed() {
    const SavePhase before = workflow.get().save;
    const SavePhase phase = shown(autosave.phase());
    base::Error error = autosave.error();
    if (phase == SavePhase::conflict) {
        error = {base::ErrorCode::conflict, "This workflow was changed elsewhere", "Compare both versions and choose; your edits are kept in this browser until then"};
    }
    const bool lasting = phase == SavePhase::failed && autosave.next_attempt_ms() < 0;
    const bool news = phase != before || error != workflow.get().save_error;
    workflow.update([&](WorkflowState& s) {
        s.save = phase;
        s.save_error = error;
        if (before == SavePhase::saving && phase == SavePhase::saved) s.saved_at_ms = ports.scheduler.clock().unix_ms();
    });
    if (phase == SavePhase::conflict && before != SavePhase::conflict && !theirs) read_again(true);
    if (lasting && news) toast(ToastKind::danger, "Not saved", error.message);
    changed(kTopicChrome);
}

}  // namespace model
