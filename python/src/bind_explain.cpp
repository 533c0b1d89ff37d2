// SPDX-License-Identifier: Apache-2.0
#include <pybind11/pybind11.h>

#include <margincore/explain/explanation.hpp>
#include <margincore/explain/text.hpp>

#include "bind_struct.hpp"

namespace py = pybind11;
using namespace margincore;

void bind_explain(py::module_& module) {
    auto explanation = python::bind_fields<Explanation>(
        module, "Explanation", "A figure with what it is made of: a tree that prints as text and shows as HTML.");
    python::bind_dicts(
        explanation, [](const Explanation& self) { return py::dict(python::to_python<python::Shape::plain>(self)); },
        [](const document::Value& value) { return document::from_value<Explanation>(value, Where("Explanation")); });
    explanation.def("__str__", [](const Explanation& self) { return to_text(self); });
    explanation.def("__repr__", [](const Explanation& self) { return to_text(self); });
    explanation.def("_repr_html_", [](const py::object& self) {
        return py::str(py::module_::import("margincore._html").attr("explanation_html")(self));
    });
    module.def(
        "explain", [](const Report& report) { return explain(report); }, py::arg("report"),
        "The report as a tree that a person can read.");
}
