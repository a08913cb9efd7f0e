// Compose services as nodes. What each key becomes is in docs/import.md.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "hub/image_reference.hpp"
#include "hub/import_compose_values.hpp"
#include "hub/import_formats.hpp"

namespace hub {

namespace {

struct Dependency {
    std::string service;
    bool completed = false;  // service_completed_successfully
    int line = 0;
};

struct Service {
    std::string key;      // as in the file
    std::string name;     // as Kubernetes takes it
    const Json* json = nullptr;
    const YamlMark* mark = nullptr;
    std::string image;
    std::vector<ComposePort> ports;
    std::vector<Dependency> depends_on;
    bool runs_to_end = false;
    int rank = 0;            // how long the longest chain of those that depend on it is
    std::size_t node = ImportDraft::kNone;
};

// What a service may have that nodes have no place for, and why that matters or does not.
struct Unsupported {
    std::string_view field;
    std::string_view words;
};
constexpr std::array kUnsupported = std::to_array<Unsupported>({
    {"healthcheck", "Nodes have no probes: Kubernetes takes the container as healthy as long as it runs."},
    {"env_file", "The file is not part of the import. Add its variables to the node."},
    {"network_mode", "Every pod has an address of its own; the network of the host is not used."},
    {"privileged", "Containers do not run privileged."},
    {"cap_add", "Capabilities are not carried over."},
    {"cap_drop", "Capabilities are not carried over."},
    {"devices", "Devices of the host are not carried over."},
    {"pid", "Namespaces of the host are not carried over."},
    {"ipc", "Namespaces of the host are not carried over."},
    {"security_opt", "Security options are not carried over."},
    {"sysctls", "Kernel settings are not carried over."},
    {"ulimits", "Limits of the process are not carried over."},
    {"extra_hosts", "Host names that are given by hand are not carried over."},
    {"dns", "DNS settings are not carried over."},
    {"user", "The user of the image is used."},
    {"working_dir", "The working directory of the image is used."},
    {"tmpfs", "Temporary file systems are not carried over."},
    {"volumes_from", "Volumes of another service are not carried over; name them in both."},
    {"links", "Services reach each other by name; aliases of links do not exist."},
    {"external_links", "Containers outside of this file cannot be reached by name."},
    {"extends", "What is extended is not part of the import. Run docker compose config first, which writes it out."},
    {"develop", {}},
    {"init", {}},
});
constexpr std::array kKnown = std::to_array<std::string_view>(
    {"image", "build", "command", "entrypoint", "environment", "ports", "expose", "volumes", "depends_on", "networks", "deploy", "scale", "secrets", "configs", "restart", "container_name",
     "hostname", "labels", "annotations", "logging", "profiles", "stop_grace_period", "stop_signal", "pull_policy", "platform", "stdin_open", "tty", "mem_limit", "mem_reservation", "cpus", "attach",
     "domainname", "shm_size", "read_only", "group_add", "runtime", "isolation", "oom_score_adj", "mac_address", "label_file", "post_start", "pre_stop"});

class ComposeReader {
public:
    ComposeReader(const YamlDocument& document, const std::string& ns, ImportDraft& draft) : json_(document.value), marks_(document.marks), ns_(ns), draft_(draft) {}

    void run() {
        if (json_.contains("include")) draft_.error({.code = "include", .message = "Included files are not part of the import. Run docker compose config first, which writes them out.", .field = "include", .line = line_of(marks_, {"include"})});
        const Json& services = value_at(json_, "services");
        if (!services.is_object() || services.empty()) {
            return draft_.error({.code = "no_services", .message = "\"services\" has no services in it.", .field = "services", .line = line_of(marks_, {"services"})});
        }
        read_services(services);
        check_dependencies();
        for (Service& service : services_) make_workload(service);
        make_volumes();
        make_configs();
        make_secrets();
        describe();
    }

private:
    // ---- reading -----------------------------------------------------------------------------------------------------------------

    int line(const Service& service, std::initializer_list<YamlStep> path) const { return line_of(*service.mark, path); }
    void warn(const Service& service, std::string_view code, std::string message, std::string field, int at) {
        draft_.warn({.code = std::string(code), .message = std::move(message), .service = service.key, .field = std::move(field), .line = at});
    }
    void error(const Service& service, std::string_view code, std::string message, std::string field, int at) {
        draft_.error({.code = std::string(code), .message = std::move(message), .service = service.key, .field = std::move(field), .line = at});
    }

