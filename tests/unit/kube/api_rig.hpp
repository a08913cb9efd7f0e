// ApiRig: an API server without controllers, in virtual time, spoken to over HTTP (loopback).
//
//   ApiRig rig;
//   Json made = rig.ok("POST", "/api/v1/namespaces/default/configmaps", config_map("a"));
//   Watched watch = rig.watch("/api/v1/configmaps?watch=1");   // watch->events grows as the scheduler runs
#pragma once

#include <catch2/catch_test_macros.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/testing/virtual_scheduler.hpp"
#include "kube/api_server.hpp"
#include "net/loopback.hpp"

namespace kube::test {

using base::Json;

inline constexpr const char* kTable = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

struct Answer {
    int status = 0;
    net::Headers headers;
    std::string text;
    Json body;
    [[nodiscard]] std::string reason() const { return body.is_object() ? body.value("reason", "") : ""; }
    [[nodiscard]] std::string message() const { return body.is_object() ? body.value("message", "") : ""; }
};

struct WatchLog {
    net::RequestHandle handle;
    int status = 0;
    std::string text;
    std::vector<Json> events;
    bool ended = false;
    bool failed = false;
    // "ADDED web-0, MODIFIED web-0", bookmarks by their type alone.
    [[nodiscard]] std::string summary() const {
        std::string out;
        for (const Json& event : events) {
            if (!out.empty()) out += ", ";
            out += event.value("type", "?");
            const Json& object = event["object"];
            if (object.contains("metadata") && object["metadata"].contains("name")) out += " " + object["metadata"].value("name", "");
        }
        return out;
    }
};
using Watched = std::shared_ptr<WatchLog>;

struct ApiRig {
    base::testing::VirtualScheduler time;
    base::testing::SeededRandom random;
    ObjectStore store;
    api::ApiServer server;
    net::LoopbackClient client{time, server};

    explicit ApiRig(std::size_t history = 4096, api::ApiOptions options = {})
        : store(time, random, history), server({store, time, random}, options) {
        api::create_system_objects(store);
    }

    Answer send(std::string method, std::string target, std::string body = {}, net::Headers headers = {}) {
        std::optional<Answer> answer;
        if (!headers.has("User-Agent")) headers.set("User-Agent", "tester/1.0");
        auto handle = net::fetch(client, {.method = std::move(method), .target = std::move(target), .headers = std::move(headers), .body = std::move(body)},
                                 [&](base::Result<net::Response> response) {
                                     REQUIRE(response);
                                     answer = Answer{response->status, response->headers, response->body, Json()};
                                 });
        time.run_ready();
        REQUIRE(answer);
        if (auto json = base::parse_json(answer->text); json) answer->body = *json;
        return *answer;
    }
    Answer call(std::string method, std::string target, const Json& body = nullptr, net::Headers headers = {}) {
        return send(std::move(method), std::move(target), body.is_null() ? std::string() : base::dump_json(body), std::move(headers));
    }
    // A success; its body.
    Json ok(std::string method, std::string target, const Json& body = nullptr, net::Headers headers = {}) {
        Answer answer = call(std::move(method), std::move(target), body, std::move(headers));
        INFO(answer.text);
        REQUIRE(answer.status / 100 == 2);
        return answer.body;
    }
    Answer patch(std::string target, const Json& body, const char* type = "application/merge-patch+json") {
        return call("PATCH", std::move(target), body, {{"Content-Type", type}});
    }
    Answer apply(std::string target, const Json& body) { return patch(std::move(target), body, "application/apply-patch+yaml"); }

    Watched watch(std::string target, net::Headers headers = {}) {
        auto log = std::make_shared<WatchLog>();
        auto* raw = log.get();
        log->handle = client.send({.method = "GET", .target = std::move(target), .headers = std::move(headers)},
                                  {.on_head = [raw](net::ResponseHead head) { raw->status = head.status; },
                                   .on_data =
                                       [raw](std::string_view bytes) {
                                           raw->text += bytes;
                                           for (auto end = raw->text.find('\n'); end != std::string::npos; end = raw->text.find('\n')) {
                                               raw->events.push_back(base::parse_json(raw->text.substr(0, end)).value());
                                               raw->text.erase(0, end + 1);
                                           }
                                       },
                                   .on_done =
                                       [raw](base::Result<void> done) {
                                           raw->ended = true;
                                           raw->failed = !done;
                                       }});
        time.run_ready();
        return log;
    }
};

inline Json config_map(const std::string& name, const std::string& value = "1", Json labels = Json::object()) {
    return Json{{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", name}, {"labels", std::move(labels)}}}, {"data", {{"key", value}}}};
}

inline Json pod(const std::string& name) {
    return Json{{"apiVersion", "v1"},
                {"kind", "Pod"},
                {"metadata", {{"name", name}}},
                {"spec", {{"containers", Json::array({Json{{"name", "app"}, {"image", "nginx:1.27"}}})}}}};
}

inline Json deployment(const std::string& name, int replicas = 3) {
    return Json{{"apiVersion", "apps/v1"},
                {"kind", "Deployment"},
                {"metadata", {{"name", name}}},
                {"spec",
                 {{"replicas", replicas},
                  {"selector", {{"matchLabels", {{"app", name}}}}},
                  {"template",
                   {{"metadata", {{"labels", {{"app", name}}}}},
                    {"spec", {{"containers", Json::array({Json{{"name", "app"}, {"image", "nginx:1.27"}}})}}}}}}}};
}

inline Json service(const std::string& name, const std::string& type = "ClusterIP") {
    return Json{{"apiVersion", "v1"},
                {"kind", "Service"},
                {"metadata", {{"name", name}}},
                {"spec", {{"type", type}, {"selector", {{"app", name}}}, {"ports", Json::array({Json{{"port", 80}}})}}}};
}

inline const std::string kConfigMaps = "/api/v1/namespaces/default/configmaps";
inline const std::string kPods = "/api/v1/namespaces/default/pods";
inline const std::string kServices = "/api/v1/namespaces/default/services";
inline const std::string kDeployments = "/apis/apps/v1/namespaces/default/deployments";

}  // namespace kube::test
