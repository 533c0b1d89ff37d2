// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include <margincore/account/market_rows.hpp>
#include <margincore/account/option_holdings.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/requirement/stock/security_margin.hpp>
#include <margincore/requirement/strategy/pairing.hpp>
#include <margincore/requirement/strategy/single_option.hpp>
#include <margincore/requirement/strategy/spread_rules.hpp>
#include <margincore/requirement/strategy/strategy_name.hpp>

namespace margincore::detail {

/// What lines say of the options that an account holds on one underlying: names of groups, and why they are charged.
class OptionWords {
public:
    OptionWords(const AccountView& account, const MarketRows& market, const Policy& policy,
                const OptionHolding& holding)
        : account_(account), market_(market), policy_(policy), holding_(holding) {}

    /// The name of a group: of options after their legs, of stock and options after the rule.
    [[nodiscard]] LineGroup group(const PairedGroup& of) const {
        std::vector<NamedLeg> legs;
        for (const PairedGroup::Leg& leg : of.legs) {
            const OptionContract& option = contract(leg);
            legs.push_back({option.right, option.strike, holding_.problem.series[leg.series].expiry, leg.lots});
        }
        LineGroup result{.is_spread = of.form == PairedGroup::Form::spread};
        result.name =
            of.form == PairedGroup::Form::combination && holding_.problem.combinations[of.combination].stock_lots > 0
                ? rule_in_words(holding_.combinations[of.combination].terms.rule) + " " + strikes_text(legs)
                : strategy_name(legs);
        if (result.is_spread && of.worst_strike >= 0) {
            result.worst_strike = worst_strike(of);
        }
        return result;
    }

    [[nodiscard]] std::string short_why(const PairedGroup::Leg& leg) const {
        const OptionContract& option = contract(leg);
        const MarketRow& row = market_[account_.instrument[holding_.positions[leg.series]]];
        const SecurityFacts& facts = market_[row.option.underlying].facts;
        const ShortOptionTerms terms = short_option(option.right, option.strike, row.facts.price,
                                                    {facts.kind, facts.price, facts.leverage}, policy_.rulebook.option);
        const bool is_least = terms.least > terms.rate_of_underlying;
        return fmt::format(
            "premium {} and {:.6g} a unit x {}: {}", price_text(terms.premium), terms.add_on(),
            static_cast<double>(-leg.lots) * holding_.lot,
            is_least ? (option.right == Right::call ? "the least, of the underlying" : "the least, of the strike")
                     : "the rate of the underlying less what is out of the money");
    }

    [[nodiscard]] std::string straddle_why(const PairedGroup& of) const {
        return fmt::format("requirement of {}, the greater, and premium of {}", symbol(of.legs[0]), symbol(of.legs[1]));
    }

    /// `9.5 of the strike and 5 out of the money a unit x 100`.
    [[nodiscard]] std::string combination_why(const StockHedgeTerms& terms, Quantity units, bool has_stock) const {
        std::string text;
        const auto add = [&](Price part, std::string_view what) {
            if (part > 0) {
                text += fmt::format("{}{:.6g} {}", text.empty() ? "" : " and ", part, what);
            }
        };
        add(terms.parts.stock, "of the stock");
        add(terms.parts.strike, has_stock ? "of the strike" : "of the difference of the strikes");
        add(terms.parts.out_of_the_money, "out of the money");
        add(terms.parts.in_the_money, "that the put is in the money");
        text = text.empty() ? "nothing" : text;
        if (terms.parts.sum() > terms.parts.at_most) {
            text += fmt::format(", at most {:.6g},", terms.parts.at_most);
        }
        text += fmt::format(" a unit x {}", units);
        if (terms.not_counted > 0) {
            text += fmt::format("; {:.6g} a unit does not count in equity", terms.not_counted);
        }
        return text;
    }

