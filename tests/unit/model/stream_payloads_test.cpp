#include <catch2/catch_test_macros.hpp>

#include <string>

#include "model/log_fields.hpp"
#include "model/stream_payloads.hpp"

using namespace model;

namespace {

// As KubeOrch wraps most of its events.
std::string enveloped(std::string_view type, const std::string& data, std::string_view key = "workflow:w1") {
    return R"({"type":")" + std::string(type) + R"(","stream_key":")" + std::string(key) + R"(","event_type":")" + std::string(type) +
           R"(","timestamp":"2026-01-01T00:00:00Z","data":)" + data + "}";
}

}  // namespace

TEST_CASE("workflow status: a node update enveloped and bare is the same") {
    const std::string payload = R"({"node_id":"n1","type":"deployment","status":{"state":"healthy","message":"ok","replicas":3,"readyReplicas":2,"clusterIP":"10.0.0.1","externalIP":"1.2.3.4","nodePort":30080}})";
    for (const std::string& data : {enveloped("node_update", payload), payload}) {
        const auto event = decode_workflow_event("node_update", data);
        REQUIRE(event);
        CHECK(event->kind == WorkflowEvent::Kind::node_update);
        REQUIRE(event->nodes.size() == 1);
        CHECK(event->nodes[0].node_id == "n1");
        CHECK(event->nodes[0].type == "deployment");
        REQUIRE(event->nodes[0].status);
        CHECK(event->nodes[0].status->state == NodeState::healthy);
        CHECK(event->nodes[0].status->replicas == 3);
        CHECK(event->nodes[0].status->ready_replicas == 2);
        CHECK(event->nodes[0].status->cluster_ip == "10.0.0.1");
        CHECK(event->nodes[0].status->external_ip == "1.2.3.4");
        CHECK(event->nodes[0].status->node_port == 30080);
    }
    CHECK_FALSE(decode_workflow_event("node_update", R"({"status":{"state":"healthy"}})"));  // of which node?
    CHECK_FALSE(decode_workflow_event("node_update", R"({"node_id":"n1"})"));                // and what of it?
}

TEST_CASE("workflow status: the snapshot is a raw workflow, its states lie in the nodes' data") {
    const auto event = decode_workflow_event("metadata", R"({"id":"w1","run_count":4,"nodes":[
        {"id":"a","type":"deployment","data":{"name":"x","_status":{"state":"error","message":"no"}}},
        {"id":"b","type":"service","data":{}}, {"type":"lost"}, 7, null]})");
    REQUIRE(event);
    CHECK(event->kind == WorkflowEvent::Kind::snapshot);
    CHECK(event->run_count == 4);
    REQUIRE(event->nodes.size() == 2);
    CHECK(event->nodes[0].status->state == NodeState::error);
    CHECK_FALSE(event->nodes[1].status);
    // A workflow with a member "data" of its own is no envelope.
    const auto odd = decode_workflow_event("metadata", R"({"data":{"nodes":[]},"nodes":[{"id":"a"}]})");
    REQUIRE(odd);
    CHECK(odd->nodes.size() == 1);
}

TEST_CASE("workflow status: a sync lists all nodes, and one that lists none by mistake clears nothing") {
    const auto event = decode_workflow_event("workflow_sync", enveloped("workflow_sync", R"({"nodes":[{"node_id":"a","status":{"state":"pending"}},{"id":"b","data":{"_status":{"state":"running"}}},{"id":"c"}]})"));
    REQUIRE(event);
    CHECK(event->kind == WorkflowEvent::Kind::sync);
    REQUIRE(event->nodes.size() == 3);
    CHECK(event->nodes[0].status->state == NodeState::pending);
    CHECK(event->nodes[1].status->state == NodeState::running);
    CHECK_FALSE(event->nodes[2].status);
    CHECK(decode_workflow_event("workflow_sync", enveloped("workflow_sync", R"({"nodes":null})"))->nodes.empty());
    CHECK_FALSE(decode_workflow_event("workflow_sync", enveloped("workflow_sync", "{}")));
    CHECK_FALSE(decode_workflow_event("workflow_sync", "not json"));
}

