// Custom resources: the first byte chooses a JSON path against an object, or a schema against an object; the two inputs are
// separated by a zero byte. Nothing may crash; a definition's schema that passes its check can be built, and what it prunes and
// defaults once it leaves alone the second time.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json.hpp"
#include "kube/json_path.hpp"
#include "kube/structural_schema.hpp"

namespace {

using kube::Json;
namespace api = kube::api;

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto cut = text.find('\0');
    if (cut == std::string_view::npos) return 0;
    auto object = base::parse_json(text.substr(cut + 1), {.max_bytes = 1 << 16, .max_depth = 32});
    if (!object) return 0;
    if (data[0] % 2 == 0) {
        const auto path = kube::JsonPath::parse(text.substr(0, cut));
        if (path) require(path->find(*object).size() <= kube::kMaxJsonPathResults);
        return 0;
    }
    const auto schema_json = base::parse_json(text.substr(0, cut), {.max_bytes = 1 << 16, .max_depth = 32});
    if (!schema_json || !object->is_object()) return 0;
    api::Causes wrong;
    api::StructuralSchema::check(*schema_json, "schema", wrong);
    if (!wrong.empty()) return 0;
    static const api::Schema built_in;
    const api::StructuralSchema schema(*schema_json, built_in.kind("PartialObjectMetadata").field("metadata"));
    schema.prune(*object);
    schema.set_defaults(*object);
    schema.prune(*object);
    Json again = *object;
    schema.set_defaults(again);
    schema.prune(again);
    require(again == *object);
    api::Causes causes;
    schema.validate(*object, causes);
    return 0;
}
