#include "kube/api_server.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "base/url.hpp"
#include "kube/api_json.hpp"
#include "kube/api_log.hpp"
#include "kube/api_read.hpp"
#include "kube/api_reviews.hpp"
#include "kube/api_write.hpp"
#include "kube/discovery.hpp"
#include "kube/watch_stream.hpp"

namespace kube::api {
namespace {

using Writer = std::shared_ptr<net::ResponseWriter>;

constexpr std::size_t kMaxManagerBytes = 128;
constexpr std::string_view kPatchTypes =
    "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml, application/strategic-merge-patch+json";

net::Response json_response(int status, std::string body) {
    return {status, {{"Content-Type", "application/json"}, {"Cache-Control", "no-cache, private"}}, std::move(body)};
}
net::Response json_response(int status, const Json& body) { return json_response(status, dump(body)); }
net::Response error_response(const ApiError& error) {
    net::Response response = json_response(error.code, to_status(error));
    if (error.code == 504) response.headers.set("Retry-After", "1");
    return response;
}
net::Response text_response(std::string_view body) { return {200, {{"Content-Type", "text/plain; charset=utf-8"}}, std::string(body)}; }

Json deleted_status(const ResourceType& type, const Json& object) {
    Json details{{"name", name_of(object)}, {"kind", type.plural}, {"uid", uid_of(object)}};
    if (!type.group.empty()) details["group"] = type.group;
    return Json{{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", Json::object()}, {"status", "Success"}, {"details", std::move(details)}};
}

// exec, attach and port-forward need a terminal in the node, which this cluster has not got yet. kubectl prints the message.
ApiError refuse_session(std::string_view subresource) {
    const std::string what = subresource == "portforward" ? "port-forward" : std::string(subresource);
    return {501, "NotImplemented",
            "the in-memory cluster runs simulated containers: there is nothing to " + what + " into yet. Read their output with kubectl logs", nullptr};
}

// The name of a client for managedFields: what it says, else what it is ("kubectl/v1.31 (...)" is kubectl).
std::string manager_of(const net::ServerRequest& request, const base::Query& query) {
    if (const auto said = query.get("fieldManager"); !said.empty()) return std::string(said);
    const auto agent = request.headers.get("User-Agent");
    const std::string name = base::to_valid_utf8(base::utf8_prefix(agent.substr(0, agent.find('/')), kMaxManagerBytes));
    return name.empty() ? "unknown" : name;
}

}  // namespace

class ApiServer::Impl {
public:
    Impl(ApiPorts ports, ApiOptions options)
        : ports_(ports),
          options_(options),
          custom_(ports.store, ports.scheduler, schema_, kinds_),
          objects_(ports.store, ports.scheduler, ports.random, schema_),
          watches_(ports.store, ports.scheduler, ports.random, options.bookmark_interval_ms) {}

    void handle(const net::ServerRequest& request, const Writer& writer) {
        auto target = base::parse_target(request.target);
        if (!target) return writer->respond(error_response(bad_request(target.error().message)));
        if (request.body.size() > options_.max_body_bytes) return writer->respond(error_response(too_large_body(options_.max_body_bytes)));
        const bool reads = request.method == "GET" || request.method == "HEAD";
        if (reads) {
            if (auto answer = fixed_answer(*target)) return writer->respond(std::move(*answer));
        }
        if (request.method == "POST" && is_review_path(target->segments)) return writer->respond(review(*target, request));
        auto path = parse_resource_path(target->segments, kinds_);
        if (!path) return writer->respond(error_response(path.error()));
        if (!path->subresource.empty()) {
            if (auto ok = serve_subresource(request, *path, target->query, writer); !ok) writer->respond(error_response(ok.error()));
            return;
        }
        auto answer = serve(request, *path, target->query, writer);
        if (!answer) return writer->respond(error_response(answer.error()));
        if (*answer) writer->respond(std::move(**answer));
    }

    ApiPorts ports_;
    ApiOptions options_;
    Schema schema_;
    ResourceCatalogue kinds_;
    CustomResources custom_;
    ObjectWriter objects_;
    WatchStreams watches_;
    LogSource* logs_ = nullptr;

private:
    // Nothing when the answer is a stream that has begun.
    using Answer = ApiResult<std::optional<net::Response>>;

    [[nodiscard]] std::optional<net::Response> fixed_answer(const base::Target& target) const {
        const auto& at = target.segments;
        if (at.size() == 1) {
            if (at[0] == "healthz" || at[0] == "livez" || at[0] == "readyz") return text_response("ok");
            if (at[0] == "version") return json_response(200, version_info());
            if (at[0] == "api") return json_response(200, api_versions());
            if (at[0] == "apis") return json_response(200, api_group_list(kinds_));
        }
        // kubectl accepts an empty document for "there is nothing to validate against".
        if (target.path == "/openapi/v2") {
            return net::Response{200, {{"Content-Type", "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"}}, ""};
        }
        std::optional<Json> found;
        if (at.size() == 2 && at[0] == "api") found = api_resource_list(kinds_, "", at[1]);
        if (at.size() == 2 && at[0] == "apis") found = api_group(kinds_, at[1]);
        if (at.size() == 3 && at[0] == "apis") found = api_resource_list(kinds_, at[1], at[2]);
        if (!found) return std::nullopt;
        return json_response(200, *found);
    }

    net::Response review(const base::Target& target, const net::ServerRequest& request) const {
        auto body = parse_body(request.body);
        if (!body) return error_response(body.error());
        auto answer = answer_review(target.segments.back(), std::move(*body));
        if (!answer) return error_response(answer.error());
        return json_response(201, *answer);
    }

    Answer serve(const net::ServerRequest& request, const ResourcePath& path, const base::Query& query, const Writer& writer) {
        const auto form = parse_accept(request.headers.get("Accept"));
        if (!form) return fail(form.error());
        if (request.method == "GET" || request.method == "HEAD") return read(request, path, query, *form, writer);
        if (request.method == "DELETE") return path.name.empty() ? remove_many(request, path, query) : remove_one(request, path, query);
        const bool known = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
        if (!known || (request.method == "POST") != path.name.empty()) return fail(method_not_allowed());
        if (path.type->namespaced && path.ns.empty()) return fail(method_not_allowed());
        auto written = write(request, path, query);
        if (!written) return fail(written.error());
        return respond_object(*written, *path.type, *form, query);
    }

    Answer respond_object(const Written& written, const ResourceType& type, const AnswerForm& form, const base::Query& query) const {
        const auto include = parse_include_object(query);
        if (!include) return fail(include.error());
        return json_response(written.created ? 201 : 200, encode_object(type, *written.object, form, *include, now_ms()));
    }

    Answer read(const net::ServerRequest& request, const ResourcePath& path, const base::Query& query, const AnswerForm& form, const Writer& writer) {
        const auto include = parse_include_object(query);
        if (!include) return fail(include.error());
        const auto watch = parse_flag(query, "watch");
        if (!watch) return fail(watch.error());
        if (!path.name.empty() && !*watch) {
            const ObjectPtr object = ports_.store.get(key_of(path));
            if (!object) return fail(not_found(*path.type, path.name));
            return json_response(200, encode_object(*path.type, *object, form, *include, now_ms()));
        }
        auto selection = parse_selection(query, *path.type, path.name);
        if (!selection) return fail(selection.error());
        if (*watch && request.method == "GET") {
            auto wanted = parse_watch(ports_.store, path, std::move(*selection), query, form);
            if (!wanted) return fail(wanted.error());
            watches_.open(std::move(*wanted), writer);
            return std::nullopt;
        }
        const auto page = list_page(ports_.store, path, *selection, query);
        if (!page) return fail(page.error());
        return json_response(200, encode_list(*path.type, *page, form, *include, now_ms()));
    }

    ApiResult<WriteRequest> write_request(const net::ServerRequest& request, const ResourcePath& path, const base::Query& query) const {
        WriteRequest out{path, manager_of(request, query), false, false};
        if (out.manager.size() > kMaxManagerBytes) return fail(bad_request("fieldManager: may not be more than 128 bytes"));
        for (const auto value : query.all("dryRun")) {
            if (value == "All") out.dry_run = true;
            else if (!value.empty()) return fail(bad_request("dryRun: Unsupported value: " + dump(value.substr(0, 80)) + ": supported values: \"All\""));
        }
        const auto force = parse_flag(query, "force");
        if (!force) return fail(force.error());
        out.force = *force;
        return out;
    }

    ApiResult<Written> write(const net::ServerRequest& request, const ResourcePath& path, const base::Query& query) {
        auto wanted = write_request(request, path, query);
        if (!wanted) return fail(wanted.error());
        const std::string media = media_type(request.headers.get("Content-Type"));
        if (request.method == "PATCH") return patch(*wanted, media, query, request.body);
        if (!media.empty() && media != "application/json") {
            return fail(unsupported_media("application/json"));
        }
        auto body = parse_body(request.body);
        if (!body) return fail(body.error());
        if (request.method == "POST") return objects_.create(*wanted, std::move(*body));
        return objects_.replace(*wanted, std::move(*body));
    }

    ApiResult<Written> patch(const WriteRequest& wanted, const std::string& media, const base::Query& query, std::string_view body_text) {
        PatchKind kind = PatchKind::json;
        if (media == "application/merge-patch+json") kind = PatchKind::merge;
        else if (media == "application/strategic-merge-patch+json") kind = PatchKind::strategic;
        else if (media == "application/apply-patch+yaml" || media == "application/apply-patch+json") kind = PatchKind::apply;
        else if (media != "application/json-patch+json") return fail(unsupported_media(kPatchTypes));

        static constexpr ResourceType kPatchOptions{"meta.k8s.io", "v1", "patchoptions", "patchoptions", "PatchOptions", ""};
        Causes causes;
        if (kind == PatchKind::apply && query.get("fieldManager").empty()) causes.required("fieldManager", "is required for apply patch");
        if (kind != PatchKind::apply && query.has("force")) causes.forbidden("force", "may not be specified for non-apply patch");
        if (!causes.empty()) return fail(invalid(kPatchOptions, "", causes));
        auto body = parse_body(body_text);
        if (!body && kind == PatchKind::apply && !base::trim(body_text).starts_with('{')) {
            ApiError error = unsupported_media("application/apply-patch+yaml");
            error.message += " (with a JSON document as its body: this server reads the JSON subset of YAML)";
            return fail(std::move(error));
        }
        if (!body) return fail(body.error());
        return objects_.patch(wanted, kind, std::move(*body));
    }

    Answer remove_one(const net::ServerRequest& request, const ResourcePath& path, const base::Query& query) {
        const auto options = parse_delete_options(request.body, query);
        if (!options) return fail(options.error());
        const auto deleted = objects_.remove(*path.type, key_of(path), *options);
        if (!deleted) return fail(deleted.error());
        // A pod is shown as it was; of most kinds only that it is gone.
        if (!deleted->is_gone || path.type->is("pods")) return json_response(200, encode_plain(*path.type, *deleted->object));
        return json_response(200, deleted_status(*path.type, *deleted->object));
    }

    Answer remove_many(const net::ServerRequest& request, const ResourcePath& path, const base::Query& query) {
        if (path.type->is("namespaces") || (path.type->namespaced && path.ns.empty())) return fail(method_not_allowed());
        const auto options = parse_delete_options(request.body, query);
        if (!options) return fail(options.error());
        const auto selection = parse_selection(query, *path.type);
        if (!selection) return fail(selection.error());
        ListPage page;
        for (const ObjectPtr& object : ports_.store.list(path.type->store_key(), path.ns)) {
            if (!selection->matches(*object)) continue;
            auto deleted = objects_.remove(*path.type, {std::string(path.type->store_key()), namespace_of(*object), name_of(*object)}, *options);
            if (!deleted) return fail(deleted.error());
            page.items.push_back(deleted->object);
        }
        page.resource_version = ports_.store.resource_version();
        return json_response(200, encode_list(*path.type, page, {}, IncludeObject::none, now_ms()));
    }

    ApiResult<void> serve_subresource(const net::ServerRequest& request, const ResourcePath& path, const base::Query& query, const Writer& writer) {
        const auto& sub = path.subresource;
        const auto& type = *path.type;
        const bool reads = request.method == "GET" || request.method == "HEAD";
        if (type.is("pods") && sub == "log") return reads ? log(path, query, writer) : fail(method_not_allowed());
        if (type.is("pods") && (sub == "exec" || sub == "attach" || sub == "portforward")) {
            return fail(refuse_session(sub));
        }
        if (type.is("pods") && (sub == "binding" || sub == "eviction")) return act_on_pod(request, path, query, writer);
        const bool known = (sub == "status" && type.has_status) || (sub == "scale" && type.has_scale) || (sub == "finalize" && type.is("namespaces"));
        if (!known) return fail(unknown_path());
        const auto form = parse_accept(request.headers.get("Accept"));
        if (!form) return fail(form.error());
        Written result;
        if (reads) {
            result.object = ports_.store.get(key_of(path));
            if (!result.object) return fail(not_found(type, path.name));
        } else if (request.method == "PUT" || (request.method == "PATCH" && sub != "finalize")) {
            auto written = write(request, path, query);
            if (!written) return fail(written.error());
            result = std::move(*written);
        } else {
            return fail(method_not_allowed());
        }
        if (sub == "scale") {
            writer->respond(json_response(200, ObjectWriter::scale_of(type, *result.object)));
            return {};
        }
        auto answer = respond_object(result, type, *form, query);
        if (!answer) return fail(answer.error());
        if (*answer) writer->respond(std::move(**answer));
        return {};
    }

    ApiResult<void> log(const ResourcePath& path, const base::Query& query, const Writer& writer) {
        const ObjectPtr pod = ports_.store.get(key_of(path));
        if (!pod) return fail(not_found(*path.type, path.name));
        const auto options = parse_log_request(*pod, query);
        if (!options) return fail(options.error());
        if (!logs_) return fail({503, "ServiceUnavailable", "no node of this cluster serves logs", nullptr});
        if (auto opened = logs_->open(key_of(path), *options, writer); !opened) return fail(bad_request(opened.error().message));
        return {};
    }

    ApiResult<void> act_on_pod(const net::ServerRequest& request, const ResourcePath& path, const base::Query& query, const Writer& writer) {
        if (request.method != "POST") return fail(method_not_allowed());
        auto body = parse_body(request.body);
        if (!body) return fail(body.error());
        const ObjectPtr pod = ports_.store.get(key_of(path));
        if (!pod) return fail(not_found(*path.type, path.name));
        const Json done{{"kind", "Status"}, {"apiVersion", "v1"}, {"metadata", Json::object()}, {"status", "Success"}, {"code", 201}};
        if (path.subresource == "eviction") {
            erase_nulls(*body);
            const Json* wanted = child(*body, "deleteOptions");
            const auto options = parse_delete_options(wanted ? dump(*wanted) : std::string(), query);
            if (!options) return fail(options.error());
            if (auto deleted = objects_.remove(*path.type, key_of(path), *options); !deleted) return fail(deleted.error());
        } else {
            const std::string node = text(*body, {"target", "name"});
            if (node.empty()) return fail(bad_request("Binding: target.name is required"));
            if (!text(*pod, {"spec", "nodeName"}).empty()) {
                return fail(conflict(*path.type, path.name, "pod " + path.name + " is already assigned to node \"" + text(*pod, {"spec", "nodeName"}) + "\""));
            }
            auto bound = ports_.store.modify(key_of(path), [&](Json& changed) { member(changed, {"spec"})["nodeName"] = node; });
            if (!bound) return fail(internal_error(bound.error().message));
        }
        writer->respond(json_response(201, done));
        return {};
    }

    [[nodiscard]] std::int64_t now_ms() const { return ports_.scheduler.clock().unix_ms(); }
};

ApiServer::ApiServer(ApiPorts ports, ApiOptions options) : impl_(std::make_unique<Impl>(ports, options)) {}
ApiServer::~ApiServer() = default;

void ApiServer::set_logs(LogSource* logs) { impl_->logs_ = logs; }

void ApiServer::handle(net::ServerRequest request, std::shared_ptr<net::ResponseWriter> writer) { impl_->handle(request, writer); }

void ApiServer::reload() { impl_->custom_.reload(); }

std::size_t ApiServer::open_watches() const { return impl_->watches_.size(); }

void create_system_objects(ObjectStore& store) {
    for (const char* name : {"default", "kube-node-lease", "kube-public", "kube-system"}) {
        const ObjectKey key{"namespaces", "", name};
        if (store.get(key)) continue;
        [[maybe_unused]] const auto made = store.create(
            key, Json{{"apiVersion", "v1"},
                      {"kind", "Namespace"},
                      {"metadata", {{"labels", {{"kubernetes.io/metadata.name", name}}}}},
                      {"spec", {{"finalizers", Json::array({"kubernetes"})}}},
                      {"status", {{"phase", "Active"}}}});
    }
    const ObjectKey key{"services", "default", "kubernetes"};
    if (store.get(key)) return;
    [[maybe_unused]] const auto made = store.create(
        key, Json{{"apiVersion", "v1"},
                  {"kind", "Service"},
                  {"metadata", {{"labels", {{"component", "apiserver"}, {"provider", "kubernetes"}}}}},
                  {"spec",
                   {{"type", "ClusterIP"},
                    {"clusterIP", "10.96.0.1"},
                    {"clusterIPs", Json::array({"10.96.0.1"})},
                    {"ipFamilies", Json::array({"IPv4"})},
                    {"ipFamilyPolicy", "SingleStack"},
                    {"internalTrafficPolicy", "Cluster"},
                    {"sessionAffinity", "None"},
                    {"ports", Json::array({Json{{"name", "https"}, {"port", 443}, {"protocol", "TCP"}, {"targetPort", 6443}}})}}},
                  {"status", {{"loadBalancer", Json::object()}}}});
}

}  // namespace kube::api
