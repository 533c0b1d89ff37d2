// SPDX-License-Identifier: Apache-2.0
// Any text: either a report of finite figures that add up and that is the same after writing and reading, or an Error.
// Nothing else may be thrown.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <margincore/core/error.hpp>
#include <margincore/document/document.hpp>
#include <margincore/document/report_document.hpp>

#include "fuzz_check.hpp"

namespace document = margincore::document;

namespace {

void check_finite(double figure) { fuzz_check(std::isfinite(figure), "every figure of a report is finite"); }

void check_requirement(double figure) {
    check_finite(figure);
    fuzz_check(figure >= 0, "a requirement is never negative");
}

/// To the cent, or to a few units in the last place of a sum of that size.
void check_sum(double sum, double total) {
    fuzz_check(std::abs(sum - total) <= 0.005 + 1e-12 * std::abs(total), "the lines add up to the requirement");
}

/// noexcept: an Error in here is a crash too.
void check_report(const margincore::Report& report) noexcept {
    for (const double figure :
         {report.net_liquidation, report.equity, report.gross_value, report.excess.initial, report.excess.maintenance,
          report.excess.total, report.net_requirement, report.lower_bound}) {
        check_finite(figure);
    }
    for (const double figure : {report.requirement.initial, report.requirement.maintenance, report.requirement.add_ons,
                                report.requirement.total, report.call.maintenance, report.call.house,
                                report.withdrawable, report.buying_power.value_or(0.0)}) {
        check_requirement(figure);
    }
    double initial = 0;
    double maintenance = 0;
    for (const auto& line : report.lines) {
        check_finite(line.initial);
        check_finite(line.maintenance);
        initial += line.initial;
        maintenance += line.maintenance;
    }
    double add_ons = 0;
    for (const auto& charge : report.add_ons) {
        check_requirement(charge.amount);
        add_ons += charge.amount;
    }
    check_sum(initial, report.requirement.initial);
    check_sum(maintenance, report.requirement.maintenance);
    check_sum(add_ons, report.requirement.add_ons);
    for (const auto& point : report.stress.value_or(std::vector<margincore::StressPoint>{})) {
        for (const double figure : {point.pnl, point.net_liquidation, point.excess, point.excess_remargined}) {
            check_finite(figure);
        }
    }
    const std::string written = document::to_json(document::report_document(report));
    fuzz_check(document::read_report_document(document::parse_json(written)) == report,
               "a report is the same after writing and reading");
}

void check_round_trip(const document::Value& value) noexcept {
    fuzz_check(document::parse_json(document::to_json(value)) == value,
               "a document is the same after writing and reading");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        const document::Value value = document::parse_json(text);
        check_round_trip(value);
        const auto account = document::read_account_document(value);
        const margincore::Report report = document::evaluate(account);
        check_report(report);
        fuzz_check(document::evaluate(account) == report, "the same document gives the same report");
        const document::EvaluateOptions with_stress{.method = {}, .stress = true, .moves = {}};
        check_report(document::evaluate(account, with_stress)); // last: it may refuse what needs no stress
    } catch (const margincore::Error&) {
        // Refused by name: what is wanted of bad input. Anything else that is thrown ends the program.
    }
    return 0;
}
