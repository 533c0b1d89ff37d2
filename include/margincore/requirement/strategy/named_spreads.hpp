// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include <margincore/instrument/option_contract.hpp>
#include <margincore/requirement/strategy/named_spread.hpp>
#include <margincore/requirement/strategy/pairing.hpp>
#include <margincore/requirement/strategy/pairing_problem.hpp>
#include <margincore/requirement/strategy/spread_rules.hpp>

namespace margincore {

/// How many named spreads a search is given; among more it is long.
///
/// Of 16 series at most 8 x 8 pairs, 8 x 28 butterflies and 28 x 28 sets of four may be named spreads, which are 1,072:
/// they have all of theirs, and so have most books of 40 series on one expiry.
inline constexpr std::size_t most_named_spreads = 2'000;

/// The named spreads of a problem that may be part of its least pairing, as combinations.
///
/// Left out is what costs no less than its options by themselves, or than two spreads of two options that it is made
/// of: so are written butterflies and condors, and bought iron ones and boxes.
class NamedSpreads {
public:
    NamedSpreads(std::span<const PairingSeries> series, const SpreadRules& rules) : series_(series), rules_(rules) {}

    /// Adds those of two options, then of the others those that may save most.
    ///
    /// @return Whether all of them were added; not where there are more than `most`.
    [[nodiscard]] bool add_to(std::vector<Combination>& combinations, std::size_t most = most_named_spreads) const {
        const std::size_t end = combinations.size() + most;
        std::vector<Candidate> larger;
        bool has_all = add_two_legs(combinations, end);
        has_all = add_butterflies(larger) && has_all;
        has_all = add_four_legs(larger) && has_all;
        const std::size_t room = end - combinations.size();
        if (larger.size() > room) {
            std::ranges::nth_element(larger, larger.begin() + static_cast<std::ptrdiff_t>(room), std::ranges::greater{},
                                     &Candidate::may_save);
            larger.resize(room);
            has_all = false;
        }
        for (const Candidate& candidate : larger) {
            combinations.push_back(candidate.combination);
        }
        return has_all;
    }

private:
    using Leg = PairedGroup::Leg;

    struct Candidate {
        Combination combination{};
        MicroDollars may_save = 0; ///< Over smaller spreads, as often as its options are held.
    };

    /// So many keep the choice among them short.
    static constexpr std::size_t most_candidates = 100'000;

    [[nodiscard]] bool may_be_together(std::size_t a, std::size_t b) const {
        return series_[a].style_class == series_[b].style_class && series_[a].expiry == series_[b].expiry;
    }

    /// The fewest lots of which every series has a whole number of contracts; 0 where they are more than it has.
    [[nodiscard]] std::int64_t common_lots(std::span<const std::size_t> indices) const {
        std::int64_t lots = 1;
        for (const std::size_t i : indices) {
            const std::int64_t factor = series_[i].lots / std::gcd(lots, series_[i].lots);
            if (lots > series_[i].contracts * series_[i].lots / factor) {
                return 0;
            }
            lots *= factor;
        }
        return lots;
    }

    /// @param parts  Of each leg, how many units for one of the others; negative when short.
    /// @return       Legs of the fewest lots; of 0 lots where they are more than is held.
    template <std::size_t size>
    [[nodiscard]] std::array<Leg, size> legs_of(const std::array<std::size_t, size>& indices,
                                                const std::array<std::int64_t, size>& parts) const {
        const std::int64_t lots = common_lots(indices);
        std::array<Leg, size> legs{};
        for (std::size_t k = 0; k < size; ++k) {
            legs[k] = {static_cast<std::uint32_t>(indices[k]), parts[k] * lots};
        }
        return legs;
    }

    [[nodiscard]] MicroDollars alone(std::span<const Leg> legs) const {
        MicroDollars cost = 0;
        for (const Leg& leg : legs) {
            cost -= leg.lots < 0 ? leg.lots * series_[leg.series].naked : leg.lots * series_[leg.series].loan_value;
        }
        return cost;
    }

    /// How often the legs are held; 0 where their lots have no common multiple that is.
    [[nodiscard]] std::int64_t times_held(std::span<const Leg> legs) const {
        std::int64_t times = (std::numeric_limits<std::int64_t>::max)();
        for (const Leg& leg : legs) {
            const PairingSeries& one = series_[leg.series];
            const std::int64_t lots = leg.lots < 0 ? -leg.lots : leg.lots;
            times = (std::min)(times, lots == 0 ? 0 : one.contracts * one.lots / lots);
        }
        return times;
    }