TEST_CASE("workflow status: error and complete are plain text, or an object with the text") {
    CHECK(decode_workflow_event("error", "cluster unreachable")->text == "cluster unreachable");
    CHECK(decode_workflow_event("error", R"({"error":"cluster unreachable"})")->text == "cluster unreachable");
    CHECK(decode_workflow_event("error", enveloped("error", R"({"message":"m"})"))->text == "m");
    CHECK(decode_workflow_event("complete", "")->kind == WorkflowEvent::Kind::complete);
    CHECK_FALSE(decode_workflow_event("something_new", "{}"));
}

TEST_CASE("resource status: bare updates, and a status that is a word or an object") {
    const auto first = decode_resource_event("metadata", R"({"id":"r1","name":"web","namespace":"default","type":"Deployment","status":"running","spec":{"replicas":2}})");
    REQUIRE(first);
    CHECK(first->kind == ResourceStatusEvent::Kind::snapshot);
    CHECK(first->status == "running");
    CHECK(first->ns == "default");
    CHECK(first->spec.is_object());
    for (const std::string& data : {std::string(R"({"resource_id":"r1","type":"Deployment","status":{"state":"healthy","readyReplicas":2}})"),
                                    enveloped("status_update", R"({"resource_id":"r1","type":"Deployment","status":{"state":"healthy","readyReplicas":2}})", "resource:r1")}) {
        const auto update = decode_resource_event("status_update", data);
        REQUIRE(update);
        CHECK(update->kind == ResourceStatusEvent::Kind::update);
        CHECK(update->id == "r1");
        CHECK(update->status == "healthy");
        CHECK(update->detail["readyReplicas"] == 2);
    }
    CHECK(decode_resource_event("status_update", R"({"resource_id":"r1","status":{"phase":"Bound"}})")->status == "Bound");
    CHECK(decode_resource_event("error", "gone")->text == "gone");
    CHECK_FALSE(decode_resource_event("status_update", "[]"));
}

TEST_CASE("logs: raw text, an envelope around it, and the seed's parsed object; JSON that a program wrote stays as it is") {
    std::string scratch;
    const std::string raw = "2026-01-01T00:00:00.123456789Z GET / 200";
    const auto line = [&](const std::string& data) {
        const auto event = decode_log_event("log", data, scratch);
        REQUIRE(event);
        CHECK(event->kind == LogEvent::Kind::line);
        return std::string(event->line);
    };
    CHECK(line(raw) == raw);
    CHECK(line("") == "");
    CHECK(line(enveloped("log", R"({"message":"2026-01-01T00:00:00.123456789Z GET / 200"})", "pod-logs:p")) == raw);
    CHECK(line(R"({"id":"1","timestamp":"2026-01-01T00:00:00.123456789Z","message":"GET \u002f 200","raw":"2026-01-01T00:00:00.123456789Z GET \u002f 200"})") == raw);
    for (const std::string own : {R"({"level":"info","message":"started","data":{"port":80}})", R"({"message":"a","type":"x"})", R"({"raw":"only"})", "{not json", R"({"event_type":"x","data":"text","message":"m"})"}) {
        CHECK(line(own) == own);
    }
    const auto meta = decode_log_event("metadata", R"({"pod":"web-0","container":"web","namespace":"default","cluster":"demo"})", scratch);
    REQUIRE(meta);
    CHECK(meta->pod == "web-0");
    CHECK(meta->ns == "default");
    CHECK(decode_log_event("complete", "The log has ended.", scratch)->kind == LogEvent::Kind::complete);
    CHECK(decode_log_event("error", R"({"error":"no such pod"})", scratch)->text == "no such pod");
    CHECK_FALSE(decode_log_event("metadata", "text", scratch));
    CHECK_FALSE(decode_log_event("ping", "", scratch));
}

