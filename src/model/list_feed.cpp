#include "model/list_feed.hpp"

#include <algorithm>
#include <utility>

#include "base/url.hpp"

namespace model {

namespace {

std::string list_path(const net::WatchSpec& spec) {
    const auto slash = spec.resource_type.rfind('/');
    std::string path = "/" + spec.resource_type.substr(0, slash);
    if (!spec.ns.empty()) path += "/namespaces/" + base::percent_encode_segment(spec.ns);
    return path + spec.resource_type.substr(slash);
}

std::string text_at(const Json& object, const char* name) {
    const auto metadata = object.find("metadata");
    if (metadata == object.end() || !metadata->is_object()) return {};
    const auto value = metadata->find(name);
    return value != metadata->end() && value->is_string() ? value->get_ref<const std::string&>() : std::string();
}

bool is_refusal(base::ErrorCode code) { return code == base::ErrorCode::forbidden || code == base::ErrorCode::not_found || code == base::ErrorCode::invalid_argument; }

}  // namespace

class ListFeed::Poll {
public:
    Poll(ModelContext& context, net::WatchSpec spec, net::WatchCallbacks callbacks)
        : context_(context), spec_(std::move(spec)), callbacks_(std::move(callbacks)), self_(std::make_shared<Poll*>(this)) {
        timer_ = context_.scheduler.after(0, [this] { start(); });
    }
    ~Poll() { *self_ = nullptr; }

    void start() {
        timer_.cancel();
        found_.clear();
        read_page({});
    }

private:
    void read_page(const std::string& token) {
        base::Query query{{"limit", std::to_string(kPage)}};
        if (!spec_.label_selector.empty()) query.add("labelSelector", spec_.label_selector);
        if (!spec_.field_selector.empty()) query.add("fieldSelector", spec_.field_selector);
        if (!spec_.cluster.empty()) query.add("cluster", spec_.cluster);
        if (!token.empty()) query.add("continue", token);
        call_ = context_.api.call({.path = "/api/proxy" + list_path(spec_) + query.to_suffix(), .beside_prefix = true}, [this](base::Result<net::ApiReply> reply) {
            const auto over = std::move(call_);
            if (!reply) return failed(reply.error());
            take_page(reply->json);
        });
    }

    void take_page(const Json& list) {
        const auto items = list.is_object() ? list.find("items") : list.end();
        if (list.is_object() && items != list.end() && items->is_array()) {
            for (const Json& item : *items) {
                if (!item.is_object()) continue;
                auto object = std::make_shared<net::WatchedObject>();
                object->ns = text_at(item, "namespace");
                object->name = text_at(item, "name");
                object->uid = text_at(item, "uid");
                object->resource_version = text_at(item, "resourceVersion");
                object->text = base::dump_json(item);
                std::string key = object->key();
                if (!object->name.empty()) found_[std::move(key)] = std::move(object);
            }
        }
        const std::string token = list.is_object() ? text_at(list, "continue") : std::string();
        if (!token.empty()) return read_page(token);
        finish();
    }

    void finish() {
        timer_ = context_.scheduler.after(kPeriodMs, [this] { start(); });
        const auto guard = self_;
        const bool first = !std::exchange(synced_, true);
        auto before = std::exchange(known_, std::move(found_));
        found_.clear();
        if (!first) tell_difference(before, guard);
        if (!*guard) return;
        if (first && callbacks_.on_synced) callbacks_.on_synced(known_, true);
        if (*guard && callbacks_.on_state) callbacks_.on_state({.phase = net::WatchPhase::live, .synced = true});
    }

    // A callback may end this.
    void tell_difference(const net::WatchedObjects& before, const std::shared_ptr<Poll*>& guard) {
        const net::WatchedObjects now = known_;
        const auto tell = [&](net::WatchChange change, const net::WatchedPtr& object) {
            if (*guard && callbacks_.on_event) callbacks_.on_event(change, object);
        };
        for (const auto& [key, old] : before) {
            const auto found = now.find(key);
            if (found == now.end() || found->second->uid != old->uid) tell(net::WatchChange::deleted, old);
        }
        for (const auto& [key, object] : now) {
            const auto old = before.find(key);
            if (old == before.end() || old->second->uid != object->uid) tell(net::WatchChange::added, object);
            else if (old->second->resource_version != object->resource_version) tell(net::WatchChange::modified, object);
        }
    }

    void failed(const base::Error& error) {
        const bool refused = is_refusal(error.code);
        if (!refused) timer_ = context_.scheduler.after(kRetryMs, [this] { start(); });
        if (callbacks_.on_state) callbacks_.on_state({.phase = refused ? net::WatchPhase::stopped : net::WatchPhase::retrying, .synced = synced_, .error = error});
    }

    ModelContext& context_;
    net::WatchSpec spec_;
    net::WatchCallbacks callbacks_;
    std::shared_ptr<Poll*> self_;
    net::WatchedObjects known_, found_;
    net::RequestHandle call_;
    base::Timer timer_;
    bool synced_ = false;
};

class ListFeed::Place final : public net::WatchSubscription::Impl {
public:
    Place(std::shared_ptr<std::vector<Poll*>> polls, std::unique_ptr<Poll> poll) : polls_(std::move(polls)), poll_(std::move(poll)) { polls_->push_back(poll_.get()); }
    ~Place() override { std::erase(*polls_, poll_.get()); }

private:
    std::shared_ptr<std::vector<Poll*>> polls_;
    std::unique_ptr<Poll> poll_;
};

ListFeed::ListFeed(ModelContext& context) : context_(context), polls_(std::make_shared<std::vector<Poll*>>()) {}
ListFeed::~ListFeed() = default;

net::WatchSubscription ListFeed::subscribe(const net::WatchSpec& spec, net::WatchCallbacks callbacks) {
    return net::WatchSubscription(std::make_unique<Place>(polls_, std::make_unique<Poll>(context_, spec, std::move(callbacks))));
}

void ListFeed::wake() {
    const std::vector<Poll*> polls = *polls_;
    for (Poll* poll : polls) {
        if (std::find(polls_->begin(), polls_->end(), poll) != polls_->end()) poll->start();
    }
}

}  // namespace model
