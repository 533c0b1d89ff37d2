// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/requirement/portfolio_margin/group_table.hpp>
#include <margincore/requirement/portfolio_margin/group_tree.hpp>
#include <margincore/requirement/portfolio_margin/valuation_points.hpp>

namespace margincore {

/// A group table, checked, in which symbols are found.
class Groups {
public:
    /// A symbol that the table names.
    struct Member {
        GroupIndex class_group = no_group;
        std::optional<double> leverage{}; ///< Nothing where the table does not say.
    };

    /// @param where  Of the table in the caller's data.
    /// @throws InvalidInput where ids or symbols are not unique, a parent is none, groups form a cycle, an offset is
    /// not
    ///                      a fraction, or a range is none; naming the entry.
    Groups(const GroupTable& table, const Where& where) {
        add_ids(table, where);
        add_portfolios(table, where["portfolios"]);
        add_products(table, where["products"]);
        add_classes(table, where["classes"]);
    }

    [[nodiscard]] const GroupTree& tree() const { return tree_; }

    [[nodiscard]] std::optional<Member> find(const std::string& symbol) const {
        const auto member = members_.find(symbol);
        return member == members_.end() ? std::nullopt : std::optional(member->second);
    }

    /// A class group by its id.
    [[nodiscard]] std::optional<GroupIndex> find_class(const std::string& id) const {
        const auto entry = ids_.find(id);
        return entry == ids_.end() || entry->second.level != GroupLevel::class_group
                   ? std::nullopt
                   : std::optional(entry->second.index);
    }

    /// Whether an id is that of a product or portfolio group.
    [[nodiscard]] bool names_group_above(const std::string& id) const {
        const auto entry = ids_.find(id);
        return entry != ids_.end() && entry->second.level != GroupLevel::class_group;
    }

    /// The range of a class; nothing where the table gives it none, as it has no product group.
    [[nodiscard]] std::optional<PriceRange> range(GroupIndex class_group) const {
        const GroupIndex product = tree_.product_of(class_group);
        return product == no_group ? std::nullopt : std::optional(products_[static_cast<std::size_t>(product)].range);
    }

    /// The minimum of contracts of a class, per unit of their multiplier; nothing for the policy's.
    [[nodiscard]] std::optional<Money> minimum_per_unit(GroupIndex class_group) const {
        const GroupIndex product = tree_.product_of(class_group);
        return product == no_group ? std::nullopt : products_[static_cast<std::size_t>(product)].minimum_per_unit;
    }

private:
    struct Id {
        GroupLevel level;
        GroupIndex index;
    };
    struct Product {
        PriceRange range;
        std::optional<Money> minimum_per_unit;
    };

    template <class Entries>
    void add_ids(const Entries& entries, GroupLevel level, const Where& where) {
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const Where place = where[i];
            if (entries[i].id.empty()) {
                throw InvalidInput(place["id"], "must not be empty");
            }
            if (!ids_.try_emplace(entries[i].id, Id{level, static_cast<GroupIndex>(i)}).second) {
                throw InvalidInput(place["id"], "must name one group, got " + in_quotes(entries[i].id) + " again");
            }
        }
    }

    void add_ids(const GroupTable& table, const Where& where) {
        add_ids(table.portfolios, GroupLevel::portfolio, where["portfolios"]);
        add_ids(table.products, GroupLevel::product, where["products"]);
        add_ids(table.classes, GroupLevel::class_group, where["classes"]);
    }

    /// The group above another; none where `id` is empty.
    ///
    /// @throws InvalidInput where there is no such group in the level above.
    [[nodiscard]] GroupIndex parent(const GroupTable& table, const std::string& child, const std::string& id,
                                    GroupLevel level, const Where& where) const {
        if (id.empty()) {
            return no_group;
        }
        const auto entry = ids_.find(id);
        if (entry != ids_.end() && entry->second.level == level) {
            return entry->second.index;
        }
        if (entry != ids_.end()) {
            require_no_cycle(table, child, where);
        }
        throw InvalidInput(where,
                           "must be the id of a " + std::string(name_of(level)) + " group, got " + in_quotes(id));
    }

