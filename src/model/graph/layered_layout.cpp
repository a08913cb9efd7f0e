#include "model/graph/layered_layout.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace model {

namespace {

using Index = std::uint32_t;
using Link = std::pair<Index, Index>;
constexpr Index kNone = 0xffffffff;

// An edge over many layers is a chain of way points, so that it is kept free of nodes. Beyond so many in all, long edges go without.
constexpr std::size_t kMaxWayPoints = 100'000;
constexpr int kSweeps = 8;          // of ordering, down and up in turn
constexpr int kRounds = 6;          // of sweeps, each from the best order so far, while they gain
constexpr int kPlacingSweeps = 8;
constexpr float kPartsAspect = 1.6F;  // width to height that packing aims at

// "u" runs along the edges, "v" across.
struct Extent {
    float u = 0;
    float v = 0;
};

// One component, its nodes numbered from 0; way points follow the nodes.
struct Part {
    std::vector<Index> nodes;   // numbers in the input
    std::vector<Link> links;    // local numbers, acyclic
};

float finite(float value) { return std::isfinite(value) ? value : 0; }

// Number of inversions of `values`, by merging.
std::size_t inversions(std::vector<Index>& values, std::vector<Index>& scratch) {
    scratch.resize(values.size());
    std::size_t count = 0;
    for (std::size_t width = 1; width < values.size(); width *= 2) {
        for (std::size_t from = 0; from < values.size(); from += 2 * width) {
            const std::size_t middle = std::min(from + width, values.size());
            const std::size_t to = std::min(from + 2 * width, values.size());
            std::size_t a = from;
            std::size_t b = middle;
            for (std::size_t out = from; out < to; ++out) {
                if (a < middle && (b == to || values[a] <= values[b])) {
                    scratch[out] = values[a++];
                } else {
                    count += middle - a;
                    scratch[out] = values[b++];
                }
            }
        }
        values.swap(scratch);
    }
    return count;
}

// The layered graph of one part: nodes, way points, links between neighbouring layers only.
class Layers {
public:
    Layers(const Part& part, const std::vector<Extent>& sizes, const std::vector<float>& old_v, const std::vector<float>& old_u)
        : node_count_(static_cast<Index>(part.nodes.size())) {
        assign_layers(part);
        extent_.reserve(part.nodes.size());
        for (const Index node : part.nodes) extent_.push_back(sizes[node]);
        add_links(part);
        initial_order(part, old_v, old_u);
    }

    // Looks for an order of the nodes with fewer crossings, where way points follow from the nodes (thread_way_points): that way the order
    // that was found can be read back from the nodes' positions, and a second run begins where this one ended and finds nothing.
    void order() {
        thread_way_points();
        std::size_t best = crossings();
        auto best_layers = layers_;
        bool gained = true;
        for (int round = 0; round < kRounds && gained && best > 0; ++round) {
            gained = false;
            auto searched = best_layers;
            for (int sweep = 0; sweep < kSweeps && best > 0; ++sweep) {
                layers_.swap(searched);
                number_layers();
                const bool median = sweep % 4 >= 2;
                if (sweep % 2 == 0) {
                    for (std::size_t k = 1; k < layers_.size(); ++k) sort_layer(k, up_, median);
                } else {
                    for (std::size_t k = layers_.size() - 1; k-- > 0;) sort_layer(k, down_, median);
                }
                swap_neighbours([](Index, Index) { return true; });
                searched = layers_;
                thread_way_points();
                const std::size_t now = crossings();
                if (now < best) {
                    best = now;
                    best_layers = layers_;
                    gained = true;
                }
            }
        }
        layers_ = std::move(best_layers);
        number_layers();
    }

