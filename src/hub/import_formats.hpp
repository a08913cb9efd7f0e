// The readers of import_analysis.hpp, one for each format. They never fail: what cannot be used becomes an issue of the draft.
#pragma once

#include <string>
#include <vector>

#include "hub/import_draft.hpp"
#include "hub/yaml.hpp"

namespace hub {

// A Compose file (https://github.com/compose-spec/compose-spec): `document` has `services`.
void read_compose(const YamlDocument& document, const std::string& ns, ImportDraft& draft);
// Manifests; lists of kind List are opened.
void read_manifests(const std::vector<YamlDocument>& documents, const std::string& ns, ImportDraft& draft);

}  // namespace hub
