// SemanticsBridge: the semantics tree of the last frame as real elements over the canvas, and what people do with those back as
// actions. Only what changed is sent, as one packed buffer, at most every kIntervalMs, and not while a mouse button is held (a
// drag would move half the elements in every frame).
//
//   SemanticsBridge bridge(scheduler, semantics, [this] { want a frame; });
//   bridge.start(full);
//   ... after each frame: bridge.after_frame();
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/scheduler.hpp"
#include "base/unique_function.hpp"
#include "ui/semantics.hpp"

namespace web {

class SemanticsBridge {
public:
    static constexpr std::int64_t kIntervalMs = 100;
    // Nodes and edges beyond this many become one line "n more".
    static constexpr int kMaxCanvasRecords = 300;

    SemanticsBridge(base::Scheduler& scheduler, ui::Semantics& semantics, base::UniqueFunction<void()> want_frame);

    void start(bool full);
    void set_full(bool full);
    void after_frame();
    // The elements say what the last frame showed.
    [[nodiscard]] bool up_to_date() const { return sent_version_ == semantics_.version(); }

    // Called by the browser.
    void on_action(ui::ActionKind kind, std::uint32_t id, std::string text, float number);

private:
    void send();
    [[nodiscard]] std::vector<ui::SemanticRecord> mirrored_records() const;

    base::Scheduler& scheduler_;
    ui::Semantics& semantics_;
    base::UniqueFunction<void()> want_frame_;
    base::Timer timer_;
    bool started_ = false;
    std::uint64_t sent_version_ = 0;
    std::int64_t sent_at_ms_ = -kIntervalMs;
    std::unordered_map<std::uint32_t, std::uint64_t> sent_hashes_;  // by id
    std::vector<std::uint8_t> buffer_;
};

}  // namespace web
