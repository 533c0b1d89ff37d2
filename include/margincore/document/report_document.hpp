// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>
#include <utility>

#include <margincore/account/report.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/account_reader.hpp>
#include <margincore/document/certificate_document.hpp>
#include <margincore/document/certificate_reader.hpp>
#include <margincore/document/struct_value.hpp>
#include <margincore/document/value.hpp>

namespace margincore::document {

/// The report document.
[[nodiscard]] inline Value report_document(const Report& report) {
    Value document = Value::object();
    append(document, "schema", schema_version);
    Value members = to_value(report);
    for (auto& [key, member] : members.get_ref<Value::object_t&>()) {
        append(document, key, std::move(member));
    }
    if (report.certificate) {
        append(document, "certificate", certificate_document(*report.certificate));
    }
    return document;
}

/// The report that a document was written from.
///
/// @throws InvalidInput, MissingData, Unsupported with the path into the document.
[[nodiscard]] inline Report read_report_document(const Value& value) {
    const Where where("");
    if (!value.is_object()) {
        refuse_type(value, "an object", "report");
    }
    const ObjectReader reader(value, where);
    require_schema_version(reader);
    Report report = from_value<Report>(value, where);
    if (!reader.has("gross_value")) {
        report.gross_value = std::numeric_limits<double>::quiet_NaN(); // missing, not zero
    }
    report.certificate = reader.optional("certificate", [](const Value& certificate, const Where& /*place*/) {
        return read_certificate_document(certificate);
    });
    return report;
}

} // namespace margincore::document
