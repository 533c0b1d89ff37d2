// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <margincore/account/market_rows.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/instrument/account_place.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/instrument/kind.hpp>
#include <margincore/requirement/portfolio_margin/default_group_table.hpp>
#include <margincore/requirement/portfolio_margin/groups.hpp>

namespace margincore {

/// The class group of an instrument.
struct MemberOfClass {
    GroupIndex class_group = no_group;
    std::string symbol{};  ///< Of what decides the class: the underlying, or the instrument itself.
    double leverage = 1.0; ///< What it moves by for a move of its class.
    std::string warning{}; ///< What a reader should know of the class; empty for nothing.
};

/// The built-in group table, in which symbols are found; made once, as most markets have no other.
[[nodiscard]] inline const Groups& default_groups() {
    static const Groups groups(default_group_table(), "policy.group_table");
    return groups;
}

/// The class groups of the instruments of a market: that of the table, else each symbol is one of its own.
///
/// @source Ours, FINRA 4210(g)(2)(B), (E): everything on one underlying, and the underlying. The ranges of what no
/// table
///         names are those of equities; nothing is guessed of volatility indices.
class ClassGroups {
public:
    /// @throws InvalidInput where the table is wrong.
    ClassGroups(const MarketRows& market, const std::optional<GroupTable>& table, const AccountPlace& place)
        : market_(market), place_(place),
          given_(table ? std::optional<Groups>(std::in_place, *table, "policy.group_table") : std::nullopt),
          table_(given_ ? *given_ : default_groups()), tree_(table_.tree()) {}
    ClassGroups(const ClassGroups&) = delete; // it would refer to the table of the other
    ClassGroups& operator=(const ClassGroups&) = delete;

    /// The tree of the table and of the classes that were found beside it so far.
    [[nodiscard]] const GroupTree& tree() const { return tree_; }

    [[nodiscard]] PriceRange range(GroupIndex class_group) const {
        return is_of_table(class_group) ? table_.range(class_group).value_or(equity_range) : equity_range;
    }
    [[nodiscard]] std::optional<Money> minimum_per_unit(GroupIndex class_group) const {
        return is_of_table(class_group) ? table_.minimum_per_unit(class_group) : std::nullopt;
    }

    /// The class of the table that a symbol, or an id, is of.
    [[nodiscard]] std::optional<GroupIndex> of_symbol(const std::string& symbol) const {
        const std::optional<Groups::Member> listed = table_.find(symbol);
        return listed ? std::optional(listed->class_group) : table_.find_class(symbol);
    }

    /// The class of an instrument; nothing where it is not eligible, and carries its strategy requirement.
    ///
    /// @throws InvalidInput  where it is said to be in a class and is not eligible, or its leverage is not the table's.
    /// @throws Unsupported   where its class has no range.
    [[nodiscard]] std::optional<MemberOfClass> find(InstrumentIndex row) {
        const Instrument& instrument = market_.instrument(row);
        const Base at = base_of(row);
        const InstrumentIndex base = at.row;
        if (base < 0 && may_be_converted(instrument.kind) && is_eligible(instrument)) {
            at_instrument(market_, row, place_, "conversion", [&](const Where& where) {
                throw MissingData(where["into"],
                                  "must be an instrument with a price, got none for " + in_quotes(at.symbol));
            });
        }
        const Instrument* of = base < 0 ? nullptr : &market_.instrument(base);
        MemberOfClass member{.symbol = at.symbol};
        const std::string& stated = of != nullptr ? of->class_group : instrument.class_group;
        // The built-in table lists indices, funds and roots of futures, and a stock of the same ticker is none of them.
        const bool is_namesake = !given_ && of != nullptr && of->kind == Kind::equity;
        const std::optional<Groups::Member> listed = is_namesake ? std::nullopt : table_.find(member.symbol);
        if (of != nullptr && of->kind == Kind::etn && (!stated.empty() || listed)) {
            at_instrument(market_, base, place_, "class_group", [&](const Where& where) {
                throw InvalidInput(where, "must be none for a note, which is not eligible, FINRA Regulatory Notice "
                                          "19-21, got " +
                                              in_quotes(stated.empty() ? listed_id(*listed) : stated));
            });
        }
        const bool is_barred_stock = row == base && !instrument.marginable;
        if (!is_eligible(instrument) || is_barred_stock || (of != nullptr && !is_eligible(*of))) {
            return std::nullopt;
        }
        if (of == nullptr && !at.is_of_future) {
            at_instrument(market_, row, place_, "underlying", [&](const Where& where) {
                throw MissingData(where, "must be an instrument with a price, got none for " + in_quotes(at.symbol));
            });
        }
        if (of == nullptr && !listed && stated.empty()) {
            at_instrument(market_, row, place_, "underlying", [&](const Where& where) {
                throw Unsupported(where, "must be an instrument, or in the group table: it has no range, got " +
                                             in_quotes(member.symbol));
            });
        }
        member.class_group =
            !stated.empty() ? class_stated(base < 0 ? row : base, stated)
            : listed        ? listed->class_group
                            : class_of_id(is_namesake && table_.find_class(member.symbol) ? member.symbol + " (stock)"
                                                                                          : member.symbol);
        if (!instrument.class_group.empty() && class_stated(row, instrument.class_group) != member.class_group) {
            at_instrument(market_, row, place_, "class_group", [&](const Where& where) {
                throw InvalidInput(where, "must agree with the class of its underlying " + in_quotes(member.symbol) +
                                              ", got " + in_quotes(instrument.class_group));
            });
        }
        if (of != nullptr) {
            require_range(row, *of, member);
            if (given_ && listed && of->kind == Kind::equity && table_.range(listed->class_group)) {
                member.warning = "is a stock that policy.group_table puts into the class " + listed_id(*listed);
            }
            member.leverage = require_leverage(base, *of, listed);
        }
        return member;
    }

private:
    [[nodiscard]] bool is_of_table(GroupIndex class_group) const {
        return static_cast<std::size_t>(class_group) < table_.tree().classes.size();
    }

