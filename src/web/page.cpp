#include "web/page.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "base/json.hpp"
#include "base/text.hpp"
#include "base/url.hpp"
#include "web/bindings.hpp"
#include "wire/json_reader.hpp"

namespace web {

namespace {

constexpr int kMaxBenchNodes = 200'000;

std::optional<BenchOptions> bench_from(const base::Query& query) {
    const std::string_view what = query.get("bench");
    if (what == "logs") return BenchOptions{.nodes = 1, .zoom = std::nullopt, .logs = true};
    if (what != "graph") return std::nullopt;
    BenchOptions bench;
    bench.nodes = base::parse_integer_in<int>(query.get("nodes"), 1, kMaxBenchNodes).value_or(bench.nodes);
    if (const auto zoom = base::parse_number(query.get("zoom")); zoom && !query.flag("fit")) {
        bench.zoom = std::clamp(static_cast<float>(*zoom), 0.02f, 4.0f);
    }
    return bench;
}

}  // namespace

Page page_from_json(const std::string& text) {
    Page page;
    const auto json = base::parse_json(text);
    if (!json) return page;
    wire::JsonErrors errors;
    const wire::JsonReader info(*json, errors);
    page.base = info.string_or("base", "/");
    page.origin = info.string_or("origin", "");
    page.agent = info.string_or("agent", "");
    page.mac = info.boolean_or("mac", false);
    page.webdriver = info.boolean_or("webdriver", false);
    page.embedded = info.boolean_or("embedded", false);
    if (const wire::JsonReader answer = info.optional_object("oauth")) {
        page.oauth_return = {answer.string_or("code", ""), answer.string_or("error", ""), answer.string_or("tab", ""), answer.string_or("title", "")};
    }

    std::string search = page.query = info.string_or("query", "");
    if (search.starts_with('?')) search.erase(0, 1);
    const auto query = base::parse_query(search);
    if (!query) return page;
    page.embed = query->flag("embed");
    page.full_semantics = query->flag("a11y") || page.webdriver;
    page.developer = query->flag("dev");
    page.theme = query->get("theme");
    page.backend = query->get("backend");
    page.bench = bench_from(*query);
    return page;
}

std::string take_asset(const std::string& name) {
    std::uint32_t size = 0;
    std::uint8_t* bytes = bn_page_asset(name.c_str(), &size);
    if (bytes == nullptr) return {};
    std::string result(reinterpret_cast<const char*>(bytes), size);
    std::free(bytes);
    return result;
}

Page read_page() { return page_from_json(BrowserText(bn_page_info()).text()); }

}  // namespace web