TEST_CASE("log fields: enveloped, bare and plain, with and without escapes, and nothing kept from the line before") {
    LogFieldReader reader;
    const auto first = reader.read(R"({"type":"log","stream_key":"build:b","event_type":"log","timestamp":"2026-01-01T00:00:00Z","data":{"stage":"build","message":"a\nb","level":"info"}})");
    CHECK(first.timestamp == "2026-01-01T00:00:00Z");
    CHECK(first.stage == "build");
    CHECK(first.level == "info");
    CHECK(first.message == "a\nb");
    const auto bare = reader.read(R"({"message":"plain","pod":"web-0","timestamp":"2026-01-01T00:00:01Z","n":[1,{"message":"no"}]})");
    CHECK(bare.message == "plain");
    CHECK(bare.source == "web-0");
    CHECK(bare.stage.empty());
    CHECK(bare.level.empty());
    for (const std::string& text : {std::string("2026-01-01T00:00:00Z GET /"), std::string(), std::string("{broken"), std::string(R"({"level":"info"})"), std::string(R"({"message":7})")}) {
        CHECK(reader.read(text).message == text);
        CHECK(reader.read(text).level.empty());
    }
}

TEST_CASE("builds: a raw camelCase snapshot, enveloped snake_case events") {
    using Kind = BuildEvent::Kind;
    const auto snapshot = decode_build_event("metadata", R"({"id":"b1","status":"building","currentStage":"build","progress":40.4,"finalImageRef":"","errorMessage":""})");
    REQUIRE(snapshot);
    CHECK(snapshot->kind == Kind::snapshot);
    CHECK(snapshot->id == "b1");
    CHECK(snapshot->stage == "build");
    CHECK(snapshot->percent == 40);
    CHECK(snapshot->raw["id"] == "b1");
    CHECK(decode_build_event("metadata", R"({"build":{"id":"b2"}})")->id == "b2");
    const auto log = decode_build_event("log", enveloped("log", R"({"stage":"clone","message":"Cloning…","level":"info"})", "build:b1"));
    REQUIRE(log);
    CHECK(log->log.stage == "clone");
    CHECK(log->log.message == "Cloning…");
    CHECK(log->log.level == "info");
    CHECK(decode_build_event("log", "plain words")->log.message == "plain words");
    const auto progress = decode_build_event("progress", enveloped("progress", R"({"status":"pushing","current_stage":"push","progress":180})", "build:b1"));
    CHECK(progress->percent == 100);
    CHECK(progress->status == "pushing");
    CHECK(progress->stage == "push");
    const auto done = decode_build_event("complete", enveloped("complete", R"({"final_image_ref":"r/x:1","image_digest":"sha256:ab"})", "build:b1"));
    CHECK(done->kind == Kind::complete);
    CHECK(done->image_ref == "r/x:1");
    CHECK(done->image_digest == "sha256:ab");
    const auto failed = decode_build_event("failed", enveloped("failed", R"({"error_message":"no Dockerfile","error_stage":"build"})", "build:b1"));
    CHECK(failed->kind == Kind::failed);
    CHECK(failed->error_message == "no Dockerfile");
    CHECK(failed->error_stage == "build");
    CHECK(decode_build_event("cancelled", "")->kind == Kind::cancelled);
}

TEST_CASE("builds: one that is over answers complete with its bare status, whichever end it was") {
    using Kind = BuildEvent::Kind;
    CHECK(decode_build_event("complete", R"({"status":"completed"})")->kind == Kind::complete);
    CHECK(decode_build_event("complete", R"({"status":"failed"})")->kind == Kind::failed);
    CHECK(decode_build_event("complete", R"({"status":"cancelled"})")->kind == Kind::cancelled);
    CHECK_FALSE(decode_build_event("progress", "half way"));
    CHECK_FALSE(decode_build_event("complete", "{broken"));
    CHECK_FALSE(decode_build_event("heartbeat", "{}"));
}

