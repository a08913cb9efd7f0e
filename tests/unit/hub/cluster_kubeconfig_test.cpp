#include <catch2/catch_test_macros.hpp>

#include "base/encoding.hpp"
#include "hub/kubeconfig.hpp"
#include "hub/quantity.hpp"

using namespace hub;

namespace {

const std::string kPem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";

std::string two_contexts(const std::string& current) {
    return "apiVersion: v1\nkind: Config\n" + (current.empty() ? "" : "current-context: " + current + "\n") +
           "clusters:\n- name: c1\n  cluster:\n    server: https://10.0.0.1:6443/\n    certificate-authority-data: " + base::base64_encode(kPem) +
           "\n- name: c2\n  cluster: {server: 'https://[::1]:6443/k8s/clusters/c-2', insecure-skip-tls-verify: true}\n"
           "contexts:\n- name: a\n  context: {cluster: c1, user: u1, namespace: team}\n- name: b\n  context: {cluster: c2, user: u2}\n"
           "users:\n- name: u1\n  user: {token: secret}\n- name: u2\n  user:\n    client-certificate-data: " + base::base64_encode(kPem) +
           "\n    client-key-data: " + base::base64_encode("-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n") + "\n";
}

std::string problem_of(const std::string& cluster_lines, const std::string& user_lines) {
    const auto config = read_kubeconfig("kind: Config\nclusters:\n- name: c\n  cluster:\n" + cluster_lines + "contexts:\n- name: x\n  context: {cluster: c, user: u}\nusers:\n- name: u\n  user:\n" + user_lines);
    INFO((config ? "" : config.error().message));
    REQUIRE(config.has_value());
    REQUIRE(config->contexts.size() == 1);
    CHECK(config->contexts[0].problem.empty() == config->contexts[0].hint.empty());
    return config->contexts[0].problem;
}

const std::string kServer = "    server: https://h:6443\n";
const std::string kToken = "    token: t\n";

}  // namespace

TEST_CASE("a kubeconfig's current context is taken, with certificates decoded") {
    const auto config = read_kubeconfig(two_contexts("a"));
    REQUIRE(config.has_value());
    const auto chosen = choose_context(*config, "");
    REQUIRE(chosen.has_value());
    CHECK(chosen->access.server == "https://10.0.0.1:6443");
    CHECK(chosen->access.ca_pem == kPem);
    CHECK(chosen->access.token == "secret");
    CHECK(chosen->ns == "team");
    const auto other = choose_context(*config, "b");
    REQUIRE(other.has_value());
    CHECK(other->access.server == "https://[::1]:6443/k8s/clusters/c-2");
    CHECK(other->access.insecure);
    CHECK(other->access.client_cert_pem == kPem);
}

TEST_CASE("a kubeconfig without a current context says which contexts there are") {
    const auto config = read_kubeconfig(two_contexts(""));
    REQUIRE(config.has_value());
    CHECK(choose_context(*config, "").error().message == "The kubeconfig names no current context; contexts: a, b");
    CHECK(choose_context(*config, "c").error().message == "The kubeconfig has no context \"c\"; contexts: a, b");
    const auto stale = read_kubeconfig(two_contexts("gone"));
    CHECK(choose_context(*stale, "").error().message == "The kubeconfig's current context \"gone\" is not in the file; contexts: a, b");
}

TEST_CASE("what works on its owner's machine only is refused with the way out") {
    CHECK(problem_of(kServer, kToken).empty());
    CHECK(problem_of(kServer + "    certificate-authority: /home/ann/ca.crt\n", kToken) == "The cluster \"c\" names the file /home/ann/ca.crt, which is on your machine only");
    CHECK(problem_of(kServer, "    exec: {command: aws, apiVersion: x}\n") == "The user \"u\" signs in by running \"aws\", which Binnacle does not do");
    CHECK(problem_of(kServer, "    auth-provider: {name: gcp}\n").find("provider \"gcp\"") != std::string::npos);
    CHECK(problem_of(kServer, "    username: ann\n    password: p\n").find("by password") != std::string::npos);
    CHECK(problem_of(kServer, "    tokenFile: /t\n").find("names the file /t") != std::string::npos);
    CHECK(problem_of(kServer, "    client-certificate-data: " + base::base64_encode(kPem) + "\n").find("a certificate without its key") != std::string::npos);
    CHECK(problem_of(kServer + "    proxy-url: http://p\n", kToken).find("proxy") != std::string::npos);
    CHECK(problem_of(kServer + "    certificate-authority-data: '!!'\n", kToken).find("neither PEM") != std::string::npos);
    CHECK(problem_of("    server: ftp://h\n", kToken).starts_with("The cluster \"c\": server: "));
    CHECK(problem_of("    insecure-skip-tls-verify: true\n", kToken) == "The cluster \"c\" has no server");
}

TEST_CASE("text that is no kubeconfig is refused for what it is") {
    CHECK(read_kubeconfig("  \n").error().message == "The kubeconfig is empty.");
    CHECK(read_kubeconfig("kind: Pod\n").error().message == "This is no kubeconfig but a Pod.");
    CHECK(read_kubeconfig("hello: world\n").error().message == "This is no kubeconfig: it has no clusters.");
    CHECK(read_kubeconfig("just words").error().message == "This is no kubeconfig: it has no clusters.");
    CHECK(read_kubeconfig("kind: Config\nclusters: []\n").error().message == "The kubeconfig has no contexts.");
    CHECK(read_kubeconfig("kind: Config\n\tcontexts: x").error().message.starts_with("The kubeconfig cannot be read: line 2, column "));
    const auto dangling = read_kubeconfig("kind: Config\ncontexts:\n- name: x\n  context: {cluster: c, user: u}\n");
    CHECK(dangling->contexts[0].problem == "The context \"x\" names the cluster \"c\", which is not in the file");
}

TEST_CASE("PEM is taken as it is and as base64 of it") {
    CHECK(read_pem(kPem, "caData") == kPem);
    CHECK(read_pem(base::base64_encode(kPem), "caData") == kPem);
    CHECK(read_pem("nonsense", "caData").error().message == "caData: is neither PEM (-----BEGIN ...) nor base64 of it");
    CHECK(read_server("https://h/ ") == "https://h");
    CHECK_FALSE(read_server("https://user:pw@h").has_value());
    CHECK_FALSE(read_server("https://h?x=1").has_value());
}

TEST_CASE("quantities have Kubernetes' units") {
    CHECK(parse_quantity("250m") == 0.25);
    CHECK(parse_quantity("4") == 4.0);
    CHECK(parse_quantity("16Gi") == 16.0 * 1024 * 1024 * 1024);
    CHECK(parse_quantity("100M") == 1e8);
    CHECK(parse_quantity("1e3") == 1000.0);
    CHECK_FALSE(parse_quantity("many").has_value());
    CHECK_FALSE(parse_quantity("").has_value());
}
