#include "web/tab_hub.hpp"

#include <emscripten/emscripten.h>

#include <utility>

#include "net/channel_frame.hpp"
#include "web/bindings.hpp"

namespace web {

namespace {
constexpr const char* kSamplePath = "assets/sample-workflows/online-shop.json";
constexpr std::int64_t kSampleTimeoutMs = 10'000;

// A question to whoever it may concern, and the last words of a tab.
bool says_nothing(std::string_view message) {
    const auto frame = net::read_frame(message);
    if (!frame || !frame->payload.empty()) return false;
    return frame->kind == net::FrameKind::hello || frame->kind == net::FrameKind::bye || frame->kind == net::FrameKind::gone;
}
}  // namespace

TabHub::TabHub(WebScheduler& scheduler, base::Random& random, base::TabLocks& locks, Options options, Events events)
    : scheduler_(scheduler),
      random_(random),
      options_(std::move(options)),
      events_(std::move(events)),
      fetch_(std::make_unique<FetchClient>(scheduler, "")) {
    net::TabGroup::Ports ports{.scheduler = scheduler, .random = random, .locks = locks, .channel = BrowserTabChannel::open(net::TabGroup::kLockName, says_nothing), .open = {}};
    ports.open = [this](bool alone, net::TabGroup::Opened done) { open(alone, std::move(done)); };
    // A hidden tab's timers are up to a minute late; what happens in the cluster shall not be.
    ports.on_ping = [this] { scheduler_.run_timers(); };
    ports.on_tabs = [this](std::size_t tabs) {
        if (cluster_) cluster_->set_shared(tabs > 0);
    };
    group_ = std::make_unique<net::TabGroup>(std::move(ports));
    group_->on_role([this](net::TabRole role) { on_role(role); });
    group_->on_failure([this](const base::Error& error) { events_.on_failure(error); });
    group_->on_company([this] { events_.on_company(); });
}

TabHub::~TabHub() = default;

// Requests carry what people type, passwords too: they cross to another tab sealed, or not at all.
void TabHub::start() {
    load_secrets([this, alive = std::weak_ptr<char>(alive_)](bool has_key) {
        if (!alive.expired()) group_->start(has_key);
    });
}

void TabHub::open(bool alone, net::TabGroup::Opened done) {
    alone_ = alone;
    opened_ = std::move(done);
    if (loading_) return;  // the earlier turn's load serves this one
    loading_ = true;
    net::Request request{.method = "GET", .target = options_.base_path + kSamplePath};
    request.head_timeout_ms = request.idle_timeout_ms = kSampleTimeoutMs;
    sample_request_ = net::fetch(*fetch_, std::move(request), [this](base::Result<net::Response> response) {
        sample_json_ = response && response->status == 200 ? std::move(response->body) : std::string();
        bn_page_load_cluster(this);
    });
}

void TabHub::on_cluster(bool loaded) {
    loading_ = false;
    auto done = std::move(opened_);
    if (!done) return;
    if (!loaded) {
        return done(base::fail(base::ErrorCode::unavailable,
                               "No backend answers, and the part of the program that stands in for one did not arrive.",
                               "Check the connection and reload."));
    }
    TabCluster::start({scheduler_, random_, options_.version, sample_json_, alone_, options_.cluster_speed}, [this, done = std::move(done)](std::unique_ptr<TabCluster> cluster) mutable {
        built_ = cluster.get();
        done(std::move(cluster));
    });
}

void TabHub::on_role(net::TabRole role) {
    const bool serves = role == net::TabRole::owner || role == net::TabRole::alone;
    cluster_ = serves ? built_ : nullptr;
    if (!serves && role != net::TabRole::follower) return;
    if (!std::exchange(ready_, true)) return events_.on_ready();
    events_.on_moved();
}

std::string TabHub::notice() const { return cluster_ ? cluster_->storage_notice() : std::string(); }

void TabHub::set_visible(bool visible) { group_->set_visible(visible); }

void TabHub::flush() {
    if (cluster_) cluster_->flush();
}

void TabHub::on_page_hide() {
    if (cluster_) cluster_->flush_last();
    group_->leave();
}

void TabHub::on_page_show() { group_->came_back(); }

void TabHub::on_freeze() {
    if (cluster_) cluster_->flush_last();
}

}  // namespace web

extern "C" EMSCRIPTEN_KEEPALIVE void bn_page_cluster(web::TabHub* self, int loaded) { self->on_cluster(loaded != 0); }
