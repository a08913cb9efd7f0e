// ?limit&offset (or ?page&limit) of lists, within bounds.
//
//   const auto page = read_page(routed.query(), {.limit = 20, .largest = 100});
//   if (!page) return send_error(*writer, page.error());      // "limit: expected a number from 1 to 100"
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/text.hpp"
#include "base/url.hpp"

namespace hub {

struct PageBounds {
    std::size_t limit = 20;     // when none is asked for
    std::size_t largest = 100;  // more is asked for: that many
};
struct Page {
    std::size_t limit = 0;
    std::size_t offset = 0;
};

[[nodiscard]] inline base::Result<Page> read_page(std::string_view query_text, PageBounds bounds) {
    const auto query = base::parse_query(query_text);
    if (!query) return base::fail(query.error());
    Page page{.limit = bounds.limit, .offset = 0};
    const auto wrong = [](const std::string& message) { return base::fail(base::ErrorCode::invalid_argument, message); };
    if (query->has("limit")) {
        const auto value = base::parse_integer_in<std::size_t>(query->get("limit"), 1, 1'000'000);
        if (!value) return wrong("limit: expected a number from 1 to " + std::to_string(bounds.largest));
        page.limit = std::min(*value, bounds.largest);
    }
    if (query->has("offset")) {
        const auto value = base::parse_integer_in<std::size_t>(query->get("offset"), 0, 1'000'000);
        if (!value) return wrong("offset: expected a number from 0");
        page.offset = *value;
    } else if (query->has("page")) {
        const auto value = base::parse_integer_in<std::size_t>(query->get("page"), 1, 100'000);
        if (!value) return wrong("page: expected a number from 1");
        page.offset = (*value - 1) * page.limit;
    }
    return page;
}

}  // namespace hub
