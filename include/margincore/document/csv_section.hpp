// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <margincore/core/check.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/units.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/csv.hpp>
#include <margincore/document/value.hpp>

namespace margincore::document {

namespace detail {

/// The number that a cell writes in plain decimals, times a power of ten: the nearest double to the product.
[[nodiscard]] inline std::optional<double> decimal(std::string_view cell, std::string_view exponent) {
    const bool is_plain = cell.find_first_not_of("-.0123456789") == std::string_view::npos;
    const Value value = is_plain ? Value::parse(std::string(cell) + std::string(exponent), nullptr, false) : Value();
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt; // in any locale, unlike strtod
}

} // namespace detail

/// One row of a section, its cells by column.
class CsvRow {
public:
    CsvRow(std::span<const std::string> columns, const CsvRecord& record, std::string place)
        : columns_(columns), cells_(record.cells), place_(std::move(place)), root_(place_) {
        if (cells_.size() < columns_.size()) {
            throw InvalidInput(root_, "must have a cell for each of " + std::to_string(columns_.size()) +
                                          " columns, got " + std::to_string(cells_.size()));
        }
        const auto rest = cells_.subspan(columns_.size()); // a spreadsheet makes all lines of one length
        const auto more = std::ranges::find_if(rest, [](const std::string& cell) { return !cell.empty(); });
        if (more != rest.end()) {
            throw InvalidInput(root_, "must have nothing beyond " + std::to_string(columns_.size()) + " columns, got " +
                                          in_quotes(*more));
        }
    }
    CsvRow(const CsvRow&) = delete;
    CsvRow& operator=(const CsvRow&) = delete;

    /// The line, and where a column of it is.
    [[nodiscard]] const std::string& place() const { return place_; }
    [[nodiscard]] Where where(std::string_view column) const { return root_[column]; }

    /// The cell of a column; empty where there is no such column.
    [[nodiscard]] const std::string& operator[](std::string_view column) const {
        static const std::string nothing;
        const auto found = std::ranges::find(columns_, column);
        return found == columns_.end() ? nothing : cells_[static_cast<std::size_t>(found - columns_.begin())];
    }

    /// @throws MissingData where the cell is empty.
    [[nodiscard]] const std::string& required(std::string_view column) const {
        const std::string& cell = (*this)[column];
        if (cell.empty()) {
            throw MissingData(where(column), "must be given, got nothing");
        }
        return cell;
    }

    void require_empty(std::initializer_list<std::string_view> columns, std::string_view of) const {
        for (const std::string_view column : columns) {
            if (!(*this)[column].empty()) {
                throw InvalidInput(where(column),
                                   "must be empty for " + std::string(of) + ", got " + in_quotes((*this)[column]));
            }
        }
    }

    /// A number in [low, high]; nothing where the cell is empty.
    [[nodiscard]] std::optional<double> number(std::string_view column, double low, double high) const {
        return (*this)[column].empty() ? std::nullopt : std::optional(scaled(column, low, high, ""));
    }

    /// The fraction that a percentage in [low, high] is.
    ///
    /// @throws MissingData where the cell is empty.
    [[nodiscard]] Fraction required_fraction(std::string_view column, double low, double high) const {
        static_cast<void>(required(column));
        return scaled(column, low, high, "e-2");
    }

private:
    [[nodiscard]] double scaled(std::string_view column, double low, double high, std::string_view exponent) const {
        const std::string& cell = (*this)[column];
        const auto value = detail::decimal(cell, "");
        if (!value) {
            throw InvalidInput(where(column), "must be a number in plain decimals, got " + in_quotes(cell));
        }
        static_cast<void>(require_within(*value, low, high, where(column)));
        return *detail::decimal(cell, exponent);
    }

    std::span<const std::string> columns_;
    std::span<const std::string> cells_;
    std::string place_;
    Where root_;
};

/// A part of comma-separated text that a line `#name: column,column,...` begins.
struct CsvSection {
    std::string name{};
    std::string place{}; ///< Its line.
    std::vector<std::string> columns{};
    std::vector<CsvRecord> rows{};
    std::vector<std::string> places{}; ///< The line of each row.

