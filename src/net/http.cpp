#include "net/http.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace net {

namespace {

// What fetch() keeps until it is done. Owned by the handle alone: dropping the handle drops the exchange.
struct FetchState {
    Response response;
    base::UniqueFunction<void(base::Result<Response>)> done;
    std::size_t max_bytes = 0;
    RequestHandle exchange;

    void finish(base::Result<Response> result) {
        auto callback = std::move(done);
        done.reset();
        if (callback) callback(std::move(result));
    }
};

class FetchHandle final : public RequestHandle::Impl {
public:
    explicit FetchHandle(std::shared_ptr<FetchState> state) : state_(std::move(state)) {}
    ~FetchHandle() override {
        state_->exchange.cancel();
        // `done` may own this handle's owner; it goes last, out of the state, so that nothing here is touched twice.
        auto callback = std::move(state_->done);
    }
    void set_paused(bool paused) override { state_->exchange.set_paused(paused); }

private:
    std::shared_ptr<FetchState> state_;
};

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return base::equals_ascii_case(a, b);
}

Headers::Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

std::string_view Headers::get(std::string_view name) const {
    for (const auto& [field_name, value] : fields_) {
        if (equals_ignoring_case(field_name, name)) return value;
    }
    return {};
}

bool Headers::has(std::string_view name) const {
    return std::any_of(fields_.begin(), fields_.end(),
                       [name](const auto& field) { return equals_ignoring_case(field.first, name); });
}

void Headers::set(std::string_view name, std::string value) {
    auto first = std::find_if(fields_.begin(), fields_.end(),
                              [name](const auto& field) { return equals_ignoring_case(field.first, name); });
    if (first == fields_.end()) {
        fields_.emplace_back(std::string(name), std::move(value));
        return;
    }
    first->second = std::move(value);
    auto rest = std::remove_if(first + 1, fields_.end(),
                               [name](const auto& field) { return equals_ignoring_case(field.first, name); });
    fields_.erase(rest, fields_.end());
}

void Headers::add(std::string_view name, std::string value) {
    fields_.emplace_back(std::string(name), std::move(value));
}

void Headers::remove(std::string_view name) {
    std::erase_if(fields_, [name](const auto& field) { return equals_ignoring_case(field.first, name); });
}

RequestHandle fetch(HttpClient& client, Request request, base::UniqueFunction<void(base::Result<Response>)> done,
                    std::size_t max_bytes) {
    auto state = std::make_shared<FetchState>();
    state->done = std::move(done);
    state->max_bytes = max_bytes;
    std::weak_ptr<FetchState> weak = state;
    ResponseCallbacks callbacks;
    callbacks.on_head = [weak](ResponseHead head) {
        if (auto fetch = weak.lock()) {
            fetch->response.status = head.status;
            fetch->response.headers = std::move(head.headers);
        }
    };
    callbacks.on_data = [weak](std::string_view bytes) {
        auto fetch = weak.lock();
        if (!fetch) return;
        if (bytes.size() > fetch->max_bytes - fetch->response.body.size()) {
            fetch->exchange.cancel();
            fetch->finish(base::fail(base::ErrorCode::too_large,
                                     "the answer is larger than " + std::to_string(fetch->max_bytes) + " bytes"));
            return;
        }
        fetch->response.body.append(bytes);
    };
    callbacks.on_done = [weak](base::Result<void> result) {
        auto fetch = weak.lock();
        if (!fetch) return;
        if (result) {
            fetch->finish(std::move(fetch->response));
        } else {
            fetch->finish(base::fail(std::move(result).error()));
        }
    };
    state->exchange = client.send(std::move(request), std::move(callbacks));
    return RequestHandle(std::make_unique<FetchHandle>(std::move(state)));
}

}  // namespace net
