// SPDX-License-Identifier: Apache-2.0
#include "frame_book.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>
#include <utility>

#include <margincore/account/account_type.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/where.hpp>

namespace margincore::python {

namespace {

constexpr std::array<std::string_view, 5> position_columns = {"account_id", "symbol", "quantity", "long", "short"};
constexpr std::array<std::string_view, 5> account_columns = {"account_id", "cash", "type", "sma", "currency"};
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

} // namespace

FrameBook::FrameBook(const Frame& positions, const Frame& accounts, FrameMarket& market, std::optional<Method> method,
                     unsigned threads)
    : positions_(positions), accounts_(accounts), method_(method), n_instruments_(market.known) {
    require_columns();
    find_refused_accounts();
    find_accounts(threads);
    find_methods();
    if (positions_.size() > 0) {
        find_instruments(market);
    }
    if (!groups_.order.empty()) {
        read_unordered_columns();
    }
}

void FrameBook::require_columns() const {
    positions_.require_known(position_columns);
    accounts_.require_known(account_columns);
    static_cast<void>(accounts_.require("cash"));
    if (accounts_.size() > 0) {
        for (const char* name : {"cash", "sma"}) {
            accounts_.require_numbers(name);
        }
        for (const char* name : {"type", "currency"}) {
            accounts_.require_text(name);
        }
    }
    const bool has_sides = positions_.find("long") != nullptr || positions_.find("short") != nullptr;
    if (positions_.find("quantity") != nullptr && has_sides) {
        const Where where(positions_.name());
        throw InvalidInput(where["quantity"], "must not be given beside long and short, got both");
    }
    for (const char* name : {"quantity", "long", "short"}) {
        if ((std::string_view(name) != "quantity") == has_sides) {
            static_cast<void>(positions_.require(name));
        }
        if (positions_.size() > 0) { // a library may not know of what type no rows are
            positions_.require_numbers(name);
        }
    }
    static_cast<void>(positions_.require("account_id"));
    if (const Column& symbols = positions_.require("symbol");
        positions_.size() > 0 && !symbols.holds_whole() && !symbols.holds_text()) {
        const Where where(positions_.name());
        throw InvalidInput(where["symbol"], "must be text or row numbers, got a column of " + symbols.content());
    }
}

void FrameBook::find_refused_accounts() {
    const auto refuse = [&](std::size_t row) {
        is_refused_.resize(accounts_.size(), false);
        is_refused_[row] = true;
    };
    const Column* type = accounts_.find("type");
    const Column* sma = accounts_.find("sma");
    const Column* currency = accounts_.find("currency");
    const Column* id = accounts_.find("account_id");
    if (id != nullptr && !id->may_be_null()) {
        id = nullptr;
    }
    if (type == nullptr && sma == nullptr && currency == nullptr && id == nullptr) {
        return;
    }
    const auto is_computed = [&](std::string_view word) {
        const auto found = std::ranges::find(names<AccountType>, word, &Name<AccountType>::text);
        return found != names<AccountType>.end() && method_.value_or(method_of(found->value)) != Method::cash;
    };
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        const bool is_fine = (type == nullptr || type->is_null(i) || is_computed(type->text(i))) &&
                             (sma == nullptr || sma->is_null(i)) &&
                             (currency == nullptr || currency->is_null(i) || currency->text(i) == "USD") &&
                             (id == nullptr || !id->is_null(i));
        if (!is_fine) {
            refuse(i);
        }
    }
}

void FrameBook::find_methods() {
    if (method_) {
        if (*method_ == Method::portfolio) {
            is_portfolio_.assign(size(), 1);
        }
        return;
    }
    const Column* type = accounts_.find("type");
    for (std::size_t i = 0; type != nullptr && i < accounts_.size(); ++i) {
        if (!type->is_null(i) && type->text(i) == name_of(AccountType::portfolio_margin)) {
            is_portfolio_.resize(size(), 0);
            is_portfolio_[i] = 1;
        }
    }
}

void FrameBook::read_unordered_columns() {
    const auto all = [&](const char* name, std::vector<Quantity>& memory) {
        const Column* column = positions_.find(name);
        return column == nullptr ? std::span<const Quantity>() : column->numbers(0, positions_.size(), memory);
    };
    all_quantity_ = all("quantity", all_quantity_memory_);
    all_long_ = all("long", all_long_memory_);
    all_short_ = all("short", all_short_memory_);
    all_instrument_ = instrument_.empty() ? positions_.require("symbol").codes(0, positions_.size(), null_instrument,
                                                                               all_instrument_memory_)
                                          : std::span<const InstrumentIndex>(instrument_);
}

