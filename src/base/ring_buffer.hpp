// RingBuffer: the last `capacity` items; pushing onto a full one drops the oldest and counts it.
//
//   base::RingBuffer<Line> lines(5'000);
//   lines.push_back(std::move(line));
//   lines[0];              // the oldest that is still there
//   lines.dropped();       // how many are not
//
// Memory doubles with use up to the capacity, then stays; items are moved only while it grows. T has a default value.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace base {

template <class T>
class RingBuffer {
public:
    explicit RingBuffer(std::size_t capacity) : capacity_(capacity > 0 ? capacity : 1) {}

    // True when an old item made room.
    bool push_back(T item) {
        if (size_ == capacity_) {
            items_[head_] = std::move(item);
            head_ = wrapped(head_ + 1);
            ++dropped_;
            return true;
        }
        if (size_ == items_.size()) grow();
        items_[wrapped(head_ + size_)] = std::move(item);
        ++size_;
        return false;
    }
    // Not empty.
    T pop_front() {
        T item = std::exchange(items_[head_], T{});
        head_ = wrapped(head_ + 1);
        --size_;
        return item;
    }
    // `index` < size(); 0 is the oldest.
    [[nodiscard]] T& operator[](std::size_t index) { return items_[wrapped(head_ + index)]; }
    [[nodiscard]] const T& operator[](std::size_t index) const { return items_[wrapped(head_ + index)]; }
    [[nodiscard]] T& front() { return (*this)[0]; }
    [[nodiscard]] const T& front() const { return (*this)[0]; }
    [[nodiscard]] T& back() { return (*this)[size_ - 1]; }
    [[nodiscard]] const T& back() const { return (*this)[size_ - 1]; }

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] bool full() const { return size_ == capacity_; }
    [[nodiscard]] std::size_t capacity() const { return capacity_; }
    // Items that were pushed out by newer ones since the start or the last clear().
    [[nodiscard]] std::uint64_t dropped() const { return dropped_; }
    void clear() {
        items_.clear();
        head_ = 0;
        size_ = 0;
        dropped_ = 0;
    }

private:
    [[nodiscard]] std::size_t wrapped(std::size_t index) const { return index < items_.size() ? index : index - items_.size(); }
    void grow() {
        std::vector<T> larger(std::min(capacity_, std::max<std::size_t>(16, items_.size() * 2)));
        for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
        items_ = std::move(larger);
        head_ = 0;
    }

    std::size_t capacity_;
    std::vector<T> items_;  // a ring of the allocated slots
    std::size_t head_ = 0;
    std::size_t size_ = 0;
    std::uint64_t dropped_ = 0;
};

}  // namespace base
