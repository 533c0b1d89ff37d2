// SPDX-License-Identifier: Apache-2.0
// Portfolio margin aggregated: hand-worked offsets and what must hold of any book.
#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include <Eigen/Core>
#include <unsupported/Eigen/AutoDiff>

#include <margincore/requirement/portfolio_margin/aggregate.hpp>

#include "catch.hpp"
#include "random.hpp"

using namespace margincore;

namespace {

/// Every point the same but the first, which is what a test is about.
ClassGains<> at_first(GroupIndex class_group, Money first, Money rest = 0.0) {
    ClassGains<> gains{.class_group = class_group};
    gains.gains.fill(rest);
    gains.gains[0] = first;
    return gains;
}

/// Classes 0 and 1 in product 0, class 2 in product 1, both products in a portfolio group; class 3 alone.
GroupTree tree_of(Fraction product, Fraction portfolio, bool has_portfolio = true) {
    const GroupIndex parent = has_portfolio ? 0 : no_group;
    return {.classes = {{"A", 0}, {"B", 0}, {"C", 1}, {"D", no_group}},
            .products = {{"P1", parent, product}, {"P2", parent, product}},
            .portfolios = {{"F", no_group, portfolio}}};
}

Money requirement(const GroupTree& tree, const std::vector<ClassGains<>>& classes, const AggregatePolicy& policy = {}) {
    return Aggregator<>(tree, policy)(classes);
}

ClassGains<> random_class(Random& random, GroupIndex class_group) {
    ClassGains<> gains{.class_group = class_group};
    for (Money& point : gains.gains) {
        point = random.uniform(-100, 100);
    }
    gains.minimum = random.chance(0.5) ? 0.0 : random.uniform(0, 80);
    return gains;
}

std::vector<ClassGains<>> random_classes(Random& random) {
    std::vector<ClassGains<>> classes;
    for (GroupIndex i = 0; i < 4; ++i) {
        classes.push_back(random_class(random, i));
    }
    return classes;
}

} // namespace

TEST_CASE("a gain offsets a loss of its product group in part", "[portfolio_margin][property]") {
    // Worked by hand: -100 + 90 % of 80; and a gain that covers the loss leaves none.
    const GroupTree tree = tree_of(0.9, 0.5, false);
    CHECK(requirement(tree, {at_first(0, -100), at_first(1, 80)}) == Approx(28));
    Aggregator<> aggregate(tree, {});
    CHECK(aggregate(std::vector{at_first(0, -100, -100), at_first(1, 200, 200)}) == 0.0);
    CHECK(aggregate.groups().back().points[0] == Approx(80));
    CHECK(aggregate.groups().back().gain.used == Approx(100));
    CHECK(aggregate.groups().back().gain.cut == Approx(20));
}

TEST_CASE("what is passed up a level is cut, or whole", "[portfolio_margin][property]") {
    // Worked by hand. P1 comes to -28; P2 passes 36 of its 40, or all of it, of which half offsets.
    const GroupTree tree = tree_of(0.9, 0.5);
    const std::vector classes{at_first(0, -100), at_first(1, 80), at_first(2, 40)};
    CHECK(requirement(tree, classes) == Approx(10));
    CHECK(requirement(tree, classes, {.carry = OffsetCarry::residual}) == Approx(8));
    // -10 and +100 leave 80 cut, or 80 / 0.9; against -60 half of that.
    const std::vector left{at_first(0, -10), at_first(1, 100), at_first(2, -60)};
    CHECK(requirement(tree, left) == Approx(20));
    CHECK(requirement(tree, left, {.carry = OffsetCarry::residual}) == Approx(60 - 0.5 * 80 / 0.9));
}

TEST_CASE("points are offset before the worst is taken", "[portfolio_margin][property]") {
    ClassGains<> first = at_first(0, -100);
    ClassGains<> second = at_first(1, 100);
    first.gains[9] = 100;
    second.gains[9] = -100;
    CHECK(requirement(tree_of(0.9, 0.5, false), {first, second}) == Approx(10)); // not 200, and not 0
}

TEST_CASE("the minimum is compared with what each class keeps of the loss, or with all of it",
          "[portfolio_margin][property]") {
    const GroupTree tree = tree_of(0.9, 0.5, false);
    ClassGains<> losing = at_first(0, -100);
    ClassGains<> gaining = at_first(1, 80);
    losing.minimum = 10;
    gaining.minimum = 15;
    // The losing class keeps all of the 28, the gaining one nothing but its minimum.
    CHECK(requirement(tree, {losing, gaining}) == Approx(28 + 15));
    CHECK(requirement(tree, {losing, gaining}, {.minimum_level = MinimumLevel::top_group}) == Approx(28));
    losing.minimum = 50;
    CHECK(requirement(tree, {losing, gaining}, {.minimum_level = MinimumLevel::top_group}) == Approx(65));
    // Where nothing loses, each class keeps its minimum.
    CHECK(requirement(tree, {at_first(0, 5), gaining}) == Approx(15));
}

