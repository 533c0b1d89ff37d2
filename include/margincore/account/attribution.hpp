// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <margincore/account/charges_by_holding.hpp>
#include <margincore/account/matched_markets.hpp>
#include <margincore/account/offset_effect.hpp>
#include <margincore/account/option_margin.hpp>
#include <margincore/account/option_workspace.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/unit_alone.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/requirement/figures.hpp>

namespace margincore {

/// What made a figure of an account another, in the order in which the steps are taken.
enum class Cause : std::uint8_t {
    cash,     ///< The balance.
    position, ///< A quantity that changed, opened or closed, at the prices, terms and rules before.
    price,    ///< The price of an instrument, at the quantities after and the terms and rules before.
    terms,    ///< Any other fact of an instrument, at the quantities and prices after and the rules before.
    rule,     ///< The rates of the rulebook and the policy of the house.
    offset,   ///< What positions ask for less together, options paired: no single one causes it.
    house,    ///< Charges of the house under its policy before, whatever changed them.
};

template <>
inline constexpr std::array names<Cause> = {
    Name{Cause::cash, "cash"},   Name{Cause::position, "position"}, Name{Cause::price, "price"},
    Name{Cause::terms, "terms"}, Name{Cause::rule, "rule"},         Name{Cause::offset, "offset"},
    Name{Cause::house, "house"},
};

/// What stands for no instrument.
inline constexpr InstrumentIndex no_instrument = -1;

/// A part of the change of an account, USD.
struct Attribution {
    std::size_t account = 0; ///< Row of the changes.
    Cause cause = Cause::cash;
    InstrumentIndex instrument = no_instrument; ///< Row of the symbols; none where no single holding is the cause.
    Money net_liquidation = 0.0;
    Money equity = 0.0;
    Money total = 0.0;        ///< Requirement with add-ons.
    Money excess_total = 0.0; ///< Equity less that.

    friend bool operator==(const Attribution&, const Attribution&) = default;
};

/// One side of two runs.
struct AccountState {
    AccountView account{};
    const MarketRows* market = nullptr; ///< Rows that the account refers to.
    const Policy* policy = nullptr;     ///< The same object on both sides where nothing of it changed.
    Money maintenance = 0.0;            ///< As evaluated.
    Money not_counted = 0.0;            ///< As evaluated: net liquidation value less equity.
};

/// Attributes the changes of accounts between two runs to their causes. One for each thread.
///
/// The steps are those of `Cause`: each is the difference between what the rules say before and after it, so that
/// they add up whatever happened. In another order amounts would go from one step to another. Charges of the house take
/// no part in the steps: what one holding is charged may depend on all the others.
class Attributor {
public:
    /// @param markets  Must outlive this.
    explicit Attributor(const MatchedMarkets& markets) : markets_(markets), slots_(markets.symbols().size(), 0) {}

    /// The parts of the change of an account; nothing where all that is read of it is what it was.
    ///
    /// @param row   Of the account in the changes.
    [[nodiscard]] std::optional<std::vector<Attribution>> operator()(const AccountState& before,
                                                                     const AccountState& after, std::size_t row) {
        align(before.account, after.account);
        std::vector<Attribution> parts{};
        if (before.policy == after.policy && before.account.cash == after.account.cash &&
            std::ranges::none_of(held_, [&](const Held& held) {
                return !(held.before == held.after) || markets_.is_changed(held.row);
            })) {
            return std::nullopt; // sums in another order may still differ by rounding
        }
        const auto put = [&](Cause cause, InstrumentIndex instrument, Money value, Money not_counted, Money total) {
            const Money equity = value - not_counted;
            if (value != 0 || equity != 0 || total != 0) {
                parts.push_back({.account = row,
                                 .cause = cause,
                                 .instrument = instrument,
                                 .net_liquidation = value,
                                 .equity = equity,
                                 .total = total,
                                 .excess_total = equity - total});
            }
        };
        put(Cause::cash, no_instrument, after.account.cash - before.account.cash, 0.0, 0.0);
        using Step = MatchedMarkets::Step;
        const auto put_step = [&](Cause cause, Step step) {
            for (Held& held : held_) {
                const Money charge = step == Step::reruled ? held.charge.of_policy() : 0.0;
                Figures amounts = held.amounts;
                if (step == Step::quoted || markets_.is_changed(held.row)) {
                    amounts = markets_.amounts(held.row, held.after, step);
                }
                // What the rules before cannot say of the facts after goes with the next step.
                if (std::isfinite(amounts.net_value) && std::isfinite(amounts.maintenance)) {
                    put(cause, held.row, amounts.net_value - held.amounts.net_value,
                        amounts.not_counted - held.amounts.not_counted,
                        amounts.maintenance - held.amounts.maintenance + charge);
                    held.amounts = amounts;
                }
            }
        };
        for (Held& held : held_) {
            held.amounts = markets_.amounts(held.row, held.before, Step::quoted);
        }
        const Figures effect_before = effect_of(before);
        const ChargeSteps of_account = take_charges(before, after);
        put_step(Cause::position, Step::quoted);
        put_step(Cause::price, Step::repriced);
        put_step(Cause::terms, Step::restated);
        put_step(Cause::rule, Step::reruled);

        put(Cause::rule, no_instrument, 0.0, 0.0, of_account.of_policy());
        const Figures effect_after = effect_of(after);
        put(Cause::offset, no_instrument, 0.0, effect_after.not_counted - effect_before.not_counted,
            effect_after.maintenance - effect_before.maintenance);
        for (const Held& held : held_) {
            put(Cause::house, held.row, 0.0, 0.0, held.charge.of_house());
        }
        put(Cause::house, no_instrument, 0.0, 0.0, of_account.of_house());
        return parts;
    }

private:
    /// A charge of the house before, then of what is held after under the policy before, then under that after.
    struct ChargeSteps {
        Money before = 0.0;
        Money restated = 0.0;
        Money after = 0.0;

