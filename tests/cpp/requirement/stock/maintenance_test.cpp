// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include <margincore/requirement/stock/maintenance.hpp>

#include "about.hpp"
#include "random_account.hpp"
#include "reference_margin.hpp"

using namespace margincore;

namespace {

constexpr SecurityRates rates{};

struct Row {
    SecurityFacts share;
    double per_unit;
    std::string citation;
};

using Rule = SecurityTerms (*)(const SecurityFacts&, const SecurityRates&);

void check(const std::vector<Row>& rows, Rule rule) {
    for (const Row& row : rows) {
        INFO("price " << row.share.price << ", leverage " << row.share.leverage << ", marginable "
                      << row.share.marginable << ": " << row.citation);
        const SecurityTerms terms = rule(row.share, rates);
        CHECK(terms.per_unit(row.share.price) == about(row.per_unit));
        CHECK(to_string(terms.citation) == row.citation);
    }
}

SecurityFacts random_share(Random& random) {
    constexpr std::array factors = {1.0, 2.0, 3.0, 5.0, -1.0, -2.0, -3.0, 0.5, -0.5, 1.25};
    const double leverage = random.one_of(factors);
    return {.price = random_price(random), .leverage = leverage, .marginable = !random.chance(0.2)};
}

} // namespace

TEST_CASE("long stock: 25 % of market value", "[stock][cited]") {
    check({{{.price = 100}, 25, "FINRA 4210(c)(1)"},
           {{.price = 0.01}, 0.0025, "FINRA 4210(c)(1)"},
           {{.price = 0}, 0, "FINRA 4210(c)(1)"},
           {{.price = 2.5}, 0.625, "FINRA 4210(c)(1)"}},
          long_maintenance);
}

TEST_CASE("short stock: 2.50 a share, 100 %, 5.00 a share, 30 %, by price", "[stock][cited]") {
    check({{{.price = 0}, 2.50, "FINRA 4210(c)(2)"},
           {{.price = 1}, 2.50, "FINRA 4210(c)(2)"},
           {{.price = 2.49}, 2.50, "FINRA 4210(c)(2)"},
           {{.price = 2.50}, 2.50, "FINRA 4210(c)(2)"},
           {{.price = 2.51}, 2.51, "FINRA 4210(c)(2)"},
           {{.price = 4.99}, 4.99, "FINRA 4210(c)(2)"},
           {{.price = 5.00}, 5.00, "FINRA 4210(c)(3)"},
           {{.price = 5.01}, 5.00, "FINRA 4210(c)(3)"},
           {{.price = 16.66}, 5.00, "FINRA 4210(c)(3)"},
           {{.price = 16.67}, 5.001, "FINRA 4210(c)(3)"},
           {{.price = 50}, 15, "FINRA 4210(c)(3)"},
           {{.price = 1000}, 300, "FINRA 4210(c)(3)"}},
          short_maintenance);
}

TEST_CASE("short stock: continuous at 5.00", "[stock][property]") {
    const double below = std::nextafter(5.0, 0.0);
    CHECK(short_maintenance({.price = below}, rates).per_unit(below) == about(5.0));
    CHECK(short_maintenance({.price = 5.0}, rates).per_unit(5.0) == 5.0);
}

TEST_CASE("leveraged fund: the factor multiplies the percentage, up to 100 %", "[stock][cited]") {
    const std::string notice = "FINRA Regulatory Notice 09-53"; // 2x: 50 % long, 60 % short; 3x: 75 % and 90 %
    check({{{.price = 100, .leverage = 2}, 50, notice},
           {{.price = 100, .leverage = 3}, 75, notice},
           {{.price = 100, .leverage = -3}, 75, notice},
           {{.price = 100, .leverage = -2}, 50, notice},
           {{.price = 100, .leverage = 5}, 100, notice},
           {{.price = 100, .leverage = -1}, 25, "FINRA 4210(c)(1)"},
           {{.price = 100, .leverage = 1}, 25, "FINRA 4210(c)(1)"}},
          long_maintenance);
    check({{{.price = 100, .leverage = 2}, 60, notice},
           {{.price = 100, .leverage = 3}, 90, notice},
           {{.price = 100, .leverage = -3}, 90, notice},
           {{.price = 100, .leverage = 4}, 100, notice},
           {{.price = 5, .leverage = 3}, 5.00, notice},
           {{.price = 4.99, .leverage = 3}, 4.99, "FINRA 4210(c)(2)"},
           {{.price = 2, .leverage = 3}, 2.50, "FINRA 4210(c)(2)"},
           {{.price = 100, .leverage = -1}, 30, "FINRA 4210(c)(3)"}},
          short_maintenance);
}

