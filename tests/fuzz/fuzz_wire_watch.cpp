// Any server as the watch machine's: whatever it sends, in whatever order and pieces, the machine asks for something sensible or waits, tells
// its consumer a story that makes sense, and tells the same story when the same bytes come one by one.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_check.hpp"
#include "base/testing/virtual_scheduler.hpp"
#include "base/text.hpp"
#include "wire/watch_machine.hpp"
#include "wire/watch_store.hpp"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

// Believes what it is told, and is strict about it.
struct Believer final : wire::WatchConsumer {
    void on_init() override {
        note("init", {});
        listing = true;
        store.begin();
    }
    void on_init_apply(const wire::WatchObject& object) override {
        require(listing);
        check(object);
        note("+", object.name);
        store.collect(object);
    }
    void on_init_done(std::string_view version) override {
        require(listing && !version.empty());
        listing = false;
        synced = true;
        note("done", version);
        store.commit([this](auto change, const std::string& key, const wire::StoredObject& object) { tell(change, key, object); });
    }
    void on_apply(const wire::WatchObject& object) override {
        require(synced && !listing);
        check(object);
        note("apply", object.name);
        store.apply(object, [this](auto change, const std::string& key, const wire::StoredObject& stored) { tell(change, key, stored); });
    }
    void on_deleted(const wire::WatchObject& object) override {
        require(synced || listing);
        check(object);
        note("deleted", object.name);
        store.remove(object, [this](auto change, const std::string& key, const wire::StoredObject& stored) { tell(change, key, stored); });
    }
    void on_bookmark(std::string_view version) override {
        require(synced && !listing && !version.empty());
        note("bookmark", version);
    }
    void on_trouble(const wire::WatchTrouble& trouble) override {
        require(!trouble.message.empty());
        in_trouble = true;
        note("trouble", trouble.message);
    }
    void on_recovered() override {
        require(in_trouble);
        in_trouble = false;
        note("recovered", {});
    }
    static void check(const wire::WatchObject& object) {
        require(!object.name.empty() && !object.resource_version.empty());
        require(base::check_json(object.json, {.max_bytes = 1 << 20, .max_depth = 130}).has_value());
        require(object.json.find('\n') == std::string_view::npos);
    }
    void tell(wire::WatchStore::Change change, const std::string& key, const wire::StoredObject& object) {
        require(object.json != nullptr);
        const bool known = shown.contains(key);
        require(known == (change != wire::WatchStore::Change::added));
        if (change == wire::WatchStore::Change::deleted) shown.erase(key);
        else shown[key] = *object.json;
    }
    void note(std::string_view what, std::string_view more) { story.append(what).append(" ").append(more).append("\n"); }

    wire::WatchStore store{true};
    std::map<std::string, std::string> shown;
    std::string story;
    bool listing = false;
    bool synced = false;
    bool in_trouble = false;
};

struct Run {
    Run(bool streaming, bool its_bytewise)
        : machine({.path = "/api/v1/things", .query = "labelSelector=a", .streaming_list = streaming, .max_object_bytes = 2'048, .max_page_bytes = 4'096}, random, believer),
          bytewise(its_bytewise) {
        machine.start(now);
        follow();
    }
    void follow() {
        const auto state = machine.state();
        const bool asks = state == wire::WatchMachine::State::listing || state == wire::WatchMachine::State::streaming || state == wire::WatchMachine::State::watching;
        require(asks == machine.request().has_value());
        if (machine.request() && machine.request()->id != id) {
            id = machine.request()->id;
            const std::string& target = machine.request()->target;
            require(target.starts_with("/api/v1/things?labelSelector=a&"));
            require(target.back() != '=' && target.find("=&") == std::string::npos);
            require(target.find_first_of(" \r\n\"{}") == std::string::npos);
            believer.note("ask", target);
            machine.sent(id, now);
        }
        require(asks || state == wire::WatchMachine::State::waiting ? machine.deadline_ms().has_value() : !machine.deadline_ms().has_value());
        if (machine.deadline_ms()) require(*machine.deadline_ms() - now < 30 * 60'000);
    }
    void step(std::string_view text) {
        if (text.empty()) return;
        const char command = text.front();
        text.remove_prefix(1);
        const std::uint64_t at = id;
        switch (command) {
            case 'H': {
                const auto words = base::split(text, ' ');
                machine.on_head(at, now, {.status = base::parse_integer_in<int>(words[0], 0, 999).value_or(200), .retry_after = words.size() > 1 ? words[1] : std::string_view()});
                break;
            }
            case 'D':
                if (text.empty()) break;
                if (!bytewise) machine.on_data(at, now, text);
                else
                    for (const char& byte : text) machine.on_data(at, now, {&byte, 1});
                break;
            case 'E': machine.on_end(at, now, nullptr); break;
            case 'C': {
                const base::Error error{base::ErrorCode::unavailable, "cut", {}};
                machine.on_end(at, now, &error);
                break;
            }
            case 'T': {
                const std::int64_t until = now + base::parse_integer_in<std::int64_t>(text, 0, 3'600'000).value_or(1'000);
                for (int i = 0; i < 200 && machine.deadline_ms() && *machine.deadline_ms() <= until; ++i) {
                    now = std::max(now, *machine.deadline_ms());
                    machine.tick(now);
                    follow();
                }
                now = until;
                break;
            }
            case 'R': machine.on_renewed(now); break;
            case 'S': machine.start(now); break;
            case 'X': machine.stop(); break;
            default: machine.on_data(at + 1, now, text); break;  // of a request that is none
        }
        follow();
    }

    base::testing::SeededRandom random{11};
    Believer believer;
    wire::WatchMachine machine;
    std::int64_t now = 0;
    std::uint64_t id = 0;
    bool bytewise;
};

}  // namespace

// Input: 'P' or 'S' (pages or streaming lists), then steps, each up to a NUL: a letter and what it takes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const bool streaming = !rest.empty() && rest.front() == 'S';
    if (!rest.empty()) rest.remove_prefix(1);
    Run whole(streaming, false);
    Run bytes(streaming, true);
    while (!rest.empty()) {
        const auto end = std::min(rest.find('\0'), rest.size());
        whole.step(rest.substr(0, end));
        bytes.step(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    require(whole.believer.story == bytes.believer.story);
    require(whole.believer.shown == bytes.believer.shown);
    require(whole.machine.state() == bytes.machine.state());
    return 0;
}
