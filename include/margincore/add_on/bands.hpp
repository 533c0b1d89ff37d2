// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
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

/// The steps of an add-on. They do not stack: the highest one that is exceeded applies.
class Bands {
public:
    /// Bands in any order.
    ///
    /// @throws InvalidInput where there are none, a threshold is there twice, a number is not finite and >= 0, or a
    ///                      higher band has a lower rate, so that more risk would cost less.
    Bands(std::vector<Band> bands, const Where& where) : bands_(std::move(bands)) {
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
            if (bands_[i].rate < bands_[i - 1].rate) {
                throw InvalidInput(where, "must not have a lower rate in a higher band, got " +
                                              number_text(bands_[i].rate) + " above " + number_text(bands_[i].above));
            }
        }
    }

    /// The band that applies to a measure; null where none is exceeded.
    [[nodiscard]] const Band* find(double measure) const {
        const Band* found = nullptr;
        for (const Band& band : bands_) {
            if (measure > band.above) {
                found = &band;
            }
        }
        return found;
    }

    /// The threshold of the highest band; there must be one.
    [[nodiscard]] double highest_threshold() const { return bands_.back().above; }

    friend bool operator==(const Bands&, const Bands&) = default;

private:
    std::vector<Band> bands_; // ascending
};

} // namespace margincore
