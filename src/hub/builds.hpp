// Builds: images made from git repositories (contracts: KubeOrch core, "Builds", "SSE framing"). Simulated: see build_plan.hpp.
//
// Two run at a time, the others wait. Every build is one document of the store; the last kKept are kept. A build that was under way
// when the hub ended has failed, and says so. Only who started a build, and admins, know of it.
//
//   builds.start(caller, request, registry, writer);       // answers 201 {build, message}
//   builds.stream(caller, id, last_event_id, writer);      // log with ids, so that a reader who comes back misses nothing
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "hub/auth.hpp"
#include "hub/build_plan.hpp"
#include "hub/read_once.hpp"
#include "hub/replay_stream.hpp"

namespace hub {

class Builds {
public:
    static constexpr std::size_t kKept = 100;
    static constexpr std::size_t kMaxRunning = 2;
    static constexpr std::size_t kMaxWaiting = 20;

    using Finished = base::UniqueFunction<void(const Json& build)>;

    // `finished` hears of every build that completed or failed, not of one that was cancelled.
    Builds(DocumentStore& store, base::Scheduler& scheduler, base::Random& random, Heartbeat& heartbeat, Finished finished);

    void start(const User& caller, BuildRequest request, RegistryRecord registry, Writer writer);
    void list(const User& caller, std::size_t limit, std::size_t offset, Writer writer);
    void get(const User& caller, std::string id, Writer writer);
    void cancel(const User& caller, std::string id, Writer writer);
    void stream(const User& caller, std::string id, std::string last_event_id, Writer writer);

private:
    struct Build {
        Build(Json its_wire, Heartbeat& heartbeat) : wire(std::move(its_wire)), events(heartbeat) {}
        Json wire;       // as on the wire, with userId
        Json log = Json::array();  // {stage, message, level}
        ReplayStream events;
        BuildPlan plan;
        std::size_t next_step = 0;
        base::Timer timer;
    };
    void read(ReadOnce::Done done);
    void take(const Document& document);
    // Answers 404 itself.
    void with_build(const User& caller, std::string id, Writer writer, base::UniqueFunction<void(Build&)> then);
    void start_next();
    void arm(Build& build);
    void run_step(const std::string& id);
    void say(Build& build, const BuildStep& step);
    void tell_progress(Build& build);
    void finish(Build& build, std::string_view status);
    void end_stream(Build& build);
    void save(const Build& build);
    void forget_oldest();
    [[nodiscard]] Json envelope(const Build& build, std::string_view type, Json data) const;
    [[nodiscard]] std::string now() const;

    DocumentStore& store_;
    base::Scheduler& scheduler_;
    base::Random& random_;
    Heartbeat& heartbeat_;
    Finished finished_;
    ReadOnce stored_;
    std::map<std::string, std::unique_ptr<Build>> builds_;  // by id; ids grow with time
    std::deque<std::string> order_;                         // oldest first
    std::deque<std::string> queue_;
    std::size_t running_ = 0;
    Lifetime lifetime_;
};

}  // namespace hub
