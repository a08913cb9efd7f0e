#include "hub/import_draft.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace hub {

namespace {

// An edge's id is made of two of them, and ids have at most 128 bytes.
constexpr std::size_t kMaxNameInId = 36;

struct KnownImage {
    std::string_view name;  // last part of the repository
    int port;
    bool database;
};
constexpr std::array kKnownImages = std::to_array<KnownImage>({
    {"postgres", 5432, true},   {"postgis", 5432, true},      {"timescaledb", 5432, true}, {"mysql", 3306, true},     {"mariadb", 3306, true},
    {"mongo", 27017, true},     {"redis", 6379, true},        {"valkey", 6379, true},      {"rabbitmq", 5672, true},  {"elasticsearch", 9200, true},
    {"opensearch", 9200, true}, {"cassandra", 9042, true},    {"couchdb", 5984, true},     {"influxdb", 8086, true},  {"minio", 9000, true},
    {"kafka", 9092, true},      {"zookeeper", 2181, true},    {"etcd", 2379, true},        {"consul", 8500, true},    {"vault", 8200, true},
    {"clickhouse-server", 8123, true}, {"nats", 4222, false}, {"memcached", 11211, false}, {"nginx", 80, false},      {"httpd", 80, false},
    {"traefik", 80, false},     {"caddy", 80, false},         {"prometheus", 9090, true},  {"grafana", 3000, false},  {"keycloak", 8080, false},
});

const KnownImage* known_image(std::string_view image) {
    image = image.substr(0, image.find('@'));
    if (const std::size_t slash = image.rfind('/'); slash != std::string_view::npos) image.remove_prefix(slash + 1);
    image = image.substr(0, image.find(':'));
    const auto found = std::find_if(kKnownImages.begin(), kKnownImages.end(), [image](const KnownImage& known) { return known.name == image; });
    return found == kKnownImages.end() ? nullptr : &*found;
}

// "postgres://user:pass@host/db"
bool carries_password(std::string_view value) {
    const std::size_t scheme = value.find("://");
    if (scheme == std::string_view::npos) return false;
    const std::string_view authority = value.substr(scheme + 3, value.find_first_of("/?#", scheme + 3) - scheme - 3);
    const std::size_t at = authority.rfind('@');
    if (at == std::string_view::npos) return false;
    const std::size_t colon = authority.find(':');
    return colon < at && at - colon > 1;
}

}  // namespace

std::size_t ImportDraft::add(NodeKind kind, std::string name, Json data) {
    if (nodes_.size() >= kMaxNodes) {
        if (!full_) error({.code = "too_many_objects", .message = "The file makes more than " + std::to_string(kMaxNodes) + " nodes. Import it in parts."});
        full_ = true;
        return kNone;
    }
    const std::string wanted = std::string(info_of(kind).type) + "-" + std::string(base::utf8_prefix(name, kMaxNameInId));
    std::string id = wanted;
    for (int i = 2; !ids_.insert(id).second; ++i) id = wanted + "-" + std::to_string(i);
    data["name"] = name;
    nodes_.push_back({std::move(id), kind, std::move(name), std::move(data)});
    return nodes_.size() - 1;
}

bool ImportDraft::connect(std::size_t source, std::size_t target, std::string source_handle) {
    if (source >= nodes_.size() || target >= nodes_.size() || !edge_allowed(nodes_[source].kind, nodes_[target].kind)) return false;
    if (connected_.emplace(source, target).second) edges_.push_back({source, target, std::move(source_handle)});
    return true;
}

void ImportDraft::note(Issues& issues, ImportIssue issue) {
    if (issues.list.size() >= kMaxIssues) {
        ++issues.more;
        return;
    }
    issue.message = std::string(base::utf8_prefix(issue.message, 600));
    issue.service = std::string(base::utf8_prefix(issue.service, 200));
    issue.field = std::string(base::utf8_prefix(issue.field, 200));
    issues.list.push_back(std::move(issue));
}

Json ImportDraft::to_wire(const Issues& issues) {
    Json list = Json::array();
    const auto put = [&list](const ImportIssue& issue) {
        Json entry = {{"code", issue.code}, {"message", issue.message}};
        if (!issue.service.empty()) entry["service"] = issue.service;
        if (!issue.field.empty()) entry["field"] = issue.field;
        if (issue.line > 0) entry["line"] = issue.line;
        list.push_back(std::move(entry));
    };
    for (const ImportIssue& issue : issues.list) put(issue);
    if (issues.more > 0) put({.code = "more", .message = "And " + std::to_string(issues.more) + " more of these."});
    return list;
}

std::string kube_name(std::string_view text, bool letter_first, std::size_t longest) {
    std::string name;
    for (const char raw : text) {
        const char c = base::ascii_lower(raw);
        const bool fits = (c >= 'a' && c <= 'z') || base::is_ascii_digit(c);
        if (fits) name += c;
        else if (!name.empty() && name.back() != '-') name += '-';
        if (name.size() >= longest) break;
    }
    while (!name.empty() && name.back() == '-') name.pop_back();
    if (name.empty()) name = "x";
    if (letter_first && base::is_ascii_digit(name.front())) {
        name = ("s-" + name).substr(0, longest);
        while (name.back() == '-') name.pop_back();
    }
    return name;
}

bool looks_secret(std::string_view name, std::string_view value) {
    const std::string upper = base::to_ascii_upper(name);
    if (upper.ends_with("_FILE") || upper.ends_with("_PATH")) return false;  // they say where it is
    for (const std::string_view word : {"PASSWORD", "PASSWD", "SECRET", "TOKEN", "API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY", "CREDENTIAL", "ENCRYPTION_KEY"}) {
        if (upper.find(word) != std::string::npos) return true;
    }
    return carries_password(value);
}

std::string scalar_words(const Json& value) {
    if (const auto* text = value.get_ptr<const std::string*>()) return *text;
    return value.is_number() || value.is_boolean() ? value.dump() : std::string();
}

int well_known_port(std::string_view image) {
    const KnownImage* known = known_image(image);
    return known ? known->port : 0;
}

bool is_database_image(std::string_view image) {
    const KnownImage* known = known_image(image);
    return known && known->database;
}

}  // namespace hub
