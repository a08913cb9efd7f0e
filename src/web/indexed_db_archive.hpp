// IndexedDbArchive: model::EventArchiveStore on IndexedDB, shared by all tabs of one backend. Where the browser refuses a database every call
// fails with the reason, and the feed goes on in memory.
//
//   IndexedDbArchive archive("binnacle-events-gateway");
//   model::AppPorts{..., .event_archive = &archive};
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "model/event_archive.hpp"

namespace web {

class IndexedDbArchive final : public model::EventArchiveStore {
public:
    explicit IndexedDbArchive(const std::string& name);
    ~IndexedDbArchive() override;  // closes; calls under way are not answered
    IndexedDbArchive(const IndexedDbArchive&) = delete;
    IndexedDbArchive& operator=(const IndexedDbArchive&) = delete;

    void write(std::vector<Row> rows, bool replace, Done done) override;
    void read(std::string from, std::string to, std::size_t most, Rows done) override;
    void trim(std::string from, std::string to, std::string before, std::size_t keep, Done done) override;
    void clear(Done done) override;

    // Called by the browser.
    void on_done(int call, int status, const std::string& text);

private:
    using Answer = base::UniqueFunction<void(base::Result<std::string>)>;
    int add_call(Answer answer);

    std::map<int, Answer> calls_;
    int last_call_ = 0;
};

}  // namespace web
