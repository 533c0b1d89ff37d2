// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include <margincore/core/names.hpp>
#include <margincore/requirement/strategy/certified_groups.hpp>
#include <margincore/requirement/strategy/certified_proof.hpp>
#include <margincore/requirement/strategy/pairing_certificate.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>
#include <margincore/requirement/strategy/proof_number.hpp>

namespace margincore {

/// What a check of a certificate found.
enum class CertificateStatus : std::uint8_t {
    proven,  ///< The groups are allowed and cost what is claimed, and no other pairing costs less.
    stated,  ///< The groups are; what no pairing costs less than is stated and not proven.
    refused, ///< Something that it says is not so.
};

template <>
inline constexpr std::array names<CertificateStatus> = {Name{CertificateStatus::proven, "proven"},
                                                        Name{CertificateStatus::stated, "stated"},
                                                        Name{CertificateStatus::refused, "refused"}};

/// Whether a certificate of a pairing holds.
struct PairingVerdict {
    CertificateStatus status = CertificateStatus::proven;
    std::string where{}; ///< Of what is refused: its place in the certificate, and
    std::string what{};  ///< what is not so.

    friend bool operator==(const PairingVerdict&, const PairingVerdict&) = default;
};

/// Whether a certificate holds of a problem, checked from the problem and the certificate alone: no part of the search
/// is used. Whatever the certificate says, the check comes to its end.
///
/// Groups: each is allowed by the rule and costs what is claimed, every lot is in exactly one, and they cost the claim.
/// Proof: its cases leave no whole numbers out, and in each the Lagrangian of rows that hold of every pairing, in exact
/// integers, is nowhere below the claim.
///
/// @source FINRA 4210(f)(2)(A)(xxxii), (E)(i) and (H); the Lagrangian bound: Geoffrion, Lagrangean relaxation for
///         integer programming (1974).
[[nodiscard]] inline PairingVerdict verify_pairing(const PairingProblem& problem,
                                                   const PairingCertificate& certificate) {
    detail::CertifiedGroups groups(problem, certificate);
    try {
        groups.require_valid();
    } catch (const detail::DoesNotHold& refused) {
        return {CertificateStatus::refused, groups.where(), refused.what};
    }
    if (certificate.proof.empty()) {
        return {.status = CertificateStatus::stated};
    }
    detail::CertifiedProof proof(problem, certificate);
    try {
        proof.require_valid();
    } catch (const detail::DoesNotHold& refused) {
        return {CertificateStatus::refused, proof.where(), refused.what};
    }
    return {.status = CertificateStatus::proven};
}

} // namespace margincore
