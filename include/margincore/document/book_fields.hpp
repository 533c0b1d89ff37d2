// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tuple>

#include <margincore/account/firm_totals.hpp>
#include <margincore/document/fields.hpp>

namespace margincore::document {

template <>
inline constexpr auto fields<FirmTotals> =
    std::tuple{Field{"accounts", &FirmTotals::accounts, "Accounts that were computed."},
               Field{"failed", &FirmTotals::failed, "Accounts that could not be computed; they are in no sum."},
               Field{"cash", &FirmTotals::cash, "USD."},
               Field{"net_value", &FirmTotals::net_value, "Longs less shorts at market, USD."},
               Field{"gross_value", &FirmTotals::gross_value, "Longs and shorts counted separately, USD."},
               Field{"net_liquidation", &FirmTotals::net_liquidation, "USD."},
               Field{"equity", &FirmTotals::equity, "USD."},
               Field{"requirement", &FirmTotals::requirement, "Sums over accounts, each margined by itself."},
               Field{"excess", &FirmTotals::excess, "Sums over accounts; one covers no other's deficit."},
               Field{"call", &FirmTotals::call, "Sums of the deficits alone."},
               Field{"maintenance_calls", &FirmTotals::maintenance_calls, "Accounts in deficit of maintenance."},
               Field{"house_calls", &FirmTotals::house_calls, "Accounts in deficit of the total requirement."},
               Field{"beta_weighted_exposure", &FirmTotals::beta_weighted_exposure,
                     "All accounts netted, USD: a risk figure, never a requirement; None where something has no beta."},
               Field{"exposure_alert", &FirmTotals::exposure_alert,
                     "The exposure, either way, is above the alert; None where it is not known."}};

template <>
inline constexpr auto fields<OffsetTotals> =
    std::tuple{Field{"initial", &OffsetTotals::initial, "What positions ask for less together, USD."},
               Field{"maintenance", &OffsetTotals::maintenance, "Likewise."},
               Field{"equity", &OffsetTotals::equity, "Market value that does not count, USD, <= 0."}};

template <>
inline constexpr auto fields<UnderlyingTotals> =
    std::tuple{Field{"accounts", &UnderlyingTotals::accounts, "That hold it."},
               Field{"net_quantity", &UnderlyingTotals::net_quantity, "Long less short units."},
               Field{"long_units", &UnderlyingTotals::long_units, "Boxed ones included."},
               Field{"short_units", &UnderlyingTotals::short_units, "Boxed ones included, >= 0."},
               Field{"net_value", &UnderlyingTotals::net_value, "Longs less shorts at market, USD."},
               Field{"gross_value", &UnderlyingTotals::gross_value, "Longs and shorts counted separately, USD."},
               Field{"initial", &UnderlyingTotals::initial, "Of each position alone, USD."},
               Field{"maintenance", &UnderlyingTotals::maintenance, "Of each position alone, USD."},
               Field{"beta_weighted_exposure", &UnderlyingTotals::beta_weighted_exposure, "USD; None without a beta."}};

template <>
inline constexpr auto fields<FirmStressPoint> = std::tuple{
    Field{"move", &FirmStressPoint::move, "Of the benchmark, a fraction."},
    Field{"pnl", &FirmStressPoint::pnl, "Gain of the customers' positions, USD."},
    Field{"below_zero", &FirmStressPoint::below_zero, "What accounts fall below zero net liquidation, USD, >= 0."},
    Field{"accounts_below_zero", &FirmStressPoint::accounts_below_zero, "How many do."},
    Field{"house_deficit", &FirmStressPoint::house_deficit, "Missing of total requirements, USD, >= 0."},
    Field{"underwater", &FirmStressPoint::underwater, "Accounts whose total excess is below zero."}};

} // namespace margincore::document