    // Middle of each node and way point across, with the gaps kept; and where each layer begins along.
    void place(const LayoutOptions& options) {
        v_.assign(extent_.size(), 0);
        for (const auto& layer : layers_) {
            float at = 0;
            for (const Index i : layer) {
                v_[i] = at + extent_[i].v / 2;
                at += extent_[i].v + options.node_gap;
            }
        }
        for (int sweep = 0; sweep < kPlacingSweeps; ++sweep) {
            if (sweep % 2 == 0) {
                for (std::size_t k = 1; k < layers_.size(); ++k) pull(layers_[k], up_, options.node_gap);
            } else {
                for (std::size_t k = layers_.size() - 1; k-- > 0;) pull(layers_[k], down_, options.node_gap);
            }
        }
        layer_at_.assign(layers_.size(), 0);
        layer_depth_.assign(layers_.size(), 0);
        float at = 0;
        for (std::size_t k = 0; k < layers_.size(); ++k) {
            for (const Index i : layers_[k]) layer_depth_[k] = std::max(layer_depth_[k], extent_[i].u);
            layer_at_[k] = at;
            at += layer_depth_[k] + options.layer_gap;
        }
    }

    // Of a node: its corner.
    [[nodiscard]] Extent corner(Index i) const {
        const std::size_t k = layer_of_[i];
        return {layer_at_[k] + (layer_depth_[k] - extent_[i].u) / 2, v_[i] - extent_[i].v / 2};
    }

private:
    void assign_layers(const Part& part) {
        std::vector<std::vector<Index>> out(node_count_);
        std::vector<std::vector<Index>> in(node_count_);
        for (const auto& [from, to] : part.links) {
            out[from].push_back(to);
            in[to].push_back(from);
        }
        // Sources first; the links are acyclic.
        std::vector<Index> waiting(node_count_);
        std::vector<Index> sequence;
        sequence.reserve(node_count_);
        for (Index i = 0; i < node_count_; ++i) {
            waiting[i] = static_cast<Index>(in[i].size());
            if (waiting[i] == 0) sequence.push_back(i);
        }
        layer_of_.assign(node_count_, 0);
        for (std::size_t next = 0; next < sequence.size(); ++next) {
            for (const Index to : out[sequence[next]]) {
                layer_of_[to] = std::max(layer_of_[to], layer_of_[sequence[next]] + 1);
                if (--waiting[to] == 0) sequence.push_back(to);
            }
        }
        // What feeds others stands right before them, not at the far left: shorter edges.
        for (auto it = sequence.rbegin(); it != sequence.rend(); ++it) {
            const Index i = *it;
            if (out[i].empty() || out[i].size() < in[i].size()) continue;
            std::size_t latest = std::numeric_limits<std::size_t>::max();
            for (const Index to : out[i]) latest = std::min(latest, layer_of_[to] - 1);
            layer_of_[i] = std::max(layer_of_[i], latest);
        }
        // Layers that became empty go.
        const std::size_t deepest = *std::max_element(layer_of_.begin(), layer_of_.end());
        std::vector<std::size_t> renumbered(deepest + 1, 0);
        for (const std::size_t k : layer_of_) renumbered[k] = 1;
        std::size_t used = 0;
        for (std::size_t& k : renumbered) {
            const bool present = k != 0;
            k = used;
            if (present) ++used;
        }
        for (std::size_t& k : layer_of_) k = renumbered[k];
        layers_.resize(used);
    }

    void add_links(const Part& part) {
        std::size_t way_points = 0;
        for (const auto& [from, to] : part.links) {
            const std::size_t span = layer_of_[to] - layer_of_[from];
            if (span > 1 && way_points + span > kMaxWayPoints) continue;
            Index last = from;
            for (std::size_t k = layer_of_[from] + 1; k < layer_of_[to]; ++k) {
                const Index point = static_cast<Index>(extent_.size());
                extent_.push_back({});
                layer_of_.push_back(k);
                ++way_points;
                link(last, point);
                last = point;
            }
            link(last, to);
        }
        up_.resize(extent_.size());
        down_.resize(extent_.size());
    }