TEST_CASE("a stock basket's gain offsets the rest of its class at 95 %, and is else not cut",
          "[portfolio_margin][property]") {
    const GroupTree tree = tree_of(0.9, 0.5, false);
    ClassGains<> class_group = at_first(3, -100);
    class_group.basket[0] = 80;
    class_group.has_basket = true;
    CHECK(requirement(tree, {class_group}) == Approx(100 - 76));
    class_group.gains[0] = 100;
    class_group.basket[0] = -80;
    Aggregator<> aggregate(tree, {});
    CHECK(aggregate(std::vector{class_group}) == 0.0);
    CHECK(aggregate.groups().back().points[0] == Approx((0.95 * 100 - 80) / 0.95));
}

TEST_CASE("an account without classes asks for nothing", "[portfolio_margin][property]") {
    CHECK(requirement(tree_of(0.9, 0.5), {}) == 0.0);
}

TEST_CASE("aggregating random books keeps what must hold of it", "[portfolio_margin][property]") {
    Random random(7);
    for (int trial = 0; trial < 2000; ++trial) {
        const GroupTree tree = tree_of(random.uniform(0.05, 1), random.uniform(0.05, 1), random.chance(0.5));
        const AggregatePolicy policy{.carry = random.chance(0.5) ? OffsetCarry::haircut : OffsetCarry::residual,
                                     .minimum_level =
                                         random.chance(0.5) ? MinimumLevel::class_group : MinimumLevel::top_group};
        std::vector<ClassGains<>> classes = random_classes(random);
        Aggregator<> aggregate(tree, policy);
        const Money base = aggregate(classes);
        CHECK(base >= 0);

        Money of_tops = 0;
        for (const GroupGains<>& group : aggregate.groups()) {
            of_tops += group.is_top ? group.requirement : 0;
            CHECK(group.gain.used >= 0);
            CHECK(group.gain.cut >= -1e-9);
        }
        CHECK(of_tops == Approx(base));

        std::vector<ClassGains<>> turned = classes;
        std::ranges::reverse(turned);
        CHECK(requirement(tree, turned, policy) == base); // to the bit

        std::vector<ClassGains<>> doubled = classes;
        for (ClassGains<>& gains : doubled) {
            std::ranges::for_each(gains.gains, [](Money& point) { point *= 2; });
            gains.minimum *= 2;
        }
        CHECK(requirement(tree, doubled, policy) == 2 * base); // exactly

        AggregatePolicy haircut = policy;
        haircut.carry = OffsetCarry::haircut;
        AggregatePolicy residual = policy;
        residual.carry = OffsetCarry::residual;
        if (policy.minimum_level == MinimumLevel::top_group) {
            CHECK(requirement(tree, classes, haircut) >= requirement(tree, classes, residual) - 1e-9);
        }

        // No offset asks for the sum of the worst of each point's losses at most, and groups apart for all of them.
        const Money apart = std::accumulate(classes.begin(), classes.end(), 0.0, [&](Money sum, ClassGains<> gains) {
            gains.class_group = 3;
            return sum + requirement(tree, {gains}, policy);
        });
        CHECK(requirement(tree_of(0, 0), classes, policy) <= apart + 1e-9);
    }
}

TEST_CASE("two classes of one product at 100 % are as one", "[portfolio_margin][property]") {
    Random random(8);
    for (int trial = 0; trial < 500; ++trial) {
        ClassGains<> first = random_class(random, 0);
        ClassGains<> second = random_class(random, 1);
        first.minimum = second.minimum = 0;
        ClassGains<> both = first;
        both.class_group = 3;
        for (std::size_t i = 0; i < valuation_points; ++i) {
            both.gains[i] += second.gains[i];
        }
        const GroupTree tree = tree_of(1.0, 0.5, false);
        CHECK(requirement(tree, {first, second}) == Approx(requirement(tree, {both})).margin(1e-9));
    }
}

TEST_CASE("the derivatives of a requirement are its differences", "[portfolio_margin][property]") {
    using Dual = Eigen::AutoDiffScalar<Eigen::Matrix<double, 1, 1>>;
    Random random(9);
    for (int trial = 0; trial < 300; ++trial) {
        const GroupTree tree = tree_of(0.9, 0.5);
        const std::vector<ClassGains<>> classes = random_classes(random);
        const auto by_size_of = [&](std::size_t of) {
            std::vector<ClassGains<Dual>> dual(classes.size());
            for (std::size_t i = 0; i < classes.size(); ++i) {
                const Dual size = i == of ? Dual(1.0, 1, 0) : Dual(1.0);
                dual[i].class_group = classes[i].class_group;
                for (std::size_t k = 0; k < valuation_points; ++k) {
                    dual[i].gains[k] = Dual(size * classes[i].gains[k]);
                }
                dual[i].minimum = Dual(size * classes[i].minimum);
            }
            return Aggregator<Dual>(tree, {})(dual);
        };
        for (std::size_t i = 0; i < classes.size(); ++i) {
            constexpr double step = 1e-7; // the requirement is linear but at corners, which random books miss
            std::vector<ClassGains<>> moved = classes;
            std::ranges::for_each(moved[i].gains, [](Money& point) { point *= 1 + step; });
            moved[i].minimum *= 1 + step;
            const double difference = (requirement(tree, moved) - requirement(tree, classes)) / step;
            const Dual result = by_size_of(i);
            CHECK(result.value() == Approx(requirement(tree, classes)));
            const double derivative = result.derivatives()[0];
            CHECK(derivative == Approx(difference).margin(1e-4));
        }
    }
}
