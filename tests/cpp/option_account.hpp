// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <margincore/account/account_certificate.hpp>
#include <margincore/account/certify.hpp>
#include <margincore/account/evaluate.hpp>
#include <margincore/account/make_report.hpp>
#include <margincore/account/market_rows.hpp>
#include <margincore/account/report.hpp>
#include <margincore/account/verify.hpp>
#include <margincore/core/date.hpp>
#include <margincore/instrument/instrument.hpp>
#include <margincore/instrument/instrument_table.hpp>
#include <margincore/market/market_snapshot.hpp>
#include <margincore/requirement/line.hpp>

namespace margincore {

/// An account of options on one underlying, XYZ, and of it.
class OptionAccount {
public:
    explicit OptionAccount(Price price, Kind kind = Kind::equity)
        : OptionAccount(Instrument{.symbol = "XYZ", .kind = kind}, price) {}
    OptionAccount(const Instrument& underlying, Price price) {
        instruments_.add(underlying, "instruments");
        market_.quotes.push_back({.price = price});
    }

    OptionAccount& hold_stock(Quantity shares) {
        instrument_.push_back(0);
        quantity_.push_back(shares);
        return *this;
    }

    /// Something else, of a price.
    OptionAccount& hold(Quantity quantity, const Instrument& instrument, Price price) {
        instrument_.push_back(instruments_.add(instrument, "instruments"));
        quantity_.push_back(quantity);
        market_.quotes.push_back({.price = price});
        return *this;
    }

    /// @param days  To expiry.
    OptionAccount& hold(Quantity contracts, Right right, Price strike, int days, Price price, double multiplier = 100) {
        OptionContract contract{.underlying = "XYZ",
                                .right = right,
                                .strike = strike,
                                .expiry = market_.valuation_date + std::chrono::days{days},
                                .style = style,
                                .multiplier = multiplier,
                                .settlement =
                                    style == ExerciseStyle::european ? Settlement::cash : Settlement::physical};
        Instrument option{.symbol = fmt::format("OPTION {}", instruments_.size()), .kind = Kind::option};
        option.option = contract;
        instrument_.push_back(instruments_.add(option, "instruments"));
        quantity_.push_back(contracts);
        market_.quotes.push_back({.price = price});
        return *this;
    }

    [[nodiscard]] Evaluation evaluate(const Policy& policy = {}) const {
        const MarketRows rows = market_rows(instruments_, market_, policy);
        return margincore::evaluate({.instrument = instrument_, .quantity = quantity_}, rows, policy);
    }
    [[nodiscard]] std::vector<Line> lines(const Policy& policy = {}) const {
        const MarketRows rows = market_rows(instruments_, market_, policy);
        LineCollector collector;
        (void)margincore::evaluate({.instrument = instrument_, .quantity = quantity_}, rows, policy, collector);
        return collector.lines;
    }
    [[nodiscard]] AccountCertificate certify(const Policy& policy = {}) const {
        const MarketRows rows = market_rows(instruments_, market_, policy);
        return margincore::certify({.instrument = instrument_, .quantity = quantity_}, rows, policy);
    }
    [[nodiscard]] Verification verify(const AccountCertificate& certificate, const Policy& policy = {}) const {
        const MarketRows rows = market_rows(instruments_, market_, policy);
        return margincore::verify({.instrument = instrument_, .quantity = quantity_}, rows, policy, certificate);
    }
    /// Hands the account, the market and the policy to `use`, to be evaluated as it likes.
    template <class Use>
    void with_rows(Use&& use, const Policy& policy = {}) const {
        const MarketRows rows = market_rows(instruments_, market_, policy);
        use(AccountView{.instrument = instrument_, .quantity = quantity_}, rows, policy);
    }
    [[nodiscard]] Report report(bool alternatives = true) const {
        const MarketRows rows = market_rows(instruments_, market_, {});
        return make_report({.instrument = instrument_, .quantity = quantity_}, rows, market_, {}, std::nullopt,
                           alternatives);
    }
    [[nodiscard]] bool is_index() const { return instruments_[0].kind == Kind::broad_index; }
    [[nodiscard]] double multiplier(const std::string& symbol) const {
        return instruments_[instruments_.find(symbol).value()].option.value().multiplier;
    }
    [[nodiscard]] Money maintenance() const { return evaluate().requirement.maintenance; }

    ExerciseStyle style = ExerciseStyle::american; ///< Of what is held from now on.

private:
    InstrumentTable instruments_{};
    MarketSnapshot market_{.valuation_date = parse_date("2026-11-20", "valuation_date")};
    std::vector<InstrumentIndex> instrument_{};
    std::vector<Quantity> quantity_{};
};

} // namespace margincore
