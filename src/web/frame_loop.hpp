// FrameLoop: frames on demand. An animation frame is asked for only when somebody wants one and the canvas can be seen; between
// frames nothing runs. After an input want_settled() gives the frames that everybody needs;
// the Shell asks for more while things have not come to rest.
//
//   FrameLoop frames(scheduler, [this] { draw(); });
//   frames.want();               // one frame
//   frames.want_settled();       // after input
//   frames.wake_at(now_ms + 140) // one frame then; the last call counts
//   frames.draw_now();           // within an event that cannot wait (copy, resize, touchend)
#pragma once

#include <cstdint>
#include <optional>

#include "base/scheduler.hpp"
#include "base/unique_function.hpp"

namespace web {

class FrameLoop {
public:
    // The frame that handles an input, and one after it. Where that is not enough (a popup is measured before it is shown) the Shell
    // sees that things have not come to rest and asks for more.
    static constexpr int kSettleFrames = 2;
    // A move of the pointer that changes what is hovered makes the Shell ask for another.
    static constexpr int kMoveFrames = 1;

    FrameLoop(base::Scheduler& scheduler, base::UniqueFunction<void()> draw);
    ~FrameLoop();
    FrameLoop(const FrameLoop&) = delete;
    FrameLoop& operator=(const FrameLoop&) = delete;

    void start();   // nothing is drawn before
    void stop();    // for good: the program cannot go on
    void want() { want_frames(1); }
    void want_settled(int frames = kSettleFrames) { want_frames(frames); }
    void wake_at(std::optional<std::int64_t> monotonic_ms);
    void draw_now();

    void set_visible(bool visible);    // the tab
    void set_onscreen(bool onscreen);  // the canvas within its page
    [[nodiscard]] bool can_draw() const { return running_ && visible_ && onscreen_; }

    [[nodiscard]] bool visible() const { return visible_; }

    [[nodiscard]] std::uint64_t frames() const { return frames_; }
    // A frame will come without further cause.
    [[nodiscard]] bool frame_due() const { return can_draw() && (requested_ || wanted_ > 0); }
    [[nodiscard]] double last_frame_ms() const { return last_frame_ms_; }      // when, monotonic
    [[nodiscard]] double last_frame_cost_ms() const { return last_cost_ms_; }  // script

    // Called by the browser.
    void on_animation_frame();

private:
    void want_frames(int frames);
    void request();
    void draw();

    base::Scheduler& scheduler_;
    base::UniqueFunction<void()> draw_;
    base::Timer wake_;
    std::optional<std::int64_t> wake_at_ms_;
    int wanted_ = 0;
    bool requested_ = false;
    bool drawing_ = false;
    bool running_ = false;
    bool visible_ = true;
    bool onscreen_ = true;
    std::uint64_t frames_ = 0;
    double last_frame_ms_ = 0;
    double last_cost_ms_ = 0;
};

}  // namespace web
