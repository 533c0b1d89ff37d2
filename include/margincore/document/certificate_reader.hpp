// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <margincore/account/account_certificate.hpp>
#include <margincore/core/error.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/object_reader.hpp>
#include <margincore/document/proof_keys.hpp>
#include <margincore/document/value.hpp>
#include <margincore/instrument/option_contract.hpp>
#include <margincore/requirement/strategy/pairing_certificate.hpp>

namespace margincore::document {

namespace detail {

/// A whole number that its type holds.
template <class Number>
[[nodiscard]] Number read_whole(const Value& value, const Where& where) {
    constexpr auto low = static_cast<std::int64_t>((std::numeric_limits<Number>::min)());
    constexpr auto high = static_cast<std::int64_t>((std::numeric_limits<Number>::max)());
    const bool is_beyond = value.is_number_unsigned() &&
                           value.get<std::uint64_t>() > std::uint64_t{(std::numeric_limits<std::int64_t>::max)()};
    if (!value.is_number_integer() || is_beyond || value.get<std::int64_t>() < low ||
        value.get<std::int64_t>() > high) {
        refuse_type(value, "a whole number from " + std::to_string(low) + " to " + std::to_string(high), where);
    }
    return static_cast<Number>(value.get<std::int64_t>());
}

/// What a list has, each read with `read(value, where)`.
template <class Read>
[[nodiscard]] auto read_each(const ObjectReader& reader, std::string_view key, Read&& read) {
    std::vector<decltype(read(std::declval<const Value&>(), std::declval<const Where&>()))> list;
    const Where where = reader.where(key);
    for (const Value& value : read_list(reader.require(key), where)) {
        list.push_back(read(value, where[list.size()]));
    }
    return list;
}

template <class Number>
[[nodiscard]] Number read_whole(const ObjectReader& reader, std::string_view key) {
    return read_whole<Number>(reader.require(key), reader.where(key));
}

template <class Number>
[[nodiscard]] std::vector<Number> read_wholes(const ObjectReader& reader, std::string_view key) {
    return read_each(reader, key,
                     [](const Value& value, const Where& where) { return read_whole<Number>(value, where); });
}

template <class Pair>
[[nodiscard]] std::vector<Pair> read_pairs(const ObjectReader& reader, std::string_view key) {
    const std::vector<std::int64_t> numbers = read_wholes<std::int64_t>(reader, key);
    const Where where = reader.where(key);
    std::vector<Pair> pairs;
    for (std::size_t k = 0; k < numbers.size(); k += 2) {
        if (k + 1 == numbers.size()) {
            throw InvalidInput(where, "must have a number for each row, got none for the last");
        }
        pairs.push_back({read_whole<std::uint32_t>(Value(numbers[k]), where[k]), numbers[k + 1]});
    }
    return pairs;
}

inline constexpr std::array<std::string_view, 9> proof_keys = {"kind",  "cut", "series",  "combination", "stock",
                                                               "right", "sum", "divisor", "from_upper"};

template <class Named>
[[nodiscard]] Named read_named(const ObjectReader& reader) {
    using Kind = decltype(Named::kind);
    Named named;
    named.kind = reader.required("kind", reader.word<Kind>("kind"));
    const ProofKeys keys = keys_of(named.kind);
    named.cut = keys.has_cut ? read_whole<std::uint32_t>(reader, "cut") : 0;
    named.index = keys.index.empty() ? 0 : read_whole<std::uint32_t>(reader, keys.index);
    named.right = keys.has_right ? reader.required("right", reader.word<Right>("right")) : Right::call;
    return named;
}

[[nodiscard]] inline ProofNode read_node(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 3> keys = {"variable", "most", "multipliers"};
    const ObjectReader reader(value, where, keys);
    ProofNode node{.is_leaf = reader.has("multipliers")};
    if (node.is_leaf && reader.has("variable")) {
        throw InvalidInput(reader.where("variable"), "must not be given beside multipliers, got both");
    }
    if (node.is_leaf) {
        node.multipliers = read_pairs<ProofNode::Multiplier>(reader, "multipliers");
        return node;
    }
    node.variable = read_whole<std::uint32_t>(reader, "variable");
    node.most = read_whole<std::int64_t>(reader, "most");
    return node;
}

[[nodiscard]] inline PairingProof read_proof(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 3> keys = {"variables", "rows", "nodes"};
    const ObjectReader reader(value, where, keys);
    PairingProof proof;
    proof.variables = read_each(reader, "variables", [](const Value& one, const Where& place) {
        return read_named<ProofVariable>(ObjectReader(one, place, proof_keys));
    });
    proof.rows = read_each(reader, "rows", [](const Value& one, const Where& place) {
        const ObjectReader of(one, place, proof_keys);
        auto row = read_named<ProofRow>(of);
        if (row.kind == ProofRow::Kind::rounded) {
            row.parts = read_pairs<ProofRow::Part>(of, "sum");
            row.divisor = read_whole<std::int64_t>(of, "divisor");
            row.from_upper = read_wholes<std::uint32_t>(of, "from_upper");
        }
        return row;
    });
    proof.nodes = read_each(reader, "nodes", read_node);
    if (proof.nodes.empty()) {
        throw InvalidInput(reader.where("nodes"), "must have at least one, got none");
    }
    return proof;
}

[[nodiscard]] inline CertifiedGroup read_group(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 6> keys = {"form", "combination", "times", "series", "lots", "requirement"};
    const ObjectReader reader(value, where, keys);
    CertifiedGroup group;
    group.form = reader.required("form", reader.word<CertifiedForm>("form"));
    if (group.form == CertifiedForm::combination || reader.has("times")) {
        group.combination = read_whole<std::uint32_t>(reader, "combination");
        group.times = read_whole<std::int64_t>(reader, "times");
    }
    group.series = read_wholes<std::uint32_t>(reader, "series");
    group.lots = read_wholes<std::int64_t>(reader, "lots");
    group.requirement = read_whole<MicroDollars>(reader, "requirement");
    return group;
}

[[nodiscard]] inline UnderlyingCertificate read_pairing_certificate(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 7> keys = {"underlying", "series",      "combinations", "groups",
                                                      "cost",       "lower_bound", "proof"};
    constexpr std::array<std::string_view, 4> combination_keys = {"rule", "stock", "series", "contracts"};
    const ObjectReader reader(value, where, keys);
    UnderlyingCertificate certificate;
    certificate.underlying = reader.required("underlying", reader.text("underlying"));
    certificate.series =
        read_each(reader, "series", [](const Value& one, const Where& place) { return read_text(one, place); });
    certificate.combinations = read_each(reader, "combinations", [&](const Value& one, const Where& place) {
        const ObjectReader of(one, place, combination_keys);
        return CertifiedCombination{.rule = of.required("rule", of.text("rule")),
                                    .stock = of.text("stock").value_or(""),
                                    .series = read_wholes<std::uint32_t>(of, "series"),
                                    .contracts = read_wholes<std::int64_t>(of, "contracts")};
    });
    certificate.pairing.groups = read_each(reader, "groups", read_group);
    certificate.pairing.cost = read_whole<MicroDollars>(reader, "cost");
    certificate.pairing.lower_bound = read_whole<MicroDollars>(reader, "lower_bound");
    certificate.pairing.proof = reader.optional("proof", read_proof).value_or(PairingProof{});
    return certificate;
}

} // namespace detail

/// Reads a certificate document. Whether it holds is for `verify` to say.
///
/// @throws InvalidInput, MissingData, Unsupported with the path into the certificate.
[[nodiscard]] inline AccountCertificate read_certificate_document(const Value& value) {
    constexpr std::array<std::string_view, 2> keys = {"schema", "pairings"};
    if (!value.is_object()) {
        refuse_type(value, "an object", "certificate");
    }
    const Where root("certificate");
    const ObjectReader reader(value, root, keys);
    require_schema_version(reader);
    return {.pairings = detail::read_each(reader, "pairings", detail::read_pairing_certificate)};
}

} // namespace margincore::document
