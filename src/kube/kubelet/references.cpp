#include "kube/kubelet/references.hpp"

#include <array>
#include <utility>

#include "kube/controllers/object_access.hpp"

namespace kube::kubelet {
namespace {

using controllers::array;
using controllers::find;
using controllers::flag;
using controllers::namespace_of;
using controllers::text;

struct Kind {
    const char* resource;
    const char* lower;  // in "not found" messages
    const char* title;  // in "couldn't find key" messages
};
constexpr Kind kConfigMap{"configmaps", "configmap", "ConfigMap"};
constexpr Kind kSecret{"secrets", "secret", "Secret"};

std::string missing(const ObjectStore& store, const std::string& ns, const Kind& kind, const std::string& name) {
    if (name.empty() || store.get({kind.resource, ns, name})) return {};
    return std::string(kind.lower) + " \"" + name + "\" not found";
}

bool has_key(const Json& object, const std::string& key) {
    return find(object, {"data", key}) || find(object, {"binaryData", key}) || find(object, {"stringData", key});
}

std::string missing_key(const ObjectStore& store, const std::string& ns, const Kind& kind, const Json& reference) {
    if (flag(reference, {"optional"})) return {};
    const std::string name = text(reference, {"name"});
    if (std::string gone = missing(store, ns, kind, name); !gone.empty()) return gone;
    const ObjectPtr object = store.get({kind.resource, ns, name});
    const std::string key = text(reference, {"key"});
    if (!object || key.empty() || has_key(*object, key)) return {};
    return "couldn't find key " + key + " in " + kind.title + " " + ns + "/" + name;
}

std::string claim_problem(const ObjectStore& store, const std::string& ns, const std::string& claim) {
    const ObjectPtr found = store.get({"persistentvolumeclaims", ns, claim});
    if (!found) return "persistentvolumeclaim \"" + claim + "\" not found";
    return text(*found, {"status", "phase"}) == "Bound" ? std::string() : "persistentvolumeclaim \"" + claim + "\" is not bound";
}

// Of one volume source: a volume itself, or an entry of a projected one.
std::string source_problem(const ObjectStore& store, const std::string& ns, const Json& source) {
    if (!flag(source, {"configMap", "optional"})) {
        if (std::string gone = missing(store, ns, kConfigMap, text(source, {"configMap", "name"})); !gone.empty()) return gone;
    }
    if (!flag(source, {"secret", "optional"})) {
        const std::string name = text(source, {"secret", "secretName"});
        if (std::string gone = missing(store, ns, kSecret, name.empty() ? text(source, {"secret", "name"}) : name); !gone.empty()) return gone;
    }
    const std::string claim = text(source, {"persistentVolumeClaim", "claimName"});
    return claim.empty() ? std::string() : claim_problem(store, ns, claim);
}

}  // namespace

MissingVolume find_missing_volume(const ObjectStore& store, const Json& pod) {
    const std::string ns = namespace_of(pod);
    for (const Json& volume : array(pod, {"spec", "volumes"})) {
        const std::string name = text(volume, {"name"});
        if (std::string problem = source_problem(store, ns, volume); !problem.empty()) return {name, std::move(problem)};
        for (const Json& source : array(volume, {"projected", "sources"})) {
            if (std::string problem = source_problem(store, ns, source); !problem.empty()) return {name, std::move(problem)};
        }
    }
    return {};
}

std::string find_missing_environment(const ObjectStore& store, const Json& pod, const Json& container) {
    const std::string ns = namespace_of(pod);
    for (const Json& source : array(container, {"envFrom"})) {
        for (const auto& [field, kind] : {std::pair{"configMapRef", &kConfigMap}, std::pair{"secretRef", &kSecret}}) {
            const Json* reference = find(source, {field});
            if (!reference || flag(*reference, {"optional"})) continue;
            if (std::string gone = missing(store, ns, *kind, text(*reference, {"name"})); !gone.empty()) return gone;
        }
    }
    for (const Json& variable : array(container, {"env"})) {
        for (const auto& [field, kind] : {std::pair{"configMapKeyRef", &kConfigMap}, std::pair{"secretKeyRef", &kSecret}}) {
            const Json* reference = find(variable, {"valueFrom", field});
            if (!reference) continue;
            if (std::string gone = missing_key(store, ns, *kind, *reference); !gone.empty()) return gone;
        }
    }
    return {};
}

}  // namespace kube::kubelet
