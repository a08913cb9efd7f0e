// FaultyApi: a Kubernetes API server of one collection that does everything wrong which a server, a proxy or a network can do, by seed: it
// cuts streams after any byte, sends in any chunks, stalls, refuses with any status, forgets its history, comes back from a backup, serves
// old lists from its memory, and has connections that die unnoticed. What it does say is true: a client that keeps to the protocol ends
// with the same objects.
#pragma once

#include <algorithm>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "net/http.hpp"

namespace hub::testing {

class FaultyApi final : public net::HttpHandler {
public:
    struct Object {
        std::string uid;
        int version = 0;
        int value = 0;
        friend bool operator==(const Object&, const Object&) = default;
    };
    using Objects = std::map<std::string, Object>;
    enum class Streaming { served, refused, ignored };

    FaultyApi(base::testing::VirtualScheduler& time, base::Random& random) : time_(time), random_(random) {
        streaming = static_cast<Streaming>(below(3));
        fault_percent_ = below(60);
        page_ = 1 + below(3);
        snapshots_[version_] = objects;
        for (int i = below(6); i > 0; --i) change();
    }

    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        ++requests;
        const auto target = base::parse_target(request.target);
        if (!target) return refuse(*writer, 400, "BadRequest");
        if (time_.monotonic_ms() < down_until_ms_) return writer->abort();
        const bool watch = target->query.flag("watch");
        if (!well && below(100) < fault_percent_) return fault(std::move(writer), watch);
        watch ? serve_watch(target->query, std::move(writer)) : serve_list(target->query, *writer);
    }

    // ---- what happens

    // An object comes, changes, goes, or goes and comes again under its name.
    void change() {
        const std::string name(1, static_cast<char>('a' + below(5)));
        const auto found = objects.find(name);
        if (found == objects.end()) return put("ADDED", name, make());
        switch (below(4)) {
            case 0: return remove(name);
            case 1:
                remove(name);
                return put("ADDED", name, make());
            default: {
                Object next = found->second;
                ++next.value;
                return put("MODIFIED", name, std::move(next));
            }
        }
    }
    void bookmark() {
        const std::string line = event("BOOKMARK", R"({"kind":"Thing","apiVersion":"v1","metadata":{"resourceVersion":")" + std::to_string(version_) + "\"}}");
        for (auto& stream : std::vector<std::shared_ptr<Stream>>(streams_.begin(), streams_.end())) {
            if (stream->bookmarks && stream->position == version_) say(stream, line);
        }
    }
    void compact() {
        compacted_ = version_;
        history_.clear();
        snapshots_ = {{version_, objects}};
    }
    // Cut off from everybody, and away for a while.
    void restart(std::int64_t away_ms) {
        down_until_ms_ = time_.monotonic_ms() + away_ms;
        for (const auto& stream : std::exchange(streams_, {})) close(stream, true);
        for (const auto& writer : std::exchange(held_, {})) writer->abort();
    }
    // As it was at some time, with versions lower than any that was ever seen.
    void restore() {
        restart(0);
        auto backup = snapshots_.begin();
        std::advance(backup, below(static_cast<int>(snapshots_.size())));
        objects = backup->second;
        ++life;
        version_ -= 5'000;
        for (auto& [name, object] : objects) object.version = ++version_;
        compact();
    }
    // The connections are dead, and nobody is told.
    void go_silent() {
        for (const auto& stream : streams_) stream->stalled = true;
    }
    void heal() {
        well = true;
        down_until_ms_ = 0;
    }
    [[nodiscard]] std::size_t open() {
        std::erase_if(held_, [](const auto& writer) { return writer->closed(); });
        std::erase_if(streams_, [](const auto& stream) { return stream->writer->closed(); });
        return streams_.size() + held_.size();
    }

    int life = 0;  // raised by restore(): versions are no longer comparable
    Streaming streaming = Streaming::served;
    bool well = false;  // no new faults; what is broken stays broken
    Objects objects;
    std::size_t requests = 0;

