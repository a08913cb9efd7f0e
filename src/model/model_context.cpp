#include "model/model_context.hpp"

#include <utility>

namespace model {

net::EventStreamOptions ModelContext::stream(net::StreamKind kind, std::string_view path) const { return stream(net::StreamBackend::binnacle, kind, path); }

net::EventStreamOptions ModelContext::stream(net::StreamBackend backend, net::StreamKind kind, std::string_view path) const {
    net::EventStreamOptions options = net::stream_options(net::stream_profile(backend, kind), api.target(path));
    options.authorization = [&api = api] { return api.authorization(); };
    options.renew = [&api = api](base::UniqueFunction<void(bool)> done) {
        api.renew([done = std::move(done)](base::Result<void> renewed) mutable { done(renewed.has_value()); });
    };
    return options;
}

}  // namespace model
