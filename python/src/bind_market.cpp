// SPDX-License-Identifier: Apache-2.0
#include <pybind11/eigen.h>
#include <pybind11/pybind11.h>

#include <margincore/market/return_statistics.hpp>

namespace py = pybind11;

void bind_market(py::module_& module) {
    module.def("historical_volatility", &margincore::historical_volatility, py::arg("returns"),
               py::arg("periods_per_year"), py::call_guard<py::gil_scoped_release>(),
               "Volatility of each column of returns, shape (n_periods, n_assets) to (n_assets).");
    module.def("historical_beta", &margincore::historical_beta, py::arg("returns"), py::arg("benchmark_returns"),
               py::call_guard<py::gil_scoped_release>(),
               "Beta of each column of returns, shape (n_periods, n_assets) and (n_periods) to (n_assets).");
}
