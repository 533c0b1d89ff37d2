// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <margincore/instrument/group_positions.hpp>

#include "catch.hpp"
#include "random.hpp"

using namespace margincore;

namespace {

/// The rows of each account, by looking at every position for every account.
std::vector<std::vector<std::int64_t>> expected_groups(const std::vector<std::int64_t>& account, std::size_t n) {
    std::vector<std::vector<std::int64_t>> groups(n);
    for (std::size_t i = 0; i < account.size(); ++i) {
        groups[static_cast<std::size_t>(account[i])].push_back(static_cast<std::int64_t>(i));
    }
    return groups;
}

std::vector<std::vector<std::int64_t>> groups_of(const PositionGroups& groups) {
    std::vector<std::vector<std::int64_t>> result(groups.offsets.size() - 1);
    for (std::size_t a = 0; a < result.size(); ++a) {
        for (std::int64_t i = groups.offsets[a]; i < groups.offsets[a + 1]; ++i) {
            result[a].push_back(groups.order.empty() ? i : groups.order[static_cast<std::size_t>(i)]);
        }
    }
    return result;
}

std::string message_of(const std::vector<std::int64_t>& account, std::size_t n) {
    try {
        static_cast<void>(group_positions(std::span(account), n, 2));
    } catch (const InvalidInput& error) {
        return error.what();
    }
    return "";
}

} // namespace

TEST_CASE("groups: each account gets its positions, in their order", "[instrument][property]") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        Random random(seed);
        const std::size_t n = 1 + random.below(40);
        std::vector<std::int64_t> account(random.below(seed % 10 == 0 ? 200'000 : 300));
        for (std::int64_t& row : account) {
            row = static_cast<std::int64_t>(random.below(n));
        }
        for (const bool sorted : {false, true}) {
            if (sorted) {
                std::ranges::sort(account);
            }
            const auto expected = expected_groups(account, n);
            const std::vector<std::int32_t> narrow(account.begin(), account.end());
            for (const unsigned threads : {1U, 4U}) {
                CAPTURE(seed, sorted, threads);
                const PositionGroups groups = group_positions(std::span<const std::int64_t>(account), n, threads);
                CHECK(groups_of(groups) == expected);
                CHECK((!sorted || groups.order.empty()));
                CHECK(groups_of(group_positions(std::span<const std::int32_t>(narrow), n, threads)) == expected);
            }
        }
    }
}

TEST_CASE("groups: a book without positions, and one without accounts", "[instrument]") {
    CHECK(group_positions(std::span<const std::int64_t>(), 3).offsets == std::vector<std::int64_t>{0, 0, 0, 0});
    CHECK(group_positions(std::span<const std::int64_t>(), 0).offsets == std::vector<std::int64_t>{0});
}

TEST_CASE("groups: a row that is no account is named, and nothing is grouped", "[instrument]") {
    const std::string rule = "account_id: must be a row of the 3 accounts, got ";
    CHECK(message_of({0, 1, 3}, 3) == "positions[2]." + rule + "3");
    CHECK(message_of({0, 5, 1}, 3) == "positions[1]." + rule + "5");
    CHECK(message_of({-1, 0, 1}, 3) == "positions[0]." + rule + "-1");
    CHECK(message_of({0, -7, 1}, 3) == "positions[1]." + rule + "-7");
    CHECK(message_of({std::numeric_limits<std::int64_t>::max()}, 3) == "positions[0]." + rule + "9223372036854775807");
    CHECK(message_of({0}, 0) == "positions[0].account_id: must be a row of the 0 accounts, got 0");
    CHECK(message_of({0, 2, 1}, 3).empty());
}
