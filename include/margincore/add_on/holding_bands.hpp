// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include <margincore/add_on/add_on.hpp>
#include <margincore/add_on/bands.hpp>

namespace margincore {

/// The rate of the band that a measure is in; 0 where none is exceeded.
template <RatesRun run>
[[nodiscard]] AddOnRate rate_at(const BasicBands<run>& bands, double measure) {
    const Band* band = bands.find(measure);
    return band == nullptr ? AddOnRate{}
                           : AddOnRate{.rate = band->rate,
                                       .measure = measure,
                                       .above = band->above,
                                       .up_to = bands.next_threshold(measure)};
}

/// The rate of a holding, by the bands of its side.
///
/// @param short_bands  Of a net short holding; where there are none, `bands` are of both sides.
template <RatesRun run>
[[nodiscard]] AddOnRate rate_at(const BasicBands<run>& bands, const std::optional<BasicBands<run>>& short_bands,
                                const Holding& holding, double measure) {
    return rate_at(holding.net_value < 0 && short_bands ? *short_bands : bands, measure);
}

} // namespace margincore
