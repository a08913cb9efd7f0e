// Imports from git: sessions that fetch a file, analyse it and tell how far they are (contracts: KubeOrch core, "Import", "SSE framing").
//
// The last kKept sessions are kept in memory; a session does not outlive the hub. Only who began one, and admins, know of it. A hub
// without a way to other servers fails each at once and says so.
//
//   const std::string id = sessions.begin(caller, {.kind = "github", .url = url}, places, ns);
//   sessions.stream(caller, id, last_event_id, writer);
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "hub/auth.hpp"
#include "hub/import_source.hpp"
#include "hub/outbound_http.hpp"
#include "hub/replay_stream.hpp"

namespace hub {

class ImportSessions {
public:
    static constexpr std::size_t kKept = 50;
    static constexpr std::size_t kMaxRunning = 10;

    ImportSessions(OutboundHttp* outbound, base::Scheduler& scheduler, base::Random& random, Heartbeat& heartbeat)
        : outbound_(outbound), scheduler_(scheduler), random_(random), heartbeat_(heartbeat) {}

    // `unavailable` when too many are under way.
    [[nodiscard]] base::Result<std::string> begin(const User& caller, const ImportSource& source, std::vector<ImportPlace> places, std::string ns);
    void get(const User& caller, std::string_view id, Writer writer);
    void stream(const User& caller, std::string_view id, std::string_view last_event_id, Writer writer);

private:
    struct Session {
        explicit Session(Heartbeat& heartbeat) : events(heartbeat) {}
        Json wire;
        std::vector<ImportPlace> places;
        std::size_t next_place = 0;
        std::string ns;
        ReplayStream events;
        std::unique_ptr<net::HttpClient> client;
        std::string origin;      // what the client is connected to
        net::RequestHandle call;
    };

    void post(const std::string& id, void (ImportSessions::*step)(Session&));
    void fetch_next(Session& session);
    void on_answer(Session& session, base::Result<net::Response> response);
    void analyse(Session& session, const std::string& text, const std::string& file);
    void progress(Session& session, std::string_view status, int percent);
    void say(Session& session, std::string_view level, std::string message);
    void fail(Session& session, std::string message);
    [[nodiscard]] Session* find(const User& caller, std::string_view id, net::ResponseWriter& writer);
    [[nodiscard]] std::size_t running() const;
    void forget_oldest();

    OutboundHttp* outbound_;
    base::Scheduler& scheduler_;
    base::Random& random_;
    Heartbeat& heartbeat_;
    std::map<std::string, std::unique_ptr<Session>, std::less<>> sessions_;
    std::deque<std::string> order_;  // oldest first
    Lifetime lifetime_;
};

}  // namespace hub
