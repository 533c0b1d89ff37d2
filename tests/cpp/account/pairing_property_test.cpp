// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <margincore/account/evaluate.hpp>
#include <margincore/account/policy.hpp>

#include "about.hpp"
#include "catch.hpp"
#include "option_account.hpp"

using namespace margincore;

namespace {

constexpr double spot = 100.0;
constexpr Money rounding = 0.005; // amounts are whole millionths of a dollar
constexpr int books = 300;

struct Held {
    int contracts;
    Right right;
    double strike;
    int days;
    double price;
};

using Positions = std::vector<Held>;

class Draw {
public:
    explicit Draw(unsigned seed) : random_(seed) {}

    [[nodiscard]] int between(int low, int high) { return std::uniform_int_distribution(low, high)(random_); }
    [[nodiscard]] bool coin() { return between(0, 1) == 0; }
    [[nodiscard]] Right right() { return coin() ? Right::call : Right::put; }
    [[nodiscard]] int days() { return between(1, 3) * 28; }
    [[nodiscard]] double price() { return 0.05 * between(1, 200); }

    /// Series with strikes that differ, so that none is held twice.
    [[nodiscard]] Positions book(int most) {
        Positions result;
        const int series = between(1, most);
        for (int i = 0; i < series; ++i) {
            result.push_back(
                {between(1, 9) * (coin() ? 1 : -1), right(), 80.0 + 5 * i + (coin() ? 0.0 : 2.5), days(), price()});
        }
        return result;
    }
    void shuffle(Positions& book) { std::ranges::shuffle(book, random_); }

private:
    std::mt19937 random_;
};

[[nodiscard]] Evaluation evaluate(const Positions& book, int shares = 0) {
    OptionAccount account(spot);
    if (shares != 0) {
        account.hold_stock(shares);
    }
    for (const Held& one : book) {
        account.hold(one.contracts, one.right, one.strike, one.days, one.price);
    }
    Policy policy;
    policy.long_option_loan_value = false;
    return account.evaluate(policy);
}

/// A short by itself, a unit: FINRA 4210(f)(2)(E)(i).
[[nodiscard]] double naked(const Held& one) {
    const double out = std::max(0.0, one.right == Right::call ? one.strike - spot : spot - one.strike);
    return one.price + std::max(0.20 * spot - out, 0.10 * (one.right == Right::call ? spot : one.strike));
}

/// A strategy with what its own rule asks for, a unit of each leg.
struct Strategy {
    Positions legs;
    double asked;
};

[[nodiscard]] Strategy draw_strategy(Draw& draw) {
    const Right right = draw.right();
    const int days = draw.days();
    const double low = 80.0 + 2.5 * draw.between(0, 6);
    const double width = 2.5 * draw.between(1, 4);
    const auto leg = [&](int contracts, Right of, double strike, int at) -> Held {
        return {contracts, of, strike, at, draw.price()};
    };
    switch (draw.between(0, 6)) {
    case 0: { // credit spread, the width
        const double sold = right == Right::call ? low : low + width;
        return {{leg(-1, right, sold, days), leg(1, right, 2 * low + width - sold, days)}, width};
    }
    case 1: // calendar, nothing
        return {{leg(-1, right, low, days), leg(1, right, low, days + 28)}, 0.0};
    case 2: { // iron condor, the wider side
        const double wing = 2.5 * draw.between(1, 4);
        return {{leg(1, Right::put, low - width, days), leg(-1, Right::put, low, days),
                 leg(-1, Right::call, low + 20, days), leg(1, Right::call, low + 20 + wing, days)},
                std::max(width, wing)};
    }
    case 3: // short butterfly, a wing
        return {{leg(-1, right, low, days), leg(2, right, low + width, days), leg(-1, right, low + 2 * width, days)},
                width};
    case 4: { // strangle, the greater and the other's premium
        const Held put = leg(-1, Right::put, low, days);
        const Held call = leg(-1, Right::call, low + width, draw.days());
        return {{put, call},
                naked(put) > naked(call)
                    ? naked(put) + call.price
                    : naked(call) + (naked(put) == naked(call) ? std::max(put.price, call.price) : put.price)};
    }
    case 5: // short box, the strike difference
        return {{leg(-1, Right::call, low, days), leg(1, Right::call, low + width, days),
                 leg(-1, Right::put, low + width, days), leg(1, Right::put, low, days)},
                width};
    default: { // ratio spread, one of two covered
        const Held sold = leg(-2, Right::call, low + width, days);
        return {{leg(1, Right::call, low, days), sold}, naked(sold)};
    }
    }
}

} // namespace

TEST_CASE("options: never more than the strategies of which a book is put together", "[account][property]") {
    Draw draw(20261126);
    for (int k = 0; k < books; ++k) {
        Positions book;
        Money asked = 0.0;
        for (int count = draw.between(1, 4); count > 0; --count) {
            const Strategy strategy = draw_strategy(draw);
            const int times = draw.between(1, 9);
            asked += 100 * times * strategy.asked;
            for (Held leg : strategy.legs) {
                leg.contracts *= times;
                book.push_back(leg);
            }
        }
        CHECK(evaluate(book).requirement.maintenance <= asked + rounding);
    }
}

TEST_CASE("options: a position in two parts is margined as one", "[account][property]") {
    Draw draw(11);
    for (int k = 0; k < books; ++k) {
        const Positions book = draw.book(8);
        Positions parts;
        for (const Held& one : book) {
            const int part = draw.between(0, std::abs(one.contracts)) * (one.contracts < 0 ? -1 : 1);
            parts.push_back(one);
            parts.back().contracts = part;
            parts.push_back(one);
            parts.back().contracts -= part;
        }
        std::erase_if(parts, [](const Held& one) { return one.contracts == 0; });
        draw.shuffle(parts);
        const int shares = draw.between(-300, 300);
        CHECK(evaluate(parts, shares).net_requirement() == about(evaluate(book, shares).net_requirement(), 1e-12));
    }
}

TEST_CASE("options: a long that closes no short never costs more than its price", "[account][property]") {
    Draw draw(13);
    for (int k = 0; k < books; ++k) {
        const Positions book = draw.book(8);
        const int shares = draw.between(-300, 300);
        const Held added{draw.between(1, 9), draw.right(), 81.25 + 5 * draw.between(0, 8), draw.days(), draw.price()};
        Positions more = book;
        more.push_back(added);
        const Money value = 100 * added.contracts * added.price;
        CHECK(evaluate(more, shares).net_requirement() - value <= evaluate(book, shares).net_requirement() + rounding);
    }
}