    /// Whether FINRA 4210(g)(6)(B)(i) lists the kind, or options on it.
    [[nodiscard]] static bool is_eligible(const Instrument& instrument) {
        switch (instrument.kind) {
        case Kind::equity:
        case Kind::etf:
        case Kind::broad_index_etf:
            return true;
        case Kind::broad_index:
        case Kind::narrow_index:
        case Kind::volatility_index:
        case Kind::future:
        case Kind::future_option:
        case Kind::option:
            return true;
        case Kind::warrant: // one whose last day is not known has no value as an option
            return instrument.conversion && instrument.conversion->expiry;
        case Kind::convertible:
            return instrument.conversion.has_value();
        case Kind::etn:
        case Kind::treasury:
        case Kind::municipal:
        case Kind::corporate_bond:
        case Kind::money_market_fund:
        case Kind::mutual_fund:
            return false;
        }
        return false;
    }

    /// What an instrument is on in the end: itself where it is on nothing.
    struct Base {
        InstrumentIndex row = -1; ///< -1 where it is no instrument of the market.
        std::string symbol{};
        bool is_of_future = false; ///< Then a symbol of the group table is enough: an index need not be in the market.
    };

    [[nodiscard]] Base base_of(InstrumentIndex row) const {
        constexpr int longest = 4; // an option on a future on an index
        Base base{.row = row, .symbol = market_.instrument(row).symbol};
        for (int step = 0; step < longest && base.row >= 0; ++step) {
            const Instrument& at = market_.instrument(base.row);
            if (at.option) {
                base.symbol = at.option->underlying;
                base.row = market_[base.row].option.underlying;
            } else if (at.future) {
                base.symbol = at.future->underlying;
                base.row = market_.find(base.symbol).value_or(-1);
                base.is_of_future = true;
            } else if (may_be_converted(at.kind) && at.conversion) {
                base.symbol = at.conversion->into;
                base.row = market_[base.row].conversion.into;
            } else {
                break;
            }
        }
        return base;
    }

    [[nodiscard]] const std::string& listed_id(const Groups::Member& listed) const {
        return tree_.classes[static_cast<std::size_t>(listed.class_group)].id;
    }

    /// Whether a class has a range of its own; else that of equities is right for equities only.
    void require_range(InstrumentIndex row, const Instrument& of, MemberOfClass& member) const {
        if (is_of_table(member.class_group) && table_.range(member.class_group)) {
            if (of.kind == Kind::volatility_index && !of.class_group.empty()) {
                member.warning = "is a volatility index that its class_group puts into the class " +
                                 tree_.classes[static_cast<std::size_t>(member.class_group)].id;
            }
            return;
        }
        if (of.kind == Kind::volatility_index) {
            at_instrument(market_, row, place_, "class_group", [&](const Where& where) {
                throw Unsupported(where, "must be a class with a range in policy.group_table: none is known for the "
                                         "volatility index " +
                                             in_quotes(of.symbol));
            });
        }
        if (of.kind == Kind::broad_index || of.kind == Kind::broad_index_etf) {
            member.warning = "is based on a broad index that the group table does not have: alone, at -15% and +15%";
        }
    }

    /// The factor of a fund on the moves of its class.
    [[nodiscard]] double require_leverage(InstrumentIndex base, const Instrument& of,
                                          const std::optional<Groups::Member>& listed) const {
        if (listed && listed->leverage && *listed->leverage != of.leverage) {
            at_instrument(market_, base, place_, "leverage", [&](const Where& where) {
                throw InvalidInput(where, "must be " + number_text(*listed->leverage) + " as in the group table, got " +
                                              number_text(of.leverage));
            });
        }
        return of.leverage;
    }

    /// The class that an instrument says it is of: one of the table, or one that the table has not.
    [[nodiscard]] GroupIndex class_stated(InstrumentIndex row, const std::string& id) {
        if (table_.names_group_above(id)) {
            at_instrument(market_, row, place_, "class_group", [&](const Where& where) {
                throw InvalidInput(where, "must be a class group, got the group of classes " + in_quotes(id));
            });
        }
        return class_of_id(id);
    }

    [[nodiscard]] GroupIndex class_of_id(const std::string& id) {
        if (const std::optional<GroupIndex> listed = table_.find_class(id)) {
            return *listed;
        }
        const auto [entry, added] = alone_.try_emplace(id, static_cast<GroupIndex>(tree_.classes.size()));
        if (added) {
            tree_.classes.push_back({.id = id});
        }
        return entry->second;
    }

    const MarketRows& market_;
    const AccountPlace& place_;
    std::optional<Groups> given_;
    const Groups& table_;
    GroupTree tree_;
    std::unordered_map<std::string, GroupIndex> alone_{};
};

} // namespace margincore