TEST_CASE("leveraged fund: a fund that moves less than its index gets no relief", "[stock][property]") {
    for (const double leverage : {0.5, -0.5, 0.01}) {
        CHECK(long_maintenance({.price = 80, .leverage = leverage}, rates).per_unit(80) == about(20));
        CHECK(short_maintenance({.price = 80, .leverage = leverage}, rates).per_unit(80) == about(24));
    }
}

TEST_CASE("stock without loan value: 100 % long, and short the greater of the tier and 100 %", "[stock][cited]") {
    check({{{.price = 100, .marginable = false}, 100, "FINRA 4210(c)(5)"},
           {{.price = 0.50, .leverage = 3, .marginable = false}, 0.50, "FINRA 4210(c)(5)"}},
          long_maintenance);
    check({{{.price = 100, .marginable = false}, 100, "FINRA 4210(c)(6)"},
           {{.price = 6, .marginable = false}, 6, "FINRA 4210(c)(6)"},
           {{.price = 1, .marginable = false}, 2.50, "FINRA 4210(c)(2)"}},
          short_maintenance);
}

TEST_CASE("against the box: 5 % of the long market value", "[stock][cited]") {
    check({{{.price = 40}, 2, "FINRA 4210(e)(1)"}, {{.price = 40, .leverage = 3}, 2, "FINRA 4210(e)(1)"}},
          boxed_maintenance);
}

TEST_CASE("stock maintenance: agrees with the reference on random shares", "[stock][oracle]") {
    Random random(4210);
    for (int i = 0; i < 5000; ++i) {
        const SecurityFacts share = random_share(random);
        CAPTURE(share.price, share.leverage, share.marginable);
        CHECK(long_maintenance(share, rates).per_unit(share.price) == about(reference::long_maintenance(share)));
        CHECK(short_maintenance(share, rates).per_unit(share.price) == about(reference::short_maintenance(share)));
    }
}

TEST_CASE("short stock: the requirement is linear between the knots", "[stock][property]") {
    Random random(77);
    for (int i = 0; i < 300; ++i) {
        const SecurityFacts share = random_share(random);
        CAPTURE(share.leverage, share.marginable);
        const auto at = [&](double price) {
            SecurityFacts moved = share;
            moved.price = price;
            return short_maintenance(moved, rates).per_unit(price);
        };
        std::vector<double> ends = maintenance_knots(share, true, rates);
        ends.push_back(0);
        ends.push_back(4 * std::ranges::max(ends));
        std::ranges::sort(ends);
        for (std::size_t piece = 0; piece + 1 < ends.size(); ++piece) {
            const double low = ends[piece] + 1e-9; // a knot itself may belong to either side
            const double high = ends[piece + 1] - 1e-9;
            for (int step = 1; step < 8 && low < high; ++step) {
                const double x = low + (high - low) * step / 8;
                CAPTURE(piece, x);
                CHECK(at(x) == about(at(low) + (at(high) - at(low)) * (x - low) / (high - low)));
            }
        }
    }
}

TEST_CASE("short stock: the slope changes where the tiers of an ordinary share begin", "[stock][property]") {
    const std::vector<double> knots = maintenance_knots({}, true, rates);
    for (const double knot : {2.50, 5.00, 5.0 / 0.3}) {
        CAPTURE(knot);
        CHECK(std::ranges::any_of(knots, [&](double k) { return k == about(knot); }));
        const auto at = [&](double price) { return short_maintenance({.price = price}, rates).per_unit(price); };
        const double step = 0.01;
        const double before = (at(knot - step / 100) - at(knot - step)) / (step * 0.99);
        const double after = (at(knot + step) - at(knot + step / 100)) / (step * 0.99);
        CHECK(std::abs(after - before) > 0.25);
    }
}
