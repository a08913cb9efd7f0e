// The plugins' data; what the marks in the bodies mean is in plugin_catalogue.hpp. Kinds, groups and required members are those of
// each project's CustomResourceDefinitions. One more half is in plugin_data_more.cpp.
#include "hub/plugin_data.hpp"

namespace hub::plugin_data {

namespace {

using enum PluginFieldType;
constexpr bool kNeeded = true;

// ---- Certificates

constexpr PluginField kCertificate[] = {
    {"dnsNames", "DNS names", lines, kNeeded, "", "", "shop.example.com"},
    {"secretName", "Secret", text, kNeeded, "", "", "shop-tls"},
    {"issuer", "Issuer", text, kNeeded, "", "", "letsencrypt"},
    {"issuerKind", "Issuer kind", select, false, "Issuer", "Issuer|ClusterIssuer"},
    {"duration", "Valid for", text, false, "", "", "2160h"},
};
constexpr PluginField kAcmeIssuer[] = {
    {"server", "ACME server", text, kNeeded, "https://acme-v02.api.letsencrypt.org/directory"},
    {"email", "Contact e-mail", text, kNeeded, "", "", "ops@example.com"},
    {"accountSecret", "Account key secret", text, kNeeded, "acme-account-key"},
    {"ingressClass", "Ingress class", text, false, "", "", "nginx"},
};
constexpr PluginNodeType kCertManager[] = {
    {"certificate", "Certificate", "A TLS certificate, kept in a secret and renewed in time", "cert-manager.io/v1", "Certificate", "certificates", kCertificate,
     R"({"spec":{"secretName":"$secretName","dnsNames":"$*dnsNames","duration":"$duration","issuerRef":{"name":"$issuer","kind":"$issuerKind","group":"cert-manager.io"}}})"},
    {"acme-issuer", "ACME issuer", "Gets certificates from Let's Encrypt or another ACME server by HTTP", "cert-manager.io/v1", "Issuer", "issuers", kAcmeIssuer,
     R"({"spec":{"acme":{"server":"$server","email":"$email","privateKeySecretRef":{"name":"$accountSecret"},"solvers":[{"http01":{"ingress":{"ingressClassName":"$ingressClass","serviceType":"ClusterIP"}}}]}}})"},
};

// ---- Secrets

constexpr PluginField kExternalSecret[] = {
    {"store", "Secret store", text, kNeeded, "", "", "vault"},
    {"storeKind", "Store kind", select, false, "SecretStore", "SecretStore|ClusterSecretStore"},
    {"remoteKey", "Remote key", text, kNeeded, "", "", "prod/database"},
    {"target", "Secret to write", text, kNeeded, "", "", "database"},
    {"refresh", "Refresh every", text, false, "1h"},
};
constexpr PluginNodeType kExternalSecrets[] = {
    {"external-secret", "External secret", "Copies a secret from a vault or a cloud's secret manager", "external-secrets.io/v1", "ExternalSecret", "externalsecrets", kExternalSecret,
     R"({"spec":{"refreshInterval":"$refresh","secretStoreRef":{"name":"$store","kind":"$storeKind"},"target":{"name":"$target"},"dataFrom":[{"extract":{"key":"$remoteKey"}}]}})"},
};
constexpr PluginField kSealedSecret[] = {
    {"encryptedData", "Sealed values", pairs, kNeeded, "", "", "PASSWORD=AgBy8hCi..."},
    {"secretType", "Type", text, false, "Opaque"},
};
constexpr PluginNodeType kSealedSecrets[] = {
    {"sealed-secret", "Sealed secret", "A secret that only the cluster can open; made with kubeseal", "bitnami.com/v1alpha1", "SealedSecret", "sealedsecrets", kSealedSecret,
     R"({"spec":{"encryptedData":"$%encryptedData","template":{"type":"$secretType"}}})"},
};
constexpr PluginField kVaultStatic[] = {
    {"mount", "Mount", text, kNeeded, "secret"},
    {"path", "Path", text, kNeeded, "", "", "shop/database"},
    {"kv", "Engine", select, kNeeded, "kv-v2", "kv-v1|kv-v2"},
    {"auth", "VaultAuth", text, false, "", "", "default"},
    {"target", "Secret to write", text, kNeeded, "", "", "database"},
    {"refresh", "Refresh every", text, false, "60s"},
};
constexpr PluginNodeType kVault[] = {
    {"vault-static-secret", "Vault static secret", "Keeps a key of HashiCorp Vault in a secret", "secrets.hashicorp.com/v1beta1", "VaultStaticSecret", "vaultstaticsecrets", kVaultStatic,
     R"({"spec":{"vaultAuthRef":"$auth","mount":"$mount","type":"$kv","path":"$path","refreshAfter":"$refresh","destination":{"name":"$target","create":true}}})"},
};

// ---- Networking

constexpr PluginField kGateway[] = {
    {"className", "Gateway class", text, kNeeded, "", "", "istio"},
    {"port", "Port", number, kNeeded, "80"},
    {"protocol", "Protocol", select, kNeeded, "HTTP", "HTTP|TCP|UDP"},
    {"hostname", "Host name", text, false, "", "", "*.example.com"},
};
constexpr PluginField kHttpRoute[] = {
    {"gateway", "Gateway", text, kNeeded, "", "", "public"},
    {"hostnames", "Host names", lines, false, "", "", "shop.example.com"},
    {"path", "Path prefix", text, kNeeded, "/"},
    {"service", "Service", text, kNeeded, "", "", "web"},
    {"port", "Service port", number, kNeeded, "80"},
};
constexpr PluginNodeType kGatewayApi[] = {
    {"gateway", "Gateway", "A point where traffic enters the cluster", "gateway.networking.k8s.io/v1", "Gateway", "gateways", kGateway,
     R"({"spec":{"gatewayClassName":"$className","listeners":[{"name":"main","port":"$port","protocol":"$protocol","hostname":"$hostname"}]}})"},
    {"http-route", "HTTP route", "Sends requests from a gateway to a service", "gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes", kHttpRoute,
     R"({"spec":{"parentRefs":[{"name":"$gateway"}],"hostnames":"$*hostnames","rules":[{"matches":[{"path":{"type":"PathPrefix","value":"$path"}}],"backendRefs":[{"name":"$service","port":"$port"}]}]}})"},
};
constexpr PluginField kIngressRoute[] = {
    {"match", "Rule", text, kNeeded, "", "", "Host(`shop.example.com`)"},
    {"entryPoints", "Entry points", lines, false, "websecure", "", "websecure"},
    {"service", "Service", text, kNeeded, "", "", "web"},
    {"port", "Service port", number, kNeeded, "80"},
    {"tlsSecret", "TLS secret", text, false, "", "", "shop-tls"},
};
constexpr PluginNodeType kTraefik[] = {
    {"ingress-route", "Ingress route", "A route of the Traefik proxy", "traefik.io/v1alpha1", "IngressRoute", "ingressroutes", kIngressRoute,
     R"({"spec":{"entryPoints":"$*entryPoints","routes":[{"kind":"Rule","match":"$match","services":[{"name":"$service","port":"$port"}]}],"tls":{"secretName":"$tlsSecret"}}})"},
};
constexpr PluginField kAddressPool[] = {{"addresses", "Addresses", lines, kNeeded, "", "", "192.168.10.0/24"}};
constexpr PluginField kL2[] = {{"pools", "Address pools", lines, kNeeded, "", "", "ip-address-pool"}};
constexpr PluginNodeType kMetalLb[] = {
    {"ip-address-pool", "Address pool", "Addresses for services of type LoadBalancer; in MetalLB's own namespace", "metallb.io/v1beta1", "IPAddressPool", "ipaddresspools", kAddressPool,
     R"({"spec":{"addresses":"$*addresses"}})"},
    {"l2-advertisement", "L2 advertisement", "Announces address pools on the local network", "metallb.io/v1beta1", "L2Advertisement", "l2advertisements", kL2,
     R"({"spec":{"ipAddressPools":"$*pools"}})"},
};
constexpr PluginField kCiliumPolicy[] = {
    {"select", "Pods with labels", pairs, kNeeded, "", "", "app=web"},
    {"from", "From pods with labels", pairs, kNeeded, "", "", "app=gateway"},
    {"port", "Port", text, kNeeded, "", "", "8080"},
    {"protocol", "Protocol", select, false, "TCP", "TCP|UDP|ANY"},
};
constexpr PluginNodeType kCilium[] = {
    {"cilium-network-policy", "Cilium network policy", "Who may reach which pods on which port", "cilium.io/v2", "CiliumNetworkPolicy", "ciliumnetworkpolicies", kCiliumPolicy,
     R"({"spec":{"endpointSelector":{"matchLabels":"$%select"},"ingress":[{"fromEndpoints":[{"matchLabels":"$%from"}],"toPorts":[{"ports":[{"port":"$port","protocol":"$protocol"}]}]}]}})"},
};
constexpr PluginField kDnsEndpoint[] = {
    {"dnsName", "DNS name", text, kNeeded, "", "", "shop.example.com"},
    {"recordType", "Record", select, kNeeded, "A", "A|AAAA|CNAME|TXT"},
    {"targets", "Targets", lines, kNeeded, "", "", "203.0.113.10"},
    {"ttl", "TTL in seconds", number, false, "300"},
};
constexpr PluginNodeType kExternalDns[] = {
    {"dns-endpoint", "DNS record", "A record at the DNS provider", "externaldns.k8s.io/v1alpha1", "DNSEndpoint", "dnsendpoints", kDnsEndpoint,
     R"({"spec":{"endpoints":[{"dnsName":"$dnsName","recordType":"$recordType","recordTTL":"$ttl","targets":"$*targets"}]}})"},
};

// ---- Service mesh

constexpr PluginField kVirtualService[] = {
    {"hosts", "Hosts", lines, kNeeded, "", "", "web"},
    {"destination", "Destination service", text, kNeeded, "", "", "web"},
    {"port", "Port", number, false, "", "", "80"},
    {"timeout", "Timeout", text, false, "", "", "5s"},
    {"retries", "Attempts", number, false, "", "", "3"},
};
constexpr PluginField kDestinationRule[] = {
    {"host", "Service", text, kNeeded, "", "", "web"},
    {"balance", "Load balancing", select, false, "LEAST_REQUEST", "LEAST_REQUEST|ROUND_ROBIN|RANDOM|PASSTHROUGH"},
    {"tls", "TLS mode", select, false, "ISTIO_MUTUAL", "ISTIO_MUTUAL|SIMPLE|MUTUAL|DISABLE"},
};
constexpr PluginNodeType kIstio[] = {
    {"virtual-service", "Virtual service", "Routes, retries and timeouts for requests to a service", "networking.istio.io/v1", "VirtualService", "virtualservices", kVirtualService,
     R"({"spec":{"hosts":"$*hosts","http":[{"route":[{"destination":{"host":"$destination","port":{"number":"$port"}}}],"timeout":"$timeout","retries":{"attempts":"$retries"}}]}})"},
    {"destination-rule", "Destination rule", "Load balancing and TLS towards a service", "networking.istio.io/v1", "DestinationRule", "destinationrules", kDestinationRule,
     R"({"spec":{"host":"$host","trafficPolicy":{"loadBalancer":{"simple":"$balance"},"tls":{"mode":"$tls"}}}})"},
};
constexpr PluginField kServiceProfile[] = {
    {"routeName", "Route", text, kNeeded, "", "", "GET /orders"},
    {"method", "Method", select, kNeeded, "GET", "GET|POST|PUT|PATCH|DELETE|HEAD"},
    {"pathRegex", "Path", text, kNeeded, "", "", "/orders/[^/]*"},
    {"timeout", "Timeout", text, false, "", "", "300ms"},
};
constexpr PluginNodeType kLinkerd[] = {
    {"service-profile", "Service profile", "Metrics and timeouts per route; its name is the service's DNS name", "linkerd.io/v1alpha2", "ServiceProfile", "serviceprofiles", kServiceProfile,
     R"({"spec":{"routes":[{"name":"$routeName","condition":{"method":"$method","pathRegex":"$pathRegex"},"timeout":"$timeout"}]}})"},
};

// ---- Databases

constexpr PluginField kCnpgCluster[] = {
    {"instances", "Instances", number, kNeeded, "3"},
    {"size", "Storage", text, kNeeded, "10Gi"},
    {"storageClass", "Storage class", text},
    {"database", "Database", text, kNeeded, "app"},
    {"owner", "Owner", text, kNeeded, "app"},
};
constexpr PluginField kCnpgBackup[] = {
    {"schedule", "Schedule (six fields)", text, kNeeded, "0 0 3 * * *"},
    {"cluster", "Cluster", text, kNeeded, "", "", "postgres-cluster"},
};
constexpr PluginNodeType kCnpg[] = {
    {"postgres-cluster", "PostgreSQL cluster", "PostgreSQL with replicas and failover", "postgresql.cnpg.io/v1", "Cluster", "clusters", kCnpgCluster,
     R"({"spec":{"instances":"$instances","storage":{"size":"$size","storageClass":"$storageClass"},"bootstrap":{"initdb":{"database":"$database","owner":"$owner"}}}})"},
    {"postgres-scheduled-backup", "PostgreSQL backup", "Regular backups of a PostgreSQL cluster", "postgresql.cnpg.io/v1", "ScheduledBackup", "scheduledbackups", kCnpgBackup,
     R"({"spec":{"schedule":"$schedule","backupOwnerReference":"self","cluster":{"name":"$cluster"}}})"},
};
constexpr PluginField kMariaDb[] = {
    {"replicas", "Replicas", number, kNeeded, "1"},
    {"size", "Storage", text, kNeeded, "5Gi"},
    {"database", "Database", text, false, "", "", "shop"},
    {"username", "User", text, false, "", "", "shop"},
    {"secret", "Password secret", text, kNeeded, "mariadb-passwords"},
};
constexpr PluginNodeType kMariaDbTypes[] = {
    {"mariadb", "MariaDB", "A MariaDB server; its passwords are generated into the secret", "k8s.mariadb.com/v1alpha1", "MariaDB", "mariadbs", kMariaDb,
     R"({"spec":{"replicas":"$replicas","storage":{"size":"$size"},"database":"$database","username":"$username","rootPasswordSecretKeyRef":{"name":"$secret","key":"root-password","generate":true},"passwordSecretKeyRef":{"name":"$secret","key":"password","generate":true}}})"},
};
constexpr PluginField kMongo[] = {
    {"members", "Members", number, kNeeded, "3"},
    {"version", "Version", text, kNeeded, "7.0.14"},
    {"user", "User", text, kNeeded, "app"},
    {"database", "Database", text, kNeeded, "app"},
    {"secret", "Password secret", text, kNeeded, "", "", "mongo-password"},
};
constexpr PluginNodeType kMongoTypes[] = {
    {"mongodb-replica-set", "MongoDB replica set", "MongoDB with replicas and one user", "mongodbcommunity.mongodb.com/v1", "MongoDBCommunity", "mongodbcommunity", kMongo,
     R"({"spec":{"type":"ReplicaSet","members":"$members","version":"$version","security":{"authentication":{"modes":["SCRAM"]}},"users":[{"name":"$user","db":"$database","passwordSecretRef":{"name":"$secret"},"roles":[{"name":"readWrite","db":"$database"}],"scramCredentialsSecretName":"${user}-scram"}]}})"},
};
constexpr PluginField kRedis[] = {
    {"image", "Image", text, kNeeded, "quay.io/opstree/redis:v7.0.15"},
    {"size", "Storage", text, kNeeded, "1Gi"},
};
constexpr PluginNodeType kRedisTypes[] = {
    {"redis", "Redis", "One Redis server with a volume", "redis.redis.opstreelabs.in/v1beta2", "Redis", "redis", kRedis,
     R"({"spec":{"kubernetesConfig":{"image":"$image","imagePullPolicy":"IfNotPresent"},"storage":{"volumeClaimTemplate":{"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"$size"}}}}}}})"},
};
constexpr PluginField kElastic[] = {
    {"version", "Version", text, kNeeded, "8.17.0"},
    {"count", "Nodes", number, kNeeded, "1"},
};
constexpr PluginNodeType kElasticTypes[] = {
    {"elasticsearch", "Elasticsearch", "An Elasticsearch cluster", "elasticsearch.k8s.elastic.co/v1", "Elasticsearch", "elasticsearches", kElastic,
     R"({"spec":{"version":"$version","nodeSets":[{"name":"default","count":"$count","config":{"node.store.allow_mmap":false}}]}})"},
};

