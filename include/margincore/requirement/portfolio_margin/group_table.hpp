// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <margincore/core/units.hpp>
#include <margincore/requirement/portfolio_margin/valuation_points.hpp>

namespace margincore {

/// A symbol of a class group: an index, a fund on it, or the underlying of futures and options.
struct ClassMember {
    std::string symbol{};
    std::optional<double> leverage{}; ///< Of a leveraged or inverse fund, signed; nothing where the table does not say.

    friend bool operator==(const ClassMember&, const ClassMember&) = default;
};

/// Everything on one underlying, which nets in full: FINRA's "portfolio", OCC's class group.
struct ClassGroup {
    std::string id{};
    std::string product{}; ///< Id of its product group; empty for a class alone, which has the range of equities.
    std::vector<ClassMember> members{};

    friend bool operator==(const ClassGroup&, const ClassGroup&) = default;
};

/// Class groups that are highly correlated: a part of the gains of one offsets losses of the others.
struct ProductGroup {
    std::string id{};
    std::string name{};
    PriceRange range{};                      ///< Of its classes.
    Fraction offset = 0.0;                   ///< Part of a gain that offsets losses, 0 to 1.
    std::string portfolio{};                 ///< Id of its portfolio group; empty where it has none.
    std::optional<Money> minimum_per_unit{}; ///< Of a contract, per unit of its multiplier; nothing for the policy's.

    friend bool operator==(const ProductGroup&, const ProductGroup&) = default;
};

/// Product groups that offset each other in part: OCC's portfolio group, "market group" in 15c3-1a.
struct PortfolioGroup {
    std::string id{};
    std::string name{};
    Fraction offset = 0.0; ///< Part of a gain that offsets losses, 0 to 1.

    friend bool operator==(const PortfolioGroup&, const PortfolioGroup&) = default;
};

/// Which groups there are.
struct GroupTable {
    std::vector<ClassGroup> classes{};
    std::vector<ProductGroup> products{};
    std::vector<PortfolioGroup> portfolios{};

    friend bool operator==(const GroupTable&, const GroupTable&) = default;
};

} // namespace margincore
