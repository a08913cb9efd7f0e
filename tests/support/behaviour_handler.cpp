#include "support/behaviour_handler.hpp"

#include <algorithm>
#include <charconv>

namespace support {

namespace {

// Keys and numbers of the suite need no decoding.
std::string_view query_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto pair = query.substr(0, end);
        if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') return pair.substr(name.size() + 1);
        if (end == std::string_view::npos) break;
        query.remove_prefix(end + 1);
    }
    return {};
}

std::uint64_t query_number(std::string_view query, std::string_view name, std::uint64_t otherwise) {
    const auto text = query_value(query, name);
    std::uint64_t value = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

net::Response text_response(std::string body) {
    return {200, {{"Content-Type", "text/plain"}, {"Cache-Control", "no-store"}}, std::move(body)};
}

const char* const kMethods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};

}  // namespace

char pattern_byte(std::uint64_t index) { return static_cast<char>((index * 2654435761ULL >> 7) & 0xff); }

void Checksum::add(std::string_view bytes) {
    for (char c : bytes) {
        value_ ^= static_cast<unsigned char>(c);
        value_ *= 1099511628211ULL;
    }
}

struct BehaviourHandler::Held : std::enable_shared_from_this<Held> {
    Writer writer;
    bool opened = false;
    bool closed = false;
    bool lagged = false;
    bool drained = false;
    bool ended = false;
    std::uint64_t max_queued = 0;
    std::uint64_t produced = 0;
    struct Waiter {
        bool Held::*what;
        Writer writer;
    };
    std::vector<Waiter> waiters;
};

BehaviourHandler::BehaviourHandler() { add_routes(); }

BehaviourHandler::~BehaviourHandler() {
    auto held = std::move(held_);
    held_.clear();
}

void BehaviourHandler::handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) {
    router_.handle(std::move(request), std::move(writer));
}

void BehaviourHandler::add_routes() {
    const auto echo = [](const net::RoutedRequest& routed, const Writer& writer) {
        const net::ServerRequest& request = routed.request;
        net::Response response = text_response(request.body);
        response.headers.set("Content-Type", "application/octet-stream");
        response.headers.set("X-Method", request.method);
        response.headers.set("X-Target", request.target);
        response.headers.set("X-Body-Bytes", std::to_string(request.body.size()));
        for (const auto& [name, value] : request.headers.fields()) {
            if (name.size() > 7 && net::equals_ignoring_case(name.substr(0, 7), "x-send-")) {
                response.headers.add("X-Seen-" + name.substr(7), value);
            }
        }
        writer->respond(std::move(response));
    };
    for (const char* method : kMethods) {
        router_.route(method, "/echo/*rest", echo);
        router_.route(method, "/status", [](const net::RoutedRequest& request, const Writer& writer) {
            const auto code = static_cast<int>(query_number(request.query(), "code", 200));
            net::Response response = net::error_response(code, "status " + std::to_string(code));
            if (code == 204) response = {204, {}, {}};
            writer->respond(std::move(response));
        });
        router_.route(method, "/hold", [this](const net::RoutedRequest& request, const Writer& writer) {
            Held& entry = held(query_value(request.query(), "key"));
            entry.writer = writer;
            watch(entry, writer);
            note(entry, &Held::opened);
        });
    }
    router_.route("GET", "/headers", [](const net::RoutedRequest&, const Writer& writer) {
        net::Response response = text_response("ok");
        response.headers.add("X-Twice", "one");
        response.headers.add("X-Twice", "two");
        response.headers.add("x-mIxEd-CaSe", "Value Kept As Is");
        response.headers.add("X-Empty", "");
        writer->respond(std::move(response));
    });
    router_.route("POST", "/sum", [](const net::RoutedRequest& request, const Writer& writer) {
        Checksum sum;
        sum.add(request.request.body);
        writer->respond(text_response(std::to_string(request.request.body.size()) + " " + std::to_string(sum.value())));
    });
    router_.route("GET", "/bytes",
                  [this](const net::RoutedRequest& request, Writer writer) { stream_bytes(request, std::move(writer)); });
    router_.route("POST", "/control", [this](const net::RoutedRequest& request, const Writer& writer) { control(request, writer); });
    router_.route("GET", "/wait", [this](const net::RoutedRequest& request, Writer writer) { wait(request, std::move(writer)); });
    router_.route("GET", "/state", [this](const net::RoutedRequest& request, const Writer& writer) {
        const Held& entry = held(query_value(request.query(), "key"));
        writer->respond(text_response("opened=" + std::to_string(entry.opened) + " closed=" + std::to_string(entry.closed) +
                                      " lagged=" + std::to_string(entry.lagged) + " drained=" + std::to_string(entry.drained) +
                                      " ended=" + std::to_string(entry.ended) + " max_queued=" + std::to_string(entry.max_queued) +
                                      " produced=" + std::to_string(entry.produced)));
    });
}

