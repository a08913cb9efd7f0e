#include "web/frame_loop.hpp"

#include <emscripten/emscripten.h>

#include <algorithm>
#include <utility>

#include "web/bindings.hpp"

namespace web {

FrameLoop::FrameLoop(base::Scheduler& scheduler, base::UniqueFunction<void()> draw)
    : scheduler_(scheduler), draw_(std::move(draw)) {}

FrameLoop::~FrameLoop() {
    if (requested_) bn_frame_cancel();
}

void FrameLoop::start() {
    running_ = true;
    want_settled();
}

void FrameLoop::stop() {
    running_ = false;
    wake_.cancel();
    if (std::exchange(requested_, false)) bn_frame_cancel();
}

void FrameLoop::want_frames(int frames) {
    wanted_ = std::max(wanted_, frames);
    request();
}

void FrameLoop::request() {
    if (requested_ || drawing_ || wanted_ == 0 || !can_draw()) return;
    requested_ = true;
    bn_frame_request(this);
}

void FrameLoop::wake_at(std::optional<std::int64_t> monotonic_ms) {
    if (monotonic_ms == wake_at_ms_) return;
    wake_at_ms_ = monotonic_ms;
    wake_.cancel();
    if (!monotonic_ms) return;
    const std::int64_t delay = *monotonic_ms - scheduler_.clock().monotonic_ms();
    if (delay <= 0) {
        wake_at_ms_.reset();
        return want();
    }
    wake_ = scheduler_.after(delay, [this] {
        wake_at_ms_.reset();
        want();
    });
}

void FrameLoop::set_visible(bool visible) {
    visible_ = visible;
    if (!can_draw()) {
        if (std::exchange(requested_, false)) bn_frame_cancel();
    } else {
        want_settled();
    }
}

void FrameLoop::set_onscreen(bool onscreen) {
    if (onscreen == onscreen_) return;
    onscreen_ = onscreen;
    set_visible(visible_);
}

void FrameLoop::draw_now() {
    if (drawing_ || !can_draw()) return;
    draw();
    request();
}

void FrameLoop::on_animation_frame() {
    requested_ = false;
    if (!can_draw()) return;
    draw();
    request();
}

void FrameLoop::draw() {
    drawing_ = true;
    wanted_ = std::max(0, wanted_ - 1);
    const double started = emscripten_get_now();
    draw_();
    last_frame_ms_ = emscripten_get_now();
    last_cost_ms_ = last_frame_ms_ - started;
    ++frames_;
    drawing_ = false;
}

}  // namespace web

extern "C" EMSCRIPTEN_KEEPALIVE void bn_frame(web::FrameLoop* self) { self->on_animation_frame(); }
