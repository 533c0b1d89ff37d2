// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <margincore/account/evaluate.hpp>
#include <margincore/account/least_cover.hpp>
#include <margincore/account/liquidation_plan.hpp>
#include <margincore/account/traded_account.hpp>
#include <margincore/core/units.hpp>

namespace margincore {

namespace detail {

/// Whole shares of each position.
using Shares = std::vector<std::int64_t>;

/// What a planner found, and whether it is proven to be what was asked for.
struct ClosedShares {
    Shares closed{};
    Money lower_bound = 0.0; ///< Of the value that must be traded.
    bool proven = false;
};

/// Finds what to close until the excess reaches a target.
class LiquidationSearch {
public:
    LiquidationSearch(TradedAccount& account, const ExcessShape& shape, Money target, const LiquidationOptions& options)
        : account_(account), shape_(shape), target_(target), options_(options),
          scans_left_(shape.maintenance_is_linear ? options.scan_limit : 0) {}

    /// One position after the other, in full; of the last one the smallest number of shares.
    [[nodiscard]] ClosedShares in_order(const std::vector<std::size_t>& order) {
        ClosedShares result{.closed = Shares(account_.size(), 0), .proven = true};
        Money reached = total(result.closed);
        for (const std::size_t i : order) {
            if (account_.shares(i) == 0) {
                continue;
            }
            if (const auto enough = smallest(result.closed, i, result.proven)) {
                result.closed[i] = *enough;
                return result;
            }
            result.closed[i] = account_.shares(i);
            if (const Money after = total(result.closed); after > reached) {
                reached = after;
            } else {
                result.closed[i] = 0; // a hedge: without it the account is worse off
            }
        }
        return result;
    }

    /// What trades the least value, no more than `known`, which is in compliance or all that can be done.
    [[nodiscard]] ClosedShares of_least_value(const Shares& known) {
        ClosedShares best{.closed = known};
        const auto consider = [&](Shares shares) {
            trim(shares);
            if (suffices(shares) && (!suffices(best.closed) || account_.value(shares) < account_.value(best.closed))) {
                best.closed = std::move(shares);
            }
        };
        if (shape_.maintenance_is_linear) {
            // Add-ons are zero or more, so whoever is in compliance with them is without them, at no greater value.
            const bool total = shape_.total_is_linear;
            const Money start = total ? total_at_start() : account_.excess(none()).maintenance;
            const std::vector<CoverItem> items = gains(total ? &Excess::total : &Excess::maintenance);
            const Cover cover = least_cover(items, target_ - start, account_.dust() / 2, options_.node_limit);
            best.lower_bound = cover.covers ? cover.lower_bound : 0.0;
            if (suffices(cover.count)) {
                best.closed = cover.count;
                best.proven = cover.optimal;
                return best;
            }
            consider(tightened(items, target_ - start));
        }
        consider(tightened(gains(&Excess::total), target_ - total_at_start()));
        trim(best.closed);
        best.proven = suffices(best.closed) && account_.value(best.closed) <= best.lower_bound;
        return best;
    }

    [[nodiscard]] bool suffices(const Shares& closed) { return total(closed) >= target_ - account_.dust(); }

private:
    [[nodiscard]] Shares none() const { return Shares(account_.size(), 0); }
    [[nodiscard]] Money total(const Shares& closed) { return account_.excess(closed).total; }
    [[nodiscard]] Money total_at_start() { return total(none()); }

    [[nodiscard]] bool suffices(Shares& closed, std::size_t i, std::int64_t shares) {
        const std::int64_t kept = std::exchange(closed[i], shares);
        const bool enough = suffices(closed);
        closed[i] = kept;
        return enough;
    }

