// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <margincore/core/piecewise_linear.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>

namespace margincore {

/// What a position, or a class group, contributes to the requirement of its account.
struct Contribution {
    std::string id{};                     ///< Symbol of a position, id of a class group.
    std::vector<std::string> positions{}; ///< Symbols.
    Money closing = 0.0; ///< What closing them at market changes of the net requirement; negative where it lowers it.

    /// To first order: how fast the requirement grows as they grow by their own size, USD. Of all positions of the
    /// class groups these add up to the requirement of the groups. Nothing under the strategy method.
    std::optional<Money> first_order{};
    std::string why{};

    friend bool operator==(const Contribution&, const Contribution&) = default;
};

/// Contributions of an account: of its positions, in their order, and of its class groups.
struct Contributions {
    Money net_requirement = 0.0; ///< Of the account as it stands, with what the house adds.
    std::vector<Contribution> positions{};
    std::vector<Contribution> groups{}; ///< Empty under the strategy method.

    friend bool operator==(const Contributions&, const Contributions&) = default;
};

namespace detail {

/// An account without some of its positions, closed at their market values.
class WithoutPositions {
public:
    template <class IsClosed>
    WithoutPositions(const AccountView& account, std::span<const Money> value, IsClosed&& is_closed)
        : cash_(account.cash) {
        for (std::size_t i = 0; i < account.size(); ++i) {
            if (is_closed(i)) {
                cash_ += value[i];
                continue;
            }
            instrument_.push_back(account.instrument[i]);
            quantity_.push_back(account.quantity[i]);
            boxed_.push_back(account.boxed_at(i));
        }
    }

    [[nodiscard]] AccountView view() const {
        return {.cash = cash_, .instrument = instrument_, .quantity = quantity_, .boxed = boxed_};
    }

private:
    Money cash_;
    std::vector<InstrumentIndex> instrument_{};
    std::vector<Quantity> quantity_{};
    std::vector<Quantity> boxed_{};
};

/// What closing does to an account: rounding is no change.
[[nodiscard]] inline Money change(Money before, Money after) {
    const Money difference = after - before;
    return std::abs(difference) <= rounding_dust(std::abs(before) + std::abs(after), 16) ? 0.0 : difference;
}

} // namespace detail

} // namespace margincore
