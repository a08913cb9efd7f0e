// TabSync: what the tabs of one browser tell each other, as JSON texts on one channel ("binnacle").
//
//   model::TabSync tabs(ports.channel, options.storage_suffix);
//   tabs.on("session", [this](const Json& message) { read_stored_session(); });
//   tabs.post("session", {{"epoch", 7}});        // {"v":1,"kind":"session","backend":"","epoch":7}
//
// The channel tells, storage carries: a message says that something changed and never holds a token or a password. It may be lost (a
// frozen tab hears nothing), doubled or late, so a handler reads the truth from storage and judges by epochs and revisions.
//
// Promises
//   - One handler per kind; it gets the whole message, an object. A handler may post, and may drop the TabSync.
//   - Messages of another version, of an unknown kind or for another backend are ignored; malformed and oversized ones are ignored and
//     counted. Members of a message are untrusted: another tab may run an older or newer program. Read them with wire::JsonReader.
//   - Without a channel (a single tab, or a browser that refuses it) post() does nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/tabs.hpp"

namespace model {

using Json = base::Json;

class TabSync {
public:
    static constexpr int kVersion = 1;
    static constexpr std::string_view kChannelName = "binnacle";
    static constexpr std::size_t kMaxMessageBytes = 1024 * 1024;

    using Handler = std::function<void(const Json& message)>;
    // Sessions and documents belong to one backend; settings such as the theme to the whole origin.
    enum class Reach : std::uint8_t { backend, origin };

    // `channel` may be null and must outlive this; `backend` tells the backends of one origin apart.
    TabSync(base::TabChannel* channel, std::string backend);
    ~TabSync();
    TabSync(const TabSync&) = delete;
    TabSync& operator=(const TabSync&) = delete;

    void on(std::string kind, Handler handler);
    // `fields` is an object; "v", "kind" and "backend" are added. False when nothing was sent: no channel, refused, or too large.
    bool post(std::string_view kind, Json fields = Json::object(), Reach reach = Reach::backend);
    [[nodiscard]] bool connected() const { return channel_ != nullptr; }

    struct Counters {
        std::uint64_t sent = 0;
        std::uint64_t unsent = 0;     // refused by the browser, or too large
        std::uint64_t handled = 0;
        std::uint64_t ignored = 0;    // another version, kind or backend
        std::uint64_t malformed = 0;  // not JSON, no object, no kind, too large
    };
    [[nodiscard]] const Counters& counters() const { return *counters_; }

    // What came from a channel; public for tests and fuzzing.
    void receive(std::string_view text);

private:
    base::TabChannel* channel_;
    std::string backend_;
    std::map<std::string, std::shared_ptr<Handler>, std::less<>> handlers_;
    std::shared_ptr<Counters> counters_ = std::make_shared<Counters>();
};

}  // namespace model
