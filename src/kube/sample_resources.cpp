#include "kube/sample_resources.hpp"

#include <map>

#include "base/json.hpp"
#include "kube/api_json.hpp"
#include "kube/custom_resources.hpp"
#include "kube/sample_resources_text.hpp"

namespace kube {

void create_sample_resources(ObjectStore& store) {
    const auto definitions = base::parse_json(kSampleDefinitions);
    const auto objects = base::parse_json(kSampleObjects);
    if (!definitions || !objects) return;  // a test reads them both
    std::map<std::string, std::string> made;  // "DNSZone dns.networking.miloapis.com/v1alpha1" to where its objects are stored
    for (const Json& definition : *definitions) {
        const ObjectKey key{std::string(kDefinitions), "", api::name_of(definition)};
        if (store.get(key)) continue;
        Json complete = definition;
        api::default_definition(complete);
        if (!store.create(key, std::move(complete))) continue;
        const std::string version = api::text(api::array(definition, {"spec", "versions"})[0], {"name"});
        made[api::text(definition, {"spec", "names", "kind"}) + " " + api::text(definition, {"spec", "group"}) + "/" + version] = key.name;
    }
    for (const Json& object : *objects) {
        const auto resource = made.find(api::text(object, {"kind"}) + " " + api::text(object, {"apiVersion"}));
        if (resource == made.end()) continue;
        [[maybe_unused]] const auto created = store.create(controllers::key_of(resource->second, object), object);
    }
}

}  // namespace kube