private:
    struct Event {
        const char* type;
        std::string name;
        Object object;
    };
    struct Stream {
        std::shared_ptr<net::ResponseWriter> writer;
        std::string only;       // metadata.name
        int position = 0;
        int bytes_left = -1;    // until it is cut; -1: never
        bool stalled = false;
        bool bookmarks = false;
        base::Timer timeout;
    };

    int below(int bound) { return static_cast<int>(random_.below(static_cast<std::uint64_t>(bound))); }
    bool one_in(int count) { return below(count) == 0; }

    // ---- objects
    Object make() { return {.uid = "uid-" + std::to_string(++last_uid_), .version = 0, .value = 0}; }
    void put(const char* type, const std::string& name, Object object) {
        object.version = version_ += 1 + below(3);
        objects[name] = object;
        happened({type, name, std::move(object)});
    }
    void remove(const std::string& name) {
        Object object = objects.at(name);
        objects.erase(name);
        object.version = version_ += 1 + below(3);
        happened({"DELETED", name, std::move(object)});
    }
    void happened(Event event) {
        snapshots_[version_] = objects;
        history_.push_back(std::move(event));
        for (auto& stream : std::vector<std::shared_ptr<Stream>>(streams_.begin(), streams_.end())) flush(stream);
    }
    static std::string text(const std::string& name, const Object& object) {
        return R"({"metadata":{"name":")" + name + R"(","namespace":"default","uid":")" + object.uid + R"(","resourceVersion":")" + std::to_string(object.version) +
               R"(","managedFields":[{"x":1}]},"spec":{"value":)" + std::to_string(object.value) + R"(,"umlaut":"\u00e4ä"}})";
    }
    static std::string event(std::string_view type, const std::string& object) { return R"({"type":")" + std::string(type) + R"(","object":)" + object + "}\n"; }

    // ---- answers
    static std::string status(int code, std::string_view reason) {
        std::string body = R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":"refused","reason":")" + std::string(reason) + R"(","code":)" + std::to_string(code);
        if (code == 504) body += R"(,"details":{"causes":[{"reason":"ResourceVersionTooLarge"}],"retryAfterSeconds":1})";
        if (code == 429) body += R"(,"details":{"retryAfterSeconds":3})";
        return body + "}";
    }
    static void refuse(net::ResponseWriter& writer, int code, std::string_view reason) {
        writer.respond({.status = code, .headers = {{"content-type", "application/json"}}, .body = status(code, reason)});
    }
    void refuse_by_stream(const std::shared_ptr<net::ResponseWriter>& writer, int code, std::string_view reason) {
        writer->start({.status = 200, .headers = {}});
        writer->write(event("ERROR", status(code, reason)));
        writer->end();
    }

    void fault(std::shared_ptr<net::ResponseWriter> writer, bool watch) {
        static constexpr std::pair<int, const char*> kStatus[] = {{401, "Unauthorized"}, {403, "Forbidden"},          {404, "NotFound"}, {408, "Timeout"},        {410, "Expired"}, {429, "TooManyRequests"},
                                                                  {500, "InternalError"}, {502, "BadGateway"}, {503, "ServiceUnavailable"}, {504, "Timeout"}};
        const auto& [code, reason] = kStatus[below(std::size(kStatus))];
        switch (below(6)) {
            case 0: return writer->abort();
            case 1: held_.push_back(std::move(writer)); return;  // no answer, ever
            case 2: return writer->respond({.status = code, .headers = {{"retry-after", one_in(2) ? "2" : "soon"}}, .body = "<html>"});
            case 3:
                if (watch) return refuse_by_stream(writer, code, reason);
                [[fallthrough]];
            case 4: return refuse(*writer, code, reason);
            default: {
                static constexpr const char* kGarbage[] = {"", "<html>", "{\"kind\":\"PodList\"", "\xff\xfe\n", "{}\n", "{\"type\":\"ADDED\",\"object\":{}}\n", "{\"type\":\"MOVED\",\"object\":{}}\n"};
                writer->start({.status = 200, .headers = {}});
                writer->write(kGarbage[below(std::size(kGarbage))]);
                return one_in(2) ? writer->end() : writer->abort();
            }
        }
    }

    void serve_list(const base::Query& query, net::ResponseWriter& writer) {
        int version = version_;
        std::size_t from = 0;
        if (const std::string token(query.get("continue")); !token.empty()) {
            const auto halves = base::split_once(token, ' ');
            version = base::parse_integer<int>(halves->before).value();
            from = base::parse_integer<std::size_t>(halves->after).value();
            if (!snapshots_.contains(version)) return refuse(writer, 410, "Expired");
        } else if (const auto asked = base::parse_integer<int>(query.get("resourceVersion"))) {
            if (*asked > version_) return refuse(writer, 504, "Timeout");
            // From its memory: anything that is new enough.
            std::vector<int> good;
            for (const auto& [known, state] : snapshots_) {
                if (known >= *asked) good.push_back(known);
            }
            version = good[static_cast<std::size_t>(below(static_cast<int>(good.size())))];
        }
        const Objects& state = snapshots_.at(version);
        const std::string only = name_of(query);
        std::string items;
        std::size_t index = 0;
        int count = 0;
        std::string token;
        for (const auto& [name, object] : state) {
            if (index++ < from || (!only.empty() && name != only)) continue;
            if (count++ == page_) {
                token = R"(,"continue":")" + std::to_string(version) + " " + std::to_string(index - 1) + "\"";
                break;
            }
            items += (items.empty() ? "" : ",") + text(name, object);
        }
        const std::string body = R"({"kind":"ThingList","apiVersion":"v1","metadata":{"resourceVersion":")" + std::to_string(version) + "\"" + token + R"(},"items":[)" + items + "]}";
        writer.start({.status = 200, .headers = {}});
        if (!well && one_in(8)) {
            writer.write(body.substr(0, static_cast<std::size_t>(below(static_cast<int>(body.size())))));
            return one_in(2) ? writer.abort() : writer.end();
        }
        const auto half = static_cast<std::size_t>(below(static_cast<int>(body.size())));
        writer.write(body.substr(0, half));
        writer.write(body.substr(half));
        writer.end();
    }

    static std::string name_of(const base::Query& query) {
        const std::string_view selector = query.get("fieldSelector");
        return selector.starts_with("metadata.name=") ? std::string(selector.substr(14)) : std::string();
    }

    void serve_watch(const base::Query& query, std::shared_ptr<net::ResponseWriter> writer) {
        const bool initial = query.flag("sendInitialEvents");
        if (initial && streaming == Streaming::refused) return refuse(*writer, 422, "Invalid");
        const auto asked = base::parse_integer<int>(query.get("resourceVersion"));
        if (asked && *asked > version_) return one_in(2) ? refuse(*writer, 504, "Timeout") : refuse(*writer, 410, "Expired");
        if (!initial && asked && *asked < compacted_) return one_in(2) ? refuse(*writer, 410, "Gone") : refuse_by_stream(writer, 410, "Expired");
        auto stream = std::make_shared<Stream>();
        stream->writer = std::move(writer);
        stream->only = name_of(query);
        stream->position = initial ? version_ : asked.value_or(version_);
        stream->bookmarks = query.flag("allowWatchBookmarks");
        if (!well && one_in(2)) stream->bytes_left = below(1'500);
        const std::int64_t seconds = base::parse_integer<std::int64_t>(query.get("timeoutSeconds")).value_or(1'800);
        stream->timeout = time_.after(seconds * 1'000, [this, weak = std::weak_ptr<Stream>(stream)] {
            if (const auto open = weak.lock(); open && !open->stalled) close(open, false);
        });
        stream->writer->on_close([this, weak = std::weak_ptr<Stream>(stream)] {
            if (const auto gone = weak.lock()) std::erase(streams_, gone);
        });
        streams_.push_back(stream);
        stream->writer->start({.status = 200, .headers = {}});
        if (initial) {
            for (const auto& [name, object] : objects) {
                if (stream->only.empty() || name == stream->only) say(stream, event("ADDED", text(name, object)));
            }
            const std::string end = R"({"metadata":{"resourceVersion":")" + std::to_string(stream->position) + R"(","annotations":{"k8s.io/initial-events-end":"true"}}})";
            if (streaming == Streaming::served) say(stream, event("BOOKMARK", end));
        }
        flush(stream);
    }

    void flush(const std::shared_ptr<Stream>& stream) {
        const auto later = [](int version, const Event& happened) { return version < happened.object.version; };
        for (auto at = std::upper_bound(history_.begin(), history_.end(), stream->position, later); at != history_.end(); ++at) {
            const Event& happened = *at;
            stream->position = happened.object.version;
            if (stream->only.empty() || happened.name == stream->only) say(stream, event(happened.type, text(happened.name, happened.object)));
        }
        stream->position = std::max(stream->position, version_);
    }

    // In one or two pieces, as far as the cut. Now and then a byte goes wrong on the way.
    void say(const std::shared_ptr<Stream>& stream, std::string text) {
        if (stream->stalled || stream->writer->closed()) return;
        if (!well && one_in(30)) text[text.size() - 2 - static_cast<std::size_t>(below(2))] = '\x01';
        std::string_view bytes = text;
        const bool cut = stream->bytes_left >= 0 && static_cast<std::size_t>(stream->bytes_left) < bytes.size();
        if (cut) bytes = bytes.substr(0, static_cast<std::size_t>(stream->bytes_left));
        if (stream->bytes_left >= 0) stream->bytes_left -= static_cast<int>(bytes.size());
        const auto half = static_cast<std::size_t>(below(static_cast<int>(bytes.size()) + 1));
        if (half > 0) stream->writer->write(bytes.substr(0, half));
        if (half < bytes.size()) stream->writer->write(bytes.substr(half));
        if (!cut) return;
        if (one_in(3)) stream->stalled = true;
        else close(stream, one_in(2));
    }
    void close(const std::shared_ptr<Stream>& stream, bool abort) {
        std::erase(streams_, stream);
        stream->timeout.cancel();
        abort ? stream->writer->abort() : stream->writer->end();
    }

    base::testing::VirtualScheduler& time_;
    base::Random& random_;
    int fault_percent_ = 0;
    int page_ = 1;
    int version_ = 100'000;
    int compacted_ = 100'000;
    int last_uid_ = 0;
    std::int64_t down_until_ms_ = 0;
    std::vector<Event> history_;
    std::map<int, Objects> snapshots_;  // by version, since the compaction
    std::vector<std::shared_ptr<Stream>> streams_;
    std::vector<std::shared_ptr<net::ResponseWriter>> held_;
};

}  // namespace hub::testing
