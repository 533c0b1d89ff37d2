// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <margincore/account/account_type.hpp>
#include <margincore/account/evaluate_book.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/names.hpp>

#include "arrow_export.hpp"
#include "frame.hpp"
#include "frame_book.hpp"
#include "frame_evaluation.hpp"
#include "frame_market.hpp"
#include "python_value.hpp"
#include "read_column.hpp"

namespace py = pybind11;
using namespace margincore;
using python::Columns;
using python::ExportedColumn;
using python::Frame;
using python::FrameBook;
using python::FrameEvaluation;
using python::FrameMarket;
using python::read_columns;

namespace margincore::python {

Columns read_columns(const py::dict& source, const std::string& frame) {
    const Where where(frame);
    Columns columns;
    for (const auto& [key, column] : source) {
        if (!py::isinstance<py::str>(key)) {
            throw InvalidInput(where, "must have text for names of columns, got " + python::detail::type_name(key));
        }
        const auto name = key.cast<std::string>();
        columns.emplace(name, python::read_column(column, where[name]));
    }
    return columns;
}

} // namespace margincore::python

namespace {

/// Tells Python of progress, and stops where the user asked for it.
Progress progress_to(const py::object& callback) {
    return [&callback](std::size_t done, std::size_t total) {
        const py::gil_scoped_acquire gil;
        if (PyErr_CheckSignals() != 0) {
            throw py::error_already_set();
        }
        if (!callback.is_none()) {
            callback(done, total);
        }
    };
}

FrameEvaluation evaluate_frame(const py::dict& positions, const py::dict& instruments, const py::dict& accounts,
                               const py::object& market, const py::object& policy,
                               const std::optional<std::string>& method, bool stress, unsigned threads,
                               const py::object& progress) {
    if (method && parse_name<Method>(*method, "method") != Method::strategy) {
        throw Unsupported("method", "the " + *method + " method is not built yet");
    }
    const Frame position_frame("positions", read_columns(positions, "positions"));
    const Frame instrument_frame("instruments", read_columns(instruments, "instruments"));
    const Frame account_frame("accounts", read_columns(accounts, "accounts"));
    const document::Value market_value = python::to_value(market, "market");
    const document::Value policy_value = python::to_value(policy, "policy");
    BookOptions options{.threads = threads, .progress = progress_to(progress)};

    const py::gil_scoped_release release;
    FrameMarket frame_market = python::read_frame_market(instrument_frame, market_value, policy_value);
    const FrameBook book(position_frame, account_frame, frame_market, !method, threads);
    if (stress) {
        options.moves = frame_market.policy.stress_moves;
    }
    FrameEvaluation result{.evaluation = std::make_shared<const BookEvaluation>(
                               evaluate_book(book, book.rows(frame_market), frame_market.policy, options)),
                           .unknown_accounts = book.unknown_accounts(),
                           .warnings = std::move(frame_market.warnings)};
    return result;
}

py::dict arrays(const FrameEvaluation& self) {
    const py::capsule owner(new std::shared_ptr<const BookEvaluation>(self.evaluation),
                            [](void* held) { delete static_cast<std::shared_ptr<const BookEvaluation>*>(held); });
    py::dict result;
    for (const auto& [name, column] : self.figures()) {
        result[py::str(name)] = py::array_t<double>(static_cast<py::ssize_t>(column.size()), column.data(), owner);
    }
    return result;
}

py::tuple failures(const FrameEvaluation& self) {
    py::array_t<std::int64_t> rows(static_cast<py::ssize_t>(self.evaluation->failures.size()));
    py::list messages;
    py::list places;
    std::size_t i = 0;
    for (const AccountFailure& failure : self.evaluation->failures) {
        rows.mutable_data()[i++] = static_cast<std::int64_t>(failure.account);
        messages.append(failure.message);
        places.append(failure.where);
    }
    return py::make_tuple(rows, messages, places);
}

py::capsule arrow_stream(const FrameEvaluation& self, const py::object& /*requested_schema*/) {
    std::vector<ExportedColumn> columns;
    for (const auto& [name, numbers] : self.figures()) {
        columns.push_back({.name = name, .numbers = numbers});
    }
    const std::size_t rows = self.evaluation->size();
    ExportedColumn error{.name = "error", .is_text = true};
    ExportedColumn where{.name = "where", .is_text = true};
    std::vector<std::size_t> failed;
    for (const AccountFailure& failure : self.evaluation->failures) {
        failed.push_back(failure.account);
        error.texts.push_back(failure.message);
        where.texts.push_back(failure.where);
    }
    columns.push_back(std::move(error));
    columns.push_back(std::move(where));
    return python::export_stream(std::move(columns), rows, failed, self.evaluation);
}

} // namespace

void bind_frames(py::module_& module) {
    py::class_<FrameEvaluation>(module, "FrameEvaluation", "What came of the accounts of a frame.")
        .def("__len__", [](const FrameEvaluation& self) { return self.evaluation->size(); })
        .def("arrays", &arrays, "The figures as NumPy arrays, not copied; NaN for accounts that failed.")
        .def("failures", &failures, "Rows, messages and places of the accounts that failed, by row.")
        .def_property_readonly(
            "unknown_accounts", [](const FrameEvaluation& self) { return self.unknown_accounts; },
            "Accounts that positions name and the accounts frame does not; they are the last rows.")
        .def_property_readonly(
            "warnings",
            [](const FrameEvaluation& self) {
                std::vector<std::string> texts;
                for (const Warning& warning : self.warnings) {
                    texts.push_back(warning.where + ": " + warning.message);
                }
                return texts;
            },
            "What a reader should know; none makes a figure wrong.")
        .def("__arrow_c_stream__", &arrow_stream, py::arg("requested_schema") = py::none(),
             "The figures, error and where as an Arrow C stream, not copied; null for accounts that failed.");
    module.def("evaluate_frame", &evaluate_frame, py::arg("positions"), py::arg("instruments"), py::arg("accounts"),
               py::arg("market"), py::arg("policy"), py::arg("method"), py::arg("stress"), py::arg("threads"),
               py::arg("progress"), "The figures of every account of a frame; each frame a dict of columns.");
    module.def(
        "time_evaluate_book",
        [](const py::dict& positions, const py::dict& instruments, const py::dict& accounts, const py::object& market,
           bool stress, int repeats) {
            const Frame position_frame("positions", read_columns(positions, "positions"));
            const Frame instrument_frame("instruments", read_columns(instruments, "instruments"));
            const Frame account_frame("accounts", read_columns(accounts, "accounts"));
            FrameMarket frame_market =
                python::read_frame_market(instrument_frame, python::to_value(market, "market"), document::Value());
            BookOptions options;
            if (stress) {
                options.moves = frame_market.policy.stress_moves;
            }
            double best = std::numeric_limits<double>::infinity();
            BookEvaluation result;
            for (int i = 0; i < repeats; ++i) {
                const auto start = std::chrono::steady_clock::now();
                const FrameBook book(position_frame, account_frame, frame_market, true, 1);
                result = evaluate_book(book, book.rows(frame_market), frame_market.policy, options, std::move(result));
                const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
                best = (std::min)(best, taken.count());
            }
            return best;
        },
        py::arg("positions"), py::arg("instruments"), py::arg("accounts"), py::arg("market"), py::arg("stress"),
        py::arg("repeats"), "The least seconds that C++ takes for what evaluate_frame computes, for benchmarks.");
    module.def(
        "column_address", [](const py::object& column) { return python::read_column(column, "column")->address(); },
        py::arg("column"), "Where the first chunk of a column is read, to see that it is not copied.");
}
