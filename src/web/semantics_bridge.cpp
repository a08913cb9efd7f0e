#include "web/semantics_bridge.hpp"

#include <emscripten/emscripten.h>
#include <imgui.h>

#include <algorithm>
#include <bit>
#include <utility>

#include "web/bindings.hpp"

namespace web {

namespace {

constexpr std::uint32_t kMoreId = 0xB1AA0001;

// The packed buffer, little endian, everything on 4 bytes:
//   count, then for each record in document order
//     id, parent, role | changed << 8
//     only if changed: flags, x, y, w, h (relative to the parent), min, max, now, then name, value, description as length + bytes
class Packer {
public:
    explicit Packer(std::vector<std::uint8_t>& out) : out_(out) { out_.clear(); }
    void add(std::uint32_t value) {
        for (int shift = 0; shift < 32; shift += 8) out_.push_back(static_cast<std::uint8_t>(value >> shift));
    }
    void add(float value) { add(std::bit_cast<std::uint32_t>(value)); }
    void add(const std::string& text) {
        add(static_cast<std::uint32_t>(text.size()));
        out_.insert(out_.end(), text.begin(), text.end());
        while (out_.size() % 4 != 0) out_.push_back(0);
    }

private:
    std::vector<std::uint8_t>& out_;
};

std::uint64_t hash_of(const std::uint8_t* begin, std::size_t size) {
    std::uint64_t hash = 14695981039346656037ULL;
    for (std::size_t i = 0; i < size; ++i) hash = (hash ^ begin[i]) * 1099511628211ULL;
    return hash;
}

bool is_canvas_thing(const ui::SemanticRecord& record) { return record.role == ui::Role::node || record.role == ui::Role::edge; }

void pack_details(Packer& out, const ui::SemanticRecord& record, ui::SemanticRect parent) {
    out.add(record.flags);
    out.add(record.rect.x - parent.x);
    out.add(record.rect.y - parent.y);
    out.add(record.rect.w);
    out.add(record.rect.h);
    out.add(record.value_min);
    out.add(record.value_max);
    out.add(record.value_now);
    out.add(record.name);
    out.add(record.value);
    out.add(record.description);
}

}  // namespace

SemanticsBridge::SemanticsBridge(base::Scheduler& scheduler, ui::Semantics& semantics, base::UniqueFunction<void()> want_frame)
    : scheduler_(scheduler), semantics_(semantics), want_frame_(std::move(want_frame)) {}

void SemanticsBridge::start(bool full) {
    started_ = true;
    semantics_.set_full(full);
    bn_mirror_start(this);
}

void SemanticsBridge::set_full(bool full) {
    if (semantics_.full() == full) return;
    semantics_.set_full(full);
    want_frame_();
}

void SemanticsBridge::after_frame() {
    if (!started_ || up_to_date() || timer_.pending()) return;
    const std::int64_t wait = sent_at_ms_ + kIntervalMs - scheduler_.clock().monotonic_ms();
    if (wait <= 0 && !ImGui::IsAnyMouseDown()) return send();
    timer_ = scheduler_.after(std::max<std::int64_t>(wait, 1), [this] {
        timer_.cancel();
        // Still dragging: the release draws a frame, and that one sends.
        if (!ImGui::IsAnyMouseDown()) send();
    });
}

std::vector<ui::SemanticRecord> SemanticsBridge::mirrored_records() const {
    std::vector<ui::SemanticRecord> records;
    int canvas_records = 0;
    int left_out = 0;
    std::uint32_t canvas_parent = 0;
    for (const ui::SemanticRecord& record : semantics_.records()) {
        if (is_canvas_thing(record) && ++canvas_records > kMaxCanvasRecords) {
            canvas_parent = record.parent;
            ++left_out;
            continue;
        }
        records.push_back(record);
    }
    if (left_out > 0) {
        ui::SemanticRecord more;
        more.id = kMoreId;
        more.parent = canvas_parent;
        more.role = ui::Role::text;
        more.name = std::to_string(left_out) + " more";
        records.push_back(std::move(more));
    }
    return records;
}

void SemanticsBridge::send() {
    sent_version_ = semantics_.version();
    sent_at_ms_ = scheduler_.clock().monotonic_ms();
    const std::vector<ui::SemanticRecord> records = mirrored_records();
    std::unordered_map<std::uint32_t, ui::SemanticRect> rects;
    std::unordered_map<std::uint32_t, std::uint64_t> hashes;
    std::vector<std::uint8_t> details;
    Packer out(buffer_);
    out.add(static_cast<std::uint32_t>(records.size()));
    for (const ui::SemanticRecord& record : records) {
        rects.emplace(record.id, record.rect);
        const auto parent = rects.find(record.parent);  // parents come before their children
        Packer packed(details);
        packed.add(static_cast<std::uint32_t>(record.role));
        pack_details(packed, record, parent == rects.end() ? ui::SemanticRect{} : parent->second);
        const std::uint64_t hash = hash_of(details.data(), details.size());
        const auto before = sent_hashes_.find(record.id);
        const bool changed = before == sent_hashes_.end() || before->second != hash;
        hashes.emplace(record.id, hash);
        out.add(record.id);
        out.add(parent == rects.end() ? 0U : record.parent);
        out.add(static_cast<std::uint32_t>(record.role) | (changed ? 256U : 0U));
        if (changed) buffer_.insert(buffer_.end(), details.begin() + 4, details.end());
    }
    sent_hashes_ = std::move(hashes);
    bn_mirror_update(buffer_.data(), static_cast<std::uint32_t>(buffer_.size()));
}

void SemanticsBridge::on_action(ui::ActionKind kind, std::uint32_t id, std::string text, float number) {
    semantics_.post_action({kind, id, std::move(text), number});
    want_frame_();
}

}  // namespace web

extern "C" {
EMSCRIPTEN_KEEPALIVE void bn_mirror_action(web::SemanticsBridge* self, int kind, std::uint32_t id, const char* text, float number) {
    self->on_action(static_cast<ui::ActionKind>(kind), id, text, number);
}
EMSCRIPTEN_KEEPALIVE void bn_mirror_wanted(web::SemanticsBridge* self) { self->set_full(true); }
}