    // A text with its variables put in; those without a value are told once for each field.
    std::string text(const Service& service, const Json& value, std::string_view field) {
        Interpolated result = interpolate(scalar_words(value));
        if (!result.missing.empty() && told_missing_.insert(service.key + "/" + std::string(field) + "/" + result.missing.front()).second) {
            warn(service, "variable", "$" + result.missing.front() + " has no value here; it is left out. Give it a default, or edit the node.", std::string(field), line(service, {field}));
        }
        return std::move(result.text);
    }

    void read_services(const Json& services) {
        std::set<std::string> names;
        services_.reserve(services.size());
        for (const auto& [key, value] : services.items()) {
            const YamlMark& mark = mark_at(marks_, {"services", key});
            Service service{.key = key, .name = kube_name(key, true), .json = &value, .mark = &mark, .image = {}, .ports = {}, .depends_on = {}};
            if (!value.is_object()) {
                error(service, "not_a_service", "\"" + key + "\" is no mapping of settings.", {}, mark.line);
                continue;
            }
            const std::string wanted = service.name;
            for (int i = 2; !names.insert(service.name).second; ++i) service.name = wanted + "-" + std::to_string(i);
            if (service.name != key) warn(service, "renamed", "\"" + key + "\" is called " + service.name + ", as Kubernetes names have only lower case letters, digits and '-'. Others reach it by this name.", {}, mark.line);
            service.image = text(service, value_at(value, "image"), "image");
            read_ports(service);
            read_depends_on(service);
            index_[key] = services_.size();
            services_.push_back(std::move(service));
            if (services_.size() >= ImportDraft::kMaxNodes) break;  // the draft takes no more
        }
    }

    void read_ports(Service& service) {
        for (const char* list : {"ports", "expose"}) {
            const Json& ports = array_at(*service.json, list);
            for (std::size_t i = 0; i < ports.size(); ++i) {
                const auto parsed = parse_compose_port(ports[i]);
                const std::string field = std::string(list) + "[" + std::to_string(i) + "]";
                const int at = line(service, {list, i});
                if (!parsed) {
                    error(service, "invalid_port", "\"" + scalar_words(ports[i]) + "\" is no port. Write it as \"8080:80\", or \"80\".", field, at);
                    continue;
                }
                for (ComposePort port : *parsed) {
                    if (list == std::string_view("expose")) port.published = 0;
                    const bool known = std::any_of(service.ports.begin(), service.ports.end(), [&](const ComposePort& other) { return other.target == port.target && other.protocol == port.protocol; });
                    if (known) continue;
                    if (port.published > 0 && !told_published_) {
                        told_published_ = true;
                        warn(service, "published_port", "Port " + std::to_string(port.published) + " of the host is not opened: services are reached inside of the cluster only. To open one, add an Ingress or change the type of its Service.", field, at);
                    }
                    service.ports.push_back(std::move(port));
                }
            }
        }
    }

    void read_depends_on(Service& service) {
        const Json& value = value_at(*service.json, "depends_on");
        if (value.is_array()) {
            for (std::size_t i = 0; i < value.size(); ++i) service.depends_on.push_back({scalar_words(value[i]), false, line(service, {"depends_on", i})});
        } else if (value.is_object()) {
            for (const auto& [name, how] : value.items()) {
                service.depends_on.push_back({name, text_at(how, "condition") == "service_completed_successfully", line(service, {"depends_on", name})});
            }
        }
    }

    // ---- what depends on what -------------------------------------------------------------------------------------------------------

