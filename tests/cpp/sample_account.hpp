// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <margincore/margincore.hpp>

/// An account together with everything that evaluating it needs; built a position at a time.
struct SampleAccount {
    margincore::InstrumentTable instruments{};
    margincore::MarketSnapshot market{.valuation_date = margincore::parse_date("2026-11-20", "date")};
    margincore::Money cash = 0.0;
    std::vector<margincore::InstrumentIndex> instrument{};
    std::vector<margincore::Quantity> quantity{};
    std::vector<margincore::Quantity> boxed{};

    /// Adds an instrument that is not held.
    SampleAccount& quote(margincore::Instrument what, margincore::Quote quote) {
        instruments.add(std::move(what), "instruments");
        market.quotes.push_back(std::move(quote));
        return *this;
    }

    SampleAccount& hold(margincore::Instrument what, margincore::Quote quoted, margincore::Quantity net,
                        margincore::Quantity both_ways = 0.0) {
        instrument.push_back(static_cast<margincore::InstrumentIndex>(instruments.size()));
        quantity.push_back(net);
        boxed.push_back(both_ways);
        return quote(std::move(what), std::move(quoted));
    }

    /// An equity with a price and, where given, a beta and a volatility.
    SampleAccount& hold(const std::string& symbol, margincore::Quantity net, margincore::Price price,
                        std::optional<double> beta = {}, std::optional<double> volatility = {}) {
        return hold({.symbol = symbol}, {.price = price, .beta = beta, .volatility = volatility}, net);
    }

    [[nodiscard]] margincore::AccountView view() const {
        return {.cash = cash, .instrument = instrument, .quantity = quantity, .boxed = boxed};
    }

    [[nodiscard]] margincore::MarketRows rows(const margincore::Policy& policy = {}) const {
        return margincore::market_rows(instruments, market, policy);
    }

    [[nodiscard]] margincore::Evaluation evaluate(const margincore::Policy& policy = {}) const {
        return margincore::evaluate(view(), rows(policy), policy);
    }

    [[nodiscard]] margincore::Report report(const margincore::Policy& policy = {}, bool with_stress = true) const {
        using Moves = std::span<const margincore::Fraction>;
        return margincore::make_report(view(), rows(policy), market, policy,
                                       with_stress ? std::optional<Moves>(policy.stress_moves) : std::nullopt);
    }

    /// The inputs, for the message of a failing row.
    [[nodiscard]] std::string text() const {
        std::string text = fmt::format("cash {}", cash);
        for (std::size_t i = 0; i < instrument.size(); ++i) {
            const margincore::Instrument& what = instruments[instrument[i]];
            text += fmt::format("\n  {} {} at {}", quantity[i], what.symbol, market[instrument[i]].price);
            text += boxed[i] > 0 ? fmt::format(", {} boxed", boxed[i]) : "";
            text += what.leverage != 1 ? fmt::format(", leverage {}", what.leverage) : "";
            text += what.marginable ? "" : ", not marginable";
            text += ", " + std::string(margincore::kind_text(what.kind));
            text += what.bond.maturity ? ", matures " + margincore::to_string(*what.bond.maturity) : "";
            text += what.conversion ? fmt::format(", converts into {} {} for {}", what.conversion->ratio,
                                                  what.conversion->into, what.conversion->cash)
                                    : "";
        }
        return text;
    }
};
