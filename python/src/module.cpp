// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <pybind11/pybind11.h>

#include <margincore/core/version.hpp>

namespace py = pybind11;

// A file or two an include folder, called in rank order: a class must be known before a function that takes it.
void bind_core(py::module_& module);
void bind_instrument(py::module_& module);
void bind_market(py::module_& module);
void bind_account(py::module_& module);
void bind_enforcement(py::module_& module);
void bind_explain(py::module_& module);
void bind_document(py::module_& module);
void bind_liquidation(py::module_& module);
void bind_frames(py::module_& module);
void bind_book(py::module_& module);
void bind_stream(py::module_& module);

PYBIND11_MODULE(_core, module) {
    module.doc() = "The native core of margincore; use it through the package margincore.";
    module.attr("__version__") = std::string(margincore::version);
    bind_core(module);
    bind_instrument(module);
    bind_market(module);
    bind_account(module);
    bind_enforcement(module);
    bind_explain(module);
    bind_document(module);
    bind_liquidation(module);
    bind_frames(module);
    bind_book(module);
    bind_stream(module);
}
