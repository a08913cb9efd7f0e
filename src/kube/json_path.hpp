// JsonPath: the "simple" JSON paths that CustomResourceDefinitions use for printer columns and the scale subresource.
//
//   auto path = JsonPath::parse(R"(.status.conditions[?(@.type=="Ready")].status)");
//   path->find(object)     // pointers to every value it leads to, in document order
//
// Understood: a leading `$` or `{...}`, `.name`, `.name\.with\.dots`, `['name']`, `[0]`, `[-1]`, `[*]`, `.*`, and filters of one
// comparison with a string, number or boolean: `[?(@.type=="Ready")]`. Anything else is refused, as a column that is always empty
// helps nobody. At most kMaxJsonPathBytes long; a walk gives up at kMaxJsonPathResults values.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kube/object_store.hpp"

namespace kube {

inline constexpr std::size_t kMaxJsonPathBytes = 512;
inline constexpr std::size_t kMaxJsonPathResults = 1000;

class JsonPath {
public:
    [[nodiscard]] static base::Result<JsonPath> parse(std::string_view text);

    [[nodiscard]] std::vector<const Json*> find(const Json& object) const;
    // The names, when the path is made of nothing else (".spec.replicas"): such a path can be written to. Else empty.
    [[nodiscard]] std::vector<std::string> plain_names() const;

private:
    struct Step {
        enum class Kind { name, index, all, filter } kind = Kind::name;
        std::string name;                 // of a name; of a filter the joined path is in `filter_path`
        long index = 0;                   // negative: from the end
        std::vector<std::string> filter_path;
        bool equal = true;                // == or !=
        Json value;                       // compared with
    };
    class Parser;
    std::vector<Step> steps_;
};

}  // namespace kube
