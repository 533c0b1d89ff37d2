// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <margincore/core/names.hpp>
#include <margincore/core/units.hpp>
#include <margincore/requirement/portfolio_margin/group_table.hpp>
#include <margincore/requirement/portfolio_margin/margin_policy.hpp>
#include <margincore/requirement/portfolio_margin/valuation_points.hpp>

#include "catch.hpp"

/// Reads the books of tests/oracle/portfolio_margin.csv, and the gains that they hold.
namespace margincore {

/// A position of a book, and what a unit of it gains.
struct BookPosition {
    enum class Kind : std::uint8_t { contract, stock, basket };

    std::string class_group{};
    Kind kind = Kind::stock;
    Quantity quantity = 0.0;
    double multiplier = 1.0;
    Points<Money> gains{};
    Price price = 0.0;
};

/// What a book's group comes to by the table.
struct ExpectedGroup {
    std::size_t worst_point = 0;
    Money minimum = 0.0;
    Money gain_used = 0.0;
    Money gain_cut = 0.0;
    std::optional<Money> requirement{}; ///< Of a top group, as what binds.
    std::string binding{};
    std::optional<Points<Money>> points{};
};

/// A row of the table.
struct PortfolioBook {
    PortfolioMarginPolicy policy{};
    GroupTable groups{};
    std::vector<BookPosition> positions{};
    Money requirement = 0.0;
    std::map<std::pair<std::string, std::string>, ExpectedGroup> expected{}; ///< By level and id.

    /// What rounding is measured by: the gains and losses of all positions, each at its greatest.
    [[nodiscard]] Money scale() const {
        Money sum = 1.0;
        for (const BookPosition& position : positions) {
            Money greatest = 0.0;
            for (const Money gain : position.gains) {
                greatest = (std::max)(greatest, std::abs(gain));
            }
            sum += greatest * std::abs(position.quantity) * position.multiplier;
        }
        return sum;
    }

    /// The minimum of a position. @source FINRA 4210(g)(7)(B)
    [[nodiscard]] Money minimum_of(const BookPosition& position) const {
        if (position.kind != BookPosition::Kind::contract) {
            return 0.0;
        }
        Money per_unit = policy.minimum_per_contract;
        for (const ClassGroup& one : groups.classes) {
            for (const ProductGroup& product : groups.products) {
                if (one.id == position.class_group && product.id == one.product) {
                    per_unit = product.minimum_per_unit.value_or(per_unit);
                }
            }
        }
        const Quantity units = position.quantity * position.multiplier;
        return units < 0 ? -units * per_unit : (std::min)(units * per_unit, units * position.price);
    }
};

/// The parts of a text between separators.
[[nodiscard]] inline std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::istringstream rest(text);
    for (std::string part; std::getline(rest, part, separator);) {
        parts.push_back(part);
    }
    return parts;
}

/// Ten numbers, `-37.5,-30,...`.
[[nodiscard]] inline Points<Money> read_points(const std::string& text, char separator) {
    const std::vector<std::string> numbers = split(text, separator);
    Points<Money> points{};
    REQUIRE(numbers.size() == points.size());
    std::ranges::transform(numbers, points.begin(), [](const std::string& number) { return std::stod(number); });
    return points;
}

/// The rows of a table behind its first line.
[[nodiscard]] inline std::vector<std::string> read_lines(const std::string& name) {
    std::ifstream file(std::string(MARGINCORE_TEST_DATA) + "/../oracle/" + name);
    REQUIRE(file);
    std::vector<std::string> lines;
    std::string line;
    std::getline(file, line);
    while (std::getline(file, line)) {
        lines.push_back(line);
    }
    return lines;
}

/// `product:P0:3:375:0:0:-:-:-`: level, id, worst point, minimum, gain used and cut, requirement, binding, points.
inline void expect_group(PortfolioBook& book, const std::string& text) {
    const std::vector<std::string> cells = split(text, ':');
    REQUIRE(cells.size() == 9);
    ExpectedGroup group{.worst_point = std::stoul(cells[2]),
                        .minimum = std::stod(cells[3]),
                        .gain_used = std::stod(cells[4]),
                        .gain_cut = std::stod(cells[5])};
    if (cells[6] != "-") {
        group.requirement = std::stod(cells[6]);
        group.binding = cells[7];
    }
    if (cells[8] != "-") {
        group.points = read_points(cells[8], ';');
    }
    book.expected.insert_or_assign({cells[0], cells[1]}, std::move(group));
}

/// A row; `gains` is the other table.
[[nodiscard]] inline PortfolioBook read_portfolio_book(const std::string& line,
                                                       const std::vector<Points<Money>>& gains) {
    const std::vector<std::string> cells = split(line, ',');
    REQUIRE(cells.size() == 10);
    const auto id_of = [](const std::string& text) { return text == "-" ? std::string() : text; };
    PortfolioBook book;
    book.policy.offset_carry = parse_name<OffsetCarry>(cells[0], "offset_carry");
    book.policy.minimum_level = parse_name<MinimumLevel>(cells[1], "minimum_level");
    book.policy.minimum_per_contract = std::stod(cells[2]);
    book.policy.basket_offset = std::stod(cells[3]);
    for (const std::string& text : split(cells[4], ' ')) {
        const std::vector<std::string> of = split(text, ':');
        book.groups.portfolios.push_back({.id = of.at(0), .offset = std::stod(of.at(1))});
    }
    for (const std::string& text : split(cells[5], ' ')) {
        const std::vector<std::string> of = split(text, ':');
        ProductGroup product{.id = of.at(0), .offset = std::stod(of.at(1)), .portfolio = id_of(of.at(2))};
        if (of.at(3) != "-") {
            product.minimum_per_unit = std::stod(of.at(3));
        }
        book.groups.products.push_back(std::move(product));
    }
    for (const std::string& text : split(cells[6], ' ')) {
        const std::vector<std::string> of = split(text, ':');
        book.groups.classes.push_back({.id = of.at(0), .product = id_of(of.at(1))});
    }
    for (const std::string& text : split(cells[7], ' ')) {
        using Kind = BookPosition::Kind;
        const std::vector<std::string> of = split(text, ':');
        book.positions.push_back({.class_group = of.at(0),
                                  .kind = of.at(1) == "c"   ? Kind::contract
                                          : of.at(1) == "b" ? Kind::basket
                                                            : Kind::stock,
                                  .quantity = std::stod(of.at(2)),
                                  .multiplier = std::stod(of.at(3)),
                                  .gains = gains.at(std::stoul(of.at(4))),
                                  .price = std::stod(of.at(5))});
    }
    book.requirement = std::stod(cells[8]);
    for (const std::string& text : split(cells[9], ' ')) {
        expect_group(book, text);
    }
    return book;
}

/// Calls a function with every book of the table.
template <class Function>
void each_portfolio_book(Function&& function) {
    std::vector<Points<Money>> gains;
    for (const std::string& line : read_lines("portfolio_margin_gains.csv")) {
        gains.push_back(read_points(line, ','));
    }
    for (const std::string& line : read_lines("portfolio_margin.csv")) {
        function(read_portfolio_book(line, gains));
    }
}

} // namespace margincore