    void check_dependencies() {
        std::vector<std::vector<std::size_t>> needs(services_.size());
        std::vector<std::size_t> waiting(services_.size(), 0);  // how many depend on it
        for (std::size_t i = 0; i < services_.size(); ++i) {
            for (const Dependency& dependency : services_[i].depends_on) {
                const auto found = index_.find(dependency.service);
                if (found == index_.end()) {
                    error(services_[i], "unknown_service", "It depends on \"" + dependency.service + "\", which is no service of this file.", "depends_on", dependency.line);
                    continue;
                }
                Service& needed = services_[found->second];
                if (dependency.completed) needed.runs_to_end = true;
                needs[i].push_back(found->second);
                ++waiting[found->second];
            }
        }
        // Kahn's algorithm from those that nobody needs; what is left over stands on a cycle, or is only needed from one.
        std::vector<std::size_t> free;
        for (std::size_t i = 0; i < services_.size(); ++i) {
            if (waiting[i] == 0) free.push_back(i);
        }
        std::size_t sorted = 0;
        while (!free.empty()) {
            const std::size_t at = free.back();
            free.pop_back();
            ++sorted;
            for (const std::size_t need : needs[at]) {
                services_[need].rank = std::max(services_[need].rank, services_[at].rank + 1);
                if (--waiting[need] == 0) free.push_back(need);
            }
        }
        if (sorted < services_.size()) report_cycle(needs, waiting);
    }

    void report_cycle(const std::vector<std::vector<std::size_t>>& needs, const std::vector<std::size_t>& waiting) {
        // Against the arrows one always finds another that is left over, so the walk meets itself.
        std::vector<std::size_t> needed_by(services_.size(), services_.size());
        for (std::size_t i = 0; i < needs.size(); ++i) {
            if (waiting[i] == 0) continue;
            for (const std::size_t need : needs[i]) needed_by[need] = i;
        }
        std::size_t at = static_cast<std::size_t>(std::find_if(waiting.begin(), waiting.end(), [](std::size_t count) { return count > 0; }) - waiting.begin());
        for (std::size_t i = 0; i < services_.size(); ++i) at = needed_by[at];
        std::string path = services_[at].key;
        std::size_t next = needed_by[at];
        std::size_t length = 0;
        for (; next != at && length < 8; next = needed_by[next], ++length) path = services_[next].key + " → " + path;
        path = (next != at ? "… → " : services_[at].key + " → ") + path;
        error(services_[at], "depends_on_cycle", "These services wait for each other and would never start: " + path + ".", "depends_on", line(services_[at], {"depends_on"}));
    }

    // ---- workloads ------------------------------------------------------------------------------------------------------------------

    std::vector<ComposeMount> named_mounts(const Service& service) {
        std::vector<ComposeMount> named;
        const Json& volumes = array_at(*service.json, "volumes");
        for (std::size_t i = 0; i < volumes.size(); ++i) {
            const std::string field = "volumes[" + std::to_string(i) + "]";
            const int at = line(service, {"volumes", i});
            const auto mount = parse_compose_mount(volumes[i]);
            if (!mount) {
                error(service, "invalid_volume", "\"" + scalar_words(volumes[i]) + "\" is no volume. Write it as \"name:/path\".", field, at);
                continue;
            }
            switch (mount->kind) {
                case ComposeMount::Kind::named: named.push_back(*mount); break;
                case ComposeMount::Kind::bind:
                    warn(service, "bind_mount", "The folder " + mount->source + " of the host is not part of the import. Put what is in it into the image, a ConfigMap or a volume.", field, at);
                    break;
                case ComposeMount::Kind::anonymous: warn(service, "anonymous_volume", "The volume at " + mount->target + " has no name and is left out; its data would end with the container.", field, at); break;
                case ComposeMount::Kind::tmpfs: warn(service, "tmpfs", "The temporary file system at " + mount->target + " is left out.", field, at); break;
            }
        }
        return named;
    }

    NodeKind kind_of(const Service& service, const std::vector<ComposeMount>& mounts) const {
        const std::string mode = text_at(*service.json, "deploy", "mode");
        if (service.runs_to_end || mode == "replicated-job" || mode == "global-job") return NodeKind::job;
        if (mode == "global") return NodeKind::daemonset;
        return is_database_image(service.image) && mounts.size() == 1 && !is_external("volumes", mounts.front().source) ? NodeKind::statefulset : NodeKind::deployment;
    }

    [[nodiscard]] bool is_external(const char* section, const std::string& name) const {
        const Json& value = value_at(json_, section, name, "external");
        return value.is_object() || (value.is_boolean() && value.get<bool>());
    }

