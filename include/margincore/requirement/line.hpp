// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <margincore/core/citation.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

/// What one position contributes to a line.
struct Leg {
    std::size_t position = 0; ///< Index into the account's positions.
    Quantity quantity = 0.0;  ///< The part of the position that the line is about; negative when short.

    friend bool operator==(const Leg&, const Leg&) = default;
};

/// What a line says of options, or of stock and options, that are margined together.
struct LineGroup {
    std::string name{};                  ///< "iron condor 50/53/67/70"; nothing is decided by it.
    std::optional<Price> worst_strike{}; ///< Where a spread loses most, USD per unit; nothing where it loses nowhere.
    bool is_spread = false;              ///< Charged with its greatest loss; else its rule has a formula of its own.

    friend bool operator==(const LineGroup&, const LineGroup&) = default;
};

/// One explained part of a requirement: the lines of an account add up to its requirement.
struct Line {
    std::string_view rule{};     ///< "stock.long"; static storage.
    Citation citation{};         ///< The paragraph of the maintenance amount, or of the charge of an add-on.
    Citation initial_citation{}; ///< The paragraph of the initial amount; empty for an add-on.
    std::vector<Leg> legs{};
    Money initial = 0.0;              ///< >= 0.
    Money maintenance = 0.0;          ///< >= 0.
    Money add_on = 0.0;               ///< >= 0; charge of a house add-on, which has no other amount.
    std::string why{};                ///< The arithmetic of the maintenance amount or the charge, in words.
    std::string initial_why{};        ///< The arithmetic of the initial amount, in words.
    std::optional<LineGroup> group{}; ///< Of options; nothing for stock by itself and for add-ons.
};

/// LineSink: what a calculation hands its explanation to.
///
/// `sink.emit(make)` may call `make()`, which returns the `Line`, or may not: a line that nobody wants is never
/// made. Models: `NullSink`, `LineCollector`. See docs/concepts/line_sink.md.
template <class Sink>
concept LineSink = requires(Sink& sink, Line (*make)()) {
    { sink.emit(make) } -> std::same_as<void>;
};

/// Takes no lines and costs nothing.
struct NullSink {
    template <class Make>
    void emit(Make&& /*make*/) const {}
};

/// Keeps every line.
struct LineCollector {
    std::vector<Line> lines{};

    template <class Make>
    void emit(Make&& make) {
        lines.push_back(std::forward<Make>(make)());
    }
};

static_assert(LineSink<NullSink>);
static_assert(LineSink<LineCollector>);

} // namespace margincore