// ---- Messaging

constexpr PluginField kKafkaTopic[] = {
    {"cluster", "Kafka cluster", text, kNeeded, "", "", "events"},
    {"partitions", "Partitions", number, kNeeded, "3"},
    {"replicas", "Replicas", number, kNeeded, "3"},
    {"config", "Settings", pairs, false, "", "", "retention.ms=604800000"},
};
constexpr PluginField kKafkaUser[] = {
    {"cluster", "Kafka cluster", text, kNeeded, "", "", "events"},
    {"authentication", "Authentication", select, kNeeded, "scram-sha-512", "scram-sha-512|tls"},
};
constexpr PluginNodeType kStrimzi[] = {
    {"kafka-topic", "Kafka topic", "A topic of a Kafka cluster", "kafka.strimzi.io/v1beta2", "KafkaTopic", "kafkatopics", kKafkaTopic,
     R"({"metadata":{"labels":{"strimzi.io/cluster":"$cluster"}},"spec":{"partitions":"$partitions","replicas":"$replicas","config":"$%config"}})"},
    {"kafka-user", "Kafka user", "A user of a Kafka cluster; its password goes into a secret", "kafka.strimzi.io/v1beta2", "KafkaUser", "kafkausers", kKafkaUser,
     R"({"metadata":{"labels":{"strimzi.io/cluster":"$cluster"}},"spec":{"authentication":{"type":"$authentication"}}})"},
};
constexpr PluginField kRabbit[] = {
    {"replicas", "Replicas", number, kNeeded, "1"},
    {"storage", "Storage", text, kNeeded, "10Gi"},
};
constexpr PluginNodeType kRabbitTypes[] = {
    {"rabbitmq-cluster", "RabbitMQ cluster", "A RabbitMQ broker", "rabbitmq.com/v1beta1", "RabbitmqCluster", "rabbitmqclusters", kRabbit,
     R"({"spec":{"replicas":"$replicas","persistence":{"storage":"$storage"}}})"},
};
constexpr PluginField kNatsStream[] = {
    {"stream", "Stream", text, kNeeded, "", "", "ORDERS"},
    {"subjects", "Subjects", lines, kNeeded, "", "", "orders.*"},
    {"storage", "Storage", select, kNeeded, "file", "file|memory"},
    {"maxAge", "Keep for", text, false, "", "", "24h"},
    {"replicas", "Replicas", number, false, "1"},
};
constexpr PluginNodeType kNats[] = {
    {"jetstream-stream", "JetStream stream", "Messages that NATS keeps", "jetstream.nats.io/v1beta2", "Stream", "streams", kNatsStream,
     R"({"spec":{"name":"$stream","subjects":"$*subjects","storage":"$storage","maxAge":"$maxAge","replicas":"$replicas"}})"},
};

