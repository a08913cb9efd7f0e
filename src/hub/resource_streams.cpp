#include "hub/resource_streams.hpp"

#include "hub/node_status.hpp"
#include "hub/resource_summary.hpp"
#include "wire/sse_writer.hpp"

namespace hub {

namespace {

constexpr std::size_t kMaxObjectBytes = 4 * 1024 * 1024;

std::string resource_type_path(const ResourceType& type) {
    return (type.api_version == "v1" ? "api/" : "apis/") + std::string(type.api_version) + "/" + std::string(type.plural);
}

}  // namespace

Json resource_state(const ResourceType& type, const Json& object) {
    Json state = {{"state", resource_status(type, object)}, {"message", resource_summary(type, object)}};
    if (type.type == "Pod") {
        state["phase"] = text_at(object, "status", "phase");
        state["reason"] = pod_reason(object);
        state["ready"] = pod_ready(object);
        state["restarts"] = pod_restarts(object);
        if (std::string why = pod_failure(object); !why.empty()) state["message"] = std::move(why);
        return state;
    }
    const Json& status = value_at(object, "status");
    if (type.type == "DaemonSet") {
        state["replicas"] = number_at(status, 0, "desiredNumberScheduled");
        state["readyReplicas"] = number_at(status, 0, "numberReady");
    } else if (type.type == "Deployment" || type.type == "StatefulSet" || type.type == "ReplicaSet") {
        state["replicas"] = number_at(object, 1, "spec", "replicas");
        state["readyReplicas"] = number_at(status, 0, "readyReplicas");
    }
    return state;
}

class ResourceStreams::Stream final : public WatchSink {
public:
    Stream(ResourceStreams& owner, std::uint64_t id, const ResourceId& resource, std::string id_text, Json state, Writer writer)
        : owner_(owner), id_(id), type_(*resource.type), uid_(resource.uid), id_text_(std::move(id_text)), state_(std::move(state)), told_(state_), writer_(std::move(writer)) {}

    bool send(std::string_view event, std::string_view data) override {
        if (over_) return true;
        const auto json = base::parse_json(data, {.max_bytes = kMaxObjectBytes});
        if (!json) return true;
        if (event == "watch") on_watch(text_at(*json, "type"), value_at(*json, "object"));
        if (event == "resync") listed_ = false;
        if (event == "watch-error") on_error(*json);
        return true;  // only the latest state is kept: this one never holds the hub up
    }

    void end(std::string_view event, std::string_view words) {
        over_ = true;
        writer_->write(wire::sse_event(event, words));
        writer_->end();
        owner_.close_soon(id_);
    }
    void cut() {
        if (!writer_->closed()) writer_->abort();
    }

private:
    void on_watch(const std::string& type, const Json& object) {
        if (type == "BOOKMARK") {
            if (!listed_) return gone();  // the snapshot is complete, and it was not in it
            return;
        }
        const bool ours = text_at(object, "metadata", "uid") == uid_;
        if (type == "DELETED") {
            if (ours) gone();
            return;
        }
        if (!ours) return gone();
        listed_ = true;
        state_ = resource_state(type_, object);
        tell();
    }

    void on_error(const Json& error) {
        const std::string words = text_at(error, "message");
        if (flag_at(error, "terminal")) return end("error", words);
        writer_->write(wire::sse_event("error", words));
    }

    void gone() {
        state_ = {{"state", "deleted"}, {"message", std::string(type_.type) + " was deleted"}};
        told_ = state_;
        writer_->write(update());
        end("complete", "The resource was deleted.");
    }

    [[nodiscard]] std::string update() const { return wire::sse_event("status_update", dump_json({{"resource_id", id_text_}, {"type", type_.type}, {"status", state_}})); }

    void tell() {
        if (lagging_ || state_ == told_) return;
        told_ = state_;
        if (writer_->write(update())) return;
        lagging_ = true;
        writer_->on_drain(lifetime_.guard([this] {
            lagging_ = false;
            if (!over_) tell();
        }));
    }

    ResourceStreams& owner_;
    std::uint64_t id_;
    const ResourceType& type_;
    std::string uid_;
    std::string id_text_;
    Json state_;
    Json told_;
    Writer writer_;
    bool listed_ = false;
    bool lagging_ = false;
    bool over_ = false;
    Lifetime lifetime_;
};

ResourceStreams::ResourceStreams(WatchHub& watches, base::Scheduler& scheduler, Heartbeat& heartbeat) : watches_(watches), scheduler_(scheduler), heartbeat_(heartbeat) {}

ResourceStreams::~ResourceStreams() {
    for (auto& [id, stream] : streams_) {
        watches_.leave_all(*stream);
        stream->cut();
    }
}

void ResourceStreams::open(const User& caller, const ClusterLink& link, const ResourceId& resource, std::string id_text, const Json& object, Writer writer) {
    if (writer->closed()) return;
    const std::uint64_t id = next_++;
    Json state = resource_state(*resource.type, object);
    auto stream = std::make_unique<Stream>(*this, id, resource, id_text, state, writer);
    const WatchSpec spec{.cluster = link.name, .resource_type = resource_type_path(*resource.type), .org = {}, .project = {}, .ns = resource.ns, .name = resource.name, .label_selector = {}, .field_selector = {}};
    const auto channel = watches_.join(caller, spec, *stream);
    if (!channel) return send_error(*writer, channel.error());
    streams_[id] = std::move(stream);
    writer->start(event_stream_head());
    heartbeat_.add(writer);
    writer->on_close(lifetime_.guard([this, id] { close_soon(id); }));
    const Json metadata = {{"id", id_text}, {"name", resource.name}, {"namespace", resource.ns}, {"type", resource.type->type}, {"status", std::move(state)}, {"spec", value_at(object, "spec")}};
    writer->write(wire::sse_event("metadata", dump_json(metadata)));
}

// Not from within a call of the watch hub.
void ResourceStreams::close_soon(std::uint64_t id) {
    scheduler_.post(lifetime_.guard([this, id] {
        const auto stream = streams_.extract(id);
        if (!stream.empty()) watches_.leave_all(*stream.mapped());
    }));
}

}  // namespace hub
