#include "kube/controllers/controller_manager.hpp"

#include <algorithm>

#include "kube/controllers/address_controller.hpp"
#include "kube/controllers/autoscaler.hpp"
#include "kube/controllers/claim_binder.hpp"
#include "kube/controllers/context.hpp"
#include "kube/controllers/cron_job_controller.hpp"
#include "kube/controllers/daemon_set_controller.hpp"
#include "kube/controllers/deployment_controller.hpp"
#include "kube/controllers/endpoints_controller.hpp"
#include "kube/controllers/garbage_collector.hpp"
#include "kube/controllers/job_controller.hpp"
#include "kube/controllers/namespace_controller.hpp"
#include "kube/controllers/node_registrar.hpp"
#include "kube/controllers/pod_scheduler.hpp"
#include "kube/controllers/replica_set_controller.hpp"
#include "kube/controllers/sample_operator.hpp"
#include "kube/controllers/stateful_set_controller.hpp"
#include "kube/kubelet/kubelet.hpp"
#include "kube/log_server.hpp"

namespace kube {

class ControllerManager::Impl {
public:
    Impl(const ControllerPorts& ports, const ControllerOptions& options)
        : events_(ports.store, ports.scheduler, ports.random),
          context_{ports.store, ports.scheduler, ports.random, events_, std::clamp(options.speed, 0.001, 1000.0)},
          logs_(ports.store, ports.scheduler, context_.speed) {
        controllers::register_nodes(context_, options.node_count);
    }

    controllers::EventRecorder events_;
    controllers::Context context_;
    LogServer logs_;
    controllers::NamespaceController namespaces_{context_};
    controllers::GarbageCollector garbage_{context_};
    controllers::PodScheduler scheduler_{context_};
    controllers::DeploymentController deployments_{context_};
    controllers::ReplicaSetController replica_sets_{context_};
    controllers::StatefulSetController stateful_sets_{context_};
    controllers::DaemonSetController daemon_sets_{context_};
    controllers::JobController jobs_{context_};
    controllers::CronJobController cron_jobs_{context_};
    controllers::ClaimBinder claims_{context_};
    controllers::EndpointsController endpoints_{context_};
    controllers::AddressController addresses_{context_};
    controllers::Autoscaler autoscaler_{context_};
    controllers::SampleOperator samples_{context_};
    kubelet::Kubelet kubelet_{context_};
};

ControllerManager::ControllerManager(ControllerPorts ports, ControllerOptions options) : impl_(std::make_unique<Impl>(ports, options)) {}

ControllerManager::~ControllerManager() = default;

LogSource& ControllerManager::logs() { return impl_->logs_; }

}  // namespace kube
