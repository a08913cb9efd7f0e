// The custom kinds that come with every cluster (DNS zones and record sets, domains, HTTP proxies, export policies) and samples of
// them. Definitions that are missing are put back at each start; the samples of a kind are made together with its definition only,
// so a sample that somebody deleted stays deleted. controllers::SampleOperator brings the objects to Ready.
#pragma once

#include "kube/object_store.hpp"

namespace kube {

void create_sample_resources(ObjectStore& store);

}  // namespace kube
