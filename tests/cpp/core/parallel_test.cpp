// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cstddef>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <margincore/core/parallel.hpp>

#include "catch.hpp"

using namespace margincore;

namespace {

struct Row {
    std::size_t total;
    std::size_t piece;
};

} // namespace

TEST_CASE("pieces: every item is in one piece, and the pieces do not depend on the threads", "[core][property]") {
    const std::vector<Row> rows{{0, 1}, {1, 1}, {1, 5}, {5, 5}, {6, 5}, {1000, 7}, {1000, 1}};
    for (const Row& row : rows) {
        for (const unsigned threads : {0U, 1U, 2U, 4U, 50U}) {
            CAPTURE(row.total, row.piece, threads);
            std::mutex mutex;
            std::vector<int> seen(row.total, 0);
            std::vector<std::size_t> starts;
            in_pieces(row.total, row.piece, threads, {}, [&](std::size_t first, std::size_t last) {
                const std::scoped_lock lock(mutex);
                starts.push_back(first);
                CHECK(first % row.piece == 0);
                CHECK((last - first == row.piece || last == row.total));
                for (std::size_t i = first; i < last; ++i) {
                    ++seen[i];
                }
            });
            CHECK(seen == std::vector<int>(row.total, 1));
            CHECK(starts.size() == (row.total + row.piece - 1) / row.piece);
        }
    }
}

TEST_CASE("pieces: progress never falls, ends at all, and is told by the thread that asked", "[core][property]") {
    for (const std::size_t total : {0U, 1U, 100U, 1001U}) {
        for (const unsigned threads : {1U, 4U}) {
            CAPTURE(total, threads);
            const auto asked = std::this_thread::get_id();
            std::vector<std::size_t> told;
            const auto tell = [&](std::size_t done, std::size_t all) {
                CHECK(std::this_thread::get_id() == asked);
                CHECK(all == total);
                told.push_back(done);
            };
            in_pieces(total, 10, threads, tell, [](std::size_t, std::size_t) {});
            REQUIRE_FALSE(told.empty());
            CHECK(told.back() == total);
            for (std::size_t i = 1; i < told.size(); ++i) {
                CHECK(told[i - 1] < told[i]);
            }
        }
    }
}

TEST_CASE("pieces: the first exception stops the rest and arrives", "[core]") {
    for (const unsigned threads : {1U, 4U}) {
        std::atomic<std::size_t> done = 0;
        const auto work = [&](std::size_t first, std::size_t) {
            if (first >= 10) {
                throw std::runtime_error("stop");
            }
            ++done;
        };
        CHECK_THROWS_AS(in_pieces(1'000'000, 1, threads, {}, work), std::runtime_error);
        CHECK(done <= 10);
        const auto stop = [](std::size_t, std::size_t) { throw std::logic_error("enough"); };
        std::atomic<std::size_t> pieces = 0;
        CHECK_THROWS_AS(in_pieces(1'000'000, 1, threads, stop,
                                  [&](std::size_t, std::size_t) {
                                      ++pieces;
                                      std::this_thread::yield();
                                  }),
                        std::logic_error);
        CHECK(pieces < 1'000'000);
    }
}