        [[nodiscard]] Money of_house() const { return restated - before; }
        [[nodiscard]] Money of_policy() const { return after - restated; }
    };

    struct Held {
        InstrumentIndex row = no_instrument;
        UnitsOfInstrument before{};
        UnitsOfInstrument after{};
        Figures amounts{}; // by itself, after the steps taken so far
        ChargeSteps charge{};
    };

    /// What is held of an instrument.
    [[nodiscard]] Held& held_of(InstrumentIndex row) {
        std::size_t& slot = slots_[static_cast<std::size_t>(row)];
        if (slot == 0) {
            held_.push_back({.row = row});
            slot = held_.size();
        }
        return held_[slot - 1];
    }

    /// Brings the positions of both sides together: those before in their order, then the new ones.
    void align(const AccountView& before, const AccountView& after) {
        for (const Held& held : held_) { // of the account before this
            slots_[static_cast<std::size_t>(held.row)] = 0;
        }
        held_.clear();
        for (std::size_t i = 0; i < before.size(); ++i) {
            held_of(markets_.row_of(before.instrument[i])).before = {.net = before.quantity[i],
                                                                     .boxed = before.boxed_at(i)};
        }
        for (std::size_t i = 0; i < after.size(); ++i) {
            held_of(after.instrument[i]).after = {.net = after.quantity[i], .boxed = after.boxed_at(i)};
        }
    }

    /// What the positions of a side change together, against what each is by itself after the steps taken so far.
    [[nodiscard]] Figures effect_of(const AccountState& side) const {
        if (!holds_options(side.account, *side.market)) {
            return offset_effect(side.account, *side.market);
        }
        Figures effect{.maintenance = side.maintenance, .not_counted = side.not_counted};
        for (const Held& held : held_) {
            effect.maintenance -= held.amounts.maintenance;
            effect.not_counted -= held.amounts.not_counted;
        }
        return effect;
    }

    /// Puts the charges of each holding with it, and returns those of the account.
    [[nodiscard]] ChargeSteps take_charges(const AccountState& before, const AccountState& after) {
        ChargeSteps of_account{};
        if (before.policy->charges_nothing() && after.policy->charges_nothing()) {
            return of_account;
        }
        const ChargesByHolding first = charges_by_holding(before.account, *before.market, *before.policy, workspace_);
        of_account.before = first.account;
        for (const HoldingCharge& charge : first.holdings) {
            held_of(markets_.row_of(charge.underlying)).charge.before = charge.amount;
        }
        const auto put_after = [&](const ChargesByHolding& charges, Money ChargeSteps::* step) {
            of_account.*step = charges.account;
            for (const HoldingCharge& charge : charges.holdings) {
                held_of(charge.underlying).charge.*step = charge.amount;
            }
        };
        const ChargesByHolding last = charges_by_holding(after.account, *after.market, *after.policy, workspace_);
        put_after(last, &ChargeSteps::after);
        if (before.policy == after.policy) {
            put_after(last, &ChargeSteps::restated);
            return of_account;
        }
        try {
            put_after(charges_by_holding(after.account, markets_.restated(), *before.policy, workspace_),
                      &ChargeSteps::restated);
        } catch (const Error&) { // the policy before cannot be applied to what is held now
            of_account.restated = of_account.before;
            for (Held& held : held_) {
                held.charge.restated = held.charge.before;
            }
        }
        return of_account;
    }

    const MatchedMarkets& markets_;
    std::vector<std::size_t> slots_; // by row, one more than the place in `held_`; 0 for none
    std::vector<Held> held_{};       // those of both sides, and underlyings of their options
    OptionWorkspace workspace_{};
};

} // namespace margincore
