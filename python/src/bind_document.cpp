// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <margincore/document/document.hpp>
#include <margincore/requirement/portfolio_margin/default_group_table.hpp>

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
                       const std::optional<py::list>& moves, bool certificate, bool alternatives) {
    const document::Value value = value_of(source, "document");
    const document::Value move_values = moves ? python::to_value(*moves, "moves") : document::Value();
    const py::gil_scoped_release release;
    document::EvaluateOptions options;
    options.stress = stress;
    options.certificate = certificate;
    options.alternatives = alternatives;
    if (method) {
        options.method = parse_name<Method>(*method, "method");
    }
    if (moves) {
        options.moves = document::read_moves(move_values, "moves");
    }
    return document::evaluate(document::read_account_document(value), options);
}

Contributions contributions_of_source(const py::object& source, const std::optional<std::string>& method) {
    const document::Value value = value_of(source, "document");
    const py::gil_scoped_release release;
    return document::contributions(document::read_account_document(value),
                                   method ? std::optional(parse_name<Method>(*method, "method")) : std::nullopt);
}

Verification verify_sources(const py::object& source, const py::object& certificate) {
    const document::Value value = value_of(source, "document");
    const document::Value certificate_value = value_of(certificate, "certificate");
    const py::gil_scoped_release release;
    return document::verify(document::read_account_document(value),
                            document::read_certificate_document(certificate_value));
}

Comparison compare_source(const py::object& source) {
    const document::Value value = value_of(source, "document");
    const py::gil_scoped_release release;
    return document::compare(document::read_account_document(value));
}

/// What a picture of a class group needs of a document: gains along moves of spot and volatility, and at the
/// regulatory points.
py::dict spot_volatility_of(const py::object& source, const std::string& group, const std::vector<Fraction>& spot_moves,
                            const std::vector<Fraction>& volatility_moves) {
    const document::Value value = value_of(source, "document");
    SpotVolatilityGains gains;
    {
        const py::gil_scoped_release release;
        gains = document::spot_volatility_gains(document::read_account_document(value), group, spot_moves,
                                                volatility_moves);
    }
    std::vector<std::vector<Money>> rows;
    for (Eigen::Index v = 0; v < gains.gains.rows(); ++v) {
        const auto row = gains.gains.row(v);
        rows.emplace_back(row.begin(), row.end());
    }
    py::dict result;
    result["class_group"] = gains.class_group;
    result["positions"] = gains.positions;
    result["gains"] = rows;
    result["moves"] = gains.moves;
    result["points"] = gains.points;
    return result;
}

/// What a picture of some positions needs of a document, a dict each: an option with its contract and the price of what
/// it is on, anything else with its own price. A price that is not there is None.
py::list position_terms(const py::object& source, const std::vector<std::string>& symbols) {
    const document::Value value = value_of(source, "document");
    const document::AccountDocument read = document::read_account_document(value);
    const auto price_of = [&](const std::string& symbol) {
        const std::optional<InstrumentIndex> row = read.instruments.find(symbol);
        const Price price = row ? read.market.quotes[static_cast<std::size_t>(*row)].price : std::nan("");
        return std::isnan(price) ? std::nullopt : std::optional(price);
    };
    py::list result;
    for (const std::string& given : symbols) {
        const std::string symbol = document::canonical_symbol(given, "symbol");
        const std::optional<InstrumentIndex> row = read.instruments.find(symbol);
        if (!row) {
            throw InvalidInput("symbol", "must be of the document, got " + in_quotes(symbol));
        }
        py::dict terms;
        const std::optional<OptionContract>& option = read.instruments[*row].option;
        terms["underlying"] = option ? option->underlying : symbol;
        terms["price"] = price_of(option ? option->underlying : symbol);
        if (option) {
            terms["right"] = std::string(name_of(option->right));
            terms["strike"] = option->strike;
            terms["expiry"] = to_string(option->expiry);
            terms["multiplier"] = option->multiplier;
        }
        result.append(terms);
    }
    return result;
}

/// A group table as a dict.
py::object group_table_dict(const GroupTable& table) {
    return py::module_::import("json").attr("loads")(document::to_json(document::group_table_document(table)));
}

py::object read_group_table(const py::bytes& text, const std::string& form) {
    const std::string_view view = text;
    GroupTable table;
    {
        const py::gil_scoped_release release;
        table = form == "csv" ? document::read_group_table_csv(view)
                              : document::read_group_table(document::parse_json(view, "group_table"), "");
    }
    return group_table_dict(table);
}

} // namespace

void bind_document(py::module_& module) {
    module.def("evaluate", &evaluate_source, py::arg("document"), py::arg("method"), py::arg("stress"),
               py::arg("moves"), py::arg("certificate"), py::arg("alternatives"),
               "The report of an account document: a dict, or JSON text as bytes.");
    module.def("contributions", &contributions_of_source, py::arg("document"), py::arg("method"),
               "What closing each position of an account document would change of its requirement.");
    module.def("verify", &verify_sources, py::arg("document"), py::arg("certificate"),
               "Whether a certificate holds of an account document: dicts, or JSON text as bytes.");
    module.def(
        "default_group_table", [] { return group_table_dict(default_group_table()); },
        "The group table that applies where a policy gives none, as a dict.");
    module.def("read_group_table", &read_group_table, py::arg("text"), py::arg("form"),
               "The group table of text, csv or json, as a dict.");
    module.def("compare", &compare_source, py::arg("document"),
               "An account document under both methods: a dict, or JSON text as bytes.");
    module.def("spot_volatility", &spot_volatility_of, py::arg("document"), py::arg("group"), py::arg("spot_moves"),
               py::arg("volatility_moves"), "Gains of a class group along moves of spot and volatility, a dict.");
    module.def("position_terms", &position_terms, py::arg("document"), py::arg("symbols"),
               "What a picture of positions needs of an account document, a dict each.");
}