    void link(Index from, Index to) {
        const std::size_t size = std::max<std::size_t>(extent_.size(), node_count_);
        up_.resize(size);
        down_.resize(size);
        down_[from].push_back(to);
        up_[to].push_back(from);
    }

    void initial_order(const Part& part, const std::vector<float>& old_v, const std::vector<float>& old_u) {
        for (Index i = 0; i < extent_.size(); ++i) layers_[layer_of_[i]].push_back(i);
        for (auto& layer : layers_) {
            const auto nodes_end = std::find_if(layer.begin(), layer.end(), [&](Index i) { return i >= node_count_; });
            std::stable_sort(layer.begin(), nodes_end, [&](Index a, Index b) {
                const Index na = part.nodes[a];
                const Index nb = part.nodes[b];
                return old_v[na] != old_v[nb] ? old_v[na] < old_v[nb] : old_u[na] < old_u[nb];
            });
        }
        number_layers();
    }

    // Puts the way points between the nodes, whose order stays: on the line between what they join, then swapped where that saves crossings.
    void thread_way_points() {
        if (extent_.size() == node_count_) return number_layers();
        key_.assign(extent_.size(), 0);
        for (auto& layer : layers_) {
            float nodes = 0;
            for (const Index i : layer) nodes += i < node_count_ ? 1 : 0;
            float rank = -(nodes - 1) / 2;
            for (const Index i : layer) {
                if (i < node_count_) key_[i] = rank++;
            }
        }
        for (Index i = node_count_; i < extent_.size(); ++i) {
            // Way points of an edge are numbered along it.
            Index end = i;
            std::size_t ahead = 0;
            while (end >= node_count_) {
                end = down_[end].front();
                ++ahead;
            }
            const float before = key_[up_[i].front()];
            key_[i] = before + (key_[end] - before) / static_cast<float>(ahead + 1);
        }
        for (auto& layer : layers_) {
            std::sort(layer.begin(), layer.end(), [&](Index a, Index b) { return key_[a] != key_[b] ? key_[a] < key_[b] : a < b; });
        }
        number_layers();
        for (int pass = 0; pass < 2; ++pass) swap_neighbours([this](Index a, Index b) { return a >= node_count_ || b >= node_count_; });
    }

    void number_layers() {
        place_of_.resize(extent_.size());
        for (const auto& layer : layers_) number(layer);
    }
    void number(const std::vector<Index>& layer) {
        for (Index k = 0; k < layer.size(); ++k) place_of_[layer[k]] = k;
    }

    [[nodiscard]] std::size_t crossings() {
        std::size_t count = 0;
        for (std::size_t k = 0; k + 1 < layers_.size(); ++k) {
            targets_.clear();
            for (const Index i : layers_[k]) {
                const std::size_t first = targets_.size();
                for (const Index to : down_[i]) targets_.push_back(place_of_[to]);
                std::sort(targets_.begin() + static_cast<std::ptrdiff_t>(first), targets_.end());
            }
            count += inversions(targets_, scratch_);
        }
        return count;
    }

    void sort_layer(std::size_t k, const std::vector<std::vector<Index>>& neighbours, bool median) {
        auto& layer = layers_[k];
        key_.resize(extent_.size());
        for (const Index i : layer) {
            const auto& near = neighbours[i];
            if (near.empty()) {
                key_[i] = -1;  // keeps its place
                continue;
            }
            places_.clear();
            for (const Index n : near) places_.push_back(place_of_[n]);
            if (median) {
                std::sort(places_.begin(), places_.end());
                const std::size_t m = places_.size() / 2;
                key_[i] = places_.size() % 2 == 1 ? static_cast<float>(places_[m]) : static_cast<float>(places_[m - 1] + places_[m]) / 2;
            } else {
                key_[i] = static_cast<float>(std::accumulate(places_.begin(), places_.end(), std::uint64_t{0})) / static_cast<float>(places_.size());
            }
        }
        // Those without a neighbour there stay where they are; the others are sorted into the remaining places.
        std::vector<Index> moving;
        for (const Index i : layer) {
            if (key_[i] >= 0) moving.push_back(i);
        }
        std::stable_sort(moving.begin(), moving.end(), [&](Index a, Index b) { return key_[a] < key_[b]; });
        auto next = moving.begin();
        for (Index& i : layer) {
            if (key_[i] >= 0) i = *next++;
        }
        number(layer);
    }

