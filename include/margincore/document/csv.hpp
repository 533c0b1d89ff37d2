// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>

namespace margincore::document {

/// One record of comma-separated text.
struct CsvRecord {
    std::size_t line = 0;   ///< On which it begins, counted from 1.
    bool is_quoted = false; ///< Whether its first cell stands in quotes, so that a mark at its beginning is none.
    std::vector<std::string> cells{};
};

/// A line of a text, as a place: `line 7`, after the name of the text where it has one.
[[nodiscard]] inline std::string line_place(const Where& text, std::size_t line) {
    const std::string name = text.text();
    return (name.empty() ? "" : name + ": ") + "line " + std::to_string(line);
}

namespace detail {

/// Splits text into records, one cell after another.
class CsvSplitter {
public:
    CsvSplitter(std::string_view text, const Where& where) : text_(text), where_(where) {
        constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF"; // what spreadsheets begin a file with
        if (text_.starts_with(byte_order_mark)) {
            at_ = byte_order_mark.size();
        }
    }

    [[nodiscard]] std::vector<CsvRecord> operator()() {
        std::vector<CsvRecord> records;
        while (at_ < text_.size()) {
            CsvRecord record{.line = line_};
            do {
                skip_spaces();
                const bool is_quoted = at_ < text_.size() && text_[at_] == '"';
                record.is_quoted = record.cells.empty() ? is_quoted : record.is_quoted;
                record.cells.push_back(is_quoted ? quoted_cell() : plain_cell());
            } while (take(','));
            take_end_of_line();
            if (record.cells.size() > 1 || record.is_quoted || !record.cells.front().empty()) {
                records.push_back(std::move(record));
            }
        }
        return records;
    }

private:
    [[nodiscard]] bool is_at(std::string_view characters) const {
        return at_ < text_.size() && characters.find(text_[at_]) != std::string_view::npos;
    }

    bool take(char character) {
        const bool is_there = at_ < text_.size() && text_[at_] == character;
        at_ += is_there ? 1 : 0;
        return is_there;
    }

    void skip_spaces() {
        while (is_at(" \t")) {
            ++at_;
        }
    }

    void take_end_of_line() {
        const bool had_return = take('\r');
        if (take('\n') || had_return) {
            ++line_;
        }
    }

    [[noreturn]] void refuse(std::size_t line, const std::string& what) const {
        throw InvalidInput(line_place(where_, line), what);
    }

    [[nodiscard]] std::string plain_cell() {
        const std::size_t first = at_;
        while (at_ < text_.size() && !is_at(",\r\n")) {
            if (text_[at_] == '"') {
                refuse(line_, "must have quotes around whole cells only, got one inside a cell");
            }
            ++at_;
        }
        const std::string_view cell = text_.substr(first, at_ - first);
        return std::string(cell.substr(0, cell.find_last_not_of(" \t") + 1));
    }

    [[nodiscard]] std::string quoted_cell() {
        const std::size_t first_line = line_;
        std::string cell;
        ++at_;
        while (!take('"') || is_at("\"")) {
            if (at_ == text_.size()) {
                refuse(first_line, "must close every quote, got one that is open at the end");
            }
            line_ += text_[at_] == '\n' ? std::size_t{1} : std::size_t{0};
            cell += text_[at_++];
        }
        skip_spaces();
        if (at_ < text_.size() && !is_at(",\r\n")) {
            refuse(line_, "must have nothing between a closing quote and the next comma, got " +
                              in_quotes(text_.substr(at_, 1)));
        }
        return cell;
    }

    std::string_view text_;
    const Where& where_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
};

} // namespace detail

/// Splits comma-separated text into records; empty lines are none.
///
/// Cells may stand in quotes, and then hold commas, ends of lines and, doubled, quotes. Spaces around a cell do not
/// count. A line ends in LF, CR or both.
/// @param where  Of the text, for errors, which name the line.
/// @throws InvalidInput where a quote is inside a cell, or open at the end.
/// @source RFC 4180.
[[nodiscard]] inline std::vector<CsvRecord> read_csv(std::string_view text, const Where& where) {
    return detail::CsvSplitter(text, where)();
}

/// A cell as comma-separated text has it: in quotes where it would be read as something else without them.
[[nodiscard]] inline std::string csv_cell(std::string_view text) {
    const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
    const bool is_plain = text.find_first_of(",\"\r\n") == std::string_view::npos &&
                          (text.empty() || (!is_space(text.front()) && !is_space(text.back()) && text.front() != '#'));
    if (is_plain) {
        return std::string(text);
    }
    std::string cell = "\"";
    for (const char character : text) {
        cell += character;
        if (character == '"') {
            cell += character;
        }
    }
    return cell + "\"";
}

} // namespace margincore::document
