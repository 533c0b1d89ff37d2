// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/csv.hpp>
#include <margincore/document/csv_section.hpp>
#include <margincore/document/instrument_reader.hpp>
#include <margincore/instrument/instrument.hpp>
#include <margincore/requirement/portfolio_margin/group_table.hpp>
#include <margincore/requirement/portfolio_margin/group_tree.hpp>
#include <margincore/requirement/portfolio_margin/groups.hpp>

namespace margincore::document {

/// What a row of the section `#series` is.
enum class SeriesKind : std::uint8_t { stock, etf, option, future, future_option, warrant, security_future };

} // namespace margincore::document

namespace margincore {

template <>
inline constexpr std::array names<document::SeriesKind> = {
    Name{document::SeriesKind::stock, "stock"},       Name{document::SeriesKind::etf, "etf"},
    Name{document::SeriesKind::option, "option"},     Name{document::SeriesKind::future, "future"},
    Name{document::SeriesKind::future_option, "fop"}, Name{document::SeriesKind::warrant, "warrant"},
    Name{document::SeriesKind::security_future, "sf"}};

} // namespace margincore

namespace margincore::document {

namespace detail {

inline constexpr std::array<std::string_view, 8> group_columns = {
    "level", "id", "name", "parent_id", "offset_pct_of_gain", "low_pct", "high_pct", "min_charge_per_unit"};
inline constexpr std::array<std::string_view, 17> series_columns = {
    "symbol", "kind", "class_id", "multiplier", "leverage", "base_price", "pl_0", "pl_1", "pl_2",
    "pl_3",   "pl_4", "pl_5",     "pl_6",       "pl_7",     "pl_8",       "pl_9", "iv"};

/// Reads a group table from its sections, and remembers on which line each entry stands.
class GroupTableCsv {
public:
    explicit GroupTableCsv(const Where& where) : where_(where) {}

    [[nodiscard]] GroupTable operator()(std::string_view text) && {
        bool has_groups = false;
        for (const CsvSection& section : read_csv_sections(text, where_)) {
            if (section.name == "groups") {
                has_groups = true;
                section.require_columns(group_columns, std::array<std::string_view, 2>{"level", "id"});
                section.each_row([&](const CsvRow& row) { add_group(row); });
            } else if (section.name == "series") {
                section.require_columns(series_columns, std::array<std::string_view, 2>{"symbol", "class_id"});
                section.each_row([&](const CsvRow& row) { add_series(row); });
            } else {
                throw InvalidInput(section.place,
                                   "must be a known section (groups, series), got " + in_quotes(section.name));
            }
        }
        if (!has_groups) { // else an empty file would put every symbol alone
            throw MissingData(where_, "must have a section #groups, got none");
        }
        add_members();
        require_groups();
        return std::move(table_);
    }

private:
    struct Series {
        std::string place;
        std::string class_id;
        std::optional<ClassMember> member;
    };

    void add_group(const CsvRow& row) {
        const auto level = parse_name<GroupLevel>(row.required("level"), row.where("level"));
        std::string id = row.required("id");
        if (level == GroupLevel::class_group) {
            row.require_empty({"offset_pct_of_gain", "low_pct", "high_pct", "min_charge_per_unit"}, "a class");
            table_.classes.push_back({.id = std::move(id), .product = row["parent_id"]});
            class_lines_.push_back(row.place());
            member_lines_.emplace_back();
        } else if (level == GroupLevel::product) {
            constexpr double lowest_percent = -100.0;
            constexpr double highest_percent = 1000.0;
            table_.products.push_back({.id = std::move(id),
                                       .name = row["name"],
                                       .range = {.low = row.required_fraction("low_pct", lowest_percent, 0.0),
                                                 .high = row.required_fraction("high_pct", 0.0, highest_percent)},
                                       .offset = row.required_fraction("offset_pct_of_gain", 0.0, 100.0),
                                       .portfolio = row["parent_id"],
                                       .minimum_per_unit = row.number("min_charge_per_unit", 0.0, largest_price)});
            product_lines_.push_back(row.place());
        } else {
            row.require_empty({"parent_id", "low_pct", "high_pct", "min_charge_per_unit"}, "a portfolio");
            table_.portfolios.push_back({.id = std::move(id),
                                         .name = row["name"],
                                         .offset = row.required_fraction("offset_pct_of_gain", 0.0, 100.0)});
            portfolio_lines_.push_back(row.place());
        }
    }

    /// An option is in the class of what it is on, so that its symbol is no member.
    void add_series(const CsvRow& row) {
        std::optional<SeriesKind> kind;
        if (!row["kind"].empty()) {
            kind = parse_name<SeriesKind>(row["kind"], row.where("kind"));
        }
        const std::string symbol = row.required("symbol");
        Series series{.place = row.place(), .class_id = row.required("class_id"), .member = std::nullopt};
        if (kind != SeriesKind::option && kind != SeriesKind::future_option) {
            series.member = ClassMember{.symbol = require_ticker(symbol, row.where("symbol")),
                                        .leverage = row.number("leverage", -largest_leverage, largest_leverage)};
        }
        series_.push_back(std::move(series));
    }

