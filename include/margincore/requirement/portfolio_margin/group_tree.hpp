// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <margincore/core/names.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

/// The levels of groups, from the lowest.
enum class GroupLevel : std::uint8_t { class_group, product, portfolio };

template <>
inline constexpr std::array names<GroupLevel> = {Name{GroupLevel::class_group, "class"},
                                                 Name{GroupLevel::product, "product"},
                                                 Name{GroupLevel::portfolio, "portfolio"}};

/// A group in its level; -1 for none.
using GroupIndex = std::int32_t;
inline constexpr GroupIndex no_group = -1;

/// Which groups are in which, by number, as aggregating needs it.
struct GroupTree {
    struct Group {
        std::string id{};
        GroupIndex parent = no_group; ///< In the level above.
        Fraction offset = 1.0;        ///< Part of a gain that offsets losses of its children; of a class, all.
    };
    std::vector<Group> classes{};
    std::vector<Group> products{};
    std::vector<Group> portfolios{};

    [[nodiscard]] const Group& operator()(GroupLevel level, GroupIndex index) const {
        const auto at = static_cast<std::size_t>(index);
        return level == GroupLevel::class_group ? classes[at]
               : level == GroupLevel::product   ? products[at]
                                                : portfolios[at];
    }

    [[nodiscard]] GroupIndex product_of(GroupIndex class_group) const {
        return classes[static_cast<std::size_t>(class_group)].parent;
    }
    [[nodiscard]] GroupIndex portfolio_of(GroupIndex product) const {
        return product == no_group ? no_group : products[static_cast<std::size_t>(product)].parent;
    }
};

} // namespace margincore