    /// A set of options where it is a named spread that may be of use.
    /// @param made_of  What it costs otherwise.
    [[nodiscard]] std::optional<Candidate> candidate(std::span<const Leg> legs, MicroDollars made_of) const {
        const std::int64_t times = times_held(legs);
        if (times == 0 || !is_named_spread(series_, legs, rules_)) {
            return std::nullopt;
        }
        const MicroDollars loss = maximum_loss(series_, legs).first;
        const MicroDollars otherwise = (std::min)(made_of, alone(legs));
        if (loss >= otherwise) {
            return std::nullopt;
        }
        Candidate found{{.cost = loss, .is_spread = true}, (otherwise - loss) * times};
        for (const Leg& leg : legs) {
            found.combination.add(leg.series, (leg.lots < 0 ? -leg.lots : leg.lots) / series_[leg.series].lots);
        }
        return found;
    }

    /// @return Whether there was room.
    [[nodiscard]] static bool add(std::vector<Candidate>& larger, const std::optional<Candidate>& found) {
        if (found && larger.size() < most_candidates) {
            larger.push_back(*found);
            return true;
        }
        return !found;
    }

    [[nodiscard]] bool add_two_legs(std::vector<Combination>& combinations, std::size_t end) const {
        for (std::size_t written = 0; written < series_.size(); ++written) {
            for (std::size_t bought = 0; bought < series_.size() && series_[written].is_short; ++bought) {
                if (series_[bought].is_short || series_[bought].right != series_[written].right) {
                    continue;
                }
                const std::array legs = legs_of<2>({written, bought}, {-1, 1});
                if (const auto found = candidate(legs, alone(legs))) {
                    if (combinations.size() == end) {
                        return false;
                    }
                    combinations.push_back(found->combination);
                }
            }
        }
        return true;
    }

    /// What a spread of two options loses.
    [[nodiscard]] MicroDollars vertical(const Leg& written, const Leg& bought) const {
        return maximum_loss(series_, std::array{written, bought}).first;
    }

    [[nodiscard]] bool add_butterflies(std::vector<Candidate>& larger) const {
        for (std::size_t body = 0; body < series_.size(); ++body) {
            for (std::size_t low = 0; low < series_.size() && series_[body].is_short; ++low) {
                for (std::size_t high = 0; high < series_.size() && !series_[low].is_short; ++high) {
                    if (series_[high].is_short || series_[low].strike >= series_[high].strike ||
                        !may_be_together(body, low) || !may_be_together(body, high) ||
                        series_[low].right != series_[body].right || series_[high].right != series_[body].right) {
                        continue;
                    }
                    const std::array legs = legs_of<3>({body, low, high}, {-2, 1, 1});
                    const Leg half{legs[0].series, legs[0].lots / 2};
                    if (!add(larger, candidate(legs, vertical(half, legs[1]) + vertical(half, legs[2])))) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    [[nodiscard]] bool add_four_legs(std::vector<Candidate>& larger) const {
        for (std::size_t a = 0; a < series_.size(); ++a) {
            for (std::size_t b = a + 1; b < series_.size() && series_[a].is_short; ++b) {
                if (!series_[b].is_short || !may_be_together(a, b)) {
                    continue;
                }
                for (std::size_t c = 0; c < series_.size(); ++c) {
                    for (std::size_t d = c + 1; d < series_.size() && !series_[c].is_short; ++d) {
                        if (!series_[d].is_short && may_be_together(a, c) && may_be_together(a, d) &&
                            !add(larger, of_four(legs_of<4>({a, b, c, d}, {-1, -1, 1, 1})))) {
                            return false;
                        }
                    }
                }
            }
        }
        return true;
    }

    /// Two written options, then two bought.
    [[nodiscard]] std::optional<Candidate> of_four(const std::array<Leg, 4>& legs) const {
        const auto right = [&](std::size_t k) { return series_[legs[k].series].right; };
        std::optional<MicroDollars> made_of;
        for (const std::size_t of_first : {std::size_t{2}, std::size_t{3}}) {
            if (right(0) == right(of_first) && right(1) == right(5 - of_first)) {
                const MicroDollars two = vertical(legs[0], legs[of_first]) + vertical(legs[1], legs[5 - of_first]);
                made_of = made_of ? (std::min)(*made_of, two) : two;
            }
        }
        return made_of ? candidate(legs, *made_of) : std::nullopt;
    }

    std::span<const PairingSeries> series_;
    const SpreadRules& rules_;
};

} // namespace margincore
