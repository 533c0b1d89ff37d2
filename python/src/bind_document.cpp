// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <margincore/document/document.hpp>

#include "python_value.hpp"

namespace py = pybind11;
using namespace margincore;

namespace {

/// A document that came as a dict, or as JSON text in bytes.
///
/// @param name  Of the document, for errors.
document::Value value_of(const py::object& source, std::string_view name) {
    if (py::isinstance<py::bytes>(source)) {
        const std::string_view text = source.cast<std::string_view>();
        const py::gil_scoped_release release;
        return document::parse_json(text, name);
    }
    return python::to_value(source, name == "document" ? Where("") : Where(name));
}

Report evaluate_source(const py::object& source, const std::optional<std::string>& method, bool stress,
                       const std::optional<py::list>& moves, bool certificate) {
    const document::Value value = value_of(source, "document");
    const document::Value move_values = moves ? python::to_value(*moves, "moves") : document::Value();
    const py::gil_scoped_release release;
    document::EvaluateOptions options;
    options.stress = stress;
    options.certificate = certificate;
    if (method) {
        options.method = parse_name<Method>(*method, "method");
    }
    if (moves) {
        options.moves = document::read_moves(move_values, "moves");
    }
    return document::evaluate(document::read_account_document(value), options);
}

Verification verify_sources(const py::object& source, const py::object& certificate) {
    const document::Value value = value_of(source, "document");
    const document::Value certificate_value = value_of(certificate, "certificate");
    const py::gil_scoped_release release;
    return document::verify(document::read_account_document(value),
                            document::read_certificate_document(certificate_value));
}

} // namespace

void bind_document(py::module_& module) {
    module.def("evaluate", &evaluate_source, py::arg("document"), py::arg("method"), py::arg("stress"),
               py::arg("moves"), py::arg("certificate"),
               "The report of an account document: a dict, or JSON text as bytes.");
    module.def("verify", &verify_sources, py::arg("document"), py::arg("certificate"),
               "Whether a certificate holds of an account document: dicts, or JSON text as bytes.");
}
