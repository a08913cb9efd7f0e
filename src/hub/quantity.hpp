// Kubernetes quantities: "250m", "1.5", "16Gi", "100M", "1e3" (apimachinery, resource.Quantity).
//
//   hub::parse_quantity("250m")   // 0.25
#pragma once

#include <optional>
#include <string_view>

#include "base/text.hpp"

namespace hub {

[[nodiscard]] inline std::optional<double> parse_quantity(std::string_view text) {
    struct Unit {
        std::string_view suffix;
        double factor;
    };
    static constexpr Unit kUnits[] = {{"Ki", 1024.0}, {"Mi", 1048576.0}, {"Gi", 1073741824.0}, {"Ti", 1099511627776.0}, {"Pi", 1125899906842624.0},
                                      {"Ei", 1152921504606846976.0}, {"n", 1e-9}, {"u", 1e-6}, {"m", 1e-3}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9},
                                      {"T", 1e12}, {"P", 1e15}, {"E", 1e18}};
    double factor = 1;
    for (const Unit& unit : kUnits) {
        if (!text.ends_with(unit.suffix)) continue;
        factor = unit.factor;
        text.remove_suffix(unit.suffix.size());
        break;
    }
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto number = base::parse_number(text);
    if (!number) return std::nullopt;
    return *number * factor;
}

}  // namespace hub