    void make_workload(Service& service) {
        const std::vector<ComposeMount> mounts = named_mounts(service);
        const NodeKind kind = kind_of(service, mounts);
        Json data = Json::object();
        if (!ns_.empty()) data["namespace"] = ns_;
        read_image(service, data);
        read_command(service, data);
        const std::map<std::string, std::string> secrets = read_environment(service, data);
        read_resources(service, data);
        if (kind == NodeKind::deployment || kind == NodeKind::statefulset) read_replicas(service, data);
        const int port = !service.ports.empty() ? service.ports.front().target : kind == NodeKind::job ? 0 : well_known_port(service.image);
        if (port > 0) data["port"] = port;
        if (kind == NodeKind::statefulset) {
            data["storage"] = "1Gi";
            data["mountPath"] = mounts.front().target;
        }
        service.node = draft_.add(kind, service.name, std::move(data));
        if (service.node == ImportDraft::kNone) return;
        draft_.set_rank(service.node, service.rank);
        if (port > 0) make_service(service, kind, port);
        make_secret_of(service, secrets);
        if (kind != NodeKind::statefulset) note_mounts(service, kind, mounts);
        else used_volumes_.insert(mounts.front().source);
        tell_rest(service);
    }

    void read_image(Service& service, Json& data) {
        const Json& build = value_at(*service.json, "build");
        if (!build.is_null()) {
            Json config = {{"context", build.is_string() ? text(service, build, "build") : text(service, value_at(build, "context"), "build")}};
            if (text_at(config, "context").empty()) config["context"] = ".";
            const std::string dockerfile = text(service, value_at(build, "dockerfile"), "build");
            config["dockerfile"] = dockerfile.empty() ? "Dockerfile" : dockerfile;
            config["args"] = Json::object();
            for (auto& [name, value] : pairs(service, value_at(build, "args"), "build")) config["args"][name] = value.value_or("");
            if (const std::string target = text_at(build, "target"); !target.empty()) config["target"] = target;
            if (service.image.empty()) service.image = service.name + ":latest";
            config["image"] = service.image;
            draft_.builds[service.key] = std::move(config);
            warn(service, "needs_build", "The image " + service.image + " has to be built first. Start a build, then use its image.", "build", line(service, {"build"}));
        } else if (service.image.empty()) {
            error(service, "no_image", "It has neither an image nor a build.", {}, service.mark->line);
        }
        if (!service.image.empty()) {
            if (const auto parsed = parse_image_reference(service.image); !parsed) error(service, "invalid_image", parsed.error().message, "image", line(service, {"image"}));
        }
        data["image"] = service.image;
    }

    static Json words_list(const std::vector<std::string>& words) {
        Json list = Json::array();
        for (const std::string& word : words) list.push_back(word);
        return list;
    }

    // Compose's entrypoint is Kubernetes' command, Compose's command its args.
    void read_command(const Service& service, Json& data) {
        for (const auto& [from, to] : {std::pair("entrypoint", "command"), std::pair("command", "args")}) {
            const Json& value = value_at(*service.json, from);
            if (value.is_string()) {
                data[to] = words_list(shell_words(text(service, value, from)));
            } else if (value.is_array()) {
                data[to] = Json::array();
                for (const Json& word : value) data[to].push_back(text(service, word, from));
            }
        }
    }

    // {"K": "v"} or ["K=v", "K"]; nothing for a value that comes from the environment.
    std::vector<std::pair<std::string, std::optional<std::string>>> pairs(const Service& service, const Json& value, std::string_view field) {
        std::vector<std::pair<std::string, std::optional<std::string>>> result;
        const auto add = [&](std::string_view name, const Json& given) {
            if (name.empty()) return;
            std::optional<std::string> put_in;
            if (!given.is_null()) {
                Interpolated words = interpolate(scalar_words(given));
                const bool unknown = !words.missing.empty() && words.text.empty();
                if (!words.missing.empty() && !unknown) (void)text(service, given, field);  // tells of it
                if (!unknown) put_in = std::move(words.text);
            }
            result.emplace_back(name, std::move(put_in));
        };
        if (value.is_object()) {
            for (const auto& [name, given] : value.items()) add(name, given);
        } else if (value.is_array()) {
            for (const Json& entry : value) {
                const std::string words = scalar_words(entry);
                const auto halves = base::split_once(words, '=');
                if (halves) add(halves->before, std::string(halves->after));
                else add(words, Json());
            }
        }
        return result;
    }