    // Crossings among the links of two neighbours of a layer, when a stands before b.
    [[nodiscard]] std::size_t crossings_of(Index a, Index b, const std::vector<std::vector<Index>>& neighbours) {
        const auto sorted = [&](Index i, std::vector<Index>& out) {
            out.clear();
            for (const Index n : neighbours[i]) out.push_back(place_of_[n]);
            std::sort(out.begin(), out.end());
        };
        sorted(a, near_a_);
        sorted(b, near_b_);
        std::size_t count = 0;
        std::size_t below = 0;
        for (const Index place : near_a_) {
            while (below < near_b_.size() && near_b_[below] < place) ++below;
            count += below;
        }
        return count;
    }

    template <class May>
    void swap_neighbours(May may_swap) {
        constexpr std::size_t kMaxLinks = 64;  // a hub with thousands of edges is not worth the time
        for (auto& layer : layers_) {
            for (std::size_t k = 0; k + 1 < layer.size(); ++k) {
                const Index a = layer[k];
                const Index b = layer[k + 1];
                if (!may_swap(a, b) || up_[a].size() + down_[a].size() + up_[b].size() + down_[b].size() > kMaxLinks) continue;
                const std::size_t now = crossings_of(a, b, up_) + crossings_of(a, b, down_);
                if (now == 0 || crossings_of(b, a, up_) + crossings_of(b, a, down_) >= now) continue;
                std::swap(layer[k], layer[k + 1]);
                place_of_[b] = static_cast<Index>(k);
                place_of_[a] = static_cast<Index>(k + 1);
            }
        }
    }

    // Moves each towards the middle of its neighbours as far as order and gaps allow: the least squares solution for this layer, found by
    // joining what would overlap into blocks (pool adjacent violators).
    void pull(const std::vector<Index>& layer, const std::vector<std::vector<Index>>& neighbours, float gap) {
        struct Block {
            double wanted = 0;  // mean of where its first member's middle should be
            double weight = 0;
            std::size_t from = 0;
            std::size_t to = 0;
        };
        std::vector<Block> blocks;
        std::vector<double> offset(layer.size(), 0);  // of each middle from the layer's first
        for (std::size_t k = 1; k < layer.size(); ++k) {
            const Index a = layer[k - 1];
            const Index b = layer[k];
            // Way points need no more room than a line.
            const bool lines = a >= node_count_ && b >= node_count_;
            offset[k] = offset[k - 1] + extent_[a].v / 2 + extent_[b].v / 2 + (lines ? gap / 3 : gap);
        }
        for (std::size_t k = 0; k < layer.size(); ++k) {
            const Index i = layer[k];
            double wanted = v_[i];
            double weight = 0.05;
            if (!neighbours[i].empty()) {
                double sum = 0;
                for (const Index n : neighbours[i]) sum += v_[n];
                wanted = sum / static_cast<double>(neighbours[i].size());
                // Long edges are kept straight before anything else.
                const bool chain = i >= node_count_ && neighbours[i].front() >= node_count_;
                weight = chain ? 8 : i >= node_count_ ? 2 : 1;
            }
            blocks.push_back({wanted - offset[k], weight, k, k + 1});
            while (blocks.size() > 1 && blocks[blocks.size() - 2].wanted >= blocks.back().wanted) {
                const Block last = blocks.back();
                blocks.pop_back();
                Block& before = blocks.back();
                const double weights = before.weight + last.weight;
                before.wanted = (before.wanted * before.weight + last.wanted * last.weight) / weights;
                before.weight = weights;
                before.to = last.to;
            }
        }
        for (const Block& block : blocks) {
            for (std::size_t k = block.from; k < block.to; ++k) v_[layer[k]] = static_cast<float>(block.wanted + offset[k]);
        }
    }

