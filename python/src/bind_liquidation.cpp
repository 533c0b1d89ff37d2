// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <margincore/account/liquidation_plan.hpp>
#include <margincore/core/names.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/json.hpp>
#include <margincore/document/plan_liquidation.hpp>

#include "bind_struct.hpp"
#include "python_value.hpp"

namespace py = pybind11;
using namespace margincore;
using python::bind_struct;

namespace {

LiquidationPlan plan_source(const py::object& source, const std::string& order, double buffer) {
    const document::Value value = py::isinstance<py::bytes>(source)
                                      ? document::parse_json(source.cast<std::string_view>(), "document")
                                      : python::to_value(source, Where(""));
    const LiquidationOptions options{.planner = parse_name<LiquidationPlanner>(order, "order"), .buffer = buffer};
    const py::gil_scoped_release release;
    return document::plan_liquidation(document::read_account_document(value), options);
}

} // namespace

void bind_liquidation(py::module_& module) {
    bind_struct<LiquidationOrder>(module, "LiquidationOrder", "One order of a liquidation.");
    bind_struct<LiquidationPlan>(module, "LiquidationPlan", "What to trade so that an account is in compliance again.");
    module.def("plan_liquidation", &plan_source, py::arg("document"), py::arg("order"), py::arg("buffer"),
               "The stock to close of an account document: a dict, or JSON text as bytes.");
}