    // Values that are secret are given back, for a Secret of their own: none of them goes into a workload.
    std::map<std::string, std::string> read_environment(const Service& service, Json& data) {
        std::map<std::string, std::string> secrets;
        Json env = Json::object();
        Json asked = Json::array();
        for (auto& [name, value] : pairs(service, value_at(*service.json, "environment"), "environment")) {
            if (looks_secret(name, value.value_or(""))) secrets[name] = value.value_or("");
            else if (value) env[name] = *value;
            else asked.push_back({{"id", name}, {"name", name}});
        }
        if (!env.empty()) data["env"] = std::move(env);
        if (!asked.empty()) {
            warn(service, "asked_at_run", std::to_string(asked.size()) + (asked.size() == 1 ? " variable has" : " variables have") + " no value in the file; Run asks for " + (asked.size() == 1 ? "it" : "them") + ".", "environment",
                 line(service, {"environment"}));
            data["envKeys"] = std::move(asked);
        }
        return secrets;
    }

    void read_resources(const Service& service, Json& data) {
        const auto words = [&](const Json& value) { return interpolate(scalar_words(value)).text; };
        const Json& deploy = value_at(*service.json, "deploy", "resources");
        const std::string cpu_limit = kube_cpu(words(value_at(deploy, "limits", "cpus")).empty() ? words(value_at(*service.json, "cpus")) : words(value_at(deploy, "limits", "cpus")));
        const std::string cpu = kube_cpu(words(value_at(deploy, "reservations", "cpus")));
        std::string limit = kube_memory(words(value_at(deploy, "limits", "memory")));
        std::string request = kube_memory(words(value_at(deploy, "reservations", "memory")));
        if (limit.empty()) limit = kube_memory(words(value_at(*service.json, "mem_limit")));
        if (request.empty()) request = kube_memory(words(value_at(*service.json, "mem_reservation")));
        if (!cpu.empty()) data["cpu"] = cpu;
        if (!cpu_limit.empty()) data["resources"]["limits"]["cpu"] = cpu_limit;
        if (!limit.empty() && !request.empty() && limit != request) {
            data["resources"]["requests"]["memory"] = request;
            data["resources"]["limits"]["memory"] = limit;
        } else if (!limit.empty() || !request.empty()) {
            data["memory"] = limit.empty() ? request : limit;
        }
    }

