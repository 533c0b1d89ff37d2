// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/lanes.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/where.hpp>
#include <margincore/pricing/option_terms.hpp>

namespace margincore {

/// Above any that options are priced with, and low enough that no discount factor leaves a double.
inline constexpr double largest_rate = 5.0;                ///< 500 % a year, either sign.
inline constexpr double longest_time = 100.0;              ///< Years.
inline constexpr double largest_option_volatility = 100.0; ///< 10,000 % a year.

/// A column of numbers that somebody else holds, or one number that stands for every row.
class NumberColumn {
public:
    NumberColumn(double value) : value_(value) {}
    NumberColumn(std::span<const double> rows) : rows_(rows), is_constant_(false) {}

    [[nodiscard]] bool is_constant() const { return is_constant_; }
    [[nodiscard]] std::size_t size() const { return rows_.size(); } ///< Of a column.
    [[nodiscard]] double operator[](std::size_t row) const { return is_constant_ ? value_ : rows_[row]; }

    /// `N` rows from `first` on; after the last row that row again.
    template <std::size_t N>
    [[nodiscard]] Lanes<N> load(std::size_t first) const {
        if (is_constant_) {
            return value_;
        }
        if (first + N <= rows_.size()) {
            return Lanes<N>::load(rows_.data() + first);
        }
        Lanes<N> result;
        for (std::size_t i = 0; i < N; ++i) {
            result.set(i, rows_[(std::min)(first + i, rows_.size() - 1)]);
        }
        return result;
    }

private:
    double value_ = 0.0;
    std::span<const double> rows_{};
    bool is_constant_ = true;
};

/// Options as columns, a row an option. What depends on no volatility leaves it 0.
struct OptionColumns {
    NumberColumn sign = 1.0;           ///< +1 for a call, -1 for a put.
    NumberColumn spot = 0.0;           ///< USD per unit of the underlying, >= 0.
    NumberColumn strike = 0.0;         ///< USD per unit of the underlying, > 0.
    NumberColumn time = 0.0;           ///< To expiry, ACT/365F years, >= 0.
    NumberColumn rate = 0.0;           ///< Continuously compounded.
    NumberColumn dividend_yield = 0.0; ///< Continuous.
    NumberColumn volatility = 0.0;     ///< Annualised, a fraction, >= 0.

    template <std::size_t N>
    [[nodiscard]] OptionTerms<Lanes<N>> terms(std::size_t first) const {
        return {.sign = sign.load<N>(first),
                .strike = strike.load<N>(first),
                .time = time.load<N>(first),
                .rate = rate.load<N>(first),
                .dividend_yield = dividend_yield.load<N>(first),
                .volatility = volatility.load<N>(first)};
    }

