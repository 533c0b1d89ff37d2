// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <utility>

#include <margincore/account/beta_exposure.hpp>
#include <margincore/account/held_underlyings.hpp>
#include <margincore/account/house_charges.hpp>
#include <margincore/account/house_workspace.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/needs.hpp>
#include <margincore/account/option_margin.hpp>
#include <margincore/account/option_workspace.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/requirement/figures.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/requirement/stock/conversion_offset.hpp>
#include <margincore/requirement/stock/security_row.hpp>

namespace margincore::detail {

/// What pairing adds to an account with options, or with groups that the policy names; nothing of any other.
template <LineSink Sink>
[[nodiscard]] OptionMargin options_of(const AccountView& account, const MarketRows& market, const Policy& policy,
                                      std::span<const ConversionOffset> offsets, Sink& sink, OptionWorkspace& workspace,
                                      const AccountPlace& place) {
    const bool has_options = holds_options(account, market);
    if (has_options && !offsets.empty()) {
        throw Unsupported(place.account, "options beside convertibles or warrants against a short is not built yet");
    }
    if (!has_options && policy.groups.empty()) {
        return {};
    }
    return option_margin(
        account, market, policy, [&](std::size_t i) { return quantity_alone(account, i, offsets); }, sink, workspace,
        place);
}

/// What the net side of a position asks for, what it is paired with or offset against included, and what of it equity
/// does not have.
[[nodiscard]] inline Money asked_of(const AccountView& account, std::size_t position, const MarketRows& market,
                                    std::span<const ConversionOffset> offsets, const OptionMargin& options) {
    const SecurityRow& row = market.rows[static_cast<std::size_t>(account.instrument[position])];
    const Quantity alone = quantity_alone(account, position, offsets);
    Money asked = std::abs(alone) * row.side(alone < 0)[SecurityRow::maintenance];
    for (const ConversionOffset& offset : offsets) {
        if (offset.long_position == position) {
            asked += offset.long_units * (offset.maintenance.per_unit(offset.counted) + row.price() - offset.counted);
        }
    }
    return options.asked.empty() ? asked : asked + options.asked[position];
}

/// What add-ons know of an account, where all that the policy needs is known.
///
/// @throws MissingData  where it is not; naming the instrument and the key.
/// @throws Unsupported  where exposures are needed of options that nothing has priced.
[[nodiscard]] inline AddOnContext add_on_context(const AccountView& account, const MarketRows& market,
                                                 const Policy& policy, const Figures& figures,
                                                 const AccountPlace& place) {
    require_needs(account, market, policy, place);
    const Money exposure = beta_exposure(account, market);
    if (needs_betas(policy) && std::isnan(exposure)) {
        throw Unsupported(place.account, "must have options that market_stress has priced where betas are used");
    }
    return {
        .gross_value = figures.gross_value, .net_liquidation = account.cash + figures.net_value, .exposure = exposure};
}

/// What the house charges an account, where all that the policy needs is known.
///
/// @param figures  Of the account.
/// @param take     As for `house_charges`.
template <LineSink Sink, std::invocable<InstrumentIndex, Money> Take>
[[nodiscard]] HouseCharges checked_charges(const AccountView& account, const MarketRows& market, const Policy& policy,
                                           const Figures& figures, std::span<const ConversionOffset> offsets,
                                           const OptionMargin& options, Sink& sink, HouseWorkspace& workspace,
                                           const AccountPlace& place, Take&& take) {
    const AddOnContext context = add_on_context(account, market, policy, figures, place);
    const auto value_of_unit = [&](InstrumentIndex row) { return market.rows[static_cast<std::size_t>(row)].price(); };
    const auto asked = [&](const HeldUnderlying& holding) {
        AskedByRules sum{.units = 0.0};
        for (const PositionOfUnderlying& held : holding.positions) {
            const Money of_position = asked_of(account, held.position, market, offsets, options);
            sum.holding += of_position;
            if (account.instrument[held.position] == holding.row) {
                sum.units = of_position;
            }
        }
        return sum;
    };
    return house_charges(account, market, context, policy, value_of_unit, asked, sink, workspace,
                         std::forward<Take>(take));
}

} // namespace margincore::detail