constexpr Plugin kPlugins[] = {
    {"cert-manager", "cert-manager", "Issues and renews TLS certificates.", "Certificates", "v1", "cert-manager.io", "Certificate CertificateRequest Issuer ClusterIssuer", "https://cert-manager.io/docs/installation/", kCertManager},
    {"external-secrets", "External Secrets", "Brings secrets from vaults and clouds into the cluster.", "Secrets", "v1", "external-secrets.io", "ExternalSecret ClusterExternalSecret SecretStore ClusterSecretStore", "https://external-secrets.io/latest/introduction/getting-started/", kExternalSecrets},
    {"sealed-secrets", "Sealed Secrets", "Secrets that may lie in a repository.", "Secrets", "v1alpha1", "bitnami.com", "SealedSecret", "https://github.com/bitnami-labs/sealed-secrets", kSealedSecrets},
    {"vault-secrets", "Vault Secrets Operator", "Syncs HashiCorp Vault with the cluster.", "Secrets", "v1beta1", "secrets.hashicorp.com", "VaultStaticSecret VaultDynamicSecret VaultPKISecret VaultAuth VaultConnection", "https://developer.hashicorp.com/vault/docs/platform/k8s/vso", kVault},
    {"gateway-api", "Gateway API", "Kubernetes' successor of ingress.", "Networking", "v1", "gateway.networking.k8s.io", "GatewayClass Gateway HTTPRoute GRPCRoute", "https://gateway-api.sigs.k8s.io/guides/", kGatewayApi},
    {"traefik", "Traefik", "A proxy with routes of its own.", "Networking", "v1alpha1", "traefik.io", "IngressRoute IngressRouteTCP IngressRouteUDP Middleware TLSOption TraefikService", "https://doc.traefik.io/traefik/getting-started/install-traefik/", kTraefik},
    {"metallb", "MetalLB", "Load balancer addresses for clusters on bare metal.", "Networking", "v1beta1", "metallb.io", "IPAddressPool L2Advertisement BGPAdvertisement BGPPeer", "https://metallb.io/installation/", kMetalLb},
    {"cilium", "Cilium", "Network and network policies by eBPF.", "Networking", "v2", "cilium.io", "CiliumNetworkPolicy CiliumClusterwideNetworkPolicy CiliumEndpoint", "https://docs.cilium.io/en/stable/gettingstarted/", kCilium},
    {"external-dns", "ExternalDNS", "Records at DNS providers.", "Networking", "v1alpha1", "externaldns.k8s.io", "DNSEndpoint", "https://kubernetes-sigs.github.io/external-dns/", kExternalDns},
    {"istio", "Istio", "A service mesh with traffic rules and mutual TLS.", "Service mesh", "v1", "networking.istio.io", "VirtualService DestinationRule Gateway ServiceEntry Sidecar", "https://istio.io/latest/docs/setup/", kIstio},
    {"linkerd", "Linkerd", "A light service mesh.", "Service mesh", "v1alpha2", "linkerd.io", "ServiceProfile", "https://linkerd.io/2/getting-started/", kLinkerd},
    {"cloudnative-pg", "CloudNativePG", "Runs PostgreSQL.", "Databases", "v1", "postgresql.cnpg.io", "Cluster Backup ScheduledBackup Pooler", "https://cloudnative-pg.io/docs/", kCnpg},
    {"mariadb-operator", "MariaDB operator", "Runs MariaDB.", "Databases", "v1alpha1", "k8s.mariadb.com", "MariaDB Database User Grant Backup", "https://github.com/mariadb-operator/mariadb-operator", kMariaDbTypes},
    {"mongodb-community", "MongoDB Community", "Runs MongoDB.", "Databases", "v1", "mongodbcommunity.mongodb.com", "MongoDBCommunity", "https://github.com/mongodb/mongodb-kubernetes", kMongoTypes},
    {"redis-operator", "Redis operator", "Runs Redis.", "Databases", "v1beta2", "redis.redis.opstreelabs.in", "Redis RedisCluster RedisReplication RedisSentinel", "https://redis-operator.opstree.dev/", kRedisTypes},
    {"eck", "Elastic Cloud on Kubernetes", "Runs Elasticsearch.", "Databases", "v1", "elasticsearch.k8s.elastic.co", "Elasticsearch", "https://www.elastic.co/guide/en/cloud-on-k8s/current/index.html", kElasticTypes},
    {"strimzi", "Strimzi", "Runs Apache Kafka.", "Messaging", "v1beta2", "kafka.strimzi.io", "Kafka KafkaNodePool KafkaTopic KafkaUser KafkaConnect", "https://strimzi.io/quickstarts/", kStrimzi},
    {"rabbitmq-operator", "RabbitMQ operator", "Runs RabbitMQ.", "Messaging", "v1beta1", "rabbitmq.com", "RabbitmqCluster", "https://www.rabbitmq.com/kubernetes/operator/install-operator", kRabbitTypes},
    {"nats", "NATS JetStream", "Streams of a NATS server.", "Messaging", "v1beta2", "jetstream.nats.io", "Stream Consumer KeyValue ObjectStore", "https://github.com/nats-io/nack", kNats},
};

}  // namespace

std::span<const Plugin> first_half() { return kPlugins; }

}  // namespace hub::plugin_data