    void add_members() {
        std::unordered_map<std::string_view, std::size_t> class_of; // of two with one id either: it is refused
        for (std::size_t i = 0; i < table_.classes.size(); ++i) {
            class_of.try_emplace(table_.classes[i].id, i);
        }
        std::unordered_set<std::string_view> symbols;
        for (const Series& series : series_) {
            const Where place(series.place);
            if (series.member && !symbols.insert(series.member->symbol).second) {
                throw InvalidInput(place["symbol"],
                                   "must name each symbol once, got " + in_quotes(series.member->symbol) + " again");
            }
            const auto of = class_of.find(series.class_id);
            if (of == class_of.end()) {
                throw InvalidInput(place["class_id"], "must be the id of a class, got " + in_quotes(series.class_id));
            }
            if (series.member) {
                table_.classes[of->second].members.push_back(*series.member);
                member_lines_[of->second].push_back(series.place);
            }
        }
    }

    /// Checks the table as `Groups` does, and says where in the text it is wrong.
    void require_groups() const {
        try {
            static_cast<void>(Groups(table_, ""));
        } catch (const InvalidInput& error) {
            const auto [line, column] = place_of(error.where());
            const Where place(line);
            throw InvalidInput(column.empty() ? place : place[column], error.rule());
        }
    }

    struct Cell {
        std::string line;
        std::string_view column;
    };

    /// The cell for a place in the table, such as `classes[2].product` or `classes[2].members[1].leverage`.
    [[nodiscard]] Cell place_of(std::string_view path) const {
        const std::size_t index = take_index(path);
        const std::string_view level = path.substr(0, path.find('['));
        std::string_view key = path.substr(path.find(']') + 1);
        key.remove_prefix(key.starts_with('.') ? 1 : 0);
        if (key.starts_with("members")) {
            const std::size_t member = take_index(key);
            return {member_lines_[index][member], key.ends_with("leverage") ? "leverage" : "symbol"};
        }
        const std::vector<std::string>& lines = level == "classes"    ? class_lines_
                                                : level == "products" ? product_lines_
                                                                      : portfolio_lines_;
        static constexpr std::array<std::array<std::string_view, 2>, 6> columns = {{{"id", "id"},
                                                                                    {"product", "parent_id"},
                                                                                    {"portfolio", "parent_id"},
                                                                                    {"offset", "offset_pct_of_gain"},
                                                                                    {"low", "low_pct"},
                                                                                    {"high", "high_pct"}}};
        const auto column = std::ranges::find(columns, key, [](const auto& pair) { return pair[0]; });
        return {lines[index], column == columns.end() ? std::string_view() : (*column)[1]};
    }

    [[nodiscard]] static std::size_t take_index(std::string_view path) {
        std::size_t index = 0;
        const std::size_t first = path.find('[') + 1;
        std::from_chars(path.data() + first, path.data() + path.size(), index);
        return index;
    }

    const Where& where_;
    GroupTable table_{};
    std::vector<Series> series_{};
    std::vector<std::string> class_lines_{};
    std::vector<std::string> product_lines_{};
    std::vector<std::string> portfolio_lines_{};
    std::vector<std::vector<std::string>> member_lines_{}; ///< Of each class.
};

} // namespace detail

/// Reads a group table from the neutral CSV, version 1: docs/rules/group_table.md.
///
/// Offsets and ranges are percent there, and fractions in the table, the nearest double to each. The columns of
/// `#series` other than `symbol`, `kind`, `class_id` and `leverage` are passed over.
/// @param where  Of the text, for errors, which name the line.
/// @throws InvalidInput, MissingData naming line and column.
[[nodiscard]] inline GroupTable read_group_table_csv(std::string_view text, const Where& where = "") {
    return detail::GroupTableCsv(where)(text);
}

/// A group table as the neutral CSV, version 1, which reads back as the same table.
///
/// @throws InvalidInput where `Groups` refuses the table.
[[nodiscard]] inline std::string group_table_csv(const GroupTable& table) {
    static_cast<void>(Groups(table, "group_table"));
    std::string text = csv_heading("groups", detail::group_columns);
    const auto or_none = [](std::optional<double> value) { return value ? decimal_text(*value) : std::string(); };
    for (const PortfolioGroup& group : table.portfolios) {
        text += csv_line({"portfolio", group.id, group.name, "", percent_text(group.offset), "", "", ""});
    }
    for (const ProductGroup& group : table.products) {
        text +=
            csv_line({"product", group.id, group.name, group.portfolio, percent_text(group.offset),
                      percent_text(group.range.low), percent_text(group.range.high), or_none(group.minimum_per_unit)});
    }
    for (const ClassGroup& group : table.classes) {
        text += csv_line({"class", group.id, "", group.product, "", "", "", ""});
    }
    text += csv_heading("series", std::array<std::string_view, 3>{"symbol", "class_id", "leverage"});
    for (const ClassGroup& group : table.classes) {
        for (const ClassMember& member : group.members) {
            text += csv_line({member.symbol, group.id, or_none(member.leverage)});
        }
    }
    return text;
}

} // namespace margincore::document
