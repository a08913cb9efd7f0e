#include "web/browser_tabs.hpp"

#include <emscripten/emscripten.h>

#include <utility>

#include "web/bindings.hpp"

namespace web {

// ---- the key

void load_secrets(base::UniqueFunction<void(bool)> done) { bn_secrets_load(new base::UniqueFunction<void(bool)>(std::move(done))); }

// ---- BroadcastChannel

BrowserTabChannel::BrowserTabChannel(InTheClear in_the_clear) : in_the_clear_(in_the_clear), callback_(std::make_shared<base::UniqueFunction<void(std::string_view)>>()) {}
BrowserTabChannel::~BrowserTabChannel() { bn_channel_close(this); }

std::unique_ptr<base::TabChannel> BrowserTabChannel::open(std::string_view name, InTheClear in_the_clear) {
    std::unique_ptr<BrowserTabChannel> channel(new BrowserTabChannel(in_the_clear));
    if (bn_channel_open(channel.get(), std::string(name).c_str(), in_the_clear ? 1 : 0) == 0) return nullptr;
    return channel;
}

base::Result<void> BrowserTabChannel::post(std::string_view message) {
    const bool at_once = !in_the_clear_ || in_the_clear_(message);
    if (bn_channel_post(this, message.data(), static_cast<std::uint32_t>(message.size()), at_once ? 1 : 0) != 0) return {};
    return base::fail(base::ErrorCode::unavailable, "The browser did not take a message to the other tabs");
}

void BrowserTabChannel::on_message(base::UniqueFunction<void(std::string_view)> callback) { *callback_ = std::move(callback); }

void BrowserTabChannel::receive(std::string_view message) {
    const auto callback = callback_;
    if (*callback) (*callback)(message);
}

// ---- Web Locks

class BrowserTabLocks::Held final : public base::LockHandle::Impl {
public:
    Held(std::weak_ptr<Claims> claims, int id) : claims_(std::move(claims)), id_(id) {}
    ~Held() override {
        if (const auto claims = claims_.lock()) claims->erase(id_);
        bn_lock_release(id_);
    }

private:
    std::weak_ptr<Claims> claims_;
    int id_;
};

BrowserTabLocks::BrowserTabLocks() : claims_(std::make_shared<Claims>()) {}
BrowserTabLocks::~BrowserTabLocks() = default;

bool BrowserTabLocks::available() const { return bn_locks_available() != 0; }

base::LockHandle BrowserTabLocks::request(std::string name, Options options, base::UniqueFunction<void(base::Result<void>)> granted) {
    const int id = ++last_id_;
    (*claims_)[id] = {std::move(granted), std::move(options.lost)};
    bn_lock_request(this, id, name.c_str(), options.steal ? 1 : 0);
    return base::LockHandle(std::make_unique<Held>(claims_, id));
}

void BrowserTabLocks::on_event(int id, int what) {
    const auto found = claims_->find(id);
    if (found == claims_->end()) return;
    if (what == 2) {
        auto lost = std::move(found->second.lost);
        claims_->erase(found);
        if (lost) lost();
        return;
    }
    auto granted = std::move(found->second.granted);
    if (what == 0) return granted({});
    claims_->erase(found);
    granted(base::fail(base::ErrorCode::unavailable, "This browser offers no locks between tabs"));
}

}  // namespace web

extern "C" {
EMSCRIPTEN_KEEPALIVE void bn_channel_message(web::BrowserTabChannel* self, const char* bytes, std::uint32_t size) {
    self->receive({bytes, size});
}
EMSCRIPTEN_KEEPALIVE void bn_secrets_ready(base::UniqueFunction<void(bool)>* done, int has_key) {
    const std::unique_ptr<base::UniqueFunction<void(bool)>> owned(done);
    (*owned)(has_key != 0);
}
EMSCRIPTEN_KEEPALIVE void bn_lock_event(web::BrowserTabLocks* self, int id, int what) { self->on_event(id, what); }
}
