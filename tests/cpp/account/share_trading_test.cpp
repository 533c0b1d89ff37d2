// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>

#include <margincore/account/share_trading.hpp>

#include "catch.hpp"
#include "sample_account.hpp"

using namespace margincore;

TEST_CASE("share trading: industries are numbered as they come, by name", "[account][property]") {
    SampleAccount account;
    account.hold({.symbol = "A", .industry = "banks"}, {.price = 1}, 1);
    account.hold({.symbol = "B"}, {.price = 1}, 1);
    account.hold({.symbol = "C", .industry = "energy"}, {.price = 1}, 1);
    account.hold({.symbol = "D", .industry = "banks"}, {.price = 1, .average_daily_volume = 5}, 1);
    account.hold({.symbol = "E", .shares_outstanding = 7, .industry = "Banks"}, {.price = 1}, 1);
    const auto rows = share_trading(account.instruments, account.market, "market.instruments");
    REQUIRE(rows.size() == 5);
    CHECK(rows[0].industry == 0);
    CHECK(rows[1].industry == no_industry);
    CHECK(rows[2].industry == 1);
    CHECK(rows[3].industry == 0);
    CHECK(rows[4].industry == 2);
    CHECK(rows[3].average_daily_volume == 5);
    CHECK(std::isnan(rows[3].shares_outstanding));
    CHECK(rows[4].shares_outstanding == 7);
    CHECK(std::isnan(rows[4].average_daily_volume));
}

TEST_CASE("share trading: other kinds are not looked at, and need nothing", "[account][property]") {
    for (const auto& [kind, text] : names<Kind>) {
        CAPTURE(text);
        const bool in_shares = kind == Kind::equity || kind == Kind::etf || kind == Kind::broad_index_etf ||
                               kind == Kind::etn || kind == Kind::warrant;
        CHECK(trades_in_shares(kind) == in_shares);
        SampleAccount bare;
        bare.hold({.symbol = "X", .kind = kind}, {.price = 1}, 1);
        for (const Needs needs : {Needs::average_daily_volume, Needs::shares_outstanding, Needs::industry}) {
            if (in_shares) {
                CHECK_THROWS_AS(require_needs(bare.view(), bare.rows(), needs), MissingData);
            } else {
                CHECK_NOTHROW(require_needs(bare.view(), bare.rows(), needs));
            }
        }
        SampleAccount full;
        full.hold({.symbol = "X", .kind = kind, .shares_outstanding = 9, .industry = "banks"},
                  {.price = 1, .average_daily_volume = 8}, 1);
        const ShareTrading row = full.rows()[0].trading;
        CHECK(row.in_shares == in_shares);
        CHECK((row.industry == no_industry) == !in_shares);
        CHECK(std::isnan(row.average_daily_volume) == !in_shares);
        CHECK(std::isnan(row.shares_outstanding) == !in_shares);
        CHECK(full.rows({.base_rates = {.long_rate = 0.3}})[0].house.long_rate.has_value() == in_shares);
        CHECK_NOTHROW(require_needs(full.view(), full.rows(), Needs::industry));
    }
    CHECK_FALSE(trades_in_shares(Kind::option));
}

TEST_CASE("share trading: what an add-on may not see, it does not charge", "[account][property]") {
    const Holding bond{.net_value = 1e6, .units = 1e4};
    const AddOnContext context{.gross_value = 1e6};
    CHECK(Liquidity{}.holding_rate(bond, context).rate == 0);
    CHECK(Ownership{}.holding_rate(bond, context).rate == 0);
    CHECK(LowPrice{}.holding_rate(bond, context).rate == 0);
}

TEST_CASE("share trading: numbers that an instrument cannot have are refused", "[account][property]") {
    SampleAccount volume;
    volume.hold({.symbol = "X"}, {.price = 1, .average_daily_volume = -1}, 1);
    CHECK_THROWS_WITH(volume.rows(), "market.instruments.X.average_daily_volume: must be zero or more, got -1");
    SampleAccount outstanding;
    outstanding.hold({.symbol = "X", .shares_outstanding = 0}, {.price = 1}, 1);
    CHECK_THROWS_WITH(outstanding.rows(), "market.instruments.X.shares_outstanding: must be more than zero, got 0");
}
