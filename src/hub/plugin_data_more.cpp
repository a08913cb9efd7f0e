// The second half of the plugins' data, from monitoring on.
#include "hub/plugin_data.hpp"

namespace hub {

namespace {

using enum PluginFieldType;
constexpr bool kNeeded = true;

// ---- Monitoring

constexpr PluginField kServiceMonitor[] = {
    {"select", "Services with labels", pairs, kNeeded, "", "", "app=web"},
    {"port", "Port name", text, kNeeded, "", "", "metrics"},
    {"path", "Path", text, false, "/metrics"},
    {"interval", "Interval", text, false, "30s"},
};
constexpr PluginField kPrometheusRule[] = {
    {"alert", "Alert", text, kNeeded, "", "", "HighErrorRate"},
    {"expr", "Expression", long_text, kNeeded, "", "", "rate(http_requests_total{code=~\"5..\"}[5m]) > 1"},
    {"duration", "For", text, false, "5m"},
    {"severity", "Severity", select, false, "warning", "info|warning|critical"},
    {"summary", "Summary", text, false, "", "", "Too many errors"},
};
constexpr PluginNodeType kPrometheus[] = {
    {"service-monitor", "Service monitor", "Lets Prometheus read the metrics of services", "monitoring.coreos.com/v1", "ServiceMonitor", "servicemonitors", kServiceMonitor,
     R"({"spec":{"selector":{"matchLabels":"$%select"},"endpoints":[{"port":"$port","path":"$path","interval":"$interval"}]}})"},
    {"prometheus-rule", "Prometheus rule", "An alert from an expression over metrics", "monitoring.coreos.com/v1", "PrometheusRule", "prometheusrules", kPrometheusRule,
     R"({"spec":{"groups":[{"name":"binnacle","rules":[{"alert":"$alert","expr":"$expr","for":"$duration","labels":{"severity":"$severity"},"annotations":{"summary":"$summary"}}]}]}})"},
};
constexpr PluginField kGrafanaDashboard[] = {
    {"select", "Grafana with labels", pairs, kNeeded, "dashboards=grafana"},
    {"model", "Dashboard as JSON", long_text, kNeeded, "", "", "{\"title\":\"Shop\",\"panels\":[]}"},
};
constexpr PluginField kGrafanaSource[] = {
    {"select", "Grafana with labels", pairs, kNeeded, "dashboards=grafana"},
    {"source", "Name", text, kNeeded, "", "", "prometheus"},
    {"kind", "Type", text, kNeeded, "prometheus"},
    {"url", "URL", text, kNeeded, "", "", "http://prometheus-operated:9090"},
};
constexpr PluginNodeType kGrafana[] = {
    {"grafana-dashboard", "Grafana dashboard", "A dashboard in Grafana", "grafana.integreatly.org/v1beta1", "GrafanaDashboard", "grafanadashboards", kGrafanaDashboard,
     R"({"spec":{"instanceSelector":{"matchLabels":"$%select"},"json":"$model"}})"},
    {"grafana-datasource", "Grafana data source", "Where Grafana reads from", "grafana.integreatly.org/v1beta1", "GrafanaDatasource", "grafanadatasources", kGrafanaSource,
     R"({"spec":{"instanceSelector":{"matchLabels":"$%select"},"datasource":{"name":"$source","type":"$kind","access":"proxy","url":"$url"}}})"},
};

// ---- Logging and tracing

constexpr PluginField kCollector[] = {
    {"mode", "Mode", select, kNeeded, "deployment", "deployment|daemonset|statefulset|sidecar"},
    {"config", "Configuration as JSON", json, kNeeded,
     R"({"receivers":{"otlp":{"protocols":{"grpc":{},"http":{}}}},"exporters":{"debug":{}},"service":{"pipelines":{"traces":{"receivers":["otlp"],"exporters":["debug"]}}}})"},
};
constexpr PluginNodeType kOpenTelemetry[] = {
    {"otel-collector", "OpenTelemetry collector", "Receives traces, metrics and logs and hands them on", "opentelemetry.io/v1beta1", "OpenTelemetryCollector", "opentelemetrycollectors", kCollector,
     R"({"spec":{"mode":"$mode","config":"$~config"}})"},
};
constexpr PluginField kFlow[] = {
    {"select", "Pods with labels", pairs, kNeeded, "", "", "app=web"},
    {"outputs", "Outputs", lines, kNeeded, "", "", "logging-output"},
};
constexpr PluginField kOutput[] = {{"url", "Loki URL", text, kNeeded, "", "", "http://loki:3100"}};
constexpr PluginNodeType kLogging[] = {
    {"logging-flow", "Log flow", "Sends the logs of pods to outputs", "logging.banzaicloud.io/v1beta1", "Flow", "flows", kFlow,
     R"({"spec":{"match":[{"select":{"labels":"$%select"}}],"localOutputRefs":"$*outputs"}})"},
    {"logging-output", "Log output", "Writes logs to Loki", "logging.banzaicloud.io/v1beta1", "Output", "outputs", kOutput, R"({"spec":{"loki":{"url":"$url"}}})"},
};

// ---- Storage and backup

constexpr PluginField kVeleroSchedule[] = {
    {"schedule", "Schedule", text, kNeeded, "0 3 * * *"},
    {"namespaces", "Namespaces", lines, kNeeded, "", "", "default"},
    {"ttl", "Keep for", text, false, "720h0m0s"},
};
constexpr PluginNodeType kVelero[] = {
    {"velero-schedule", "Backup schedule", "Regular backups of namespaces; in Velero's own namespace", "velero.io/v1", "Schedule", "schedules", kVeleroSchedule,
     R"({"spec":{"schedule":"$schedule","template":{"includedNamespaces":"$*namespaces","ttl":"$ttl"}}})"},
};
constexpr PluginField kSnapshot[] = {
    {"claim", "Volume claim", text, kNeeded, "", "", "data-db-0"},
    {"className", "Snapshot class", text},
};
constexpr PluginNodeType kSnapshots[] = {
    {"volume-snapshot", "Volume snapshot", "A copy of a volume at one moment", "snapshot.storage.k8s.io/v1", "VolumeSnapshot", "volumesnapshots", kSnapshot,
     R"({"spec":{"volumeSnapshotClassName":"$className","source":{"persistentVolumeClaimName":"$claim"}}})"},
};
constexpr PluginField kRecurringJob[] = {
    {"task", "Task", select, kNeeded, "snapshot", "snapshot|backup|snapshot-cleanup|snapshot-delete|filesystem-trim"},
    {"cron", "Schedule", text, kNeeded, "0 2 * * *"},
    {"retain", "Keep", number, kNeeded, "7"},
    {"concurrency", "At a time", number, kNeeded, "2"},
    {"groups", "Volume groups", lines, false, "default"},
};
constexpr PluginNodeType kLonghorn[] = {
    {"longhorn-recurring-job", "Longhorn recurring job", "Snapshots or backups of volumes; in Longhorn's own namespace", "longhorn.io/v1beta2", "RecurringJob", "recurringjobs", kRecurringJob,
     R"({"spec":{"task":"$task","cron":"$cron","retain":"$retain","concurrency":"$concurrency","groups":"$*groups"}})"},
};

// ---- Delivery

constexpr PluginField kApplication[] = {
    {"repo", "Repository", text, kNeeded, "", "", "https://github.com/example/shop.git"},
    {"path", "Path", text, kNeeded, "", "", "deploy"},
    {"revision", "Revision", text, false, "HEAD"},
    {"project", "Project", text, kNeeded, "default"},
    {"targetNamespace", "Into namespace", text, kNeeded, "", "", "shop"},
    {"prune", "Delete what is gone", select, false, "false", "true|false"},
};
constexpr PluginNodeType kArgoCd[] = {
    {"argocd-application", "Argo CD application", "Keeps the cluster as a repository says; in Argo CD's own namespace", "argoproj.io/v1alpha1", "Application", "applications", kApplication,
     R"({"spec":{"project":"$project","source":{"repoURL":"$repo","path":"$path","targetRevision":"$revision"},"destination":{"server":"https://kubernetes.default.svc","namespace":"$targetNamespace"},"syncPolicy":{"automated":{"prune":"$?prune","selfHeal":true}}}})"},
};
constexpr PluginField kGitRepository[] = {
    {"url", "URL", text, kNeeded, "", "", "https://github.com/example/shop.git"},
    {"branch", "Branch", text, kNeeded, "main"},
    {"interval", "Interval", text, kNeeded, "5m"},
    {"secret", "Credentials secret", text},
};
constexpr PluginNodeType kFlux[] = {
    {"flux-git-repository", "Git repository", "A repository that Flux follows", "source.toolkit.fluxcd.io/v1", "GitRepository", "gitrepositories", kGitRepository,
     R"({"spec":{"url":"$url","ref":{"branch":"$branch"},"interval":"$interval","secretRef":{"name":"$secret"}}})"},
};
constexpr PluginField kHelmRelease[] = {
    {"chart", "Chart", text, kNeeded, "", "", "podinfo"},
    {"chartVersion", "Version", text, false, "", "", "6.x"},
    {"sourceKind", "Source kind", select, kNeeded, "HelmRepository", "HelmRepository|GitRepository|Bucket"},
    {"source", "Source", text, kNeeded, "", "", "podinfo"},
    {"interval", "Interval", text, kNeeded, "10m"},
};
constexpr PluginNodeType kFluxHelm[] = {
    {"flux-helm-release", "Helm release", "A chart that Flux keeps installed", "helm.toolkit.fluxcd.io/v2", "HelmRelease", "helmreleases", kHelmRelease,
     R"({"spec":{"interval":"$interval","chart":{"spec":{"chart":"$chart","version":"$chartVersion","sourceRef":{"kind":"$sourceKind","name":"$source"}}}}})"},
};
constexpr PluginField kTask[] = {
    {"image", "Image", text, kNeeded, "", "", "alpine:3.22"},
    {"script", "Script", long_text, kNeeded, "", "", "echo hello"},
};
constexpr PluginField kPipelineRun[] = {{"pipeline", "Pipeline", text, kNeeded, "", "", "build"}};
constexpr PluginNodeType kTekton[] = {
    {"tekton-task", "Tekton task", "A step of a pipeline", "tekton.dev/v1", "Task", "tasks", kTask, R"({"spec":{"steps":[{"name":"run","image":"$image","script":"$script"}]}})"},
    {"tekton-pipeline-run", "Tekton pipeline run", "Starts a pipeline", "tekton.dev/v1", "PipelineRun", "pipelineruns", kPipelineRun, R"({"spec":{"pipelineRef":{"name":"$pipeline"}}})"},
};
constexpr PluginField kArgoWorkflow[] = {
    {"image", "Image", text, kNeeded, "", "", "alpine:3.22"},
    {"command", "Command", lines, kNeeded, "", "", "echo|hello"},
};
constexpr PluginNodeType kArgoWorkflows[] = {
    {"argo-workflow", "Argo workflow", "One container that runs to its end", "argoproj.io/v1alpha1", "Workflow", "workflows", kArgoWorkflow,
     R"({"spec":{"entrypoint":"main","templates":[{"name":"main","container":{"image":"$image","command":"$*command"}}]}})"},
};

// ---- Policy

constexpr PluginField kKyvernoPolicy[] = {
    {"kinds", "Kinds", lines, kNeeded, "Deployment"},
    {"label", "Label they need", text, kNeeded, "", "", "team"},
    {"action", "What happens", select, kNeeded, "Audit", "Audit|Enforce"},
};
constexpr PluginNodeType kKyverno[] = {
    {"kyverno-policy", "Kyverno policy", "Objects of these kinds need a label", "kyverno.io/v1", "Policy", "policies", kKyvernoPolicy,
     R"({"spec":{"rules":[{"name":"needs-label","match":{"any":[{"resources":{"kinds":"$*kinds"}}]},"validate":{"failureAction":"$action","message":"A label is missing","pattern":{"metadata":{"labels":{"${label}":"?*"}}}}}]}})"},
};
constexpr PluginField kAdmissionPolicy[] = {
    {"module", "Module", text, kNeeded, "", "", "ghcr.io/kubewarden/policies/pod-privileged:v1.0.10"},
    {"resources", "Resources", lines, kNeeded, "pods"},
    {"mode", "Mode", select, kNeeded, "protect", "protect|monitor"},
};
constexpr PluginNodeType kKubewarden[] = {
    {"kubewarden-policy", "Admission policy", "A policy module that judges requests", "policies.kubewarden.io/v1", "AdmissionPolicy", "admissionpolicies", kAdmissionPolicy,
     R"({"spec":{"module":"$module","mode":"$mode","mutating":false,"rules":[{"apiGroups":[""],"apiVersions":["v1"],"resources":"$*resources","operations":["CREATE","UPDATE"]}]}})"},
};

// ---- Scaling and serverless

constexpr PluginField kScaledObject[] = {
    {"target", "Deployment", text, kNeeded, "", "", "worker"},
    {"min", "At least", number, false, "0"},
    {"max", "At most", number, false, "10"},
    {"trigger", "Trigger", text, kNeeded, "", "", "kafka"},
    {"settings", "Settings of the trigger", pairs, kNeeded, "", "", "bootstrapServers=kafka:9092|topic=orders|consumerGroup=worker|lagThreshold=50"},
};
constexpr PluginNodeType kKeda[] = {
    {"scaled-object", "Scaled object", "As many pods as a queue, a topic or a metric asks for, down to none", "keda.sh/v1alpha1", "ScaledObject", "scaledobjects", kScaledObject,
     R"({"spec":{"scaleTargetRef":{"name":"$target"},"minReplicaCount":"$min","maxReplicaCount":"$max","triggers":[{"type":"$trigger","metadata":"$%settings"}]}})"},
};
constexpr PluginField kVerticalPodAutoscaler[] = {
    {"kind", "Kind", select, kNeeded, "Deployment", "Deployment|StatefulSet|DaemonSet"},
    {"target", "Workload", text, kNeeded, "", "", "web"},
    {"mode", "Mode", select, kNeeded, "Off", "Off|Initial|Recreate"},
};
constexpr PluginNodeType kVpa[] = {
    {"vertical-pod-autoscaler", "Vertical pod autoscaler", "CPU and memory as the pods turn out to need", "autoscaling.k8s.io/v1", "VerticalPodAutoscaler", "verticalpodautoscalers", kVerticalPodAutoscaler,
     R"({"spec":{"targetRef":{"apiVersion":"apps/v1","kind":"$kind","name":"$target"},"updatePolicy":{"updateMode":"$mode"}}})"},
};
constexpr PluginField kKnativeService[] = {
    {"image", "Image", text, kNeeded, "", "", "ghcr.io/knative/helloworld-go:latest"},
    {"port", "Port", number, false, "8080"},
};
constexpr PluginNodeType kKnative[] = {
    {"knative-service", "Knative service", "A service that scales with its requests, down to none", "serving.knative.dev/v1", "Service", "services", kKnativeService,
     R"({"spec":{"template":{"spec":{"containers":[{"image":"$image","ports":[{"containerPort":"$port"}]}]}}}})"},
};

// ---- Data and machine learning

constexpr PluginField kSpark[] = {
    {"language", "Language", select, kNeeded, "Python", "Java|Scala|Python|R"},
    {"image", "Image", text, kNeeded, "spark:3.5.5"},
    {"sparkVersion", "Spark version", text, kNeeded, "3.5.5"},
    {"file", "Main file", text, kNeeded, "local:///opt/spark/examples/src/main/python/pi.py"},
    {"account", "Service account", text, kNeeded, "spark-operator-spark"},
    {"executors", "Executors", number, kNeeded, "2"},
};
constexpr PluginNodeType kSparkTypes[] = {
    {"spark-application", "Spark application", "An Apache Spark job", "sparkoperator.k8s.io/v1beta2", "SparkApplication", "sparkapplications", kSpark,
     R"({"spec":{"type":"$language","mode":"cluster","image":"$image","sparkVersion":"$sparkVersion","mainApplicationFile":"$file","driver":{"cores":1,"memory":"512m","serviceAccount":"$account"},"executor":{"instances":"$executors","cores":1,"memory":"512m"}}})"},
};
constexpr PluginField kRay[] = {
    {"image", "Image", text, kNeeded, "rayproject/ray:2.41.0"},
    {"workers", "Workers", number, kNeeded, "1"},
};
constexpr PluginNodeType kRayTypes[] = {
    {"ray-cluster", "Ray cluster", "A head and workers of Ray", "ray.io/v1", "RayCluster", "rayclusters", kRay,
     R"({"spec":{"headGroupSpec":{"rayStartParams":{},"template":{"spec":{"containers":[{"name":"head","image":"$image"}]}}},"workerGroupSpecs":[{"groupName":"workers","replicas":"$workers","minReplicas":0,"maxReplicas":"$workers","rayStartParams":{},"template":{"spec":{"containers":[{"name":"worker","image":"$image"}]}}}]}})"},
};
constexpr PluginField kInference[] = {
    {"format", "Model format", text, kNeeded, "sklearn"},
    {"uri", "Model location", text, kNeeded, "", "", "gs://kfserving-examples/models/sklearn/1.0/model"},
};
constexpr PluginNodeType kKserve[] = {
    {"inference-service", "Inference service", "Serves a trained model over HTTP", "serving.kserve.io/v1beta1", "InferenceService", "inferenceservices", kInference,
     R"({"spec":{"predictor":{"model":{"modelFormat":{"name":"$format"},"storageUri":"$uri"}}}})"},
};

constexpr Plugin kPlugins[] = {
    {"prometheus-operator", "Prometheus operator", "Metrics and alerts by Prometheus.", "Monitoring", "v1", "monitoring.coreos.com", "Prometheus Alertmanager ServiceMonitor PodMonitor PrometheusRule Probe", "https://prometheus-operator.dev/docs/getting-started/installation/", kPrometheus},
    {"grafana-operator", "Grafana operator", "Dashboards and data sources of Grafana.", "Monitoring", "v1beta1", "grafana.integreatly.org", "Grafana GrafanaDashboard GrafanaDatasource GrafanaFolder", "https://grafana.github.io/grafana-operator/docs/installation/", kGrafana},
    {"opentelemetry", "OpenTelemetry operator", "Collectors for traces, metrics and logs.", "Logging and tracing", "v1beta1", "opentelemetry.io", "OpenTelemetryCollector Instrumentation", "https://opentelemetry.io/docs/platforms/kubernetes/operator/", kOpenTelemetry},
    {"logging-operator", "Logging operator", "Where the logs of pods go.", "Logging and tracing", "v1beta1", "logging.banzaicloud.io", "Logging Flow ClusterFlow Output ClusterOutput", "https://kube-logging.dev/docs/install/", kLogging},
    {"velero", "Velero", "Backups of a cluster.", "Storage and backup", "v1", "velero.io", "Backup Restore Schedule BackupStorageLocation", "https://velero.io/docs/main/basic-install/", kVelero},
    {"volume-snapshots", "Volume snapshots", "Snapshots by the storage driver.", "Storage and backup", "v1", "snapshot.storage.k8s.io", "VolumeSnapshot VolumeSnapshotClass VolumeSnapshotContent", "https://github.com/kubernetes-csi/external-snapshotter", kSnapshots},
    {"longhorn", "Longhorn", "Replicated block storage.", "Storage and backup", "v1beta2", "longhorn.io", "Volume RecurringJob Backup Setting", "https://longhorn.io/docs/latest/deploy/install/", kLonghorn},
    {"argo-cd", "Argo CD", "Delivers what repositories say.", "Delivery", "v1alpha1", "argoproj.io", "Application ApplicationSet AppProject", "https://argo-cd.readthedocs.io/en/stable/getting_started/", kArgoCd},
    {"flux-source", "Flux sources", "Repositories, charts and buckets for Flux.", "Delivery", "v1", "source.toolkit.fluxcd.io", "GitRepository HelmRepository HelmChart OCIRepository Bucket", "https://fluxcd.io/flux/installation/", kFlux},
    {"flux-helm", "Flux Helm releases", "Charts that Flux keeps installed.", "Delivery", "v2", "helm.toolkit.fluxcd.io", "HelmRelease", "https://fluxcd.io/flux/installation/", kFluxHelm},
    {"tekton", "Tekton Pipelines", "Pipelines that run in the cluster.", "Delivery", "v1", "tekton.dev", "Task TaskRun Pipeline PipelineRun", "https://tekton.dev/docs/installation/pipelines/", kTekton},
    {"argo-workflows", "Argo Workflows", "Jobs that depend on each other.", "Delivery", "v1alpha1", "argoproj.io", "Workflow CronWorkflow WorkflowTemplate ClusterWorkflowTemplate", "https://argo-workflows.readthedocs.io/en/latest/installation/", kArgoWorkflows},
    {"kyverno", "Kyverno", "Policies as Kubernetes objects.", "Policy", "v1", "kyverno.io", "Policy ClusterPolicy", "https://kyverno.io/docs/installation/", kKyverno},
    {"kubewarden", "Kubewarden", "Policies as WebAssembly.", "Policy", "v1", "policies.kubewarden.io", "AdmissionPolicy ClusterAdmissionPolicy PolicyServer", "https://docs.kubewarden.io/quick-start", kKubewarden},
    {"keda", "KEDA", "Scales by events.", "Scaling and serverless", "v1alpha1", "keda.sh", "ScaledObject ScaledJob TriggerAuthentication ClusterTriggerAuthentication", "https://keda.sh/docs/latest/deploy/", kKeda},
    {"vpa", "Vertical pod autoscaler", "Right sizes for containers.", "Scaling and serverless", "v1", "autoscaling.k8s.io", "VerticalPodAutoscaler VerticalPodAutoscalerCheckpoint", "https://github.com/kubernetes/autoscaler/tree/master/vertical-pod-autoscaler", kVpa},
    {"knative", "Knative Serving", "Services that scale to none.", "Scaling and serverless", "v1", "serving.knative.dev", "Service Route Configuration Revision", "https://knative.dev/docs/install/", kKnative},
    {"spark-operator", "Spark operator", "Runs Apache Spark jobs.", "Data and machine learning", "v1beta2", "sparkoperator.k8s.io", "SparkApplication ScheduledSparkApplication", "https://github.com/kubeflow/spark-operator", kSparkTypes},
    {"kuberay", "KubeRay", "Runs Ray clusters.", "Data and machine learning", "v1", "ray.io", "RayCluster RayJob RayService", "https://docs.ray.io/en/latest/cluster/kubernetes/getting-started.html", kRayTypes},
    {"kserve", "KServe", "Serves models.", "Data and machine learning", "v1beta1", "serving.kserve.io", "InferenceService", "https://kserve.github.io/website/", kKserve},
};

}  // namespace

std::span<const Plugin> plugins() {
    static const std::vector<Plugin> kAll = [] {
        const std::span<const Plugin> first = plugin_data::first_half();
        std::vector<Plugin> all(first.begin(), first.end());
        all.insert(all.end(), std::begin(kPlugins), std::end(kPlugins));
        return all;
    }();
    return kAll;
}

}  // namespace hub
