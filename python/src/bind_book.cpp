// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <margincore/account/book_difference.hpp>
#include <margincore/account/book_totals.hpp>
#include <margincore/core/names.hpp>
#include <margincore/document/book_fields.hpp>

#include "bind_struct.hpp"
#include "frame_run.hpp"

namespace py = pybind11;
using namespace margincore;
using python::FrameRun;

namespace {

/// The members of structs as columns; NaN for what is not there.
template <class Struct>
py::dict columns_of(const std::vector<Struct>& rows) {
    py::dict result;
    document::for_each_field<Struct>([&](const auto& field) {
        using Member = std::remove_cvref_t<decltype(rows.front().*field.member)>;
        using Number = std::conditional_t<std::is_same_v<Member, std::size_t>, std::int64_t, double>;
        py::array_t<Number> column(static_cast<py::ssize_t>(rows.size()));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const auto& member = rows[i].*field.member;
            if constexpr (std::is_same_v<Member, std::optional<Money>>) {
                column.mutable_data()[i] = member.value_or(std::numeric_limits<double>::quiet_NaN());
            } else {
                column.mutable_data()[i] = static_cast<Number>(member);
            }
        }
        result[py::str(std::string(field.name))] = std::move(column);
    });
    return result;
}

py::dict totals(const FrameRun& run, Money alert) {
    const BookTotals totals = [&] {
        const py::gil_scoped_release release;
        return run.totals(alert);
    }();
    py::dict result;
    result["firm"] = python::to_python<python::Shape::plain>(totals.firm);
    result["offsets"] = python::to_python<python::Shape::plain>(totals.offsets);
    py::list symbols;
    for (std::size_t row = 0; row < run.rows().size(); ++row) {
        symbols.append(run.rows().instrument(static_cast<InstrumentIndex>(row)).symbol);
    }
    py::dict by_underlying;
    by_underlying["symbol"] = symbols;
    by_underlying.attr("update")(columns_of(totals.by_underlying));
    result["by_underlying"] = by_underlying;
    result["stress"] = columns_of(totals.stress);
    return result;
}

/// One member of every row as an array.
template <class Row, class Of>
py::array_t<double> numbers_of(const std::vector<Row>& rows, Of&& of) {
    py::array_t<double> column(static_cast<py::ssize_t>(rows.size()));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        column.mutable_data()[i] = of(rows[i]);
    }
    return column;
}

using RowNumbers = py::array_t<std::int64_t, py::array::c_style | py::array::forcecast>;

py::dict difference(const FrameRun& before, const FrameRun& after, const RowNumbers& matched_before,
                    const RowNumbers& matched_after, unsigned threads) {
    const auto rows_of = [](const RowNumbers& numbers) {
        return std::vector<std::size_t>(numbers.data(), numbers.data() + numbers.size());
    };
    const MatchedAccounts matched{.before = rows_of(matched_before), .after = rows_of(matched_after)};
    const BookDifference found = [&] {
        const py::gil_scoped_release release;
        return book_difference(before.as_side(), after.as_side(), matched.match(), threads);
    }();

    constexpr std::array changes = {std::pair{"net_liquidation", &FigureChanges::net_liquidation},
                                    std::pair{"equity", &FigureChanges::equity},
                                    std::pair{"initial", &FigureChanges::initial},
                                    std::pair{"maintenance", &FigureChanges::maintenance},
                                    std::pair{"add_ons", &FigureChanges::add_ons},
                                    std::pair{"total", &FigureChanges::total},
                                    std::pair{"excess_total", &FigureChanges::excess_total}};
    py::dict accounts;
    py::list status;
    py::list rows_before;
    py::list rows_after;
    for (const AccountChange& account : found.accounts) {
        status.append(std::string(name_of(account.status)));
        rows_before.append(account.before);
        rows_after.append(account.after);
    }
    accounts["status"] = status;
    for (const auto& [name, member] : changes) {
        const auto of = member;
        accounts[name] = numbers_of(found.accounts, [of](const AccountChange& account) {
            return account.change ? *account.change.*of : std::numeric_limits<double>::quiet_NaN();
        });
    }

    constexpr std::array parts = {std::pair{"net_liquidation", &Attribution::net_liquidation},
                                  std::pair{"equity", &Attribution::equity}, std::pair{"total", &Attribution::total},
                                  std::pair{"excess_total", &Attribution::excess_total}};
    py::dict attribution;
    py::list row;
    py::list cause;
    py::list symbol;
    for (const Attribution& part : found.attribution) {
        row.append(part.account);
        cause.append(std::string(name_of(part.cause)));
        symbol.append(part.instrument == no_instrument
                          ? py::object(py::none())
                          : py::object(py::str(found.symbols[static_cast<std::size_t>(part.instrument)])));
    }
    attribution["cause"] = cause;
    attribution["symbol"] = symbol;
    for (const auto& [name, member] : parts) {
        const auto of = member;
        attribution[name] = numbers_of(found.attribution, [of](const Attribution& part) { return part.*of; });
    }
    py::dict result;
    result["rows_before"] = rows_before;
    result["rows_after"] = rows_after;
    result["accounts"] = accounts;
    result["rows"] = row;
    result["attribution"] = attribution;
    return result;
}

} // namespace

void bind_book(py::module_& module) {
    py::class_<FrameRun>(module, "FrameRun", "A book in frames with everything that it was evaluated with.")
        .def(py::init<const py::dict&, const py::dict&, const py::dict&, const py::object&, const py::object&,
                      const std::optional<std::string>&, bool, std::optional<std::vector<Fraction>>, unsigned,
                      const py::object&>(),
             py::arg("positions"), py::arg("instruments"), py::arg("accounts"), py::arg("market"), py::arg("policy"),
             py::arg("method"), py::arg("stress"), py::arg("moves"), py::arg("threads"), py::arg("progress"))
        .def_property_readonly("evaluation", &FrameRun::evaluation, "What came of the accounts.")
        .def("seconds", &FrameRun::seconds, py::arg("repeats"),
             "The least seconds that C++ takes to find accounts and instruments and to compute, for benchmarks.")
        .def("totals", &totals, py::arg("alert"), "Totals of the firm and by underlying, as dicts of columns.")
        .def("difference", &difference, py::arg("after"), py::arg("matched_before"), py::arg("matched_after"),
             py::arg("threads"), "What changed until another run, as dicts of columns.");
}
