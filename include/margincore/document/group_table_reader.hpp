// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <margincore/core/error.hpp>
#include <margincore/core/limits.hpp>
#include <margincore/core/where.hpp>
#include <margincore/document/instrument_reader.hpp>
#include <margincore/document/object_reader.hpp>
#include <margincore/document/value.hpp>
#include <margincore/requirement/portfolio_margin/group_table.hpp>
#include <margincore/requirement/portfolio_margin/groups.hpp>

namespace margincore::document {

namespace detail {

/// A member of a class: its symbol, or the symbol and the leverage of a fund.
[[nodiscard]] inline ClassMember read_member(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 2> keys = {"symbol", "leverage"};
    if (value.is_string()) {
        return {.symbol = require_ticker(read_text(value, where), where)};
    }
    const ObjectReader reader(value, where, keys);
    return {.symbol = reader.required("symbol", reader.ticker("symbol")),
            .leverage = reader.number("leverage", -largest_leverage, largest_leverage)};
}

[[nodiscard]] inline std::vector<ClassGroup> read_classes(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 3> keys = {"id", "product", "members"};
    std::vector<ClassGroup> classes;
    for (const Value& entry : read_list(value, where)) {
        const Where place = where[classes.size()];
        const ObjectReader reader(entry, place, keys);
        ClassGroup group{.id = reader.required("id", reader.text("id")),
                         .product = reader.text("product").value_or("")};
        const Where where_members = reader.where("members");
        if (const Value* members = reader.find("members")) {
            for (const Value& member : read_list(*members, where_members)) {
                group.members.push_back(read_member(member, where_members[group.members.size()]));
            }
        }
        classes.push_back(std::move(group));
    }
    return classes;
}

[[nodiscard]] inline std::vector<ProductGroup> read_products(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 7> keys = {
        "id", "name", "low", "high", "offset", "portfolio", "minimum_per_unit"};
    std::vector<ProductGroup> products;
    for (const Value& entry : read_list(value, where)) {
        const Where place = where[products.size()];
        const ObjectReader reader(entry, place, keys);
        products.push_back({.id = reader.required("id", reader.text("id")),
                            .name = reader.text("name").value_or(""),
                            .range = {.low = reader.required("low", reader.number("low")),
                                      .high = reader.required("high", reader.number("high"))},
                            .offset = reader.required("offset", reader.number("offset")),
                            .portfolio = reader.text("portfolio").value_or(""),
                            .minimum_per_unit = reader.number("minimum_per_unit")});
    }
    return products;
}

[[nodiscard]] inline std::vector<PortfolioGroup> read_portfolios(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 3> keys = {"id", "name", "offset"};
    std::vector<PortfolioGroup> portfolios;
    for (const Value& entry : read_list(value, where)) {
        const Where place = where[portfolios.size()];
        const ObjectReader reader(entry, place, keys);
        portfolios.push_back({.id = reader.required("id", reader.text("id")),
                              .name = reader.text("name").value_or(""),
                              .offset = reader.required("offset", reader.number("offset"))});
    }
    return portfolios;
}

} // namespace detail

/// Reads a group table, checked as `Groups` checks it.
///
/// @throws InvalidInput, MissingData naming the entry.
[[nodiscard]] inline GroupTable read_group_table(const Value& value, const Where& where) {
    constexpr std::array<std::string_view, 3> keys = {"classes", "products", "portfolios"};
    const ObjectReader reader(value, where, keys);
    GroupTable table{
        .classes = reader.optional("classes", detail::read_classes).value_or(std::vector<ClassGroup>()),
        .products = reader.optional("products", detail::read_products).value_or(std::vector<ProductGroup>()),
        .portfolios = reader.optional("portfolios", detail::read_portfolios).value_or(std::vector<PortfolioGroup>())};
    static_cast<void>(Groups(table, where));
    return table;
}

/// The group table as a document.
[[nodiscard]] inline Value group_table_document(const GroupTable& table) {
    Value classes = Value::array();
    for (const ClassGroup& group : table.classes) {
        Value entry = Value::object();
        append(entry, "id", group.id);
        if (!group.product.empty()) {
            append(entry, "product", group.product);
        }
        Value members = Value::array();
        for (const ClassMember& member : group.members) {
            if (!member.leverage) {
                members.push_back(member.symbol);
                continue;
            }
            Value fund = Value::object();
            append(fund, "symbol", member.symbol);
            append(fund, "leverage", *member.leverage);
            members.push_back(std::move(fund));
        }
        append(entry, "members", std::move(members));
        classes.push_back(std::move(entry));
    }
    Value products = Value::array();
    for (const ProductGroup& group : table.products) {
        Value entry = Value::object();
        append(entry, "id", group.id);
        if (!group.name.empty()) {
            append(entry, "name", group.name);
        }
        append(entry, "low", group.range.low);
        append(entry, "high", group.range.high);
        append(entry, "offset", group.offset);
        if (!group.portfolio.empty()) {
            append(entry, "portfolio", group.portfolio);
        }
        if (group.minimum_per_unit) {
            append(entry, "minimum_per_unit", *group.minimum_per_unit);
        }
        products.push_back(std::move(entry));
    }
    Value portfolios = Value::array();
    for (const PortfolioGroup& group : table.portfolios) {
        Value entry = Value::object();
        append(entry, "id", group.id);
        if (!group.name.empty()) {
            append(entry, "name", group.name);
        }
        append(entry, "offset", group.offset);
        portfolios.push_back(std::move(entry));
    }
    Value document = Value::object();
    append(document, "classes", std::move(classes));
    append(document, "products", std::move(products));
    append(document, "portfolios", std::move(portfolios));
    return document;
}

} // namespace margincore::document
