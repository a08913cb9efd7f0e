// WatchMirror: a client of the watch hub as one would write it, and strict: it keeps what the frames say and notes every frame that makes no
// sense to somebody who believes them.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hub/json_text.hpp"
#include "hub/watch_hub.hpp"

namespace hub::testing {

class WatchMirror final : public WatchSink {
public:
    struct Channel {
        std::map<std::string, Json> objects;  // by name
        bool synced = false;                  // since the join or the last resync
        bool in_trouble = false;
        int snapshots = 0;
        int resyncs = 0;
        int errors = 0;
        Json last_error;
        std::string version;
    };

    bool send(std::string_view event, std::string_view data) override {
        const auto parsed = base::parse_json(data);
        if (!parsed) {
            complaints.push_back("no JSON: " + std::string(data));
            return true;
        }
        ++frames;
        if (data.find('\n') != std::string_view::npos) complaints.push_back("more than one line");
        const std::string name = text_at(*parsed, "channel");
        Channel& channel = channels[name];
        log.push_back(std::string(event) + " " + text_at(*parsed, "type") + text_at(*parsed, "reason") + " " + text_at(*parsed, "object", "metadata", "name"));
        if (event == "watch") take(channel, *parsed);
        else if (event == "resync") void_all(channel);
        else if (event == "watch-error") fail(channel, *parsed);
        else complaints.push_back("unknown frame " + std::string(event));
        if (room > 0 && --room == 0) return false;
        return true;
    }

    // How many more frames are taken before send() says that it is too much; 0: any number.
    int room = 0;
    std::size_t frames = 0;
    std::map<std::string, Channel> channels;
    std::vector<std::string> complaints;
    std::vector<std::string> log;

    std::vector<std::string> take_log() { return std::exchange(log, {}); }

private:
    void complain(const Json& frame, const char* what) { complaints.push_back(std::string(what) + ": " + dump_json(frame)); }

    void take(Channel& channel, const Json& frame) {
        const std::string type = text_at(frame, "type");
        const Json& object = object_at(frame, "object");
        const std::string name = text_at(object, "metadata", "name");
        channel.in_trouble = false;
        if (text_at(frame, "resourceVersion").empty()) complain(frame, "no version");
        channel.version = text_at(frame, "resourceVersion");
        if (type == "BOOKMARK") {
            if (text_at(object, "metadata", "annotations", "k8s.io/initial-events-end") != "true") return;
            if (channel.synced) complain(frame, "a second end");
            channel.synced = true;
            ++channel.snapshots;
            return;
        }
        const auto known = channel.objects.find(name);
        if (type == "ADDED") {
            if (known != channel.objects.end()) complain(frame, "added twice");
            channel.objects[name] = object;
        } else if (type == "MODIFIED") {
            if (known == channel.objects.end()) complain(frame, "modified, but unknown");
            else if (text_at(known->second, "metadata", "uid") != text_at(object, "metadata", "uid")) complain(frame, "another uid");
            else if (known->second == object) complain(frame, "no news");
            channel.objects[name] = object;
        } else if (type == "DELETED") {
            if (known == channel.objects.end()) complain(frame, "deleted, but unknown");
            channel.objects.erase(name);
        } else {
            complain(frame, "unknown type");
        }
        if (object.contains("metadata") && object["metadata"].contains("managedFields")) complain(frame, "managedFields");
    }
    static void void_all(Channel& channel) {
        channel.objects.clear();
        channel.synced = false;
        ++channel.resyncs;
    }
    static void fail(Channel& channel, const Json& frame) {
        channel.in_trouble = true;
        ++channel.errors;
        channel.last_error = frame;
    }
};

}  // namespace hub::testing
