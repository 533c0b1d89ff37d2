// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <string>
#include <string_view>

#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>

/// Checks for the public doors. Each returns its argument, so that reading a value and checking it is one phrase.
namespace margincore {

/// @throws InvalidInput "must be <rule>, got <value>".
[[noreturn]] inline void refuse(const Where& where, std::string_view rule, double value) {
    throw InvalidInput(where, "must be " + std::string(rule) + ", got " + number_text(value));
}

[[nodiscard]] inline double require_finite(double value, const Where& where) {
    if (!std::isfinite(value)) {
        refuse(where, "a finite number", value);
    }
    return value;
}

/// A finite number in [low, high].
[[nodiscard]] inline double require_within(double value, double low, double high, const Where& where) {
    if (!(require_finite(value, where) >= low && value <= high)) {
        refuse(where, "between " + number_text(low) + " and " + number_text(high), value);
    }
    return value;
}

[[nodiscard]] inline double require_at_most(double value, double high, const Where& where) {
    if (!(require_finite(value, where) <= high)) {
        refuse(where, "at most " + number_text(high), value);
    }
    return value;
}

[[nodiscard]] inline double require_not_negative(double value, double high, const Where& where) {
    if (require_finite(value, where) < 0) {
        refuse(where, "zero or more", value);
    }
    return require_at_most(value, high, where);
}

[[nodiscard]] inline double require_positive(double value, double high, const Where& where) {
    if (!(require_finite(value, where) > 0)) {
        refuse(where, "more than zero", value);
    }
    return require_at_most(value, high, where);
}

} // namespace margincore
