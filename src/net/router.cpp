#include "net/router.hpp"

#include <algorithm>

#include "base/url.hpp"

namespace net {

namespace {

// "/a/b/" -> {"a", "b"}; "/" -> {}. Calls `add` for each raw segment.
template <class Add>
bool for_each_segment(std::string_view path, Add add) {
    if (!path.empty() && path.front() == '/') path.remove_prefix(1);
    if (!path.empty() && path.back() == '/') path.remove_suffix(1);
    if (path.empty()) return true;
    while (true) {
        const auto slash = path.find('/');
        if (!add(path.substr(0, slash))) return false;
        if (slash == std::string_view::npos) return true;
        path.remove_prefix(slash + 1);
    }
}

void append_json_escaped(std::string& out, std::string_view text) {
    constexpr std::string_view kHex = "0123456789abcdef";
    for (char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        } else {
            out += c;
        }
    }
}

bool is_below(std::string_view path, std::string_view prefix) {
    return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
}

}  // namespace

SplitTarget split_target(std::string_view target) {
    const auto question = target.find('?');
    if (question == std::string_view::npos) return {target, {}};
    return {target.substr(0, question), target.substr(question + 1)};
}

Response error_response(int status, std::string_view message) {
    Response response;
    response.status = status;
    response.headers.set("Content-Type", "application/json");
    response.body = R"({"error":")";
    append_json_escaped(response.body, message);
    response.body += "\"}";
    return response;
}

void Mounts::mount(std::string prefix, HttpHandler& handler, Prefix mode) {
    while (!prefix.empty() && prefix.back() == '/') prefix.pop_back();
    std::erase_if(entries_, [&](const Entry& entry) { return entry.prefix == prefix; });
    auto shorter = std::find_if(entries_.begin(), entries_.end(),
                                [&](const Entry& entry) { return entry.prefix.size() < prefix.size(); });
    entries_.insert(shorter, Entry{std::move(prefix), &handler, mode});
}

void Mounts::handle(ServerRequest request, std::shared_ptr<ResponseWriter> writer) {
    const std::string_view path = split_target(request.target).path;
    for (const Entry& entry : entries_) {
        if (!is_below(path, entry.prefix)) continue;
        if (entry.mode == Prefix::strip) {
            request.target.erase(0, entry.prefix.size());
            if (request.target.empty() || request.target.front() != '/') request.target.insert(0, 1, '/');
        }
        entry.handler->handle(std::move(request), std::move(writer));
        return;
    }
    writer->respond(error_response(404, "no such path"));
}

std::string_view RoutedRequest::param(std::string_view name) const {
    for (const auto& [param_name, value] : params) {
        if (param_name == name) return value;
    }
    return {};
}

void Router::route(std::string method, std::string_view pattern, Handle handle) {
    auto route = std::make_unique<Route>();
    route->method = std::move(method);
    route->handle = std::move(handle);
    for_each_segment(pattern, [&](std::string_view segment) {
        if (segment.starts_with(':')) {
            route->segments.push_back({Kind::one, std::string(segment.substr(1))});
        } else if (segment.starts_with('*')) {
            route->segments.push_back({Kind::rest, std::string(segment.substr(1))});
        } else {
            route->segments.push_back({Kind::literal, std::string(segment)});
        }
        return true;
    });
    auto less_specific = std::find_if(routes_.begin(), routes_.end(),
                                      [&](const auto& other) { return is_more_specific(*route, *other); });
    routes_.insert(less_specific, std::move(route));
}

bool Router::is_more_specific(const Route& a, const Route& b) {
    const auto kind_less = [](const Segment& x, const Segment& y) { return x.kind < y.kind; };
    return std::lexicographical_compare(a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(), kind_less);
}

bool Router::matches(const Route& route, const std::vector<std::string>& segments) {
    std::size_t i = 0;
    for (const Segment& segment : route.segments) {
        if (segment.kind == Kind::rest) return true;
        if (i >= segments.size()) return false;
        if (segment.kind == Kind::literal && segment.text != segments[i]) return false;
        if (segment.kind == Kind::one && segments[i].empty()) return false;
        ++i;
    }
    return i == segments.size();
}

void Router::handle(ServerRequest request, std::shared_ptr<ResponseWriter> writer) {
    std::vector<std::string> segments;
    const bool decodes = for_each_segment(split_target(request.target).path, [&](std::string_view raw) {
        auto decoded = base::percent_decode(raw);
        if (decoded) segments.push_back(std::move(*decoded));
        return decoded.has_value();
    });
    if (!decodes) {
        writer->respond(error_response(400, "the path has a broken percent sign"));
        return;
    }

    const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
    Route* found = nullptr;
    std::vector<std::string_view> allowed;
    for (const auto& route : routes_) {
        if (!matches(*route, segments)) continue;
        if (route->method == method && !found) found = route.get();
        if (std::find(allowed.begin(), allowed.end(), route->method) == allowed.end()) allowed.push_back(route->method);
    }
    // A literal HEAD route wins over GET's.
    if (request.method == "HEAD") {
        for (const auto& route : routes_) {
            if (route->method == "HEAD" && matches(*route, segments)) {
                found = route.get();
                break;
            }
        }
    }
    if (!found) {
        if (allowed.empty()) {
            writer->respond(error_response(404, "no such route"));
            return;
        }
        std::string allow;
        for (const auto& name : allowed) {
            if (!allow.empty()) allow += ", ";
            allow += name;
            if (name == "GET") allow += ", HEAD";
        }
        Response response = request.method == "OPTIONS" ? Response{204, {}, {}} : error_response(405, "this route takes " + allow);
        response.headers.set("Allow", std::move(allow));
        writer->respond(std::move(response));
        return;
    }

    RoutedRequest routed;
    for (std::size_t i = 0; i < found->segments.size(); ++i) {
        const Segment& segment = found->segments[i];
        if (segment.kind == Kind::one) {
            routed.params.emplace_back(segment.text, segments[i]);
        } else if (segment.kind == Kind::rest) {
            std::string rest;
            for (std::size_t j = i; j < segments.size(); ++j) {
                if (j > i) rest += '/';
                rest += segments[j];
            }
            routed.params.emplace_back(segment.text, std::move(rest));
        }
    }
    routed.request = std::move(request);
    found->handle(std::move(routed), std::move(writer));
}

}  // namespace net
