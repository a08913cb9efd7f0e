// Imports: docker-compose files and Kubernetes manifests that become nodes, by way of the hub's analysis; workflows that were exported as
// JSON, read here. One at a time: what the dialog
// shows.
//
//   imports.begin();                                     // the dialog opens
//   imports.form()->set("content", text); imports.analyze();
//   imports.state().issues; imports.state().nodes;       // the preview
//   imports.add_to_workflow();                            // one step of undo
//   imports.create_workflow("Shop");
//   imports.end();
//
// A repository is read by a session of the hub with stages; cancel() forgets it. What comes after end() or cancel() changes nothing.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "model/api_slots.hpp"
#include "model/model_context.hpp"
#include "model/stream_payloads.hpp"
#include "state/forms/form.hpp"
#include "state/store.hpp"

namespace model {

struct ImportIssueView {
    std::string code, message, service, field;
    int line = 0;  // 0: not known
    friend bool operator==(const ImportIssueView&, const ImportIssueView&) = default;
};

struct ImportNodeView {
    std::string id, type, name, subtitle;
    friend bool operator==(const ImportNodeView&, const ImportNodeView&) = default;
};

struct ImportsState {
    enum class Phase : std::uint8_t { closed, asking, analyzing, ready };
    Phase phase = Phase::closed;
    bool applying = false;
    std::string problem;             // why the last try came to nothing
    // Of a repository, while it is analysed.
    int progress = -1;               // percent; -1: nothing to show
    std::string stage;
    std::string last_words;          // of its log
    // The preview.
    std::string file_name;
    std::string detected_type;       // docker-compose, kubernetes, binnacle, unknown
    std::vector<ImportIssueView> errors, warnings;
    std::vector<ImportNodeView> nodes;
    int edges = 0;
    int builds = 0;                  // images that have to be built first
    friend bool operator==(const ImportsState&, const ImportsState&) = default;
};

class Imports {
public:
    static constexpr std::size_t kMaxFileBytes = 1024 * 1024;

    // What the app does with an import.
    struct Hooks {
        // Puts nodes and edges (as in a workflow's JSON) into the open workflow; how many, or why not.
        std::function<base::Result<int>(const Json& nodes, const Json& edges)> insert;
        std::function<void(const std::string& workflow_id)> open_workflow;
    };
    Imports(ModelContext& context, Hooks hooks);

    [[nodiscard]] const ImportsState& state() const { return state_.get(); }
    [[nodiscard]] std::uint64_t version() const { return state_.version(); }

    void begin();
    void end();
    // source: file, github, gitlab, git_url; content, url, branch, namespace, workflow (the name of a new one). Null while closed.
    [[nodiscard]] state::Form* form() { return form_.get(); }
    // A file that was chosen or dropped: its text goes into the form. Refused with the reason when it is too large or no text.
    void take_file(std::string name, std::string bytes);
    void analyze();
    void cancel();
    void back();  // from the preview to the question, with what was entered
    void add_to_workflow();
    void create_workflow();
    void clear() { end(); }

private:
    void update(std::function<void(ImportsState&)> change);
    void send(const Json& values);
    void follow(const std::string& session_id);
    void on_event(const wire::SseEvent& event);
    void fail(std::string problem);
    void show(Json analysis);

    ModelContext& context_;
    Hooks hooks_;
    state::Store<ImportsState> state_;
    ApiSlots slots_;
    std::unique_ptr<state::Form> form_;
    Json analysis_;
    std::string file_name_;
    net::SharedStreams::Lease stream_;
};

}  // namespace model