    /// `worst at 95 or below: short 1 put 100 loses 500.00, long 1 put 95 nothing`.
    [[nodiscard]] std::string spread_why(const PairedGroup& of) const {
        if (of.worst_strike < 0) {
            return "no loss at any strike; the longs are paid in full";
        }
        const auto [lowest, highest] = std::ranges::minmax(
            of.legs, {}, [&](const PairedGroup::Leg& leg) { return holding_.problem.series[leg.series].strike; });
        std::string text = "worst at " + number_text(worst_strike(of));
        const bool is_flat = policy_.rulebook.spread.balance == SpreadBalance::equal; // beyond the strikes
        if (is_flat && of.worst_strike == holding_.problem.series[lowest.series].strike) {
            text += " or below";
        } else if (is_flat && of.worst_strike == holding_.problem.series[highest.series].strike) {
            text += " or above";
        }
        return text + ": " + (of.legs.size() <= most_legs_listed ? each_leg(of) : both_sides(of));
    }

private:
    static constexpr std::size_t most_legs_listed = 6;

    [[nodiscard]] const OptionContract& contract(const PairedGroup::Leg& leg) const {
        return *market_.instrument(account_.instrument[holding_.positions[leg.series]]).option;
    }
    [[nodiscard]] const std::string& symbol(const PairedGroup::Leg& leg) const {
        return market_.instrument(account_.instrument[holding_.positions[leg.series]]).symbol;
    }

    [[nodiscard]] static std::string rule_in_words(std::string_view rule) {
        std::string text(rule.substr(rule.find('.') + 1));
        std::ranges::replace(text, '_', ' ');
        return text;
    }

    /// The strike of a contract, which has every digit that it was given with.
    [[nodiscard]] Price worst_strike(const PairedGroup& of) const {
        return contract(*std::ranges::find_if(of.legs,
                                              [&](const PairedGroup::Leg& leg) {
                                                  return holding_.problem.series[leg.series].strike == of.worst_strike;
                                              }))
            .strike;
    }

    /// What a leg brings where the spread loses most.
    [[nodiscard]] MicroDollars worth(const PairedGroup::Leg& leg, const PairedGroup& of) const {
        const PairingSeries& one = holding_.problem.series[leg.series];
        const MicroDollars in = one.right == Right::call ? of.worst_strike - one.strike : one.strike - of.worst_strike;
        return leg.lots * (std::max)(in, MicroDollars{0});
    }

    [[nodiscard]] std::string each_leg(const PairedGroup& of) const {
        std::string text;
        for (const PairedGroup::Leg& leg : of.legs) {
            const OptionContract& option = contract(leg);
            const std::int64_t contracts = std::abs(leg.lots) / holding_.problem.series[leg.series].lots;
            const MicroDollars brought = worth(leg, of);
            text +=
                fmt::format("{}{} {} {}{} {} ", text.empty() ? "" : ", ", leg.lots < 0 ? "short" : "long", contracts,
                            name_of(option.right), contracts == 1 ? "" : "s", number_text(option.strike));
            text += brought == 0 ? "nothing" : moves(brought, contracts == 1);
        }
        return text;
    }

    [[nodiscard]] std::string both_sides(const PairedGroup& of) const {
        MicroDollars sides[2] = {0, 0};
        for (const PairedGroup::Leg& leg : of.legs) {
            sides[leg.lots > 0] += worth(leg, of);
        }
        return "the shorts " + moves(sides[0], false) + ", the longs " +
               (sides[1] == 0 ? "bring nothing" : moves(sides[1], false));
    }

    [[nodiscard]] static std::string moves(MicroDollars amount, bool is_one) {
        const std::string verb = amount < 0 ? "lose" : "gain";
        return verb + (is_one ? "s " : " ") + money_text(std::abs(dollars(amount)));
    }

    const AccountView& account_;
    const MarketRows& market_;
    const Policy& policy_;
    const OptionHolding& holding_;
};

} // namespace margincore::detail
