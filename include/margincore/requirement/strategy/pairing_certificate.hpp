// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <margincore/core/names.hpp>
#include <margincore/instrument/option_contract.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>

namespace margincore {

/// How the options of a certified group are margined together.
enum class CertifiedForm : std::uint8_t { alone, straddle, spread, combination };

template <>
inline constexpr std::array names<CertifiedForm> = {
    Name{CertifiedForm::alone, "alone"}, Name{CertifiedForm::straddle, "straddle"},
    Name{CertifiedForm::spread, "spread"}, Name{CertifiedForm::combination, "combination"}};

/// Options that are margined together, and what they are said to cost.
struct CertifiedGroup {
    CertifiedForm form = CertifiedForm::alone;
    std::vector<std::uint32_t> series{}; ///< Of the problem,
    std::vector<std::int64_t> lots{};    ///< and lots of each, negative when short.
    std::uint32_t combination = 0;       ///< Which of the problem's: of a combination, and of a spread with a name;
    std::int64_t times = 0;              ///< how often; 0 where it is none.
    MicroDollars requirement = 0;        ///< Of a combination what it adds to the net requirement.

    friend bool operator==(const CertifiedGroup&, const CertifiedGroup&) = default;
};

/// A whole number that a pairing has, by what it counts.
struct ProofVariable {
    enum class Kind : std::uint8_t {
        in_spread,     ///< Contracts of the series in the spread of the cut date.
        greatest_loss, ///< Of the spread of the cut date, in its steps.
        carry,         ///< Larger contracts of the right that the small ones of the spread stand against.
        combination,   ///< Times of the combination.
        premium_only,  ///< Lots of the series that a straddle charges with their premium alone.
        alone,         ///< Contracts of the series that nothing else takes.
    };
    Kind kind = Kind::alone;
    std::uint32_t cut = 0;   ///< A short whose expiry is the cut date of the spread and whose class is the spread's.
    std::uint32_t index = 0; ///< The series or combination.
    Right right = Right::call;

    friend bool operator==(const ProofVariable&, const ProofVariable&) = default;
};

template <>
inline constexpr std::array names<ProofVariable::Kind> = {Name{ProofVariable::Kind::in_spread, "in_spread"},
                                                          Name{ProofVariable::Kind::greatest_loss, "greatest_loss"},
                                                          Name{ProofVariable::Kind::carry, "carry"},
                                                          Name{ProofVariable::Kind::combination, "combination"},
                                                          Name{ProofVariable::Kind::premium_only, "premium_only"},
                                                          Name{ProofVariable::Kind::alone, "alone"}};

/// Something that holds of every pairing, by what it says.
struct ProofRow {
    enum class Kind : std::uint8_t {
        holding,        ///< Every contract of the series is in one place.
        stock,          ///< No more of the stock is used than there is.
        balance,        ///< Of the right, as many lots long as short in the spread; of its larger contracts.
        small_balance,  ///< The same of the smallest contracts, by carried larger ones.
        strike,         ///< The loss of the spread at the strike of the series is not above its greatest.
        straddle_limit, ///< Lots that pay their premium alone are of the series, and in nothing else.
        straddles,      ///< Of the shorts up to the series, each such lot has one of the right that pays in full.
        rounded,        ///< Follows from rows before by rounding.
    };
    /// A row before, and how often.
    struct Part {
        std::uint32_t row = 0;
        std::int64_t times = 0;

        friend bool operator==(const Part&, const Part&) = default;
    };

    Kind kind = Kind::holding;
    std::uint32_t cut = 0;   ///< As of a variable.
    std::uint32_t index = 0; ///< The series or stock.
    Right right = Right::call;
    std::vector<Part> parts{};               ///< Of a rounded row: what it is a sum of,
    std::int64_t divisor = 0;                ///< what the sum is rounded by, and
    std::vector<std::uint32_t> from_upper{}; ///< the variables that are counted down from their upper bound.

    friend bool operator==(const ProofRow&, const ProofRow&) = default;
};

template <>
inline constexpr std::array names<ProofRow::Kind> = {
    Name{ProofRow::Kind::holding, "holding"},     Name{ProofRow::Kind::stock, "stock"},
    Name{ProofRow::Kind::balance, "balance"},     Name{ProofRow::Kind::small_balance, "small_balance"},
    Name{ProofRow::Kind::strike, "strike"},       Name{ProofRow::Kind::straddle_limit, "straddle_limit"},
    Name{ProofRow::Kind::straddles, "straddles"}, Name{ProofRow::Kind::rounded, "rounded"}};

/// A node of a proof: two cases, or a leaf.
struct ProofNode {
    /// The dual value of a row, in parts of 2^-16. Not negative, equalities apart.
    struct Multiplier {
        std::uint32_t row = 0;
        std::int64_t value = 0;

        friend bool operator==(const Multiplier&, const Multiplier&) = default;
    };

    bool is_leaf = true;
    std::uint32_t variable = 0;            ///< Of a branch: at most `most` in the node that follows, more in the
    std::int64_t most = 0;                 ///< one after all of that one's.
    std::vector<Multiplier> multipliers{}; ///< Of a leaf: they prove that nothing in it costs less.

    friend bool operator==(const ProofNode&, const ProofNode&) = default;
};

/// Why no pairing costs less: cases that leave none out, and a bound of each.
struct PairingProof {
    std::vector<ProofVariable> variables{}; ///< Those that the proof speaks of,
    std::vector<ProofRow> rows{};           ///< and the rows.
    std::vector<ProofNode> nodes{};         ///< A branch before its cases.

    [[nodiscard]] bool empty() const { return nodes.empty(); }

    friend bool operator==(const PairingProof&, const PairingProof&) = default;
};

/// A pairing of a problem, with what proves that it is the least.
struct PairingCertificate {
    std::vector<CertifiedGroup> groups{}; ///< Every lot is in one.
    MicroDollars cost = 0;                ///< Of the groups, over the stock by itself and longs at their loan value.
    MicroDollars lower_bound = 0;         ///< No pairing costs less. Without a proof it is only stated.
    PairingProof proof{};                 ///< Empty where the search came to no end, or the proof is too long.

    friend bool operator==(const PairingCertificate&, const PairingCertificate&) = default;
};

/// Leaves that a proof has at most; a longer one is left out.
inline constexpr std::size_t most_proof_leaves = 10'000;

/// Fraction bits of a proof's multipliers.
inline constexpr int proof_multiplier_bits = 16;

} // namespace margincore
