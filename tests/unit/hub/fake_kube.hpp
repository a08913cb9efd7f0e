// FakeKube: a scripted Kubernetes API for hub tests. It keeps objects by path, counts every request, and does what a test
// tells it: fail, hang, end watches, answer 410. It has no controllers; a test plays them by put() and drop().
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/scheduler.hpp"
#include "hub/json_text.hpp"
#include "net/http.hpp"

namespace hub::testing {

class FakeKube final : public net::HttpHandler {
public:
    struct Watch {
        std::string path;  // of the collection
        std::string target;
        std::shared_ptr<net::ResponseWriter> writer;
    };
    struct Log {
        std::string target;
        std::shared_ptr<net::ResponseWriter> writer;
    };

    void handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) override {
        requests.push_back(request.method + " " + request.target);
        const std::string path = request.target.substr(0, request.target.find('?'));
        if (hang_paths.contains(path)) {
            hanging.push_back(std::move(writer));
            return;
        }
        if (const auto failure = failures.find(request.method + " " + path); failure != failures.end()) {
            return respond(*writer, failure->second.first, failure->second.second);
        }
        if (path == "/version") return respond(*writer, 200, {{"gitVersion", "v1.34.0"}, {"platform", "linux/amd64"}});
        if (path == "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews") return respond(*writer, 201, {{"status", {{"allowed", true}}}});
        if (path.ends_with("/log")) {
            writer->start({.status = 200, .headers = {{"content-type", "text/plain"}}});
            logs.push_back({request.target, std::move(writer)});
            return;
        }
        if (request.method == "PATCH") return apply(path, request.body, *writer);
        if (request.method == "DELETE") return remove(path, *writer);
        if (request.target.find("watch=1") != std::string::npos) return watch(path, request.target, std::move(writer));
        const auto object = objects.find(path);
        if (object != objects.end()) return respond(*writer, 200, object->second);
        if (is_collection(path)) return list(path, *writer);
        respond(*writer, 404, status(404, "NotFound", path.substr(path.rfind('/') + 1) + " not found"));
    }

    static Json status(int code, const std::string& reason, const std::string& message) {
        return {{"kind", "Status"}, {"apiVersion", "v1"}, {"status", "Failure"}, {"message", message}, {"reason", reason}, {"code", code}};
    }

    // As a controller would write; tells the watches.
    void put(const std::string& path, Json object) {
        const bool is_new = !objects.contains(path);
        object["metadata"]["resourceVersion"] = std::to_string(++version);
        if (!object["metadata"].contains("uid")) object["metadata"]["uid"] = "uid-" + std::to_string(version);
        objects[path] = object;
        tell(path, is_new ? "ADDED" : "MODIFIED", object);
    }
    void change(const std::string& path, const std::string& pointer, Json value) {
        Json object = objects.at(path);
        object[Json::json_pointer(pointer)] = std::move(value);
        put(path, std::move(object));
    }
    void drop(const std::string& path) {
        Json object = objects.at(path);
        objects.erase(path);
        object["metadata"]["resourceVersion"] = std::to_string(++version);
        tell(path, "DELETED", object);
    }
    void end_watches() {
        for (Watch& open : std::exchange(watches, {})) open.writer->end();
    }
    void cut_watches() {
        for (Watch& open : std::exchange(watches, {})) open.writer->abort();
    }
    [[nodiscard]] std::size_t count(const std::string& start) const {
        std::size_t found = 0;
        for (const std::string& request : requests) found += request.starts_with(start) ? 1 : 0;
        return found;
    }
    [[nodiscard]] std::size_t open_watches() {
        std::erase_if(watches, [](const Watch& open) { return open.writer->closed(); });
        return watches.size();
    }

    std::map<std::string, Json> objects;                             // by path
    std::map<std::string, std::pair<int, Json>> failures;            // "PATCH /apis/..." -> answer
    std::set<std::string> hang_paths;
    std::vector<std::shared_ptr<net::ResponseWriter>> hanging;
    std::vector<std::string> requests;
    std::vector<Watch> watches;
    std::vector<Log> logs;
    int version = 100;
    bool gone = false;  // the next watch answers 410

private:
    static bool is_collection(const std::string& path) {
        const std::string last = path.substr(path.rfind('/') + 1);
        for (const char* plural : {"pods", "deployments", "services", "ingresses", "configmaps", "secrets", "statefulsets", "jobs", "cronjobs",
                                   "daemonsets", "replicasets", "persistentvolumeclaims", "horizontalpodautoscalers", "networkpolicies",
                                   "events", "nodes", "namespaces", "certificates"}) {
            if (last == plural) return true;
        }
        return false;
    }
    static void respond(net::ResponseWriter& writer, int code, const Json& body) {
        writer.respond({.status = code, .headers = {{"content-type", "application/json"}}, .body = dump_json(body)});
    }
    // Is the object at `path` in that collection? "/api/v1/pods" has those of every namespace.
    static bool covers(const std::string& wanted, const std::string& path) {
        const std::string collection = path.substr(0, path.rfind('/'));
        const bool all = wanted.find("/namespaces/") == std::string::npos && collection.substr(collection.rfind('/')) == wanted.substr(wanted.rfind('/'));
        return collection == wanted || all;
    }

    void list(const std::string& path, net::ResponseWriter& writer) {
        Json items = Json::array();
        for (const auto& [key, object] : objects) {
            if (covers(path, key)) items.push_back(object);
        }
        respond(writer, 200, {{"kind", "List"}, {"metadata", {{"resourceVersion", std::to_string(version)}}}, {"items", items}});
    }
    void watch(const std::string& path, const std::string& target, std::shared_ptr<net::ResponseWriter> writer) {
        if (target.find("sendInitialEvents") != std::string::npos) {  // as Kubernetes 1.31 has it
            return respond(*writer, 422, status(422, "Invalid", "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled"));
        }
        if (std::exchange(gone, false)) return respond(*writer, 410, status(410, "Expired", "too old resource version"));
        writer->start({.status = 200, .headers = {{"content-type", "application/json"}}});
        watches.push_back({path, target, std::move(writer)});
    }
    void apply(const std::string& path, const std::string& body, net::ResponseWriter& writer) {
        Json object = *base::parse_json(body);
        const auto known = objects.find(path);
        object["metadata"]["uid"] = known == objects.end() ? "uid-" + std::to_string(++version) : known->second["metadata"]["uid"].get<std::string>();
        object["metadata"]["generation"] = known == objects.end() ? 1 : known->second["metadata"].value("generation", 1) + 1;
        if (known != objects.end() && known->second.contains("status")) object["status"] = known->second["status"];
        put(path, object);
        respond(writer, known == objects.end() ? 201 : 200, objects[path]);
    }
    void remove(const std::string& path, net::ResponseWriter& writer) {
        if (!objects.contains(path)) return respond(writer, 404, status(404, "NotFound", "not found"));
        drop(path);
        respond(writer, 200, {{"kind", "Status"}, {"status", "Success"}});
    }
    void tell(const std::string& path, const std::string& type, const Json& object) {
        const std::string line = dump_json({{"type", type}, {"object", object}}) + "\n";
        for (Watch& open : watches) {
            if (covers(open.path, path) && !open.writer->closed()) open.writer->write(line);
        }
    }
};

}  // namespace hub::testing