    /// @throws InvalidInput where the groups above a group lead back to it.
    void require_no_cycle(const GroupTable& table, const std::string& first, const Where& where) const {
        std::string path = first;
        std::string id = first;
        for (std::size_t steps = 0; steps <= ids_.size(); ++steps) {
            const auto entry = ids_.find(id);
            if (entry == ids_.end()) {
                return;
            }
            const auto at = static_cast<std::size_t>(entry->second.index);
            id = entry->second.level == GroupLevel::class_group ? table.classes[at].product
                 : entry->second.level == GroupLevel::product   ? table.products[at].portfolio
                                                                : std::string();
            path += " -> " + id;
            if (id == first) {
                throw InvalidInput(where, "must lead to a group above, got a cycle: " + path);
            }
        }
    }

    static void require_offset(Fraction offset, const Where& where) {
        static_cast<void>(require_within(offset, 0.0, 1.0, where["offset"]));
    }

    void add_portfolios(const GroupTable& table, const Where& where) {
        for (const PortfolioGroup& group : table.portfolios) {
            require_offset(group.offset, where[tree_.portfolios.size()]);
            tree_.portfolios.push_back({.id = group.id, .parent = no_group, .offset = group.offset});
        }
    }

    void add_products(const GroupTable& table, const Where& where) {
        constexpr Fraction highest = 10.0;
        for (const ProductGroup& group : table.products) {
            const Where place = where[tree_.products.size()];
            require_offset(group.offset, place);
            if (require_within(group.range.low, -1.0, 0.0, place["low"]) == 0) {
                throw InvalidInput(place["low"], "must be below zero, got 0");
            }
            static_cast<void>(require_positive(group.range.high, highest, place["high"]));
            if (group.minimum_per_unit) {
                static_cast<void>(
                    require_not_negative(*group.minimum_per_unit, largest_price, place["minimum_per_unit"]));
            }
            tree_.products.push_back(
                {.id = group.id,
                 .parent = parent(table, group.id, group.portfolio, GroupLevel::portfolio, place["portfolio"]),
                 .offset = group.offset});
            products_.push_back({group.range, group.minimum_per_unit});
        }
    }

    void add_classes(const GroupTable& table, const Where& where) {
        for (const ClassGroup& group : table.classes) {
            const auto index = static_cast<GroupIndex>(tree_.classes.size());
            const Where place = where[tree_.classes.size()];
            tree_.classes.push_back(
                {.id = group.id,
                 .parent = parent(table, group.id, group.product, GroupLevel::product, place["product"])});
            const Where where_members = place["members"];
            for (std::size_t i = 0; i < group.members.size(); ++i) {
                const ClassMember& member = group.members[i];
                const Where where_member = where_members[i];
                if (member.leverage &&
                    require_within(*member.leverage, -largest_ratio, largest_ratio, where_member) == 0) {
                    throw InvalidInput(where_member["leverage"], "must not be zero, got 0");
                }
                if (!members_.try_emplace(member.symbol, Member{index, member.leverage}).second) {
                    throw InvalidInput(where_member,
                                       "must name each symbol once, got " + in_quotes(member.symbol) + " again");
                }
            }
        }
        for (std::size_t i = 0; i < table.classes.size(); ++i) { // an id is a symbol, unless it is another's
            const auto [member, added] =
                members_.try_emplace(table.classes[i].id, Member{static_cast<GroupIndex>(i), std::nullopt});
            if (!added && member->second.class_group != static_cast<GroupIndex>(i)) {
                const Where place = where[i];
                throw InvalidInput(place["id"], "must be no member of another class, got " + in_quotes(member->first));
            }
        }
    }

    GroupTree tree_{};
    std::vector<Product> products_{};
    std::unordered_map<std::string, Id> ids_{};
    std::unordered_map<std::string, Member> members_{};
};

} // namespace margincore
