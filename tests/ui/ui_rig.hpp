// Rig: the whole UI without a window or renderer. ImGui's null backend, the real App over loopback to a real hub and in-memory cluster,
// virtual time. Any route can be made to fail or hang, to bring views into their odd states.
//
//   ui::testing::Rig rig;
//   rig.start();                                  // until the sample workflow is on screen
//   rig.click(Role::button, "Run");
//   rig.pass(20'000);                             // virtual ms; streams, controllers and frames run
//   REQUIRE(rig.find(Role::button, "1 failed"));
#pragma once

#include <imgui.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/testing/virtual_scheduler.hpp"
#include "hub/hub.hpp"
#include "hub/memory_document_store.hpp"
#include "kube/cluster.hpp"
#include "model/app.hpp"
#include "model/testing/memory_archive_store.hpp"
#include "net/loopback.hpp"
#include "state/storage.hpp"
#include "ui/hooks.hpp"
#include "ui/shell.hpp"

namespace ui::testing {

// Stands before the hub: answers what a test wants to fail, passes on the rest.
class Interceptor final : public net::HttpHandler {
public:
    enum class Kind { answer, hang, cut };
    struct Rule {
        std::string method;     // empty: any
        std::string path_part;  // anywhere in the target
        Kind kind = Kind::answer;
        int status = 500;
        std::string body = {};
    };
    explicit Interceptor(net::HttpHandler& next) : next_(&next) {}
    void set_next(net::HttpHandler& next) { next_ = &next; }
    void add(Rule rule) { rules_.push_back(std::move(rule)); }
    void clear() {
        rules_.clear();
        hanging_.clear();
    }
    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override;
    [[nodiscard]] int count(std::string_view path_part) const;

private:
    net::HttpHandler* next_;
    std::vector<Rule> rules_;
    std::vector<std::shared_ptr<net::ResponseWriter>> hanging_;
    std::vector<std::string> seen_;
};

class FakePlatform final : public Platform {
public:
    void copy_text(std::string_view text) override { copied = std::string(text); }
    void save_file(std::string_view name, std::string_view mime, std::string_view text) override { saved_name = std::string(name), saved_mime = std::string(mime), saved = std::string(text); }
    void open_url(std::string_view url) override { opened = std::string(url); }
    void reload_page() override { ++reloads; }
    void use_backend(std::string_view name) override { backend = std::string(name); }
    void delete_documents() override { ++deletions; }
    void set_document_title(std::string_view text) override { title = std::string(text); }
    void choose_file(std::string_view, base::UniqueFunction<void(std::string, std::string)> done) override {
        if (!chosen_name.empty()) done(chosen_name, chosen_bytes);
    }
    [[nodiscard]] bool can_choose_files() const override { return files; }
    std::string diagnostics() override { return "{\"diagnostics\":true}"; }
    [[nodiscard]] bool is_mac() const override { return mac; }

    std::string copied, opened, title, backend, saved_name, saved_mime, saved;
    std::string chosen_name, chosen_bytes;  // what the person picks when asked for a file; no name: nothing
    bool files = true;
    int reloads = 0;
    int deletions = 0;
    bool mac = false;
};

// Accepts any password that is the hash; for the login tests.
class PlainHasher final : public hub::PasswordHasher {
public:
    explicit PlainHasher(base::Scheduler& scheduler) : scheduler_(scheduler) {}
    void hash(std::string password, base::UniqueFunction<void(base::Result<std::string>)> done) override;
    void verify(std::string password, std::string encoded_hash, base::UniqueFunction<void(base::Result<bool>)> done) override;

private:
    base::Scheduler& scheduler_;
};

struct RigOptions {
    hub::AuthMode auth = hub::AuthMode::none;
    bool sample = true;
    hub::ClusterConnector* connector = nullptr;  // for further clusters
    FrameInput input = {};
    model::SignInPage* sign_in_page = nullptr;  // null: providers are not offered
    model::OAuthReturn oauth_return = {};
};

class Rig {
public:
    explicit Rig(RigOptions options = {});
    ~Rig();
    Rig(const Rig&) = delete;
    Rig& operator=(const Rig&) = delete;

    // App::start and frames until it is at rest.
    void start();
    void frame();
    // A new hub on the same store and cluster, in the place of one that was reset.
    void restart_hub();
    // Frames and due tasks until nothing wants a frame now; fails the test when that does not happen.
    void settle();
    // Lets virtual time pass in steps, drawing as the page would.
    void pass(std::int64_t duration_ms);

    [[nodiscard]] const SemanticRecord* find(Role role, std::string_view name) const { return shell->semantics().find(role, name); }
    // The first record of that role whose name contains `part`.
    [[nodiscard]] const SemanticRecord* find_part(Role role, std::string_view part) const;
    [[nodiscard]] bool shows(std::string_view text) const;  // in any name, value or description
    [[nodiscard]] std::string value(Role role, std::string_view name) const;

    // Through the real hit test, as a person would; fails the test when there is no such thing.
    void click(Role role, std::string_view name);
    // The last of several: the button of a dialog over a page with one of the same name.
    void click_last(Role role, std::string_view name);
    void click_at(ImVec2 at);
    // As the mirror does.
    void activate(Role role, std::string_view name);
    void set_text(Role role, std::string_view name, std::string text);
    void type(std::string_view text);
    void press(ImGuiKey key, ImGuiKey modifier = ImGuiKey_None);
    void wheel(ImVec2 at, float notches);
    void resize(float width, float height);
    // Selects a node of the sample by name.
    void select(std::string_view node_name);
    [[nodiscard]] std::string node_id(std::string_view node_name) const;

    // Visible interactive items without a record, as "label (window)".
    [[nodiscard]] std::vector<std::string> unrecorded() const;
    // Frames drawn during `duration_ms` when the page only draws what is asked for.
    int frames_during(std::int64_t duration_ms);
    // As the palette does; the command must be there and enabled.
    void run_command(std::string_view id);
    [[nodiscard]] const SemanticRecord* focused() const;

    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random;
    PlainHasher hasher;
    kube::Cluster cluster;
    net::LoopbackClient kube_client;
    hub::MemoryDocumentStore documents;
    std::unique_ptr<hub::Hub> hub;
    std::unique_ptr<Interceptor> interceptor;
    std::unique_ptr<net::LoopbackClient> client;
    state::MemoryStorage storage;
    model::testing::MemoryArchiveStore events{time};  // what the browser keeps of the event feed
    std::unique_ptr<model::App> app;
    FakePlatform platform;
    FrameInput input;
    ImGuiContext* context = nullptr;
    std::unique_ptr<Shell> shell;
    ItemCollector collector;
    int frames = 0;

private:
    [[nodiscard]] const SemanticRecord& require(Role role, std::string_view name) const;
    [[nodiscard]] bool frame_due() const;
    void make_hub();

    hub::HubOptions hub_options_;
    hub::ClusterConnector* connector_;
    model::TopicSet changed_ = 0;
    std::vector<std::vector<std::uint8_t>> fonts_;
};

}  // namespace ui::testing