    void read_replicas(const Service& service, Json& data) {
        const Json& given = value_at(*service.json, "deploy", "replicas").is_null() ? value_at(*service.json, "scale") : value_at(*service.json, "deploy", "replicas");
        const auto count = base::parse_integer_in<std::int64_t>(interpolate(scalar_words(given)).text, 0, 1'000);
        data["replicas"] = count.value_or(1);
    }

    // ---- what stands beside a workload ------------------------------------------------------------------------------------------------

    void make_service(const Service& service, NodeKind kind, int port) {
        if (kind == NodeKind::job) return;
        Json data = {{"serviceType", "ClusterIP"}, {"port", port}, {"targetPort", port}};
        if (!ns_.empty()) data["namespace"] = ns_;
        if (service.ports.size() == 1 && service.ports.front().protocol == "UDP") data["protocol"] = "UDP";
        if (service.ports.size() > 1) {
            data["ports"] = Json::array();
            for (const ComposePort& entry : service.ports) {
                data["ports"].push_back({{"portName", base::to_ascii_lower(entry.protocol) + "-" + std::to_string(entry.target)}, {"port", entry.target}, {"targetPort", entry.target}, {"protocol", entry.protocol}});
            }
        }
        (void)draft_.connect(draft_.add(NodeKind::service, service.name, std::move(data)), service.node);
    }

    std::size_t add_secret(const std::string& name, const std::vector<std::string>& key_names) {
        Json keys = Json::array();
        for (const std::string& key : key_names) keys.push_back({{"id", key}, {"name", key}});
        Json data = {{"secretType", "Opaque"}, {"keys", std::move(keys)}};
        if (!ns_.empty()) data["namespace"] = ns_;
        return draft_.add(NodeKind::secret, name, std::move(data));
    }

    void make_secret_of(const Service& service, const std::map<std::string, std::string>& secrets) {
        if (secrets.empty()) return;
        std::vector<std::string> names;
        for (const auto& [name, value] : secrets) names.push_back(name);
        (void)draft_.connect(add_secret(kube_name(service.name + "-secrets"), names), service.node);
        warn(service, "secret_values", base::join(names, ", ") + (names.size() == 1 ? " looks" : " look") + " secret: the import keeps the names only, Run asks for the values.", "environment", line(service, {"environment"}));
    }

    void note_mounts(const Service& service, NodeKind kind, const std::vector<ComposeMount>& mounts) {
        for (const ComposeMount& mount : mounts) {
            if (kind != NodeKind::deployment) {
                warn(service, "volume_of_kind", "The volume " + mount.source + " is left out: a " + std::string(info_of(kind).kube_kind) + " node has no volumes.", "volumes", line(service, {"volumes"}));
                continue;
            }
            mounts_[mount.source].push_back({&service, mount.target});
        }
    }

    void make_volumes() {
        for (const auto& [name, users] : mounts_) {
            const Service& first = *users.front().first;
            if (is_external("volumes", name)) {
                warn(first, "external_volume", "The volume " + name + " is made elsewhere. Connect a claim for it by hand.", "volumes", line_of(marks_, {"volumes", name}));
                continue;
            }
            if (!value_at(json_, "volumes").contains(name)) {
                error(first, "unknown_volume", "The volume " + name + " is not declared under \"volumes\".", "volumes", line(first, {"volumes"}));
            }
            std::set<std::string> workloads;
            for (const auto& [service, path] : users) {
                workloads.insert(service->key);
                if (path == users.front().second) continue;
                warn(*service, "second_path", "The volume " + name + " is mounted at " + users.front().second + " everywhere, not at " + path + ".", "volumes", line(*service, {"volumes"}));
            }
            Json data = {{"size", "1Gi"}, {"accessMode", workloads.size() > 1 ? "ReadWriteMany" : "ReadWriteOnce"}, {"mountPath", users.front().second}};
            if (!ns_.empty()) data["namespace"] = ns_;
            const std::size_t claim = draft_.add(NodeKind::persistentvolumeclaim, kube_name(name), std::move(data));
            for (const auto& [service, path] : users) (void)draft_.connect(claim, service->node);
            used_volumes_.insert(name);
        }
        for (const auto& [name, value] : object_at(json_, "volumes").items()) draft_.volumes.push_back({{"name", name}, {"external", is_external("volumes", name)}, {"used", used_volumes_.contains(name)}});
    }

    // Names of the entries of a service's `secrets` or `configs`, short or long.
    static std::vector<std::string> sources(const Service& service, const char* section) {
        std::vector<std::string> names;
        for (const Json& entry : array_at(*service.json, section)) names.push_back(entry.is_object() ? text_at(entry, "source") : scalar_words(entry));
        return names;
    }

    void make_configs() {
        for (const auto& [name, value] : object_at(json_, "configs").items()) {
            const int at = line_of(marks_, {"configs", name});
            if (is_external("configs", name) || (!value_at(value, "content").is_string() && !value_at(value, "environment").is_string())) {
                draft_.warn({.code = "config_file", .message = "The content of the config " + name + " is not part of the import. Make a ConfigMap of it by hand.", .field = "configs." + name, .line = at});
                continue;
            }
            Json data = {{"data", {{kube_name(name), interpolate(text_at(value, "content")).text}}}};
            if (!ns_.empty()) data["namespace"] = ns_;
            const std::size_t map = draft_.add(NodeKind::configmap, kube_name(name), std::move(data));
            connect_users("configs", name, map, "The config " + name + " is given as an environment variable, not as a file.", at);
        }
        for (const Service& service : services_) check_sources(service, "configs");
    }

    void make_secrets() {
        for (const auto& [name, value] : object_at(json_, "secrets").items()) {
            const int at = line_of(marks_, {"secrets", name});
            if (is_external("secrets", name)) {
                draft_.warn({.code = "external_secret", .message = "The secret " + name + " is made elsewhere; a node for it is made all the same, and Run asks for its value.", .field = "secrets." + name, .line = at});
            }
            connect_users("secrets", name, add_secret(kube_name(name), {name}), "The secret " + name + " is given as an environment variable, not as a file under /run/secrets. Run asks for its value.", at);
        }
        for (const Service& service : services_) check_sources(service, "secrets");
    }

    void connect_users(const char* section, const std::string& name, std::size_t node, std::string message, int at) {
        bool used = false;
        for (const Service& service : services_) {
            const auto names = sources(service, section);
            if (std::find(names.begin(), names.end(), name) == names.end()) continue;
            used = true;
            (void)draft_.connect(node, service.node);
        }
        if (used) draft_.warn({.code = "as_environment", .message = std::move(message), .field = std::string(section) + "." + name, .line = at});
    }

    void check_sources(const Service& service, const char* section) {
        for (const std::string& name : sources(service, section)) {
            if (!value_at(json_, section).contains(name)) {
                error(service, "unknown_" + std::string(section, std::string_view(section).size() - 1), "\"" + name + "\" is not declared under \"" + section + "\".", section, line(service, {section}));
            }
        }
    }

    // ---- what is left over --------------------------------------------------------------------------------------------------------------

    void tell_rest(const Service& service) {
        for (const auto& [name, value] : service.json->items()) {
            const auto unsupported = std::find_if(kUnsupported.begin(), kUnsupported.end(), [&](const Unsupported& entry) { return entry.field == name; });
            if (unsupported != kUnsupported.end()) {
                if (!unsupported->words.empty()) warn(service, "unsupported_field", name + ": " + std::string(unsupported->words), name, line(service, {name}));
            } else if (!name.starts_with("x-") && std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) {
                warn(service, "unknown_field", "\"" + name + "\" is no setting of a service; it is left out. Is it misspelt?", name, line(service, {name}));
            }
        }
        if (const Json& profiles = array_at(*service.json, "profiles"); !profiles.empty()) {
            warn(service, "profile", "It only starts with the profile " + scalar_words(profiles.front()) + "; here it is always there. Remove the node if it is not wanted.", "profiles", line(service, {"profiles"}));
        }
    }

    static std::vector<std::string> networks_of(const Service& service) {
        std::vector<std::string> names;
        const Json& value = value_at(*service.json, "networks");
        if (value.is_array()) {
            for (const Json& name : value) names.push_back(scalar_words(name));
        } else if (value.is_object()) {
            for (const auto& [name, how] : value.items()) names.push_back(name);
        }
        return names;
    }

    void describe() {
        std::set<std::string> networks;
        for (const Service& service : services_) {
            Json ports = Json::array();
            for (const ComposePort& port : service.ports) {
                Json entry = {{"target", port.target}, {"protocol", port.protocol}};
                if (port.published > 0) entry["published"] = port.published;
                ports.push_back(std::move(entry));
            }
            Json depends = Json::array();
            for (const Dependency& dependency : service.depends_on) depends.push_back(dependency.service);
            Json joined = Json::array();
            for (std::string& name : networks_of(service)) {
                joined.push_back(name);
                networks.insert(std::move(name));
            }
            Json entry = {{"name", service.key}, {"image", service.image}, {"ports", std::move(ports)}, {"dependsOn", std::move(depends)}, {"networks", std::move(joined)},
                          {"build", draft_.builds.contains(service.key)}, {"healthcheck", value_at(*service.json, "healthcheck").is_object()}, {"line", service.mark->line}};
            if (service.node != ImportDraft::kNone) {
                entry["nodeId"] = draft_.nodes()[service.node].id;
                entry["kind"] = info_of(draft_.nodes()[service.node].kind).type;
            }
            draft_.services.push_back(std::move(entry));
        }
        for (const auto& [name, value] : object_at(json_, "networks").items()) networks.insert(name);
        for (const std::string& name : networks) draft_.networks.push_back({{"name", name}, {"external", is_external("networks", name)}, {"internal", flag_at(json_, "networks", name, "internal")}});
        if (networks.size() > 1) {
            draft_.warn({.code = "networks", .message = "All pods of a cluster reach each other: the " + std::to_string(networks.size()) + " networks keep nobody apart. Add a NetworkPolicy where that matters.",
                         .field = "networks", .line = line_of(marks_, {"networks"})});
        }
    }

    const Json& json_;
    const YamlMark& marks_;
    const std::string& ns_;
    ImportDraft& draft_;
    std::vector<Service> services_;
    std::map<std::string, std::size_t> index_;
    std::map<std::string, std::vector<std::pair<const Service*, std::string>>> mounts_;  // by volume: who, where
    std::set<std::string> used_volumes_;
    std::set<std::string> told_missing_;
    bool told_published_ = false;
};

}  // namespace

void read_compose(const YamlDocument& document, const std::string& ns, ImportDraft& draft) { ComposeReader(document, ns, draft).run(); }

}  // namespace hub