    /// @throws InvalidInput, MissingData where a column is none of those known, stands twice, or is not there.
    void require_columns(std::span<const std::string_view> known, std::span<const std::string_view> needed) const {
        for (auto column = columns.begin(); column != columns.end(); ++column) {
            if (std::ranges::find(known, *column) == known.end()) {
                throw InvalidInput(place, "must have known columns, got " + in_quotes(*column));
            }
            if (std::find(columns.begin(), column, *column) != column) {
                throw InvalidInput(place, "must have each column once, got " + in_quotes(*column) + " again");
            }
        }
        for (const std::string_view column : needed) {
            if (std::ranges::find(columns, column) == columns.end()) {
                throw MissingData(place, "must have a column " + std::string(column) + ", got none");
            }
        }
    }

    template <class Visit>
    void each_row(Visit visit) const {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            visit(CsvRow(columns, rows[i], places[i]));
        }
    }
};

/// Splits comma-separated text into the sections that lines `#name: column,column,...` begin.
///
/// @throws InvalidInput where a row stands before the first section.
[[nodiscard]] inline std::vector<CsvSection> read_csv_sections(std::string_view text, const Where& where) {
    std::vector<CsvSection> sections;
    for (CsvRecord& record : read_csv(text, where)) {
        std::string place = line_place(where, record.line);
        const std::string& first = record.cells.front();
        if (record.is_quoted || !first.starts_with('#')) {
            if (sections.empty()) {
                throw InvalidInput(place, "must come after a line that begins a section, such as #groups:, got " +
                                              in_quotes(first));
            }
            sections.back().rows.push_back(std::move(record));
            sections.back().places.push_back(std::move(place));
            continue;
        }
        const std::size_t colon = first.find(':');
        if (colon == std::string::npos) {
            throw InvalidInput(place, "must begin a section as #name: does, got " + in_quotes(first));
        }
        CsvSection section{.name = first.substr(1, colon - 1), .place = std::move(place)};
        const std::size_t column = first.find_first_not_of(" \t", colon + 1);
        section.columns = std::move(record.cells);
        section.columns.front() =
            column == std::string::npos ? std::string() : std::string(section.columns.front(), column);
        while (!section.columns.empty() && section.columns.back().empty()) {
            section.columns.pop_back();
        }
        sections.push_back(std::move(section));
    }
    return sections;
}

/// The line that begins a section.
[[nodiscard]] inline std::string csv_heading(std::string_view name, std::span<const std::string_view> columns) {
    std::string line = "#" + std::string(name) + ":";
    for (const std::string_view column : columns) {
        line += (line.ends_with(':') ? " " : ",") + std::string(column);
    }
    return line + "\n";
}

[[nodiscard]] inline std::string csv_line(std::initializer_list<std::string_view> cells) {
    std::string line;
    for (const std::string_view cell : cells) {
        line += csv_cell(cell) + ",";
    }
    line.back() = '\n';
    return line;
}

/// A number times a power of ten in plain decimals, which read back as the same number.
[[nodiscard]] inline std::string decimal_text(double value, int power = 0) {
    if (value == 0) {
        return "0";
    }
    std::array<char, 32> buffer{};
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), std::abs(value), std::chars_format::scientific).ptr;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    const std::size_t mark = text.find('e');
    const std::size_t exponent_at = mark + (text[mark + 1] == '+' ? 2 : 1);
    int exponent = 0;
    std::from_chars(text.data() + exponent_at, text.data() + text.size(), exponent);
    std::string digits(text.substr(0, mark));
    std::erase(digits, '.');
    int point = 1 + exponent + power; // of digits before the point
    if (point < 1) {
        digits.insert(0, static_cast<std::size_t>(1 - point), '0');
        point = 1;
    }
    const auto whole = static_cast<std::size_t>(point);
    if (digits.size() <= whole) {
        digits.append(whole - digits.size(), '0');
    } else {
        digits.insert(whole, ".");
    }
    return (value < 0 ? "-" : "") + digits;
}

/// A fraction as percent: 0.9 as `90`.
[[nodiscard]] inline std::string percent_text(Fraction fraction) { return decimal_text(fraction, 2); }

} // namespace margincore::document
