// SPDX-License-Identifier: Apache-2.0
// What is wrong with an account whose columns do not make a book: asked only where one failed.
#include <string_view>

#include <margincore/account/account_type.hpp>
#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/object_reader.hpp>
#include <margincore/document/symbol.hpp>

#include "frame_book.hpp"

namespace margincore::python {

namespace {

void require_there(const Column& column, std::size_t row, const Where& where) {
    if (column.is_null(row)) {
        throw MissingData(where, "must be given, got nothing");
    }
}

} // namespace

void FrameBook::require_readable(std::size_t account) const {
    require_account(account);
    std::set<std::string> held;
    const auto first = static_cast<std::size_t>(groups_.offsets[account]);
    const auto last = static_cast<std::size_t>(groups_.offsets[account + 1]);
    for (std::size_t i = first; i < last; ++i) {
        require_position(groups_.order.empty() ? i : static_cast<std::size_t>(groups_.order[i]), held);
    }
}

void FrameBook::require_account(std::size_t account) const {
    const Where accounts("accounts");
    if (account >= accounts_.size()) {
        throw MissingData(accounts["account_id"], "must have a row for every account with positions, got none for " +
                                                      in_quotes(unknown_accounts_[account - accounts_.size()]));
    }
    const Where row = accounts[account];
    if (const Column* id = accounts_.find("account_id"); id != nullptr && id->is_null(account)) {
        throw MissingData(row["account_id"], "must be given, got nothing");
    }
    if (!is_repeated_.empty() && is_repeated_[account]) {
        throw InvalidInput(row["account_id"], "must name each account once, got " +
                                                  in_quotes(accounts_.require("account_id").text(account)) +
                                                  " more than once");
    }
    if (const Column* currency = accounts_.find("currency");
        currency != nullptr && !currency->is_null(account) && currency->text(account) != "USD") {
        throw Unsupported(row["currency"], "must be USD, got " + in_quotes(currency->text(account)));
    }
    if (const Column* type = accounts_.find("type"); type != nullptr && !type->is_null(account)) {
        const auto value = parse_name<AccountType>(type->text(account), row["type"]);
        if (const Method method = method_.value_or(method_of(value)); method == Method::cash) {
            throw Unsupported(row["type"], "the " + std::string(name_of(method)) + " method is not built yet");
        }
    }
    if (const Column* sma = accounts_.find("sma"); sma != nullptr && !sma->is_null(account)) {
        throw Unsupported(row["sma"], "the special memorandum account is not built yet, got " +
                                          document::describe(sma->value(account)));
    }
    require_there(accounts_.require("cash"), account, row["cash"]);
}

/// @param held  The symbols of the account so far.
void FrameBook::require_position(std::size_t row, std::set<std::string>& held) const {
    const Where positions("positions");
    const Where position = positions[row];
    const Where where_symbol = position["symbol"];
    const Column& symbols = positions_.require("symbol");
    require_there(symbols, row, where_symbol);
    if (symbols.holds_whole()) {
        if (const document::Value value = symbols.value(row); value < 0 || value >= n_instruments_) {
            throw InvalidInput(where_symbol, "must be a row of the " + std::to_string(n_instruments_) +
                                                 " instruments, got " + document::describe(value));
        }
    } else if (const auto symbol = document::canonical_symbol(symbols.text(row), where_symbol);
               !held.insert(symbol).second) {
        throw InvalidInput(where_symbol, "must stand once in positions, got " + in_quotes(symbol) + " again");
    }
    if (const Column* quantity = positions_.find("quantity"); quantity != nullptr) {
        return require_there(*quantity, row, position["quantity"]); // the rest is checked in the book
    }
    std::vector<double> memory;
    bool holds_any = false;
    for (const char* side : {"long", "short"}) {
        const Column& column = positions_.require(side);
        require_there(column, row, position[side]);
        const double units = column.numbers(row, 1, memory)[0];
        holds_any = require_within(units, 0, largest_quantity, position[side]) > 0 || holds_any;
    }
    if (!holds_any) {
        throw InvalidInput(position["long"], "must not be zero, got 0");
    }
}

} // namespace margincore::python
