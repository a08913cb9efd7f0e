// YAML as people paste it (a kubeconfig, manifests, a compose file), made into Json within limits. Over libyaml's events; nothing else
// includes libyaml.
//
//   auto json = hub::parse_yaml(text);
//   if (!json) return base::fail(json.error());    // "line 7, column 3: the key "name" is there twice"
//
//   const YamlStream stream = hub::parse_yaml_stream(text);               // documents between "---", with the lines they came from
//   for (const YamlDocument& document : stream.documents) use(document.value, line_of(document.marks, {"metadata", "name"}));
//
// Promises: scalars by YAML's core schema (1.2, 10.3): null, booleans and numbers only when plain; an empty document is null; keys are
// strings. Refused, always with line and column: duplicate keys, keys that are no scalars, tags other than the core ones, an alias
// inside of its own anchor, and by parse_yaml also a second document and merge keys (<<). Aliases are expanded, and what they expand
// to counts against the limits, so that ten lines cannot become gigabytes. The limits are those of the whole text.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace hub {

struct YamlLimits {
    std::size_t max_bytes = 1024 * 1024;
    std::size_t max_depth = 64;
    std::size_t max_nodes = 100'000;                    // with expanded aliases
    std::size_t max_expanded_bytes = 4 * 1024 * 1024;   // of all scalars, with expanded aliases
};

// One document. too_large over a limit, else invalid_argument.
[[nodiscard]] base::Result<base::Json> parse_yaml(std::string_view text, YamlLimits limits = {});

// Where a value stands in the text: a tree beside the Json. What came in by an alias or a merge key has no marks of its own.
struct YamlMark {
    int line = 0;  // of the value, or of its key where it has one; from 1
    std::map<std::string, YamlMark, std::less<>> members;
    std::vector<YamlMark> items;
};

struct YamlDocument {
    base::Json value;
    YamlMark marks;
};

struct YamlStream {
    std::vector<YamlDocument> documents;  // those before the error, if there is one; documents of nothing are left out
    std::optional<base::Error> error;
    int error_line = 0;                   // 0: not known
};

// All documents. Merge keys are followed: what a mapping has itself wins over what is merged, earlier merges over later ones.
[[nodiscard]] YamlStream parse_yaml_stream(std::string_view text, YamlLimits limits = {});

// One step into a document: a key, or an index.
struct YamlStep {
    YamlStep(std::string_view name) : key(name) {}                              // NOLINT(google-explicit-constructor): reads as a path
    YamlStep(const char* name) : key(name) {}                                   // NOLINT(google-explicit-constructor)
    YamlStep(const std::string& name) : key(name) {}                            // NOLINT(google-explicit-constructor)
    YamlStep(std::size_t position) : index(position), is_index(true) {}         // NOLINT(google-explicit-constructor)
    std::string_view key;
    std::size_t index = 0;
    bool is_index = false;
};
// The deepest mark on the way to `path`; the document's own when nothing of it is marked.
[[nodiscard]] const YamlMark& mark_at(const YamlMark& marks, std::initializer_list<YamlStep> path);
[[nodiscard]] inline int line_of(const YamlMark& marks, std::initializer_list<YamlStep> path) { return mark_at(marks, path).line; }

}  // namespace hub