    /// The columns by their names, in the order of a signature.
    [[nodiscard]] std::array<std::pair<std::string_view, const NumberColumn*>, 7> named() const {
        return {{{"right", &sign},
                 {"spot", &spot},
                 {"strike", &strike},
                 {"time", &time},
                 {"rate", &rate},
                 {"dividend_yield", &dividend_yield},
                 {"volatility", &volatility}}};
    }
};

/// The number of rows of columns; 1 where each is one number.
///
/// @throws InvalidInput where two have different lengths.
template <class NamedColumns>
[[nodiscard]] std::size_t rows_of(const NamedColumns& columns) {
    const std::pair<std::string_view, const NumberColumn*>* first = nullptr;
    for (const auto& named : columns) {
        if (named.second->is_constant()) {
            continue;
        }
        if (first == nullptr) {
            first = &named;
        } else if (named.second->size() != first->second->size()) {
            throw InvalidInput(named.first, "must have the " + std::to_string(first->second->size()) + " rows of '" +
                                                std::string(first->first) + "', got " +
                                                std::to_string(named.second->size()));
        }
    }
    return first == nullptr ? 1 : first->second->size();
}

namespace detail {

/// The place of a row of a column: `strike[3]`, or `strike` where one number stands for all.
template <class Inspect>
void check_row(std::string_view name, const NumberColumn& column, std::size_t row, Inspect&& inspect) {
    const Where where(name);
    inspect(column[row], column.is_constant() ? where : where[row]);
}

} // namespace detail

/// Checks one option of columns.
///
/// @throws InvalidInput where a number is not one that an option can have.
inline void require_valid(const OptionColumns& options, std::size_t row) {
    detail::check_row("right", options.sign, row, [](double value, const Where& where) {
        if (value != 1.0 && value != -1.0) {
            refuse(where, "1 for a call or -1 for a put", value);
        }
    });
    detail::check_row("spot", options.spot, row, [](double value, const Where& where) {
        static_cast<void>(require_not_negative(value, largest_price, where));
    });
    detail::check_row("strike", options.strike, row, [](double value, const Where& where) {
        static_cast<void>(require_positive(value, largest_price, where));
    });
    detail::check_row("time", options.time, row, [](double value, const Where& where) {
        static_cast<void>(require_not_negative(value, longest_time, where)); // an expired option has no price
    });
    detail::check_row("rate", options.rate, row, [](double value, const Where& where) {
        static_cast<void>(require_within(value, -largest_rate, largest_rate, where));
    });
    detail::check_row("dividend_yield", options.dividend_yield, row, [](double value, const Where& where) {
        static_cast<void>(require_within(value, -largest_rate, largest_rate, where));
    });
    detail::check_row("volatility", options.volatility, row, [](double value, const Where& where) {
        static_cast<void>(require_not_negative(value, largest_option_volatility, where));
    });
}

namespace detail {

/// Which lanes are an option, as `require_valid` has it; not a number is none.
template <std::size_t N>
[[nodiscard]] LaneMask<N> are_valid(const OptionTerms<Lanes<N>>& terms, const Lanes<N>& spot) {
    const Lanes<N> zero(0.0);
    const auto right = abs(terms.sign) == Lanes<N>(1.0);
    const auto prices = (spot >= zero) & (spot <= Lanes<N>(largest_price)) & (terms.strike > zero) &
                        (terms.strike <= Lanes<N>(largest_price));
    const auto times = (terms.time >= zero) & (terms.time <= Lanes<N>(longest_time));
    const auto rates =
        (abs(terms.rate) <= Lanes<N>(largest_rate)) & (abs(terms.dividend_yield) <= Lanes<N>(largest_rate));
    const auto volatilities = (terms.volatility >= zero) & (terms.volatility <= Lanes<N>(largest_option_volatility));
    return right & prices & times & rates & volatilities;
}

/// Stores lanes as rows from `first` on, as many as there are.
template <std::size_t N>
void store_rows(const Lanes<N>& lanes, std::span<double> rows, std::size_t first) {
    if (first + N <= rows.size()) {
        lanes.store(rows.data() + first);
        return;
    }
    for (std::size_t i = first; i < rows.size(); ++i) {
        rows[i] = lanes[i - first];
    }
}

/// Makes something of the options of columns, checked, and then uses it, a few packs of lanes at a time.
///
/// In steps, because a processor looks ahead so many instructions and no further: short loops keep it busy where the
/// long chain of one whole price does not.
/// @param make  From `OptionTerms<NativeLanes>` and spots, and the first row of them.
/// @param use   Takes what was made and its first row.
/// @throws InvalidInput as `require_valid`.
template <class Make, class Use>
void in_packs(const OptionColumns& options, std::size_t rows, Make&& make, Use&& use) {
    constexpr std::size_t packs = 8;
    using Made = decltype(make(OptionTerms<NativeLanes>{}, NativeLanes{}, std::size_t{}));
    constexpr bool apart = native_lanes == 4; // checks before the rest: a fifth faster with AVX2, slower with others
    std::array<Made, packs> made;
    const auto require_packs = [&](std::size_t row, std::size_t count) __attribute__((always_inline)) {
        auto valid = are_valid(options.terms<native_lanes>(row), options.spot.load<native_lanes>(row));
        for (std::size_t p = 1; p < count; ++p) {
            const std::size_t at = row + p * native_lanes;
            valid = valid & are_valid(options.terms<native_lanes>(at), options.spot.load<native_lanes>(at));
        }
        if (any(!valid)) {
            for (std::size_t i = row; i < (std::min)(row + count * native_lanes, rows); ++i) {
                require_valid(options, i);
            }
        }
    };
    for (std::size_t first = 0; first < rows; first += packs * native_lanes) {
        const std::size_t here = (std::min)(packs, (rows - first + native_lanes - 1) / native_lanes);
        if constexpr (apart) {
            require_packs(first, here);
        }
        for (std::size_t p = 0; p < here; ++p) {
            const std::size_t row = first + p * native_lanes;
            if constexpr (!apart) {
                require_packs(row, 1);
            }
            made[p] = make(options.terms<native_lanes>(row), options.spot.load<native_lanes>(row), row);
        }
        for (std::size_t p = 0; p < here; ++p) {
            use(made[p], first + p * native_lanes);
        }
    }
}

} // namespace detail

} // namespace margincore