MarketRows FrameBook::rows(const FrameMarket& market) const {
    MarketRows all = market_rows(market.instruments, market.snapshot, market.policy);
    all.refused = market.refused;
    return dictionary_.empty() ? all : in_order(all, dictionary_);
}

Book FrameBook::piece(std::size_t first, std::size_t last, Memory& memory) const {
    Book book;
    const std::size_t named = accounts_.size(); // the rest is unknown
    const std::size_t end = (std::min)(last, named);
    if (first < end) {
        book.cash = accounts_.require("cash").numbers(first, end - first, memory.cash);
    }
    if (end < last || !is_refused_.empty()) {
        std::vector<Money> cash(book.cash.begin(), book.cash.end());
        cash.resize(last - first, missing);
        for (std::size_t i = first; i < end && !is_refused_.empty(); ++i) {
            cash[i - first] = is_refused_[i] ? missing : cash[i - first];
        }
        memory.cash = std::move(cash);
        book.cash = memory.cash;
    }
    const std::int64_t begin = groups_.offsets[first];
    memory.offsets.resize(last - first + 1);
    for (std::size_t i = 0; i < memory.offsets.size(); ++i) {
        memory.offsets[i] = groups_.offsets[first + i] - begin;
    }
    book.offsets = memory.offsets;
    if (!is_portfolio_.empty()) {
        book.is_portfolio = std::span(is_portfolio_).subspan(first, last - first);
    }
    if (const auto count = static_cast<std::size_t>(memory.offsets.back()); count > 0) {
        read_piece_quantities(static_cast<std::size_t>(begin), count, book, memory);
    }
    return book;
}

void FrameBook::read_piece_quantities(std::size_t first, std::size_t count, Book& book, Memory& memory) const {
    std::span<const Quantity> long_units;
    std::span<const Quantity> short_units;
    const bool has_sides = positions_.find("long") != nullptr;
    if (groups_.order.empty()) {
        book.instrument = instrument_.empty()
                              ? positions_.require("symbol").codes(first, count, null_instrument, memory.instrument)
                              : std::span<const InstrumentIndex>(instrument_).subspan(first, count);
        if (has_sides) {
            long_units = positions_.require("long").numbers(first, count, memory.long_units);
            short_units = positions_.require("short").numbers(first, count, memory.short_units);
        } else {
            book.quantity = positions_.require("quantity").numbers(first, count, memory.quantity);
        }
    } else {
        book.rows = std::span<const std::int64_t>(groups_.order).subspan(first, count);
        const auto gather = [&](const auto& column, auto& into) {
            into.resize(count);
            for (std::size_t i = 0; i < count; ++i) {
                into[i] = column[static_cast<std::size_t>(book.rows[i])];
            }
        };
        gather(all_instrument_, memory.instrument);
        book.instrument = memory.instrument;
        if (has_sides) {
            gather(all_long_, memory.long_units);
            gather(all_short_, memory.short_units);
            long_units = memory.long_units;
            short_units = memory.short_units;
        } else {
            gather(all_quantity_, memory.quantity);
            book.quantity = memory.quantity;
        }
    }
    if (has_sides) {
        net_sides(long_units, short_units, book, memory);
    }
}

void FrameBook::net_sides(std::span<const Quantity> long_units, std::span<const Quantity> short_units, Book& book,
                          Memory& memory) {
    const std::size_t count = long_units.size();
    memory.quantity.resize(count);
    memory.boxed.resize(count);
    bool holds_both = false;
    for (std::size_t i = 0; i < count; ++i) {
        const bool is_fine = long_units[i] >= 0 && short_units[i] >= 0; // not so with NaN
        memory.quantity[i] = is_fine ? long_units[i] - short_units[i] : missing;
        memory.boxed[i] = is_fine ? (std::min)(long_units[i], short_units[i]) : 0.0;
        holds_both = holds_both || memory.boxed[i] > 0;
    }
    book.quantity = memory.quantity;
    book.boxed = holds_both ? std::span<const Quantity>(memory.boxed) : std::span<const Quantity>();
}

} // namespace margincore::python