    Index node_count_ = 0;
    std::vector<Extent> extent_;            // of nodes, then of way points
    std::vector<std::size_t> layer_of_;
    std::vector<std::vector<Index>> up_;    // in the layer before
    std::vector<std::vector<Index>> down_;  // in the layer after
    std::vector<std::vector<Index>> layers_;
    std::vector<Index> place_of_;
    std::vector<float> v_;
    std::vector<float> layer_at_;
    std::vector<float> layer_depth_;
    // Scratch.
    std::vector<Index> targets_, scratch_, places_, near_a_, near_b_;
    std::vector<float> key_;
};

// Links without loops, doubles and strangers.
std::vector<Link> clean_links(const LayoutInput& input) {
    std::vector<Link> links;
    links.reserve(input.edges.size());
    for (const auto& [from, to] : input.edges) {
        if (from < input.nodes.size() && to < input.nodes.size() && from != to) links.emplace_back(from, to);
    }
    std::sort(links.begin(), links.end());
    links.erase(std::unique(links.begin(), links.end()), links.end());
    return links;
}

// Turns round the links that close a cycle, as a depth-first walk in the order of `nodes` meets them.
void break_cycles(Part& part) {
    const auto count = static_cast<Index>(part.nodes.size());
    std::vector<std::vector<std::size_t>> out(count);
    for (std::size_t k = 0; k < part.links.size(); ++k) out[part.links[k].first].push_back(k);
    std::vector<Index> incoming(count, 0);
    for (const auto& [from, to] : part.links) ++incoming[to];
    enum : std::uint8_t { kFresh, kOpen, kDone };
    std::vector<std::uint8_t> state(count, kFresh);
    std::vector<bool> turned(part.links.size(), false);
    struct Step {
        Index node;
        std::size_t next;
    };
    std::vector<Step> stack;
    const auto walk = [&](Index root) {
        if (state[root] != kFresh) return;
        state[root] = kOpen;
        stack.push_back({root, 0});
        while (!stack.empty()) {
            Step& step = stack.back();
            if (step.next == out[step.node].size()) {
                state[step.node] = kDone;
                stack.pop_back();
                continue;
            }
            const std::size_t link = out[step.node][step.next++];
            const Index to = part.links[link].second;
            if (state[to] == kOpen) turned[link] = true;
            if (state[to] == kFresh) {
                state[to] = kOpen;
                stack.push_back({to, 0});
            }
        }
    };
    for (Index i = 0; i < count; ++i) {
        if (incoming[i] == 0) walk(i);
    }
    for (Index i = 0; i < count; ++i) walk(i);
    for (std::size_t k = 0; k < part.links.size(); ++k) {
        if (turned[k]) std::swap(part.links[k].first, part.links[k].second);
    }
    std::sort(part.links.begin(), part.links.end());
    part.links.erase(std::unique(part.links.begin(), part.links.end()), part.links.end());
}

struct Box {
    std::vector<Index> nodes;
    std::vector<Extent> corners;  // relative to the box
    Extent size;
    float first_u = 0;            // where it was, for the order of packing
    float first_v = 0;
};

}  // namespace

