// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include <margincore/core/names.hpp>
#include <margincore/core/units.hpp>
#include <margincore/requirement/portfolio_margin/aggregate.hpp>
#include <margincore/requirement/portfolio_margin/group_tree.hpp>

#include "catch.hpp"
#include "portfolio_margin_table.hpp"

using namespace margincore;

namespace {

constexpr double rounding = 1e-9; // of the gains and losses that a figure is the difference of

[[nodiscard]] GroupIndex index_of(const std::vector<GroupTree::Group>& groups, const std::string& id) {
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (groups[i].id == id) {
            return static_cast<GroupIndex>(i);
        }
    }
    return no_group;
}

[[nodiscard]] GroupTree tree_of(const GroupTable& table) {
    GroupTree tree;
    for (const PortfolioGroup& group : table.portfolios) {
        tree.portfolios.push_back({.id = group.id, .offset = group.offset});
    }
    for (const ProductGroup& group : table.products) {
        tree.products.push_back(
            {.id = group.id, .parent = index_of(tree.portfolios, group.portfolio), .offset = group.offset});
    }
    for (const ClassGroup& group : table.classes) {
        tree.classes.push_back({.id = group.id, .parent = index_of(tree.products, group.product)});
    }
    return tree;
}

[[nodiscard]] std::vector<ClassGains<Money>> class_gains(const PortfolioBook& book, const GroupTree& tree) {
    std::map<GroupIndex, ClassGains<Money>> classes;
    for (const BookPosition& position : book.positions) {
        const GroupIndex index = index_of(tree.classes, position.class_group);
        ClassGains<Money>& of = classes[index];
        of.class_group = index;
        const bool is_basket = position.kind == BookPosition::Kind::basket;
        of.has_basket = of.has_basket || is_basket;
        for (std::size_t i = 0; i < valuation_points; ++i) {
            (is_basket ? of.basket : of.gains)[i] += position.quantity * position.multiplier * position.gains[i];
        }
        of.minimum += book.minimum_of(position);
    }
    std::vector<ClassGains<Money>> rows;
    for (const auto& [index, row] : classes) {
        rows.push_back(row);
    }
    return rows;
}

} // namespace

TEST_CASE("portfolio margin: groups of random books come to what an independent program makes of them",
          "[portfolio_margin][oracle]") {
    // tests/oracle/portfolio_margin.py: FINRA 4210(g)(7), (8) and 15c3-1a(b)(1)(iv) by NumPy, from their text.
    std::size_t books = 0;
    each_portfolio_book([&](const PortfolioBook& book) {
        INFO("book " << ++books);
        const GroupTree tree = tree_of(book.groups);
        Aggregator<Money> aggregate(tree, aggregate_policy(book.policy));
        const double within = rounding * book.scale();
        const auto is = [&](Money figure, Money expected) { return std::abs(figure - expected) <= within; };

        const std::vector<ClassGains<Money>> classes = class_gains(book, tree);
        CHECK(is(aggregate(classes), book.requirement));
        REQUIRE(aggregate.groups().size() == book.expected.size());
        for (const GroupGains<Money>& group : aggregate.groups()) {
            const std::string level{name_of(group.level)};
            const std::string& id = tree(group.level, group.group).id;
            INFO(level << " " << id);
            const ExpectedGroup& expected = book.expected.at({level, id});
            CHECK(group.worst_point() == expected.worst_point);
            CHECK(is(group.minimum, expected.minimum));
            CHECK(is(group.gain.used, expected.gain_used));
            CHECK(is(group.gain.cut, expected.gain_cut));
            CHECK(group.is_top == expected.requirement.has_value());
            if (expected.requirement) {
                CHECK(is(group.requirement, *expected.requirement));
                CHECK(name_of(group.binding()) == expected.binding);
            }
            for (std::size_t i = 0; expected.points && i < valuation_points; ++i) {
                CHECK(is(group.points[i], (*expected.points)[i]));
            }
        }
    });
    CHECK(books == 5500);
}
