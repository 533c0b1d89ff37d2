// SPDX-License-Identifier: Apache-2.0
#include "frame_book.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <limits>
#include <unordered_map>
#include <utility>

#include <margincore/account/account_type.hpp>
#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/account_reader.hpp>
#include <margincore/document/instrument_reader.hpp>
#include <margincore/document/object_reader.hpp>
#include <margincore/document/policy_reader.hpp>
#include <margincore/document/symbol.hpp>

namespace margincore::python {

namespace {

constexpr std::array<std::string_view, 5> position_columns = {"account_id", "symbol", "quantity", "long", "short"};
constexpr std::array<std::string_view, 5> account_columns = {"account_id", "cash", "type", "sma", "currency"};
constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// @throws InvalidInput where the column holds something else.
void require_numbers(const Frame& frame, const std::string& name) {
    const Column* column = frame.find(name);
    if (column == nullptr || column->layout <= Layout::u8 || column->layout == Layout::nothing) {
        if (column == nullptr || !column->is_dictionary()) {
            return;
        }
    }
    const Where where(frame.name());
    if (column->layout == Layout::values) {
        for (std::size_t i = 0; i < column->size; ++i) {
            const Where row = where[i];
            if (!column->values[i].is_number() && !column->values[i].is_null()) {
                document::refuse_type(column->values[i], "a number", row[name]);
            }
        }
        return;
    }
    throw InvalidInput(where[name], "must be numbers, got a column of " + std::string(column->is_dictionary() ? "codes"
                                                                                      : is_text(column->layout)
                                                                                          ? "text"
                                                                                          : "booleans or dates"));
}

/// @throws InvalidInput where the column holds something else.
void require_text(const Frame& frame, const std::string& name) {
    if (const Column* column = frame.find(name); column != nullptr && !column->holds_text()) {
        const Where where(frame.name());
        throw InvalidInput(where[name], "must be text, got a column of something else");
    }
}

/// Puts a value at a dotted path: `conversion.into`.
void put(document::Value& object, std::string_view path, document::Value value) {
    const std::size_t dot = path.find('.');
    if (dot == std::string_view::npos) {
        document::append(object, std::string(path), std::move(value));
        return;
    }
    const std::string head(path.substr(0, dot));
    auto& members = object.get_ref<document::Value::object_t&>();
    auto member = std::ranges::find(members, head, [](const auto& entry) -> const std::string& { return entry.first; });
    if (member == members.end()) {
        document::append(object, head, document::Value::object());
        member = members.end() - 1;
    }
    put(member->second, path.substr(dot + 1), std::move(value));
}

document::Value row_value(const Frame& frame, std::size_t row) {
    document::Value object = document::Value::object();
    for (const auto& [name, column] : frame.columns()) {
        if (name == "symbol") {
            continue;
        }
        if (document::Value cell = column->value(row); !cell.is_null()) {
            put(object, name, std::move(cell));
        }
    }
    return object;
}

} // namespace

// --- Frame
// ------------------------------------------------------------------------------------------------------------

Frame::Frame(std::string name, Columns columns) : name_(std::move(name)), columns_(std::move(columns)) {
    const Where where(name_);
    const Column* first = nullptr;
    for (const auto& [column_name, column] : columns_) {
        if (first != nullptr && column->size != first->size) {
            throw InvalidInput(where[column_name], "must be as long as the other columns, " +
                                                       std::to_string(first->size) + " rows, got " +
                                                       std::to_string(column->size));
        }
        first = column.get();
        size_ = column->size;
    }
}

const Column* Frame::find(const std::string& column) const {
    const auto found = columns_.find(column);
    return found == columns_.end() ? nullptr : found->second.get();
}

const Column& Frame::require(const std::string& column) const {
    const Column* found = find(column);
    if (found == nullptr) {
        const Where where(name_);
        throw MissingData(where[column], "must be a column, got none of that name");
    }
    return *found;
}

void Frame::require_known(std::span<const std::string_view> names) const {
    const Where where(name_);
    for (const auto& [name, column] : columns_) {
        if (std::ranges::find(names, name) == names.end()) {
            std::string known;
            for (const std::string_view one : names) {
                known += (known.empty() ? "" : ", ") + std::string(one);
            }
            throw InvalidInput(where[name], "must be a known column (" + known + "), got " + in_quotes(name));
        }
    }
}

// --- FrameMarket
// --------------------------------------------------------------------------------------------------------

InstrumentIndex FrameMarket::row_of(std::string_view symbol) {
    std::string name(symbol);
    try {
        name = document::canonical_symbol(name, "symbol");
    } catch (const Error&) {
        // No instrument can have such a name; whoever holds it is told so.
    }
    if (const auto row = instruments.find(name)) {
        return *row;
    }
    const InstrumentIndex row = instruments.add({.symbol = name}, "instruments");
    snapshot.quotes.emplace_back();
    refused[row] = nullptr;
    return row;
}

FrameMarket read_frame_market(const Frame& instruments, const document::Value& market, const document::Value& policy) {
    constexpr std::array<std::string_view, 4> market_keys = {"valuation_date", "rate", "benchmark", "currency"};
    FrameMarket result;
    const Where where_market("market");
    const document::ObjectReader market_reader(market, where_market, market_keys);
    result.snapshot = document::detail::read_market_terms(market_reader);
    const Where where_policy("policy");
    bool names_rulebook = false;
    if (!policy.is_null()) {
        result.policy = document::read_policy(policy, where_policy);
        names_rulebook = policy.contains("rulebook");
    }
    if (auto warning =
            document::detail::require_in_force(result.policy.rulebook, names_rulebook, result.snapshot.valuation_date,
                                               where_market["valuation_date"], where_policy["rulebook"])) {
        result.warnings.push_back(*std::move(warning));
    }

    const Where where("instruments");
    std::vector<std::string_view> known{"symbol"};
    for (const std::string_view key : document::detail::instrument_keys) {
        known.push_back(key);
    }
    for (const auto& [name, column] : instruments.columns()) {
        if (std::ranges::find(known, name.substr(0, name.find('.'))) == known.end()) {
            instruments.require_known(known);
        }
    }
    result.known = instruments.size();
    if (result.known == 0) {
        return result;
    }
    require_text(instruments, "symbol");
    const Column& symbols = instruments.require("symbol");
    for (std::size_t i = 0; i < result.known; ++i) {
        const auto row = static_cast<InstrumentIndex>(i);
        const Where place = where[i];
        const std::string placeholder = "#" + std::to_string(i) + " ";
        document::InstrumentEntry entry{.instrument = {.symbol = placeholder}, .quote = {}};
        try {
            if (symbols.is_null(i)) {
                throw MissingData(place["symbol"], "must be given, got nothing");
            }
            const std::string symbol(symbols.text(i));
            entry.instrument.symbol = document::canonical_symbol(symbol, place["symbol"]);
            if (const auto other = result.instruments.find(entry.instrument.symbol)) {
                entry.instrument.symbol = placeholder;
                const InvalidInput error(place["symbol"],
                                         "must name each symbol once, got " + in_quotes(symbol) + " again");
                result.refused[*other] = std::make_exception_ptr(error);
                throw error;
            }
            entry = document::read_instrument(symbol, row_value(instruments, i), result.snapshot.valuation_date, place);
            document::detail::require_benchmark(entry, result.snapshot.benchmark, place);
        } catch (const Error&) {
            result.refused[row] = std::current_exception();
            entry.quote = {};
        }
        result.instruments.add(std::move(entry.instrument), place);
        result.snapshot.quotes.push_back(std::move(entry.quote));
    }
    for (const auto& [symbol, rates] : result.policy.house_rates) {
        if (!result.instruments.find(symbol)) {
            const Where house_rates = where_policy["house_rates"];
            result.warnings.push_back({.where = house_rates[symbol].text(),
                                       .message = "names a symbol that the instruments do not have; not applied"});
        }
    }
    return result;
}

// --- FrameBook
// ----------------------------------------------------------------------------------------------------------

FrameBook::FrameBook(const Frame& positions, const Frame& accounts, FrameMarket& market, bool type_decides,
                     unsigned threads)
    : positions_(positions), accounts_(accounts), type_decides_(type_decides) {
    positions_.require_known(position_columns);
    accounts_.require_known(account_columns);
    if (accounts_.size() > 0) {
        static_cast<void>(accounts_.require("cash"));
    }
    for (const char* name : {"cash", "sma"}) {
        require_numbers(accounts_, name);
    }
    for (const char* name : {"type", "currency"}) {
        require_text(accounts_, name);
    }
    find_refused_accounts();
    if (positions_.size() == 0) {
        groups_.offsets.assign(accounts_.size() + 1, 0);
        return;
    }
    const Where where("positions");
    const bool has_sides = positions_.find("long") != nullptr || positions_.find("short") != nullptr;
    if (positions_.find("quantity") != nullptr && has_sides) {
        throw InvalidInput(where["quantity"], "must not be given beside long and short, got both");
    }
    for (const char* name : {"quantity", "long", "short"}) {
        const bool is_needed = std::string_view(name) == "quantity" ? !has_sides : has_sides;
        if (is_needed) {
            static_cast<void>(positions_.require(name));
        }
        require_numbers(positions_, name);
    }
    find_accounts(positions_.require("account_id"), threads);
    find_instruments(positions_.require("symbol"), market);
    if (!groups_.order.empty()) {
        const auto all = [&](const char* name, std::vector<Quantity>& memory) {
            const Column* column = positions_.find(name);
            return column == nullptr ? std::span<const Quantity>() : column->numbers(0, positions_.size(), memory);
        };
        all_quantity_ = all("quantity", all_quantity_memory_);
        all_long_ = all("long", all_long_memory_);
        all_short_ = all("short", all_short_memory_);
        all_instrument_ =
            instrument_.empty()
                ? positions_.require("symbol").codes(0, positions_.size(), null_instrument, all_instrument_memory_)
                : std::span<const InstrumentIndex>(instrument_);
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
    const auto is_computed = [&](std::string_view word) {
        return word == name_of(AccountType::margin) ||
               (!type_decides_ &&
                std::ranges::find(names<AccountType>, word, &Name<AccountType>::text) != names<AccountType>.end());
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

void FrameBook::find_accounts(const Column& ids, unsigned threads) {
    const Where where("positions");
    const Where where_accounts("accounts");
    const auto require_there = [&](std::size_t row) {
        if (ids.is_null(row)) {
            const Where position = where[row];
            throw MissingData(position["account_id"], "must be given, got nothing");
        }
    };
    if (is_whole(ids.layout) && !ids.is_dictionary()) { // row numbers
        if (const Column* id = accounts_.find("account_id"); id != nullptr && is_whole(id->layout)) {
            for (std::size_t i = 0; i < accounts_.size(); ++i) {
                if (id->is_null(i) || id->value(i) != i) {
                    const Where account = where_accounts[i];
                    throw InvalidInput(
                        account["account_id"],
                        "must be the number of the row where positions name accounts by whole numbers, " +
                            std::to_string(i) + ", got " + document::describe(id->value(i)));
                }
            }
        }
        const bool may_be_null =
            std::ranges::any_of(ids.chunks, [](const Chunk& chunk) { return chunk.validity != nullptr; });
        for (std::size_t i = 0; may_be_null && i < ids.size; ++i) {
            require_there(i);
        }
        if (ids.layout == Layout::i64 && ids.chunks.size() == 1) {
            const auto* data = static_cast<const std::int64_t*>(ids.chunks[0].data) + ids.chunks[0].offset;
            groups_ = group_positions(std::span(data, ids.size), accounts_.size(), threads);
            return;
        }
        std::vector<std::int32_t> memory;
        groups_ = group_positions(ids.codes(0, ids.size, -1, memory), accounts_.size(), threads);
        return;
    }
    if (!ids.holds_text()) {
        throw InvalidInput(where["account_id"], "must be text or row numbers, got a column of something else");
    }
    if (accounts_.size() > 0 && !accounts_.require("account_id").holds_text()) {
        throw InvalidInput(where_accounts["account_id"], "must be text as in the positions, got something else");
    }

    std::unordered_map<std::string_view, std::int32_t> rows;
    rows.reserve(accounts_.size());
    const Column* names = accounts_.find("account_id");
    for (std::size_t i = 0; i < accounts_.size(); ++i) {
        if (names->is_null(i)) {
            continue;
        }
        const auto [first, is_new] = rows.try_emplace(names->text(i), static_cast<std::int32_t>(i));
        if (!is_new) {
            is_repeated_.resize(accounts_.size(), false);
            is_refused_.resize(accounts_.size(), false);
            is_repeated_[i] = is_refused_[i] = true;
            const auto other = static_cast<std::size_t>(first->second);
            is_repeated_[other] = is_refused_[other] = true;
        }
    }
    const auto row_of = [&](std::string_view name) {
        const auto next = static_cast<std::int32_t>(accounts_.size() + unknown_accounts_.size());
        const auto [found, is_new] = rows.try_emplace(name, next);
        if (is_new) {
            unknown_accounts_.emplace_back(name);
        }
        return found->second;
    };

    std::vector<std::int32_t> account(ids.size);
    if (ids.is_dictionary()) {
        constexpr std::int32_t null = -1;
        std::vector<std::int32_t> memory;
        for (const Chunk& chunk : ids.chunks) {
            std::vector<std::int32_t> row_of_code(chunk.dictionary->size, -1);
            const auto codes = ids.codes(chunk.first, chunk.length, null, memory);
            for (std::size_t i = 0; i < codes.size(); ++i) {
                if (codes[i] < 0 || static_cast<std::size_t>(codes[i]) >= row_of_code.size()) {
                    require_there(chunk.first + i);
                    throw InvalidInput(where["account_id"], "must have codes within its dictionary, got others");
                }
                std::int32_t& row = row_of_code[static_cast<std::size_t>(codes[i])];
                if (row < 0) {
                    require_there(chunk.first + i);
                    row = row_of(chunk.dictionary->text(static_cast<std::size_t>(codes[i])));
                }
                account[chunk.first + i] = row;
            }
        }
    } else {
        std::string_view last;
        std::int32_t last_row = -1;
        for (std::size_t i = 0; i < ids.size; ++i) {
            require_there(i);
            const std::string_view name = ids.text(i);
            if (last_row < 0 || name != last) {
                // Positions often name the accounts in the order in which the accounts stand.
                const auto next = static_cast<std::size_t>(last_row + 1);
                const bool is_next = next < accounts_.size() && is_repeated_.empty() && !names->is_null(next) &&
                                     names->text(next) == name;
                last_row = is_next ? static_cast<std::int32_t>(next) : row_of(name);
                last = name;
            }
            account[i] = last_row;
        }
    }
    groups_ = group_positions(std::span<const std::int32_t>(account), size(), threads);
}

void FrameBook::find_instruments(const Column& symbols, FrameMarket& market) {
    if (is_whole(symbols.layout) && !symbols.is_dictionary()) {
        return; // row numbers
    }
    const Where where("positions");
    if (!symbols.holds_text()) {
        throw InvalidInput(where["symbol"], "must be text or row numbers, got a column of something else");
    }
    const bool one_dictionary = symbols.is_dictionary() && symbols.chunks.size() == 1;
    if (one_dictionary) { // the market in the order of its codes, so that the codes are its rows
        const Column& names = *symbols.chunks[0].dictionary;
        std::vector<InstrumentIndex> order(names.size);
        for (std::size_t i = 0; i < names.size; ++i) {
            order[i] = names.is_null(i) ? market.row_of("") : market.row_of(names.text(i));
        }
        std::vector<InstrumentIndex> sorted = order;
        std::ranges::sort(sorted);
        if (std::ranges::adjacent_find(sorted) == sorted.end()) {
            dictionary_ = std::move(order);
            return;
        }
    }
    std::unordered_map<std::string_view, InstrumentIndex> rows;
    instrument_.resize(symbols.size);
    for (std::size_t i = 0; i < symbols.size; ++i) {
        if (symbols.is_null(i)) {
            instrument_[i] = null_instrument;
            continue;
        }
        const std::string_view name = symbols.text(i);
        const auto [found, is_new] = rows.try_emplace(name, -1);
        if (is_new) {
            found->second = market.row_of(name);
        }
        instrument_[i] = found->second;
    }
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
    if (!has_sides) {
        return;
    }
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

void FrameBook::require_position(std::size_t row) const {
    const Where positions("positions");
    const Where position = positions[row];
    std::vector<double> memory;
    for (const char* name : {"symbol", "quantity", "long", "short"}) {
        const Column* column = positions_.find(name);
        if (column == nullptr) {
            continue;
        }
        if (column->is_null(row)) {
            throw MissingData(position[name], "must be given, got nothing");
        }
        if (std::string_view(name) == "long" || std::string_view(name) == "short") {
            static_cast<void>(
                require_not_negative(column->numbers(row, 1, memory)[0], largest_quantity, position[name]));
        }
    }
}

void FrameBook::require_readable(std::size_t account) const {
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
        if (const Method method = method_of(value); type_decides_ && method != Method::strategy) {
            throw Unsupported(row["type"], "the " + std::string(name_of(method)) + " method is not built yet");
        }
    }
    if (const Column* sma = accounts_.find("sma"); sma != nullptr && !sma->is_null(account)) {
        throw Unsupported(row["sma"], "the special memorandum account is not built yet, got " +
                                          document::describe(sma->value(account)));
    }
    if (accounts_.require("cash").is_null(account)) {
        throw MissingData(row["cash"], "must be given, got nothing");
    }
    for (std::int64_t i = groups_.offsets[account]; i < groups_.offsets[account + 1]; ++i) {
        require_position(groups_.order.empty() ? static_cast<std::size_t>(i)
                                               : static_cast<std::size_t>(groups_.order[static_cast<std::size_t>(i)]));
    }
}

} // namespace margincore::python
