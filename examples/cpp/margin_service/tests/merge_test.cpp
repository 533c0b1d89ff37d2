// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "merge.hpp"

namespace {

using margin_service::Merge;

std::string drain(Merge<char>& merge) {
    std::string text;
    while (const auto next = merge.pop()) {
        text += next->second;
    }
    return text;
}

TEST_CASE("merge: items of several partitions come out by time", "[service]") {
    Merge<char> merge(3);
    merge.push(2, 30, 'c');
    merge.push(0, 10, 'a');
    merge.push(1, 20, 'b');
    merge.push(0, 40, 'd');
    CHECK(drain(merge) == "abcd");
    CHECK(merge.empty());
}

TEST_CASE("merge: of one time the lower partition goes first", "[service]") {
    Merge<char> merge(3);
    merge.push(2, 10, 'c');
    merge.push(1, 10, 'b');
    merge.push(0, 10, 'a');
    CHECK(drain(merge) == "abc");
}

TEST_CASE("merge: a partition keeps its own order where its times go back", "[service]") {
    Merge<char> merge(2);
    merge.push(0, 50, 'a');
    merge.push(0, 10, 'b');
    merge.push(1, 20, 'x');
    merge.push(1, 60, 'y');
    CHECK(drain(merge) == "xaby"); // b is early, but behind a
}

TEST_CASE("merge: nobody waits for a partition that has no more", "[service]") {
    Merge<char> merge(2);
    merge.push(0, 10, 'a');
    CHECK_FALSE(merge.is_held_back());
    CHECK(drain(merge) == "a");
}

TEST_CASE("merge: a partition that is known to have more holds the others back", "[service]") {
    Merge<char> merge(2);
    merge.push(0, 20, 'b');
    merge.set_awaited(1, true);
    CHECK(drain(merge).empty());
    CHECK(merge.is_held_back());
    merge.push(1, 10, 'a');
    CHECK(drain(merge) == "a"); // then partition 1 is awaited again
    merge.push(1, 30, 'c');
    CHECK(drain(merge) == "bc");
    CHECK(merge.is_held_back());
    merge.set_awaited(1, false);
    merge.push(0, 40, 'd');
    CHECK(drain(merge) == "d");
}

TEST_CASE("merge: saying twice that a partition has more counts once", "[service]") {
    Merge<char> merge(2);
    merge.set_awaited(1, true);
    merge.set_awaited(1, true);
    merge.push(0, 20, 'b');
    merge.push(1, 10, 'a');
    merge.set_awaited(1, true);
    merge.set_awaited(1, false);
    CHECK(drain(merge) == "ab");
}

TEST_CASE("merge: how the items arrive does not change their order", "[service][property]") {
    std::mt19937 random(20260301);
    for (int round = 0; round < 200; ++round) {
        const std::size_t count = 1 + random() % 5;
        std::vector<std::vector<std::int64_t>> logs(count);
        std::vector<std::pair<std::int64_t, std::size_t>> expected;
        for (std::size_t partition = 0; partition < count; ++partition) {
            std::int64_t time = 0;
            for (std::size_t i = random() % 20; i > 0; --i) {
                logs[partition].push_back(time += random() % 4);
                expected.emplace_back(time, partition);
            }
        }
        std::stable_sort(expected.begin(), expected.end());

        Merge<std::int64_t> merge(count);
        std::vector<std::size_t> sent(count, 0);
        std::vector<std::pair<std::int64_t, std::size_t>> merged;
        const auto take = [&] {
            while (const auto next = merge.pop()) {
                merged.emplace_back(next->second, next->first);
            }
        };
        const auto announce = [&](std::size_t partition) {
            merge.set_awaited(partition, sent[partition] < logs[partition].size());
        };
        for (std::size_t partition = 0; partition < count; ++partition) {
            announce(partition);
        }
        for (std::size_t left = expected.size(); left > 0;) {
            const std::size_t partition = random() % count;
            for (std::size_t i = random() % 4; i > 0 && sent[partition] < logs[partition].size(); --i, --left) {
                const std::int64_t time = logs[partition][sent[partition]++];
                merge.push(partition, time, time);
            }
            announce(partition);
            take();
        }
        take();
        CHECK(merged == expected);
    }
}

} // namespace