BehaviourHandler::Held& BehaviourHandler::held(std::string_view key) {
    auto& entry = held_[std::string(key)];
    if (!entry) entry = std::make_shared<Held>();
    return *entry;
}

void BehaviourHandler::watch(Held& entry, const Writer& writer) {
    writer->on_close([this, weak = entry.weak_from_this()] {
        if (auto strong = weak.lock()) {
            auto dropped = std::move(strong->writer);
            note(*strong, &Held::closed);
        }
    });
}

void BehaviourHandler::note(Held& entry, bool Held::*what) {
    entry.*what = true;
    std::vector<Held::Waiter> ready;
    std::erase_if(entry.waiters, [&](Held::Waiter& waiter) {
        if (!(entry.*waiter.what)) return false;
        ready.push_back(std::move(waiter));
        return true;
    });
    for (auto& waiter : ready) waiter.writer->respond(text_response("yes"));
}

void BehaviourHandler::stream_bytes(const net::RoutedRequest& request, Writer writer) {
    struct Producer : std::enable_shared_from_this<Producer> {
        BehaviourHandler* handler = nullptr;
        Held* entry = nullptr;  // lives as long as the handler
        Writer writer;
        std::uint64_t left = 0;
        std::uint64_t chunk_bytes = 0;

        void produce() {
            std::string chunk;
            while (left > 0) {
                chunk.resize(std::min(left, chunk_bytes));
                for (char& c : chunk) c = pattern_byte(entry->produced++);
                left -= chunk.size();
                const bool keeping_up = writer->write(chunk);
                entry->max_queued = std::max<std::uint64_t>(entry->max_queued, writer->queued_bytes());
                if (keeping_up) continue;
                handler->note(*entry, &Held::lagged);
                writer->on_drain([self = shared_from_this()] {
                    self->handler->note(*self->entry, &Held::drained);
                    self->produce();
                });
                return;
            }
            handler->note(*entry, &Held::ended);
            writer->end();
        }
    };
    auto producer = std::make_shared<Producer>();
    producer->handler = this;
    producer->entry = &held(query_value(request.query(), "key"));
    producer->left = query_number(request.query(), "n", 0);
    producer->chunk_bytes = std::max<std::uint64_t>(1, query_number(request.query(), "chunk", 65536));
    producer->writer = writer;
    watch(*producer->entry, writer);
    note(*producer->entry, &Held::opened);
    writer->start({200, {{"Content-Type", "application/octet-stream"}, {"Cache-Control", "no-store"}}});
    producer->produce();
}

void BehaviourHandler::control(const net::RoutedRequest& request, const Writer& writer) {
    Held& entry = held(query_value(request.query(), "key"));
    const auto op = query_value(request.query(), "op");
    auto target = entry.writer;
    if (!target) {
        writer->respond(net::error_response(409, "nothing is held under this key"));
        return;
    }
    if (op == "start") {
        target->start({200, {{"Content-Type", "text/event-stream"}, {"Cache-Control", "no-store"}}});
    } else if (op == "write") {
        target->write(request.request.body);
    } else {
        // The rest ends the exchange.
        entry.writer.reset();
        if (op == "end") target->end();
        if (op == "abort") target->abort();
        if (op == "respond") target->respond(text_response(request.request.body));
        target.reset();  // "drop": the last reference goes without an end
        note(entry, &Held::ended);
    }
    writer->respond(text_response("ok"));
}

void BehaviourHandler::wait(const net::RoutedRequest& request, Writer writer) {
    Held& entry = held(query_value(request.query(), "key"));
    const auto what = query_value(request.query(), "for");
    bool Held::*member = what == "opened"    ? &Held::opened
                         : what == "closed"  ? &Held::closed
                         : what == "lagged"  ? &Held::lagged
                         : what == "drained" ? &Held::drained
                                             : &Held::ended;
    if (entry.*member) {
        writer->respond(text_response("yes"));
    } else {
        entry.waiters.push_back({member, std::move(writer)});
    }
}

}  // namespace support