    /// The smallest number of shares of a position that suffices beside what is closed already; nothing where none
    /// does.
    ///
    /// Found by halving, which proves it where every share raises the excess. Where charges jump, the shares below are
    /// tried one by one as far as the limit goes.
    [[nodiscard]] std::optional<std::int64_t> smallest(Shares closed, std::size_t i, bool& proven) {
        const std::int64_t all = account_.shares(i);
        std::optional<std::int64_t> found;
        if (suffices(closed, i, all)) {
            found = halved(all, [&](std::int64_t shares) { return suffices(closed, i, shares); });
        }
        if (shape_.total_is_linear) {
            return found;
        }
        std::int64_t first = 1;
        if (shape_.maintenance_is_linear) {
            const auto may = [&](std::int64_t shares) {
                closed[i] = shares;
                return account_.excess(closed).maintenance >= target_ - account_.dust();
            };
            if (!may(all)) {
                return found; // nothing, as add-ons are zero or more
            }
            first = halved(all, may);
        }
        const std::int64_t end = found.value_or(all); // all of them do not suffice where none was found
        if (end > first && static_cast<std::size_t>(end - first) > scans_left_) {
            proven = false;
            return found;
        }
        for (std::int64_t shares = first; shares < end; ++shares) {
            --scans_left_;
            if (suffices(closed, i, shares)) {
                return shares;
            }
        }
        return found;
    }

    /// The smallest of 1 to `last` for which `is_enough`, where it is for `last` and for all after the smallest.
    template <class IsEnough>
    [[nodiscard]] static std::int64_t halved(std::int64_t last, IsEnough&& is_enough) {
        std::int64_t first = 1;
        while (first < last) {
            const std::int64_t middle = first + (last - first) / 2;
            if (is_enough(middle)) {
                last = middle;
            } else {
                first = middle + 1;
            }
        }
        return first;
    }

    /// What a share of each position gains, on average over all of them.
    [[nodiscard]] std::vector<CoverItem> gains(Money Excess::* kind) {
        const Money start = account_.excess(none()).*kind;
        std::vector<CoverItem> items;
        for (std::size_t i = 0; i < account_.size(); ++i) {
            CoverItem item{.limit = account_.shares(i)};
            if (item.limit > 0) {
                Shares closed = none();
                closed[i] = item.limit;
                item.cost = account_.price(i);
                item.gain = (account_.excess(closed).*kind - start) / static_cast<double>(item.limit);
                if (item.gain * static_cast<double>(item.limit) <= account_.dust()) {
                    item.gain = 0.0;
                }
            }
            items.push_back(item);
        }
        return items;
    }

    /// Asks for more and more of what shares are thought to gain, until they gain enough.
    [[nodiscard]] Shares tightened(const std::vector<CoverItem>& items, Money need) {
        constexpr int most = 64;
        constexpr std::size_t nodes = 10'000; // any good cover serves
        need = (std::max)(need, 0.0);
        for (int round = 0;; ++round) {
            const Cover cover = least_cover(items, need, account_.dust() / 2, nodes);
            const Money missing = target_ - total(cover.count);
            if (missing <= account_.dust() || !cover.covers || round == most) {
                return cover.count;
            }
            need += missing;
        }
    }

    /// Closes no share that is not needed, those of the most value first.
    void trim(Shares& closed) {
        if (!suffices(closed)) {
            return;
        }
        std::vector<std::size_t> order;
        for (std::size_t i = 0; i < closed.size(); ++i) {
            order.push_back(i);
        }
        std::ranges::stable_sort(order,
                                 [&](std::size_t a, std::size_t b) { return account_.price(a) > account_.price(b); });
        for (const std::size_t i : order) {
            if (closed[i] == 0) {
                continue;
            }
            closed[i] = suffices(closed, i, 0)
                            ? 0
                            : halved(closed[i], [&](std::int64_t shares) { return suffices(closed, i, shares); });
        }
    }

    TradedAccount& account_;
    ExcessShape shape_;
    Money target_;
    LiquidationOptions options_;
    std::size_t scans_left_;
};

} // namespace detail

} // namespace margincore
