// Selectors from the query string: the first byte chooses label or field selectors. A label selector that parses prints as one
// that parses to the same text, and both match the same objects.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "kube/selectors.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    static const kube::Json object = kube::Json::parse(
        R"({"metadata":{"name":"a","namespace":"b","labels":{"a":"1","b/c":"x","tier":"web"}},"spec":{"nodeName":"n"},"status":{"phase":"Running"}})");
    if (data[0] & 1) {
        if (const auto fields = kube::FieldSelector::parse(text, *kube::find_resource("pods"))) (void)fields->matches(object);
        return 0;
    }
    const auto labels = kube::LabelSelector::parse(text);
    if (!labels) return 0;
    const auto again = kube::LabelSelector::parse(labels->to_string());
    if (!again || again->to_string() != labels->to_string() || again->matches(object) != labels->matches(object)) std::abort();
    return 0;
}