TEST_CASE("imports: analysis enveloped, bare, and in the snapshot; failures in both shapes") {
    using Kind = ImportEvent::Kind;
    const std::string analysis = R"({"detectedType":"docker-compose","services":[{"name":"web"}],"suggestedNodes":[],"suggestedEdges":[]})";
    const auto enveloped_one = decode_import_event("complete", enveloped("complete", R"({"analysis":)" + analysis + "}", "import:s1"));
    REQUIRE(enveloped_one);
    CHECK(enveloped_one->kind == Kind::complete);
    CHECK(enveloped_one->analysis["detectedType"] == "docker-compose");
    const auto bare = decode_import_event("complete", analysis);
    REQUIRE(bare);
    CHECK(bare->analysis == enveloped_one->analysis);
    const auto snapshot = decode_import_event("metadata", R"({"id":"s1","status":"completed","currentStage":"done","progress":100,"analysis":)" + analysis + "}");
    CHECK(snapshot->analysis["services"].size() == 1);
    CHECK(snapshot->percent == 100);
    CHECK(decode_import_event("metadata", R"({"id":"s1","status":"cloning"})")->analysis.is_null());
    CHECK(decode_import_event("failed", enveloped("failed", R"({"error_message":"no access","error_stage":"cloning"})", "import:s1"))->error_stage == "cloning");
    CHECK(decode_import_event("failed", R"({"error":"no access"})")->error_message == "no access");
    CHECK(decode_import_event("failed", "no access")->error_message == "no access");
    const auto log = decode_import_event("log", R"({"stage":"analyzing","message":"2 services","level":"info"})");
    CHECK(log->log.message == "2 services");
    const auto progress = decode_import_event("progress", R"({"status":"analyzing","current_stage":"analyzing","progress":60})");
    CHECK(progress->percent == 60);
    CHECK(progress->stage == "analyzing");
    CHECK_FALSE(decode_import_event("complete", "{}"));
    CHECK_FALSE(decode_import_event("cancelled", "{}"));
}

TEST_CASE("alerts and notifications: what they are told by must be there") {
    CHECK(decode_alert_event("connected", R"({"status":"connected"})")->kind == AlertEvent::Kind::connected);
    const auto fired = decode_alert_event("alert_fired", enveloped("alert_fired", R"({"event_id":"e1","rule_id":"r1","severity":"critical","message":"down","type":"node_status"})", "alerts"));
    REQUIRE(fired);
    CHECK(fired->kind == AlertEvent::Kind::fired);
    CHECK(fired->event_id == "e1");
    CHECK(fired->severity == "critical");
    CHECK(fired->type == "node_status");
    CHECK(decode_alert_event("alert_resolved", R"({"event_id":"e1"})")->kind == AlertEvent::Kind::resolved);
    CHECK_FALSE(decode_alert_event("alert_fired", R"({"severity":"critical"})"));
    CHECK(decode_notification_event("connected", R"({"unreadCount":7})")->unread == 7);
    CHECK(decode_notification_event("connected", R"({"unreadCount":-7})")->unread == 0);
    CHECK(decode_notification_event("new_notification", R"({"id":"n1","title":"t"})")->item["title"] == "t");
    CHECK_FALSE(decode_notification_event("new_notification", R"({"title":"t"})"));
}

TEST_CASE("no payload of any shape or size makes a decoder fail otherwise than by nothing") {
    const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
    std::string scratch;
    for (const char* type : {"metadata", "node_update", "workflow_sync", "status_update", "log", "progress", "complete", "failed", "cancelled", "error", "alert_fired", "connected", "new_notification"}) {
        for (const std::string& data : {std::string(), std::string("null"), std::string("[]"), std::string("{\"data\":{\"data\":{}},\"type\":1}"), std::string("\xff\xfe"), deep,
                                        std::string("{\"nodes\":") + deep + "}"}) {
            (void)decode_workflow_event(type, data);
            (void)decode_resource_event(type, data);
            (void)decode_log_event(type, data, scratch);
            (void)decode_build_event(type, data);
            (void)decode_import_event(type, data);
            (void)decode_alert_event(type, data);
            (void)decode_notification_event(type, data);
        }
        CHECK_FALSE(decode_workflow_event("metadata", deep));
    }
}
