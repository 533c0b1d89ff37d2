// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <margincore/requirement/strategy/pairing_certificate.hpp>

namespace margincore {

/// A combination that a certificate speaks of: the rule that margins it, and its options.
struct CertifiedCombination {
    std::string rule{};                    ///< "strategy.covered_call"
    std::string stock{};                   ///< Symbol of the stock in it; empty where there is none.
    std::vector<std::uint32_t> series{};   ///< Of the certificate, and
    std::vector<std::int64_t> contracts{}; ///< how many of each it takes, once.

    friend bool operator==(const CertifiedCombination&, const CertifiedCombination&) = default;
};

/// The certificate of the options on one underlying. Everything in it counts series and combinations as they stand
/// here.
struct UnderlyingCertificate {
    std::string underlying{};          ///< Symbol.
    std::vector<std::string> series{}; ///< Symbols: every option on it that is held.
    std::vector<CertifiedCombination> combinations{};
    PairingCertificate pairing{};

    friend bool operator==(const UnderlyingCertificate&, const UnderlyingCertificate&) = default;
};

/// How the options of an account are paired, underlying by underlying, and the proof that it is the least. An account
/// without options has nothing in it.
struct AccountCertificate {
    std::vector<UnderlyingCertificate> pairings{};

    friend bool operator==(const AccountCertificate&, const AccountCertificate&) = default;
};

} // namespace margincore
