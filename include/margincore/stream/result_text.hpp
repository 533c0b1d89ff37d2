// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <margincore/account/enforcement.hpp>
#include <margincore/account/standing.hpp>
#include <margincore/core/units.hpp>
#include <margincore/document/json.hpp>
#include <margincore/document/value.hpp>
#include <margincore/requirement/line.hpp>
#include <margincore/stream/assessment.hpp>

namespace margincore::stream {

/// Writes one JSON object, key by key. Numbers that are not known (NaN) become null.
class ObjectText {
public:
    ObjectText& put(std::string_view key, double number) {
        begin(key);
        if (std::isfinite(number)) {
            fmt::format_to(std::back_inserter(text_), "{}", number);
        } else {
            text_ += "null";
        }
        return *this;
    }
    ObjectText& put(std::string_view key, std::int64_t number) {
        begin(key);
        fmt::format_to(std::back_inserter(text_), "{}", number);
        return *this;
    }
    ObjectText& put(std::string_view key, bool flag) {
        begin(key);
        text_ += flag ? "true" : "false";
        return *this;
    }
    ObjectText& put(std::string_view key, const document::Value& value) {
        begin(key);
        text_ += document::to_json(value);
        return *this;
    }
    [[nodiscard]] std::string close() && {
        text_ += '}';
        return std::move(text_);
    }

private:
    void begin(std::string_view key) {
        text_ += text_.empty() ? '{' : ',';
        text_ += '"';
        text_ += key;
        text_ += "\":";
    }

    std::string text_{};
};

/// What names a result: the same account and version is the same result.
struct ResultName {
    const std::string& account_id;
    std::int64_t version = 0;
    EventTime time = 0;
};

namespace detail {

/// The figures that results and stress tables share. The workshop's `excess_pct` is of the net value.
inline void put_figures(ObjectText& text, const ResultName& name, Money cash, const Assessment& assessment) {
    text.put("account_id", document::Value(name.account_id))
        .put("total_mv", assessment.net_value)
        .put("gross_mv", assessment.gross_value)
        .put("beta_weighted_exposure", assessment.exposure)
        .put("cash", cash)
        .put("equity", assessment.equity)
        .put("maintenance_req", assessment.maintenance)
        .put("excess", assessment.excess)
        .put("excess_pct", assessment.excess / assessment.net_value)
        .put("calc_timestamp", name.time)
        .put("version", name.version);
}

/// The charges of the house by add-on.
inline void put_add_ons(ObjectText& text, std::span<const Line> lines) {
    Money concentration = 0.0;
    Money volatility = 0.0;
    Money leverage = 0.0;
    Money others = 0.0;
    for (const Line& line : lines) {
        Money& sum = line.rule == "concentration"   ? concentration
                     : line.rule == "volatility"    ? volatility
                     : line.rule == "beta_leverage" ? leverage
                                                    : others;
        sum += line.add_on;
    }
    text.put("concentration_addon", concentration)
        .put("volatility_addon", volatility)
        .put("beta_leverage_addon", leverage)
        .put("other_addons", others);
}

} // namespace detail

/// The value of a message of `margin.calc.v1`.
///
/// @param worst     What the ladder reads, where all is known.
/// @param lines     Of the requirement.
/// @param document  Of an account with a deficiency, for who plans how to cure it; null otherwise.
[[nodiscard]] inline std::string result_text(const ResultName& name, Money cash, const Assessment& assessment,
                                             const std::optional<Standing>& worst, std::span<const Line> lines,
                                             const std::vector<std::string>& reasons,
                                             const std::vector<std::string>& assumptions,
                                             const document::Value& document) {
    ObjectText text;
    detail::put_figures(text, name, cash, assessment);
    text.put("status", document::Value(worst ? "complete" : "incomplete"))
        .put("reasons", document::Value(reasons))
        .put("assumptions", document::Value(assumptions));
    if (std::isnan(assessment.maintenance)) {
        for (const std::string_view key :
             {"concentration_addon", "volatility_addon", "beta_leverage_addon", "other_addons"}) {
            text.put(key, Assessment::unknown);
        }
    } else {
        detail::put_add_ons(text, lines);
    }
    text.put("worst_stress",
             worst ? document::Value({{"scenario", worst->severe_move}, {"excess_stressed", worst->excess_stressed}})
                   : document::Value());
    if (!document.is_null()) {
        text.put("document", document);
    }
    return std::move(text).close();
}

/// The value of a message of `stress.beta_spy.v1`: one move of the benchmark.
[[nodiscard]] inline std::string stress_text(const ResultName& name, Money cash, const Assessment& assessment,
                                             Fraction move, Money gain) {
    const Money stressed = assessment.excess + gain;
    ObjectText text;
    detail::put_figures(text, name, cash, assessment);
    text.put("scenario", move)
        .put("scenario_type", document::Value("SPY_BETA_WEIGHTED"))
        .put("delta_pnl", gain)
        .put("equity_stressed", assessment.equity + gain)
        .put("excess_stressed", stressed)
        .put("underwater", stressed < 0);
    return std::move(text).close();
}

} // namespace margincore::stream
