// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <margincore/core/arrays.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

/// The figures of every account of a book, USD.
enum class BookFigure : std::uint8_t {
    net_liquidation,
    equity,
    initial,
    maintenance,
    add_ons,
    total,
    excess_initial,
    excess_maintenance,
    excess_total,
    net_requirement,
    lower_bound,
    beta_weighted_exposure, ///< With stress only.
};

template <>
inline constexpr std::array names<BookFigure> = {
    Name{BookFigure::net_liquidation, "net_liquidation"},
    Name{BookFigure::equity, "equity"},
    Name{BookFigure::initial, "initial"},
    Name{BookFigure::maintenance, "maintenance"},
    Name{BookFigure::add_ons, "add_ons"},
    Name{BookFigure::total, "total"},
    Name{BookFigure::excess_initial, "excess_initial"},
    Name{BookFigure::excess_maintenance, "excess_maintenance"},
    Name{BookFigure::excess_total, "excess_total"},
    Name{BookFigure::net_requirement, "net_requirement"},
    Name{BookFigure::lower_bound, "lower_bound"},
    Name{BookFigure::beta_weighted_exposure, "beta_weighted_exposure"},
};

/// Why an account could not be computed.
struct AccountFailure {
    std::size_t account = 0; ///< Row in the book.
    std::string where{};     ///< The place in the caller's data.
    std::string message{};   ///< As the error of a single account says it.

    friend bool operator==(const AccountFailure&, const AccountFailure&) = default;
};

/// A book evaluated: a column for each figure, NaN for the accounts that failed.
struct BookEvaluation {
    Matrix columns{};                       ///< Shape (n_columns, n_accounts).
    std::size_t stress_points = 0;          ///< 0 without stress.
    std::vector<AccountFailure> failures{}; ///< By account, ascending.

    [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(columns.cols()); }
    [[nodiscard]] bool has_stress() const {
        return static_cast<std::size_t>(columns.rows()) > static_cast<std::size_t>(BookFigure::beta_weighted_exposure);
    }
    [[nodiscard]] bool failed(std::size_t account) const {
        return std::isnan((*this)[BookFigure::net_liquidation][account]);
    }

    /// The figures of all accounts. Shape (n_accounts).
    [[nodiscard]] std::span<const Money> operator[](BookFigure figure) const {
        return column(static_cast<std::size_t>(figure));
    }
    /// The total excess of all accounts after a stress move, the requirement held. Shape (n_accounts).
    [[nodiscard]] std::span<const Money> stress_excess(std::size_t point) const {
        return column(names<BookFigure>.size() + point);
    }

private:
    [[nodiscard]] std::span<const Money> column(std::size_t index) const {
        return {columns.data() + index * size(), size()};
    }
};

} // namespace margincore
