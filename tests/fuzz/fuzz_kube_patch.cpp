// Patches against objects: the input is two JSON documents, separated by a zero byte; the first byte chooses the format. Nothing
// may crash, results stay within depth, and applying a configuration twice is applying it once.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json.hpp"
#include "kube/patch.hpp"
#include "kube/patch_apply.hpp"

namespace {

using kube::Json;
namespace api = kube::api;

void require(bool holds) {
    if (!holds) std::abort();
}

void apply_twice(const api::Schema::Type& type, const Json& live, const Json& config) {
    const api::FieldWriter writer{"fuzz", "v1", "2026-01-01T00:00:00Z", {}};
    auto once = api::apply_configuration(type, &live, config, writer, true);
    if (!once) return;
    const auto twice = api::apply_configuration(type, &*once, config, writer, false);
    require(twice && *twice == *once);
    Json updated = live;
    api::track_update(type, &*once, updated, writer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto cut = text.find('\0');
    if (cut == std::string_view::npos) return 0;
    const auto target = base::parse_json(text.substr(0, cut), {.max_bytes = 1 << 20, .max_depth = 32});
    const auto patch = base::parse_json(text.substr(cut + 1), {.max_bytes = 1 << 20, .max_depth = 32});
    if (!target || !patch) return 0;
    static const api::Schema schema;
    const auto& type = schema.kind(data[0] & 8 ? "Service" : "Deployment");
    switch (data[0] % 4) {
        case 0:
            if (auto out = api::apply_json_patch(*target, *patch)) require(!base::dump_json(*out).empty());
            break;
        case 1: require(!base::dump_json(api::apply_merge_patch(*target, *patch)).empty()); break;
        case 2:
            if (auto out = api::apply_strategic_merge_patch(type, *target, *patch)) require(!base::dump_json(*out).empty());
            break;
        default:
            if (!schema.check(type, *target) && !schema.check(type, *patch) && target->is_object() && patch->is_object()) apply_twice(type, *target, *patch);
    }
    return 0;
}
