// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

namespace margin_service {

/// Puts the items of several partitions in the order of their times, each partition in its own order: of the items at
/// the heads of the partitions the earliest goes first, of equal ones that of the lower partition.
///
/// A partition that is awaited (its log is known to hold more) and has nothing here holds the others back; one that is
/// not awaited does not.
template <class Item>
class Merge {
public:
    explicit Merge(std::size_t partitions) : partitions_(partitions) {}

    void push(std::size_t partition, std::int64_t time, Item item) {
        Partition& to = partitions_[partition];
        if (to.items.empty()) {
            heads_.push({time, partition});
            held_back_by_ -= to.is_awaited ? 1 : 0;
        }
        to.items.emplace_back(time, std::move(item));
    }

    /// Says whether a partition's log is known to hold more than was pushed.
    void set_awaited(std::size_t partition, bool is_awaited) {
        Partition& of = partitions_[partition];
        if (of.items.empty() && of.is_awaited != is_awaited) {
            held_back_by_ += is_awaited ? 1 : -1;
        }
        of.is_awaited = is_awaited;
    }

    /// The next item and its partition; nothing where there is none or an awaited partition holds it back.
    [[nodiscard]] std::optional<std::pair<std::size_t, Item>> pop() {
        if (heads_.empty() || held_back_by_ > 0) {
            return std::nullopt;
        }
        const std::size_t partition = heads_.top().partition;
        heads_.pop();
        Partition& from = partitions_[partition];
        std::pair<std::size_t, Item> next(partition, std::move(from.items.front().second));
        from.items.pop_front();
        if (!from.items.empty()) {
            heads_.push({from.items.front().first, partition});
        } else if (from.is_awaited) {
            ++held_back_by_;
        }
        return next;
    }

    [[nodiscard]] std::size_t size(std::size_t partition) const { return partitions_[partition].items.size(); }
    [[nodiscard]] bool empty() const { return heads_.empty(); }
    [[nodiscard]] bool is_held_back() const { return held_back_by_ > 0; }

private:
    struct Partition {
        std::deque<std::pair<std::int64_t, Item>> items{};
        bool is_awaited = false;
    };
    struct Head {
        std::int64_t time;
        std::size_t partition;
        bool operator>(const Head& other) const {
            return std::tie(time, partition) > std::tie(other.time, other.partition);
        }
    };

    std::vector<Partition> partitions_;
    std::priority_queue<Head, std::vector<Head>, std::greater<>> heads_{};
    int held_back_by_ = 0; ///< Partitions that are awaited and have nothing here.
};

} // namespace margin_service
