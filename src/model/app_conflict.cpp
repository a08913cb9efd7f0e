// Versions of the open document that come from elsewhere: another tab's saves, and the two sides of a conflict.
#include <charconv>

#include "model/app_impl.hpp"

namespace model {

namespace {

// The number in "\"7\"", our hub's revisions; nullopt for other tags, of which nobody knows the order.
std::optional<std::int64_t> number_of(std::string_view etag) {
    if (etag.size() < 3 || etag.front() != '"' || etag.back() != '"') return std::nullopt;
    etag = etag.substr(1, etag.size() - 2);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(etag.data(), etag.data() + etag.size(), value);
    if (error != std::errc{} || end != etag.data() + etag.size()) return std::nullopt;
    return value;
}

bool is_older_or_same(std::string_view etag, std::string_view known) {
    if (etag == known) return true;
    const auto a = number_of(etag);
    const auto b = number_of(known);
    return a && b && *a <= *b;
}

}  // namespace

void App::Impl::hear_tabs() {
    tabs.on("workflow", [this](const Json& message) { on_tab_edit(message); });
}

void App::Impl::on_tab_edit(const Json& message) {
    wire::JsonErrors errors;
    const wire::JsonReader reader(message, errors);
    if (reader.string_or("id", "") != workflow.get().id || workflow.get().phase != LoadPhase::ready || bench) return;
    if (reader.boolean_or("deleted", false)) {
        toast(ToastKind::warning, "Workflow deleted", "\"" + workflow.get().name + "\" was deleted in another tab.");
        if (document.dirty()) return;  // what is here can still be saved as a copy
        close_workflow();
        return read_workflows(true);
    }
    const std::string etag = reader.string_or("etag", "");
    if (etag.empty() || is_older_or_same(etag, autosave.revision())) return;
    if (theirs && is_older_or_same(etag, theirs->etag)) return;
    if (autosave.in_flight()) {
        heard_meanwhile = true;  // its answer says who was first
        return;
    }
    const Json* changes = reader.raw("changes");
    if (!document.dirty() && changes && reader.string_or("base", "") == autosave.revision()) {
        auto patch = patch_from_records(*changes);
        if (patch && document.apply_remote(*patch)) {
            autosave.resolved(etag);
            return remote_applied();
        }
    }
    if (document.dirty()) autosave.enter_conflict();
    read_again(true);
}

void App::Impl::remote_applied() {
    outbox.clear();
    drop_draft();
    document_changed();
    name_in_list();
    changed(kTopicWorkflows);
}

void App::Impl::read_again(bool show_conflict) {
    if (bench || workflow.get().phase != LoadPhase::ready) return;
    const std::string id = workflow.get().id;
    call_in("version", {.path = "/workflows/" + id}, [this, id, show_conflict](base::Result<net::ApiReply> reply) {
        if (workflow.get().id != id || workflow.get().phase != LoadPhase::ready) return;
        if (!reply) {
            conflict.update([&](ConflictState& s) { s.error = reply.error().message; });
            return changed(kTopicChrome);
        }
        auto version = read_version(reply->json, reply->headers);
        if (version) meet_version(std::move(*version), show_conflict);
    });
}

void App::Impl::meet_version(StoredVersion version, bool show_conflict) {
    // A refused save proves that there is another version, whatever its number (a backend may have begun anew).
    const bool refused = autosave.phase() == Autosave::Phase::conflict;
    if (autosave.in_flight() || (refused ? version.etag == autosave.revision() : is_older_or_same(version.etag, autosave.revision()))) {
        // Ours is the newest after all: an older answer, or a conflict that resolved itself.
        if (refused && !autosave.in_flight()) {
            close_conflict();
            autosave.resolved(version.etag);
        }
        return;
    }
    if (!document.dirty()) return apply_stored(std::move(version));
    GraphDiff diff = diff_graphs(graph, version.graph);
    if (diff.empty() && document.name() == version.name) {
        // Both did the same.
        document.mark_saved(document.present());
        outbox.clear();
        drop_draft();
        close_conflict();
        autosave.resolved(version.etag);
        return changed(kTopicChrome);
    }
    conflict.update([&](ConflictState& s) {
        s = {true, show_conflict || s.open, s.busy, document.name(), version.name, version.updated_at, std::move(diff), {}};
    });
    theirs = std::make_unique<StoredVersion>(std::move(version));
    autosave.enter_conflict();
    write_draft();
    changed(kTopicChrome);
}

void App::Impl::apply_stored(StoredVersion version) {
    document.adopt_remote(version.graph, version.name);
    close_conflict();
    autosave.resolved(version.etag);
    remote_applied();
}

void App::Impl::open_conflict() {
    if (workflow.get().save != SavePhase::conflict) return;
    if (!theirs) return read_again(true);
    // Edits may have been made since it was put aside.
    conflict.update([&](ConflictState& s) {
        s.open = true;
        s.my_name = document.name();
        s.diff = diff_graphs(graph, theirs->graph);
    });
    changed(kTopicChrome);
}

void App::Impl::close_conflict() {
    theirs.reset();
    conflict.set(ConflictState{});
}

void App::Impl::resolve_conflict(ConflictChoice choice) {
    if (!theirs || workflow.get().save != SavePhase::conflict || conflict.get().busy) return;
    switch (choice) {
        case ConflictChoice::keep_mine: {
            const std::string etag = theirs->etag;
            close_conflict();
            outbox.spoil();  // what was recorded is based on another version
            autosave.overwrite(etag);
            break;
        }
        case ConflictChoice::take_theirs: {
            const std::unique_ptr<StoredVersion> version = std::move(theirs);
            close_conflict();
            document.adopt(version->graph, version->name, "taking the other version", ports.scheduler.clock().monotonic_ms());
            document.mark_saved(document.present());
            autosave.resolved(version->etag);
            remote_applied();
            toast(ToastKind::info, "The other version is shown", "Your edits are not lost: Undo brings them back.");
            break;
        }
        case ConflictChoice::save_copy: save_copy(); break;
    }
    changed(kTopicChrome | kTopicCanvas | kTopicInspector);
}

void App::Impl::save_copy() {
    const std::string id = workflow.get().id;
    const std::string name = document.name() + " (my copy)";
    conflict.update([](ConflictState& s) {
        s.busy = true;
        s.error.clear();
    });
    const auto fail = [this](const base::Error& error) {
        conflict.update([&](ConflictState& s) {
            s.busy = false;
            s.error = "The copy was not saved: " + error.message;
        });
        changed(kTopicChrome);
    };
    call({.method = "POST", .path = "/workflows/" + id + "/clone", .body = Json{{"name", name}}}, [this, id, name, fail](base::Result<net::ApiReply> cloned) {
        if (workflow.get().id != id) return;
        if (!cloned) return fail(cloned.error());
        wire::JsonErrors errors;
        const std::string copy = wire::JsonReader(cloned->json, errors).string_or("id", "");
        if (copy.empty()) return fail({base::ErrorCode::protocol, "the server's answer has no id", ""});
        Json body{{"name", name}, {"nodes", graph.nodes_to_json()}, {"edges", graph.edges_to_json()}};
        call({.method = "PUT", .path = "/workflows/" + copy, .body = std::move(body)}, [this, id, copy, fail](base::Result<net::ApiReply> stored) {
            if (workflow.get().id != id) return;
            if (!stored) return fail(stored.error());
            call({.method = "PUT", .path = "/workflows/" + copy + "/status", .body = Json{{"status", "published"}}}, [this, id, copy](base::Result<net::ApiReply>) {
                if (workflow.get().id != id) return;
                // The other version stays what the first workflow is.
                document.mark_saved(document.present());
                drop_draft(id);
                toast(ToastKind::success, "Saved as a copy", "\"" + workflow.get().name + "\" keeps the other version.");
                read_workflows(false);
                open_workflow(copy);
            });
        });
    });
}

}  // namespace model
