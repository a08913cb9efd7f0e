#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <set>

#include "model/graph/layered_layout.hpp"

using namespace model;

namespace {

using Edges = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

LayoutInput input_of(std::size_t nodes, Edges edges) {
    LayoutInput input;
    input.nodes.resize(nodes);
    input.edges = std::move(edges);
    return input;
}

Rect rect_of(const LayoutInput& input, const std::vector<Vec2>& at, std::size_t i) {
    return {at[i], {at[i].x + input.nodes[i].size.x, at[i].y + input.nodes[i].size.y}};
}

// Pairs that overlap, by sweeping over x.
std::size_t overlaps(const LayoutInput& input, const std::vector<Vec2>& at) {
    std::vector<std::size_t> order(at.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return at[a].x < at[b].x; });
    std::size_t count = 0;
    for (std::size_t k = 0; k < order.size(); ++k) {
        const Rect a = rect_of(input, at, order[k]);
        for (std::size_t m = k + 1; m < order.size() && at[order[m]].x < a.max.x; ++m) {
            if (a.overlaps(rect_of(input, at, order[m]))) ++count;
        }
    }
    return count;
}

LayoutInput moved_to(LayoutInput input, const std::vector<Vec2>& at) {
    for (std::size_t i = 0; i < at.size(); ++i) input.nodes[i].position = at[i];
    return input;
}

LayoutInput random_input(std::mt19937& random, bool acyclic) {
    const auto pick = [&](int from, int to) { return std::uniform_int_distribution<int>(from, to)(random); };
    LayoutInput input;
    const int nodes = pick(1, 40);
    for (int i = 0; i < nodes; ++i) {
        LayoutNode node{.position = {static_cast<float>(pick(-900, 900)), static_cast<float>(pick(-900, 900))}};
        if (pick(0, 4) == 0) node.size = {static_cast<float>(pick(20, 500)), static_cast<float>(pick(20, 300))};
        input.nodes.push_back(node);
    }
    const int edges = pick(0, nodes * 2);
    for (int i = 0; i < edges; ++i) {
        auto from = static_cast<std::uint32_t>(pick(0, nodes - 1));
        auto to = static_cast<std::uint32_t>(pick(0, nodes - 1));
        if (acyclic && from > to) std::swap(from, to);
        input.edges.emplace_back(from, to);
    }
    return input;
}

}  // namespace

TEST_CASE("layout: a chain is a straight row, left to right or top down") {
    const LayoutInput input = input_of(3, {{0, 1}, {1, 2}});
    const auto row = layered_layout(input);
    CHECK(row[0] == Vec2{0, 0});
    CHECK(row[0].y == row[1].y);
    CHECK(row[1].y == row[2].y);
    CHECK(row[1].x >= row[0].x + kNodeSize.x + 60);
    CHECK(row[2].x > row[1].x);
    const auto column = layered_layout(input, {.direction = LayoutDirection::top_down});
    CHECK(column[0].x == column[2].x);
    CHECK(column[1].y > column[0].y);
    CHECK(column[2].y > column[1].y);
}

TEST_CASE("layout: what shares a parent stands in one layer, the parent in their middle") {
    const auto at = layered_layout(input_of(4, {{0, 1}, {0, 2}, {0, 3}}));
    CHECK(at[1].x == at[2].x);
    CHECK(at[2].x == at[3].x);
    const std::set<float> rows{at[1].y, at[2].y, at[3].y};
    REQUIRE(rows.size() == 3);
    CHECK(std::abs(at[0].y - *std::next(rows.begin())) <= 15);
}

TEST_CASE("layout: crossed pairs are uncrossed") {
    LayoutInput input = input_of(6, {{0, 4}, {1, 3}, {2, 5}, {0, 3}, {1, 5}});
    for (std::size_t i = 0; i < 6; ++i) input.nodes[i].position = {i < 3 ? 0.0F : 400.0F, static_cast<float>(i % 3) * 100};
    const auto at = layered_layout(input);
    std::vector<std::vector<std::uint32_t>> layers{{0, 1, 2}, {3, 4, 5}};
    for (auto& layer : layers) std::sort(layer.begin(), layer.end(), [&](auto a, auto b) { return at[a].y < at[b].y; });
    CHECK(count_crossings({{0, 1, 2}, {3, 4, 5}}, input.edges) > 0);
    CHECK(count_crossings(layers, input.edges) == 0);
}

