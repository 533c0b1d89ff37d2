// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <margincore/account/comparison.hpp>
#include <margincore/account/report.hpp>
#include <margincore/account/verify.hpp>
#include <margincore/document/certificate_document.hpp>
#include <margincore/document/comparison_fields.hpp>
#include <margincore/document/json.hpp>
#include <margincore/document/report_document.hpp>

#include "bind_struct.hpp"

namespace py = pybind11;
using namespace margincore;
using python::bind_struct;

namespace {

/// The certificate document of a report as a dict; None where it has none.
py::object certificate_of(const Report& report) {
    if (!report.certificate) {
        return py::none();
    }
    const std::string text = document::to_json(document::certificate_document(*report.certificate));
    return py::module_::import("json").attr("loads")(text);
}

py::dict report_dict(const Report& report) {
    py::dict document;
    document["schema"] = document::schema_version;
    document.attr("update")(python::to_python<python::Shape::plain>(report));
    if (report.certificate) {
        document["certificate"] = certificate_of(report);
    }
    return document;
}

} // namespace

void bind_account(py::module_& module) {
    bind_struct<Requirement>(module, "Requirement", "What an account must hold, USD.");
    bind_struct<Excess>(module, "Excess",
                        "Equity less each requirement, USD; negative when the account is short of it.");
    bind_struct<MarginCall>(module, "MarginCall", "What the account must bring, USD.");
    bind_struct<ReportLine>(module, "ReportLine", "One explained part of the requirement.");
    bind_struct<AddOnLine>(module, "AddOnLine", "One charge of a house add-on.");
    bind_struct<NextBest>(module, "NextBest",
                          "What positions would ask for if the group that they are in were not allowed.");
    bind_struct<PairedPositions>(module, "PairedPositions", "Positions that are margined together.");
    bind_struct<GroupReport>(module, "GroupReport", "One group of portfolio margin.");
    bind_struct<Deficiency>(module, "Deficiency",
                            "What an account under portfolio margin must make good, and until when.");
    bind_struct<Warning>(module, "Warning", "Something that a reader should know and that makes no figure wrong.");
    bind_struct<StressPoint>(module, "StressPoint", "An account after one move of the benchmark.");
    bind_struct<ReverseStresses>(module, "ReverseStresses", "Moves of the benchmark that use up an account.");
    bind_struct<UnderlyingStress>(module, "UnderlyingStress",
                                  "An account when one underlying moves alone, everything else as it is.");
    bind_struct<BetaWeighted>(module, "BetaWeighted", "An account as so much of the benchmark.");

    auto report = python::bind_fields<Report>(module, "Report", "Everything that was computed of one account.");
    python::bind_dicts(report, &report_dict, &document::read_report_document);
    report.def(
        "to_json", [](const Report& self) { return document::to_json(document::report_document(self)); },
        "The report document as one line of JSON.");
    report.def_property_readonly(
        "certificate", &certificate_of,
        "The certificate of the pairing of options as a dict, or None when it was not asked for.");
    report.def("__repr__", [](const Report& self) {
        return "<Report " + self.account_id.value_or("(no id)") + " " + self.valuation_date + ": equity " +
               fmt::format("{:.2f}, requirement {:.2f}, excess {:.2f}>", self.equity, self.requirement.total,
                           self.excess.total);
    });
    report.def("_repr_html_", [](const py::object& self) {
        return py::str(py::module_::import("margincore._html").attr("report_html")(self));
    });

    bind_struct<MethodRefusal>(module, "MethodRefusal", "Why a method cannot margin positions.");
    bind_struct<MethodFigures>(module, "MethodFigures", "The figures of an account under one method.");
    bind_struct<ComparedGroup>(module, "ComparedGroup",
                               "What the positions of one group ask for under both methods, USD.");
    auto comparison = python::bind_fields<Comparison>(
        module, "Comparison", "One account under the strategy method and under portfolio margin, side by side.");
    python::bind_dicts(
        comparison, [](const Comparison& self) { return py::dict(python::to_python<python::Shape::plain>(self)); },
        [](const document::Value& value) { return document::from_value<Comparison>(value, Where("Comparison")); });
    comparison.def("__repr__", [](const Comparison& self) {
        const auto net = [](const std::optional<MethodFigures>& of) {
            return of ? fmt::format("{:.2f}", of->net_requirement) : std::string("refused");
        };
        return "<Comparison " + self.account_id.value_or("(no id)") + " " + self.valuation_date +
               ": net requirement by strategy " + net(self.strategy) + ", under portfolio margin " +
               net(self.portfolio) + ">";
    });
    comparison.def("_repr_html_", [](const py::object& self) {
        return py::str(py::module_::import("margincore._html").attr("comparison_html")(self));
    });

    bind_struct<Verification>(module, "Verification", "Whether the certificate of an account holds; true where proven.")
        .def("__bool__", [](const Verification& self) { return self.status == CertificateStatus::proven; });

    bind_struct<Contribution>(module, "Contribution",
                              "What a position, or a class group, contributes to the requirement of its account.");
    bind_struct<Contributions>(module, "Contributions", "Contributions of an account, of positions and class groups.");
}
