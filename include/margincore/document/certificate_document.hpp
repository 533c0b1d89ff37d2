// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <margincore/account/account_certificate.hpp>
#include <margincore/core/names.hpp>
#include <margincore/document/object_reader.hpp>
#include <margincore/document/proof_keys.hpp>
#include <margincore/document/value.hpp>
#include <margincore/instrument/option_contract.hpp>
#include <margincore/requirement/strategy/pairing_certificate.hpp>

namespace margincore::document {

namespace detail {

template <class Named>
[[nodiscard]] Value named_value(const Named& named) {
    Value object = Value::object();
    append(object, "kind", std::string(name_of(named.kind)));
    const ProofKeys keys = keys_of(named.kind);
    if (keys.has_cut) {
        append(object, "cut", named.cut);
    }
    if (!keys.index.empty()) {
        append(object, std::string(keys.index), named.index);
    }
    if (keys.has_right) {
        append(object, "right", std::string(name_of(named.right)));
    }
    return object;
}

/// Pairs of a row and a number, as one list.
template <class Pair, class Number>
[[nodiscard]] Value pairs_value(const std::vector<Pair>& pairs, Number Pair::* number) {
    Value list = Value::array();
    for (const Pair& pair : pairs) {
        list.push_back(pair.row);
        list.push_back(pair.*number);
    }
    return list;
}

[[nodiscard]] inline Value proof_value(const PairingProof& proof) {
    Value variables = Value::array();
    for (const ProofVariable& variable : proof.variables) {
        variables.push_back(named_value(variable));
    }
    Value rows = Value::array();
    for (const ProofRow& row : proof.rows) {
        Value& object = rows.emplace_back(named_value(row));
        if (row.kind == ProofRow::Kind::rounded) {
            append(object, "sum", pairs_value(row.parts, &ProofRow::Part::times));
            append(object, "divisor", row.divisor);
            append(object, "from_upper", row.from_upper);
        }
    }
    Value nodes = Value::array();
    for (const ProofNode& node : proof.nodes) {
        Value object = Value::object();
        if (node.is_leaf) {
            append(object, "multipliers", pairs_value(node.multipliers, &ProofNode::Multiplier::value));
        } else {
            append(object, "variable", node.variable);
            append(object, "most", node.most);
        }
        nodes.push_back(std::move(object));
    }
    Value value = Value::object();
    append(value, "variables", std::move(variables));
    append(value, "rows", std::move(rows));
    append(value, "nodes", std::move(nodes));
    return value;
}

[[nodiscard]] inline Value group_value(const CertifiedGroup& group) {
    Value object = Value::object();
    append(object, "form", std::string(name_of(group.form)));
    if (group.times != 0) {
        append(object, "combination", group.combination);
        append(object, "times", group.times);
    }
    append(object, "series", group.series);
    append(object, "lots", group.lots);
    append(object, "requirement", group.requirement);
    return object;
}

} // namespace detail

/// The certificate document.
[[nodiscard]] inline Value certificate_document(const AccountCertificate& certificate) {
    Value pairings = Value::array();
    for (const UnderlyingCertificate& one : certificate.pairings) {
        Value combinations = Value::array();
        for (const CertifiedCombination& combination : one.combinations) {
            Value& object = combinations.emplace_back(Value::object());
            append(object, "rule", combination.rule);
            if (!combination.stock.empty()) {
                append(object, "stock", combination.stock);
            }
            append(object, "series", combination.series);
            append(object, "contracts", combination.contracts);
        }
        Value groups = Value::array();
        for (const CertifiedGroup& group : one.pairing.groups) {
            groups.push_back(detail::group_value(group));
        }
        Value& pairing = pairings.emplace_back(Value::object());
        append(pairing, "underlying", one.underlying);
        append(pairing, "series", one.series);
        append(pairing, "combinations", std::move(combinations));
        append(pairing, "groups", std::move(groups));
        append(pairing, "cost", one.pairing.cost);
        append(pairing, "lower_bound", one.pairing.lower_bound);
        if (!one.pairing.proof.empty()) {
            append(pairing, "proof", detail::proof_value(one.pairing.proof));
        }
    }
    Value document = Value::object();
    append(document, "schema", schema_version);
    append(document, "pairings", std::move(pairings));
    return document;
}

} // namespace margincore::document
