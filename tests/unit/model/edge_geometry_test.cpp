#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "model/edge_geometry.hpp"

using namespace model;

namespace {

constexpr std::array<EdgeStyle, 3> kAll{EdgeStyle::bezier, EdgeStyle::smooth_step, EdgeStyle::straight};

float length_of(Vec2 a, Vec2 b) { return std::hypot(b.x - a.x, b.y - a.y); }

// The shortest distance to a line of many points, the slow way.
float slow_distance(const EdgeCurve& curve, Vec2 p) {
    float best = std::numeric_limits<float>::max();
    for (int i = 0; i <= 1'000; ++i) best = std::min(best, length_of(p, point_at(curve, static_cast<float>(i) / 1'000)));
    return best;
}

}  // namespace

TEST_CASE("edges of every style begin and end at the ports, stay in their box, and are hit where they are") {
    std::mt19937 random(5);
    std::uniform_real_distribution<float> place(-900, 900);
    for (int run = 0; run < 60; ++run) {
        const Vec2 from{place(random), place(random)};
        const Vec2 to = run % 10 == 0 ? Vec2{from.x + place(random), from.y} : Vec2{place(random), place(random)};
        const Rect box = edge_bounds(curve_between(from, to));
        for (const EdgeStyle style : kAll) {
            INFO("run " << run << ", " << edge_style_word(style) << " from " << from.x << "," << from.y << " to " << to.x << "," << to.y);
            const EdgeCurve curve = curve_between(from, to, style);
            CHECK(edge_bounds(curve) == box);
            CHECK(length_of(point_at(curve, 0), from) < 0.01F);
            CHECK(length_of(point_at(curve, 1), to) < 0.01F);
            std::vector<Vec2> line;
            flatten(curve, 24, line);
            CHECK(line.front() == from);
            CHECK(line.back() == to);
            for (const Vec2& p : line) {
                REQUIRE((p.x >= box.min.x - 0.01F && p.x <= box.max.x + 0.01F && p.y >= box.min.y - 0.01F && p.y <= box.max.y + 0.01F));
            }
            for (int i = 0; i <= 10; ++i) CHECK(distance_to(curve, point_at(curve, static_cast<float>(i) / 10)) < 1);
            const Vec2 away{place(random), place(random)};
            // Both ways sample the edge.
            CHECK(std::abs(distance_to(curve, away) - slow_distance(curve, away)) < 3);
        }
    }
}

TEST_CASE("a smooth step goes level and upright, but for its corners") {
    std::vector<Vec2> line;
    flatten(curve_between({0, 0}, {200, 100}, EdgeStyle::smooth_step), 5, line);  // few segments: sharp corners
    CHECK(line == std::vector<Vec2>{{0, 0}, {100, 0}, {100, 100}, {200, 100}});
    line.clear();
    flatten(curve_between({0, 0}, {-100, 80}, EdgeStyle::smooth_step), 5, line);
    CHECK(line == std::vector<Vec2>{{0, 0}, {24, 0}, {24, 40}, {-124, 40}, {-124, 80}, {-100, 80}});
    line.clear();
    flatten(curve_between({0, 0}, {200, 100}, EdgeStyle::smooth_step), 24, line);
    CHECK(line.size() == 2 + 2 * 5);
    // The corner itself is cut.
    CHECK(distance_to(curve_between({0, 0}, {200, 100}, EdgeStyle::smooth_step), {100, 0}) > 2);
    CHECK(distance_to(curve_between({0, 0}, {200, 100}, EdgeStyle::smooth_step), {100, 50}) < 0.01F);
}

TEST_CASE("edges at the same height are straight in every style, as are those too small to bend") {
    for (const EdgeStyle style : kAll) {
        const EdgeCurve level = curve_between({0, 7}, {300, 7}, style);
        CHECK(level.straight());
        CHECK(svg_path(level) == "M 0 7 L 300 7");
        std::vector<Vec2> line;
        flatten(level, 24, line);
        CHECK(line.size() == 2);
        const EdgeCurve nothing = curve_between({5, 5}, {5, 5}, style);
        CHECK(distance_to(nothing, {5, 5}) == 0);
        CHECK(std::isfinite(point_at(nothing, 0.5F).x));
    }
    CHECK(curve_between({0, 0}, {50, 90}, EdgeStyle::straight).straight());
    CHECK_FALSE(curve_between({0, 0}, {50, 90}).straight());
}

TEST_CASE("edges as SVG paths") {
    CHECK(svg_path(curve_between({0, 0}, {200, 80})) == "M 0 0 C 100 0 100 80 200 80");
    CHECK(svg_path(curve_between({0, 0}, {200, 80}, EdgeStyle::straight)) == "M 0 0 L 200 80");
    CHECK(svg_path(curve_between({0, 0}, {200, 80}, EdgeStyle::smooth_step)) == "M 0 0 L 88 0 Q 100 0 100 12 L 100 68 Q 100 80 112 80 L 200 80");
    CHECK(svg_number(0) == "0");
    CHECK(svg_number(-0.001F) == "0");
    CHECK(svg_number(1.5F) == "1.5");
    CHECK(svg_number(-12.25F) == "-12.25");
    CHECK(svg_number(3.07F) == "3.07");
    CHECK(svg_number(10'000'000) == "10000000");
    CHECK(svg_number(std::numeric_limits<float>::quiet_NaN()) == "0");
    CHECK(svg_number(std::numeric_limits<float>::infinity()) == "0");
}

TEST_CASE("edge styles have words for storing and titles, and follow each other") {
    for (const EdgeStyle style : kAll) CHECK(edge_style_from_word(edge_style_word(style)) == style);
    CHECK(edge_style_from_word("wavy") == EdgeStyle::bezier);
    CHECK(edge_style_title(EdgeStyle::smooth_step) == "Smooth step");
    CHECK(next_edge_style(EdgeStyle::bezier) == EdgeStyle::smooth_step);
    CHECK(next_edge_style(next_edge_style(EdgeStyle::smooth_step)) == EdgeStyle::bezier);
}
