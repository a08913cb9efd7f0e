// FaultyStorage: a MemoryStorage that fails on demand and counts what it is asked.
//
//   state::testing::FaultyStorage storage;
//   storage.fail_writes_with(base::Error{base::ErrorCode::quota, "full", ""});
#pragma once

#include <optional>

#include "state/storage.hpp"

namespace state::testing {

class FaultyStorage final : public KeyValueStorage {
public:
    [[nodiscard]] base::Result<std::optional<std::string>> get(std::string_view key) override {
        if (read_error_) return base::fail(*read_error_);
        return memory_.get(key);
    }
    base::Result<void> set(std::string_view key, std::string_view value) override {
        ++writes_;
        if (write_error_) return base::fail(*write_error_);
        return memory_.set(key, value);
    }
    base::Result<void> remove(std::string_view key) override {
        if (write_error_) return base::fail(*write_error_);
        return memory_.remove(key);
    }
    [[nodiscard]] base::Result<std::vector<std::string>> keys() override {
        if (read_error_) return base::fail(*read_error_);
        return memory_.keys();
    }

    // Nothing ends the failing.
    void fail_reads_with(std::optional<base::Error> error) { read_error_ = std::move(error); }
    void fail_writes_with(std::optional<base::Error> error) { write_error_ = std::move(error); }
    // Calls of set(), failed ones too.
    [[nodiscard]] int writes() const { return writes_; }

private:
    MemoryStorage memory_;
    std::optional<base::Error> read_error_;
    std::optional<base::Error> write_error_;
    int writes_ = 0;
};

}  // namespace state::testing
