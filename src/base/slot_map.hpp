// SlotMap and Handle: ids for things that come and go, such as requests and streams. A handle holds a slot and a
// generation; once the thing is erased its handle finds nothing, even when the slot has a new tenant: late bytes for a dropped request go
// nowhere.
//
//   base::SlotMap<Stream> streams;
//   auto handle = streams.insert(Stream{...});
//   if (Stream* stream = streams.find(handle)) stream->feed(bytes);
//   streams.erase(handle);
//
// All operations O(1). Pointers to values are valid until the next insert() or erase().
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace base {

struct Handle {
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;  // 0: never valid, so Handle{} is "none"

    [[nodiscard]] explicit operator bool() const { return generation != 0; }
    // As one number and back, for C callbacks that carry a pointer or an integer.
    [[nodiscard]] std::uint64_t to_u64() const { return static_cast<std::uint64_t>(generation) << 32 | slot; }
    [[nodiscard]] static Handle from_u64(std::uint64_t bits) {
        return {static_cast<std::uint32_t>(bits), static_cast<std::uint32_t>(bits >> 32)};
    }
    friend bool operator==(const Handle&, const Handle&) = default;
};

template <class T>
class SlotMap {
public:
    Handle insert(T value) {
        std::uint32_t index = 0;
        if (free_.empty()) {
            index = static_cast<std::uint32_t>(slots_.size());
            slots_.emplace_back();
        } else {
            index = free_.back();
            free_.pop_back();
        }
        slots_[index].value.emplace(std::move(value));
        ++size_;
        return {index, slots_[index].generation};
    }
    [[nodiscard]] T* find(Handle handle) {
        if (handle.slot >= slots_.size()) return nullptr;
        Slot& slot = slots_[handle.slot];
        return slot.generation == handle.generation && slot.value ? &*slot.value : nullptr;
    }
    [[nodiscard]] const T* find(Handle handle) const { return const_cast<SlotMap*>(this)->find(handle); }
    [[nodiscard]] bool contains(Handle handle) const { return find(handle) != nullptr; }

    // Takes the value out; nothing for a stale handle. The slot is free before the value is destroyed.
    std::optional<T> extract(Handle handle) {
        if (find(handle) == nullptr) return std::nullopt;
        Slot& slot = slots_[handle.slot];
        std::optional<T> value = std::move(slot.value);
        slot.value.reset();
        --size_;
        // A slot whose generations are used up is never given out again.
        if (++slot.generation != 0) free_.push_back(handle.slot);
        return value;
    }
    bool erase(Handle handle) { return extract(handle).has_value(); }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    // Calls visit(handle, value) for each; it must not insert or erase.
    template <class Visit>
    void for_each(Visit&& visit) {
        for (std::uint32_t i = 0; i < slots_.size(); ++i) {
            if (slots_[i].value) visit(Handle{i, slots_[i].generation}, *slots_[i].value);
        }
    }
    // Handles of all values, to insert and erase while going over them.
    [[nodiscard]] std::vector<Handle> handles() const {
        std::vector<Handle> all;
        all.reserve(size_);
        for (std::uint32_t i = 0; i < slots_.size(); ++i) {
            if (slots_[i].value) all.push_back({i, slots_[i].generation});
        }
        return all;
    }

private:
    struct Slot {
        std::uint32_t generation = 1;
        std::optional<T> value;
    };
    std::vector<Slot> slots_;
    std::vector<std::uint32_t> free_;
    std::size_t size_ = 0;
};

}  // namespace base
