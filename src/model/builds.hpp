// Builds: images that the hub makes of git repositories. The list is the query cache's; one build at a time is followed live.
//
//   builds.ensure();                                  // the Build tab is shown
//   builds.begin({.workflow_id = id, .node_id = node});
//   builds.form()->set("repoUrl", ...); builds.submit();   // opens the new build
//   builds.open(id);                                  // its log and progress, until another one is opened or close()
//   builds.cancel(id);
//
// No line of a log is lost or doubled when the stream comes back: the hub goes on behind the last one. A build that is over is read once.
#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "model/api_slots.hpp"
#include "model/list_query.hpp"
#include "model/model_context.hpp"
#include "model/stream_payloads.hpp"
#include "state/forms/form.hpp"
#include "state/store.hpp"

namespace model {

struct BuildView {
    std::string id, repo_url, branch, registry_id, registry_name, image_name, image_tag, build_context, dockerfile;
    std::string status;        // pending, cloning, building, pushing, completed, failed, cancelled
    std::string image_ref, image_digest, error_message, error_stage;
    std::string created_at, completed_at;
    std::string workflow_id, node_id;  // what the image is for; may be empty
    int progress = 0;          // percent
    std::int64_t image_bytes = 0;
    std::int64_t duration_ms = 0;
    bool use_nixpacks = false;
    bool simulated = false;

    [[nodiscard]] bool is_over() const { return status == "completed" || status == "failed" || status == "cancelled"; }
    [[nodiscard]] std::string title() const { return image_name + ":" + image_tag; }
    // What a node is set to: the image by its digest, so that it is the one that was built.
    [[nodiscard]] std::string pinned_image() const { return image_digest.empty() ? image_ref : image_ref + "@" + image_digest; }
    friend bool operator==(const BuildView&, const BuildView&) = default;
};

struct BuildsState {
    LoadPhase phase = LoadPhase::idle;
    base::Error error;
    std::vector<BuildView> builds;  // newest first
    std::string open_id;            // the one that is followed; empty: none
    bool live = false;              // its stream is open
    std::string stream_problem;     // why it is not; empty while all is well, and when the build is over
    bool form_open = false;
    std::set<std::string> busy;     // ids that are being cancelled
    std::uint64_t log_version = 0;  // raised with every line of the open one
    friend bool operator==(const BuildsState&, const BuildsState&) = default;
};

class Builds {
public:
    static constexpr std::size_t kMaxLines = 5'000;
    static constexpr std::size_t kListed = 50;

    // What a new build begins with.
    struct Wish {
        std::string repo_url{}, branch{}, registry_id{}, image_name{}, image_tag{}, build_context{}, dockerfile{};
        bool use_nixpacks = false;
        std::string workflow_id{}, node_id{};
    };

    explicit Builds(ModelContext& context);

    [[nodiscard]] const BuildsState& state() const { return state_.get(); }
    [[nodiscard]] std::uint64_t version() const { return state_.version(); }
    [[nodiscard]] const BuildView* find(const std::string& id) const;
    [[nodiscard]] const BuildView* opened() const { return find(state().open_id); }
    // Of the open one, oldest first.
    [[nodiscard]] const std::vector<StageLog>& log() const { return log_; }

    void ensure();
    void reload();
    void open(const std::string& id);
    void close();
    void reconnect() { stream_.reconnect_now(); }
    void cancel(const std::string& id);

    void begin(const Wish& wish);
    void end_form();
    [[nodiscard]] state::Form* form() { return form_.get(); }  // null while none is open
    void submit();

    void clear();

private:
    void update(std::function<void(BuildsState&)> change);
    void take(const base::Result<Json>& answer);
    void put(BuildView build);
    void on_event(const wire::SseEvent& event);
    void read_one(const std::string& id);

    ModelContext& context_;
    state::Store<BuildsState> state_;
    ApiSlots slots_;
    ListQuery list_;
    std::unique_ptr<state::Form> form_;
    std::string form_workflow_, form_node_;
    std::vector<StageLog> log_;
    net::SharedStreams::Lease stream_;
};

// "cloning" -> "Cloning", ...: as a person reads it.
[[nodiscard]] std::string_view build_words(std::string_view status);

}  // namespace model
