// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <margincore/account/evaluate_book.hpp>
#include <margincore/account/report.hpp>

#include "arrow_export.hpp"
#include "frame_evaluation.hpp"
#include "read_column.hpp"

namespace py = pybind11;
using namespace margincore;
using python::ExportedColumn;
using python::FrameEvaluation;

namespace {

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
    module.def(
        "column_address", [](const py::object& column) { return python::read_column(column, "column")->address(); },
        py::arg("column"), "Where the first chunk of a column is read, to see that it is not copied.");
}