TEST_CASE("layout: an edge over several layers keeps clear of the nodes between") {
    // 0 -> 1 -> 2 -> 3 and 0 -> 3: the long edge and the chain cannot share a line.
    const auto at = layered_layout(input_of(4, {{0, 1}, {1, 2}, {2, 3}, {0, 3}}));
    const float middle = (at[0].y + at[3].y) / 2;
    CHECK((std::abs(at[1].y - middle) >= 15 || std::abs(at[2].y - middle) >= 15));
}

TEST_CASE("layout: cycles, loops, doubles and edges to nowhere do no harm") {
    const LayoutInput input = input_of(4, {{0, 1}, {1, 2}, {2, 0}, {3, 3}, {0, 1}, {0, 9}, {77, 1}});
    const auto at = layered_layout(input);
    REQUIRE(at.size() == 4);
    CHECK(overlaps(input, at) == 0);
}

TEST_CASE("layout: positions and sizes that are no numbers are taken as none") {
    LayoutInput input = input_of(3, {{0, 1}});
    input.nodes[0].position = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()};
    input.nodes[1].size = {std::numeric_limits<float>::quiet_NaN(), -5};
    for (const Vec2 at : layered_layout(input)) {
        CHECK(std::isfinite(at.x));
        CHECK(std::isfinite(at.y));
    }
    CHECK(layered_layout({}).empty());
}

TEST_CASE("layout: it begins where the nodes were") {
    LayoutInput input = input_of(3, {{0, 1}, {0, 2}});
    for (auto& node : input.nodes) node.position = {600, -300};
    const auto at = layered_layout(input);
    float x = 1e9F;
    float y = 1e9F;
    for (const Vec2 p : at) {
        x = std::min(x, p.x);
        y = std::min(y, p.y);
    }
    CHECK(x == 600);
    CHECK(y == -300);
}

TEST_CASE("layout: parts keep their order and nodes without edges become a block") {
    LayoutInput input = input_of(24, {{0, 1}, {2, 3}});
    input.nodes[0].position = input.nodes[1].position = {0, 900};
    const auto at = layered_layout(input);
    CHECK(overlaps(input, at) == 0);
    CHECK((at[2].y < at[0].y || (at[2].y == at[0].y && at[2].x < at[0].x)));
    std::set<float> columns;
    for (std::size_t i = 4; i < 24; ++i) columns.insert(at[i].x);
    CHECK(columns.size() > 2);
    CHECK(columns.size() < 12);
}

TEST_CASE("layout: no overlap, every edge forward, and a second run changes nothing, for any graph") {
    std::mt19937 random(20261201);
    for (int run = 0; run < 600; ++run) {
        const bool acyclic = run % 2 == 0;
        const LayoutInput input = random_input(random, acyclic);
        const LayoutOptions options{.direction = run % 3 == 0 ? LayoutDirection::top_down : LayoutDirection::left_right};
        const auto at = layered_layout(input, options);
        INFO("run " << run << ", " << input.nodes.size() << " nodes, " << input.edges.size() << " edges");
        REQUIRE(at.size() == input.nodes.size());
        REQUIRE(overlaps(input, at) == 0);
        if (acyclic) {
            for (const auto& [from, to] : input.edges) {
                if (from == to) continue;
                const Rect a = rect_of(input, at, from);
                const Rect b = rect_of(input, at, to);
                if (options.direction == LayoutDirection::left_right) REQUIRE(a.max.x <= b.min.x);
                else REQUIRE(a.max.y <= b.min.y);
            }
            REQUIRE(layered_layout(moved_to(input, at), options) == at);
        }
    }
}

TEST_CASE("layout: a fan of 4,000 and a chain of 20,000 come out without overlap") {
    Edges fan;
    Edges chain;
    for (std::uint32_t i = 1; i < 20'000; ++i) {
        if (i < 4'000) fan.emplace_back(0, i);
        chain.emplace_back(i - 1, i);
    }
    chain.emplace_back(0, 19'999);
    const LayoutInput wide = input_of(4'000, fan);
    CHECK(overlaps(wide, layered_layout(wide)) == 0);
    const LayoutInput deep = input_of(20'000, chain);
    CHECK(overlaps(deep, layered_layout(deep)) == 0);
}
