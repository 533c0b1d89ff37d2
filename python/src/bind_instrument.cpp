// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <pybind11/pybind11.h>

#include <margincore/core/date.hpp>
#include <margincore/core/names.hpp>
#include <margincore/instrument/osi_symbol.hpp>

namespace py = pybind11;
using margincore::OsiSymbol;

void bind_instrument(py::module_& module) {
    py::class_<OsiSymbol>(
        module, "OsiSymbol",
        "An option symbol of the Options Symbology Initiative.\n\n"
        "Parameters\n----------\ntext : str\n    21 characters, or with the inner spaces squeezed out.\n\n"
        "Raises\n------\nInvalidInput\n    Naming the field that is wrong.\n\n"
        "Source\n------\nOCC, Options Symbology Initiative (2010).")
        .def(py::init([](const std::string& text) { return OsiSymbol::parse(text, "symbol"); }), py::arg("text"))
        .def_property_readonly(
            "root", [](const OsiSymbol& self) { return self.root; }, "Root, 1 to 6 characters.")
        .def_property_readonly(
            "expiry",
            [](const OsiSymbol& self) {
                return py::module_::import("datetime")
                    .attr("date")
                    .attr("fromisoformat")(margincore::to_string(self.expiry));
            },
            "Expiry, a datetime.date.")
        .def_property_readonly(
            "right", [](const OsiSymbol& self) { return std::string(name_of(self.right)); }, "'call' or 'put'.")
        .def_property_readonly("strike", &OsiSymbol::strike, "Strike, USD.")
        .def_property_readonly("is_adjusted", &OsiSymbol::is_adjusted,
                               "Whether the root is that of an adjusted contract.")
        .def("__str__", [](const OsiSymbol& self) { return to_string(self); })
        .def("__repr__", [](const OsiSymbol& self) { return "OsiSymbol('" + to_string(self) + "')"; })
        .def("__eq__",
             [](const OsiSymbol& self, const py::object& other) {
                 return py::isinstance<OsiSymbol>(other) && self == other.cast<const OsiSymbol&>();
             })
        .def("__hash__", [](const OsiSymbol& self) { return py::hash(py::str(to_string(self))); })
        .def(py::pickle([](const OsiSymbol& self) { return to_string(self); },
                        [](const std::string& text) { return OsiSymbol::parse(text, "symbol"); }));
}
