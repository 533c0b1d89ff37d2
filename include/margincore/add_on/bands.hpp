// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>

namespace margincore {

/// One step of an add-on: the rate that applies when what is measured is above a threshold.
struct Band {
    double above = 0.0;  ///< Threshold, not included, >= 0.
    Fraction rate = 0.0; ///< >= 0.

    friend bool operator==(const Band&, const Band&) = default;
};

/// Which way the rates of bands run as what is measured rises, so that more risk never costs less.
enum class RatesRun : std::uint8_t {
    up,   ///< A larger measure is more risk: a share of the account, days to liquidate.
    down, ///< A larger measure is less risk: a price.
};

/// The steps of an add-on. They do not stack: the highest one that is exceeded applies.
template <RatesRun run>
class BasicBands {
public:
    /// Bands in any order.
    ///
    /// @throws InvalidInput where there are none, a threshold is there twice, a number is not finite and >= 0, a
    ///                      rate runs the wrong way, or rates that run down leave the riskiest measures, those near
    ///                      0, without one.
    BasicBands(std::vector<Band> bands, const Where& where) : bands_(std::move(bands)) {
        if (bands_.empty()) {
            throw InvalidInput(where, "must have at least one band, got none");
        }
        for (std::size_t i = 0; i < bands_.size(); ++i) {
            const Where band = where[i];
            static_cast<void>(require_not_negative(bands_[i].above, largest_exact_money, band["above"]));
            static_cast<void>(require_not_negative(bands_[i].rate, largest_ratio, band["rate"]));
        }
        std::ranges::sort(bands_, {}, &Band::above);
        for (std::size_t i = 1; i < bands_.size(); ++i) {
            if (bands_[i].above == bands_[i - 1].above) {
                throw InvalidInput(where, "must have one band for each threshold, got " + number_text(bands_[i].above) +
                                              " twice");
            }
            if (run == RatesRun::up ? bands_[i].rate < bands_[i - 1].rate : bands_[i].rate > bands_[i - 1].rate) {
                throw InvalidInput(where, std::string("must not have a ") + (run == RatesRun::up ? "lower" : "higher") +
                                              " rate in a higher band, got " + number_text(bands_[i].rate) + " above " +
                                              number_text(bands_[i].above));
            }
        }
        if (run == RatesRun::down && bands_.front().above > 0) {
            throw InvalidInput(where, "must have a band above 0 where rates run down, got the lowest above " +
                                          number_text(bands_.front().above));
        }
    }

    /// Whether a measure is above a threshold, and not at it: sums of shares are rounded, so that a last digit more is
    /// no more, whatever the order in which they were added.
    [[nodiscard]] static constexpr bool is_above(double measure, double threshold) {
        constexpr double rounding = 1e-12;
        return measure > threshold + rounding * threshold;
    }

    /// The band that applies to a measure; null where none is exceeded.
    [[nodiscard]] const Band* find(double measure) const {
        const Band* found = nullptr;
        for (const Band& band : bands_) {
            if (is_above(measure, band.above)) {
                found = &band;
            }
        }
        return found;
    }

    /// The lowest threshold that a measure is not above, where the next band begins; infinity in the highest band.
    [[nodiscard]] double next_threshold(double measure) const {
        for (const Band& band : bands_) {
            if (!is_above(measure, band.above)) {
                return band.above;
            }
        }
        return std::numeric_limits<double>::infinity();
    }

    /// The threshold of the highest band; there must be one.
    [[nodiscard]] double highest_threshold() const { return bands_.back().above; }

    friend bool operator==(const BasicBands&, const BasicBands&) = default;

private:
    std::vector<Band> bands_; // ascending
};

using Bands = BasicBands<RatesRun::up>;
using FallingBands = BasicBands<RatesRun::down>;

} // namespace margincore