std::size_t count_crossings(const std::vector<std::vector<std::uint32_t>>& layers, const std::vector<std::pair<std::uint32_t, std::uint32_t>>& edges) {
    std::size_t nodes = 0;
    for (const auto& layer : layers) {
        for (const Index i : layer) nodes = std::max<std::size_t>(nodes, i + std::size_t{1});
    }
    std::vector<Index> place(nodes, 0);
    std::vector<std::size_t> layer_of(nodes, layers.size());
    for (std::size_t k = 0; k < layers.size(); ++k) {
        for (Index p = 0; p < layers[k].size(); ++p) {
            place[layers[k][p]] = p;
            layer_of[layers[k][p]] = k;
        }
    }
    std::vector<std::vector<Link>> between(layers.size());
    for (const auto& [from, to] : edges) {
        if (from < nodes && to < nodes && layer_of[from] + 1 == layer_of[to]) between[layer_of[from]].emplace_back(place[from], place[to]);
    }
    std::size_t count = 0;
    std::vector<Index> targets;
    std::vector<Index> scratch;
    for (auto& links : between) {
        std::sort(links.begin(), links.end());
        targets.clear();
        for (const Link& link : links) targets.push_back(link.second);
        count += inversions(targets, scratch);
    }
    return count;
}

std::vector<Vec2> layered_layout(const LayoutInput& input, const LayoutOptions& options) {
    const bool across_is_y = options.direction == LayoutDirection::left_right;
    const std::size_t count = input.nodes.size();
    std::vector<Vec2> result(count);
    if (count == 0) return result;

    std::vector<Extent> sizes(count);
    std::vector<float> old_u(count);
    std::vector<float> top_v(count);
    std::vector<float> old_v(count);  // middles, as the layout has them
    Vec2 origin{std::numeric_limits<float>::max(), std::numeric_limits<float>::max()};
    for (std::size_t i = 0; i < count; ++i) {
        const LayoutNode& node = input.nodes[i];
        const float w = std::max(finite(node.size.x), 1.0F);
        const float h = std::max(finite(node.size.y), 1.0F);
        const float x = finite(node.position.x);
        const float y = finite(node.position.y);
        sizes[i] = across_is_y ? Extent{w, h} : Extent{h, w};
        old_u[i] = across_is_y ? x : y;
        top_v[i] = across_is_y ? y : x;
        old_v[i] = top_v[i] + sizes[i].v / 2;
        origin = {std::min(origin.x, x), std::min(origin.y, y)};
    }

    // Components, by union of neighbours.
    const std::vector<Link> links = clean_links(input);
    std::vector<Index> root(count);
    std::iota(root.begin(), root.end(), Index{0});
    const auto find = [&](Index i) {
        while (root[i] != i) i = root[i] = root[root[i]];
        return i;
    };
    for (const auto& [from, to] : links) root[find(from)] = find(to);
    std::vector<Index> part_of_root(count, kNone);
    std::vector<Index> local(count);
    std::vector<bool> linked(count, false);
    for (const auto& [from, to] : links) linked[from] = linked[to] = true;
    std::vector<Part> parts;
    Part loose;  // nodes without edges
    for (Index i = 0; i < count; ++i) {
        if (!linked[i]) {
            loose.nodes.push_back(i);
            continue;
        }
        Index& part = part_of_root[find(i)];
        if (part == kNone) {
            part = static_cast<Index>(parts.size());
            parts.emplace_back();
        }
        local[i] = static_cast<Index>(parts[part].nodes.size());
        parts[part].nodes.push_back(i);
    }
    for (const auto& [from, to] : links) parts[part_of_root[find(from)]].links.emplace_back(local[from], local[to]);

    std::vector<Box> boxes;
    const auto add_box = [&](const std::vector<Index>& nodes, std::vector<Extent> corners) {
        Box box{.nodes = nodes, .corners = std::move(corners), .size = {}, .first_u = std::numeric_limits<float>::max(), .first_v = std::numeric_limits<float>::max()};
        Extent least{std::numeric_limits<float>::max(), std::numeric_limits<float>::max()};
        for (const Extent& c : box.corners) least = {std::min(least.u, c.u), std::min(least.v, c.v)};
        for (std::size_t k = 0; k < nodes.size(); ++k) {
            box.corners[k] = {box.corners[k].u - least.u, box.corners[k].v - least.v};
            box.size = {std::max(box.size.u, box.corners[k].u + sizes[nodes[k]].u), std::max(box.size.v, box.corners[k].v + sizes[nodes[k]].v)};
            box.first_u = std::min(box.first_u, old_u[nodes[k]]);
            box.first_v = std::min(box.first_v, top_v[nodes[k]]);
        }
        boxes.push_back(std::move(box));
    };
    for (Part& part : parts) {
        break_cycles(part);
        Layers layers(part, sizes, old_v, old_u);
        layers.order();
        layers.place(options);
        std::vector<Extent> corners;
        corners.reserve(part.nodes.size());
        for (Index i = 0; i < part.nodes.size(); ++i) corners.push_back(layers.corner(i));
        add_box(part.nodes, std::move(corners));
    }
    if (!loose.nodes.empty()) {
        // Reading order of where they are, in a block about as wide as high.
        std::stable_sort(loose.nodes.begin(), loose.nodes.end(), [&](Index a, Index b) {
            return top_v[a] != top_v[b] ? top_v[a] < top_v[b] : old_u[a] < old_u[b];
        });
        Extent largest;
        for (const Index i : loose.nodes) largest = {std::max(largest.u, sizes[i].u), std::max(largest.v, sizes[i].v)};
        const float step_u = largest.u + options.node_gap;
        const float step_v = largest.v + options.node_gap;
        const auto columns = std::max<std::size_t>(
            1, static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(loose.nodes.size()) * static_cast<double>(kPartsAspect * step_v / step_u)))));
        std::vector<Extent> corners;
        for (std::size_t k = 0; k < loose.nodes.size(); ++k) {
            corners.push_back({static_cast<float>(k % columns) * step_u, static_cast<float>(k / columns) * step_v});
        }
        add_box(loose.nodes, std::move(corners));
    }

    // Rows of parts in the order they had, none wider than the widest part or what makes the whole about square.
    const bool has_loose = !loose.nodes.empty();
    const auto loose_at = has_loose ? boxes.end() - 1 : boxes.end();
    std::stable_sort(boxes.begin(), loose_at, [](const Box& a, const Box& b) { return a.first_v != b.first_v ? a.first_v < b.first_v : a.first_u < b.first_u; });
    double area = 0;
    float widest = 0;
    for (const Box& box : boxes) {
        area += static_cast<double>(box.size.u + options.part_gap) * static_cast<double>(box.size.v + options.part_gap);
        widest = std::max(widest, box.size.u);
    }
    const float row_limit = std::max(widest, static_cast<float>(std::sqrt(area * static_cast<double>(kPartsAspect))));
    const auto grid = [&](float value) { return options.snap > 0 ? std::ceil(value / options.snap - 1e-3F) * options.snap : value; };
    float u = 0;
    float v = 0;
    float row_depth = 0;
    for (const Box& box : boxes) {
        if (u > 0 && u + box.size.u > row_limit) {
            u = 0;
            v = grid(v + row_depth + options.part_gap);
            row_depth = 0;
        }
        for (std::size_t k = 0; k < box.nodes.size(); ++k) {
            const float at_u = u + box.corners[k].u;
            const float at_v = v + box.corners[k].v;
            result[box.nodes[k]] = across_is_y ? Vec2{at_u, at_v} : Vec2{at_v, at_u};
        }
        u = grid(u + box.size.u + options.part_gap);
        row_depth = std::max(row_depth, box.size.v);
    }

    // To where it was, on the grid. Rounding moves neighbours by less than half a step each, and gaps are wider than a step.
    const auto to_grid = [&](float value) { return options.snap > 0 ? std::round(value / options.snap) * options.snap : value; };
    const Vec2 base{to_grid(origin.x), to_grid(origin.y)};
    for (Vec2& at : result) at = {base.x + to_grid(at.x), base.y + to_grid(at.y)};
    return result;
}

}  // namespace model
