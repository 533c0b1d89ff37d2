// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <margincore/instrument/book.hpp>

#include "catch.hpp"
#include "random.hpp"

using namespace margincore;

TEST_CASE("book: account i is the slice of the columns between its offsets", "[instrument][property]") {
    Random random(7);
    std::vector<double> cash;
    std::vector<std::int64_t> offsets{0};
    std::vector<InstrumentIndex> instrument;
    std::vector<double> quantity;
    std::vector<double> boxed;
    for (int account = 0; account < 50; ++account) {
        cash.push_back(random.uniform(-1e6, 1e6));
        for (std::size_t n = random.below(5); n > 0; --n) {
            instrument.push_back(static_cast<InstrumentIndex>(random.below(20)));
            quantity.push_back(random.uniform(-100, 100));
            boxed.push_back(random.uniform(0, 10));
        }
        offsets.push_back(static_cast<std::int64_t>(instrument.size()));
    }
    for (const bool with_boxed : {true, false}) {
        const Book book{.cash = cash,
                        .offsets = offsets,
                        .instrument = instrument,
                        .quantity = quantity,
                        .boxed = with_boxed ? std::span<const double>(boxed) : std::span<const double>()};
        REQUIRE(book.size() == 50);
        std::size_t row = 0;
        for (std::size_t account = 0; account < book.size(); ++account) {
            const AccountView view = book[account];
            CHECK(view.cash == cash[account]);
            for (std::size_t position = 0; position < view.size(); ++position, ++row) {
                CHECK(view.instrument[position] == instrument[row]);
                CHECK(view.quantity[position] == quantity[row]);
                CHECK(view.boxed_at(position) == (with_boxed ? boxed[row] : 0.0));
            }
        }
        CHECK(row == instrument.size());
    }
}

namespace {

struct Columns {
    double cash = 0;
    std::vector<InstrumentIndex> instrument{0, 1};
    std::vector<double> quantity{100, -5};
    std::vector<double> boxed{0, 0};

    [[nodiscard]] AccountView view() const {
        return {.cash = cash, .instrument = instrument, .quantity = quantity, .boxed = boxed};
    }
};

struct Row {
    Columns columns;
    std::string message;
};

} // namespace

TEST_CASE("account: a view is checked against its table, and what is wrong is named", "[instrument][property]") {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_NOTHROW(require_valid(Columns{}.view(), 2));
    CHECK_NOTHROW(require_valid(Columns{.boxed = {}}.view(), 2));
    CHECK_NOTHROW(require_valid(Columns{.quantity = {0, -5}, .boxed = {1, 0}}.view(), 2));
    const std::vector<Row> rows{
        {{.quantity = {100}}, "account.positions: must have columns of one length, got 2 instruments and 1 quantities"},
        {{.boxed = {0}}, "account.positions: must have columns of one length, got 2 instruments and 2 quantities"},
        {{.cash = 2e13}, "account.cash: must be between -1e+13 and 1e+13, got 2e+13"},
        {{.cash = nan}, "account.cash: must be a finite number, got nan"},
        {{.instrument = {0, 2}}, "account.positions[1].symbol: must be a row of the 2 instruments, got 2"},
        {{.instrument = {-1, 0}}, "account.positions[0].symbol: must be a row of the 2 instruments, got -1"},
        {{.instrument = {1, 1}},
         "account.positions[1].symbol: must stand once in the positions of an account, got row 1 of the instruments "
         "again"},
        {{.quantity = {2e12, 1}}, "account.positions[0].quantity: must be between -1e+12 and 1e+12, got 2e+12"},
        {{.quantity = {1, nan}}, "account.positions[1].quantity: must be a finite number, got nan"},
        {{.quantity = {1, 0}}, "account.positions[1].quantity: must not be zero, got 0"},
        {{.boxed = {0, -1}}, "account.positions[1].boxed: must be zero or more, got -1"},
    };
    for (const Row& row : rows) {
        INFO(row.message);
        CHECK_THROWS_AS(require_valid(row.columns.view(), 2), InvalidInput);
        CHECK_THROWS_WITH(require_valid(row.columns.view(), 2), row.message);
    }
}
