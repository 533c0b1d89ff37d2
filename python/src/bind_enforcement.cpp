// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <margincore/account/enforcement.hpp>
#include <margincore/account/policy.hpp>
#include <margincore/account/report.hpp>
#include <margincore/account/standing.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/text.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/policy_reader.hpp>

#include "bind_struct.hpp"

namespace py = pybind11;
using namespace margincore;
using python::bind_struct;

namespace {

/// A standing that Python made: of finite figures, where C++ computes them.
Standing checked(const Standing& standing) {
    const Where where("Standing");
    document::for_each_field<Standing>([&](const auto& field) {
        if (const double figure = standing.*field.member; !std::isfinite(figure)) {
            throw InvalidInput(where[field.name], "must be a finite number, got " + number_text(figure));
        }
    });
    for (const auto& [name, figure] :
         {std::pair("requirement", standing.requirement), std::pair("gross_value", standing.gross_value)}) {
        if (figure < 0) {
            throw InvalidInput(where[name], "must not be negative, got " + number_text(figure));
        }
    }
    return standing;
}

Standing read_standing(const document::Value& value) {
    return checked(document::from_value<Standing>(value, Where("Standing")));
}

} // namespace

void bind_enforcement(py::module_& module) {
    auto ladder =
        bind_struct<Ladder>(module, "Ladder", "Thresholds of the enforcement ladder.",
                            [](const document::Value& value) { return document::read_ladder(value, "ladder"); });
    ladder.def(py::init([](double warning_excess, double restrict_after_minutes, double severe_move,
                           double liquidate_deficiency) {
                   return document::read_ladder({{"warning_excess", warning_excess},
                                                 {"restrict_after_minutes", restrict_after_minutes},
                                                 {"severe_move", severe_move},
                                                 {"liquidate_deficiency", liquidate_deficiency}},
                                                "ladder");
               }),
               py::kw_only(), py::arg("warning_excess") = Ladder{}.warning_excess,
               py::arg("restrict_after_minutes") = Ladder{}.restrict_after_minutes,
               py::arg("severe_move") = Ladder{}.severe_move,
               py::arg("liquidate_deficiency") = Ladder{}.liquidate_deficiency);

    auto standing =
        bind_struct<Standing>(module, "Standing", "What the ladder reads of an account at an event.", &read_standing);
    standing.def(
        py::init([](double excess, double requirement, double gross_value, double severe_move, double excess_stressed) {
            return checked(Standing{.excess = excess,
                                    .requirement = requirement,
                                    .gross_value = gross_value,
                                    .severe_move = severe_move,
                                    .excess_stressed = excess_stressed});
        }),
        py::kw_only(), py::arg("excess"), py::arg("requirement"), py::arg("gross_value"), py::arg("severe_move"),
        py::arg("excess_stressed"));

    auto state = bind_struct<EnforcementState>(module, "EnforcementState", "Where an account stands on the ladder.");
    state.def(py::init([](bool warned, std::optional<EventTime> call_issued_at, bool restricted, bool liquidating) {
                  return EnforcementState{.warned = warned,
                                          .call_issued_at = call_issued_at,
                                          .restricted = restricted,
                                          .liquidating = liquidating};
              }),
              py::kw_only(), py::arg("warned") = false, py::arg("call_issued_at") = py::none(),
              py::arg("restricted") = false, py::arg("liquidating") = false);
    state.def_property_readonly(
        "status", [](const EnforcementState& self) { return std::string(name_of(self.status())); },
        "ACTIVE, WARNING, MARGIN_CALL, RESTRICTED or LIQUIDATION: the highest step that holds.");
    bind_struct<EnforcementEvent>(module, "EnforcementEvent", "One step that an account took, with what led to it.");

    module.def(
        "enforce",
        [](const EnforcementState& before, const Report& report, EventTime time, const std::optional<Ladder>& ladder) {
            const EnforcementStep step = enforce(before, report, time, ladder.value_or(report.ladder));
            return py::make_tuple(step.state, python::to_python<python::Shape::objects>(step.events));
        },
        py::arg("state"), py::arg("report"), py::arg("time"), py::arg("ladder"), "One step of the enforcement ladder.");
    module.def(
        "enforce",
        [](const EnforcementState& before, const Standing& seen, EventTime time, const std::optional<Ladder>& ladder) {
            const EnforcementStep step = enforce(before, seen, time, ladder.value_or(Ladder{}));
            return py::make_tuple(step.state, python::to_python<python::Shape::objects>(step.events));
        },
        py::arg("state"), py::arg("standing"), py::arg("time"), py::arg("ladder"));
}
