// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include <margincore/account/account_type.hpp>
#include <margincore/account/evaluate_book.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/core/units.hpp>
#include <margincore/instrument/book.hpp>
#include <margincore/instrument/group_positions.hpp>
#include <margincore/instrument/instrument_table.hpp>

#include "frame.hpp"
#include "frame_market.hpp"

namespace margincore::python {

/// A book in the columns of a caller: a `BookSource`.
class FrameBook {
public:
    struct Memory {
        std::vector<std::int64_t> offsets{};
        std::vector<InstrumentIndex> instrument{};
        std::vector<Quantity> quantity{};
        std::vector<Quantity> long_units{};
        std::vector<Quantity> short_units{};
        std::vector<Quantity> boxed{};
        std::vector<Money> cash{};
    };

    /// @param market         Gains the symbols that positions name and no instrument has.
    /// @param method  Of every account; nothing where the type of each decides.
    FrameBook(const Frame& positions, const Frame& accounts, FrameMarket& market, std::optional<Method> method,
              unsigned threads);

    [[nodiscard]] std::size_t size() const { return accounts_.size() + unknown_accounts_.size(); }
    [[nodiscard]] Book piece(std::size_t first, std::size_t last, Memory& memory) const;
    [[nodiscard]] std::size_t first_row(std::size_t first) const {
        return static_cast<std::size_t>(groups_.offsets[first]);
    }
    void require_readable(std::size_t account) const;

    /// Whether any account is computed by portfolio margin.
    [[nodiscard]] bool has_portfolio_margin() const { return !is_portfolio_.empty(); }
    /// Whether an account is.
    [[nodiscard]] bool has_portfolio_margin(std::size_t account) const {
        return has_portfolio_margin() && is_portfolio_[account] != 0;
    }

    /// The rows of the market as the codes of the positions have them.
    [[nodiscard]] MarketRows rows(const FrameMarket& market) const;

    /// Accounts that positions name and the accounts do not have; they are the last of the book.
    [[nodiscard]] const std::vector<std::string>& unknown_accounts() const { return unknown_accounts_; }

private:
    void require_columns() const;
    void find_refused_accounts();
    void find_methods();
    void find_accounts(unsigned threads);
    [[nodiscard]] std::vector<std::int32_t> accounts_by_name(const Column& ids);
    void find_instruments(FrameMarket& market);
    void read_unordered_columns();
    void read_piece_quantities(std::size_t first, std::size_t count, Book& book, Memory& memory) const;
    static void net_sides(std::span<const Quantity> long_units, std::span<const Quantity> short_units, Book& book,
                          Memory& memory);
    void require_account(std::size_t account) const;
    void require_position(std::size_t row, std::set<std::string>& held) const;

    const Frame& positions_;
    const Frame& accounts_;
    std::optional<Method> method_;
    std::size_t n_instruments_; ///< Of the instruments frame.
    PositionGroups groups_{};
    std::vector<std::string> unknown_accounts_{};
    std::vector<InstrumentIndex> instrument_{}; ///< Of each position, where its column cannot be used as it is.
    std::vector<InstrumentIndex> dictionary_{}; ///< Rows of the market by code, where the column is of codes.
    std::vector<bool> is_refused_{};            ///< By account; empty where none is.
    std::vector<std::uint8_t> is_portfolio_{};  ///< By account; empty where none is.
    std::vector<bool> is_repeated_{};           ///< By account; empty where no name stands twice.
    // Whole columns, for positions that are not in order.
    std::vector<Quantity> all_quantity_memory_{};
    std::vector<Quantity> all_long_memory_{};
    std::vector<Quantity> all_short_memory_{};
    std::vector<InstrumentIndex> all_instrument_memory_{};
    std::span<const Quantity> all_quantity_{};
    std::span<const Quantity> all_long_{};
    std::span<const Quantity> all_short_{};
    std::span<const InstrumentIndex> all_instrument_{};
};

static_assert(BookSource<FrameBook>);

} // namespace margincore::python
