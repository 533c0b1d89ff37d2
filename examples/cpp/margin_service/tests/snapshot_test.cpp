// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include "catch.hpp"
#include "snapshot.hpp"

namespace {

using namespace margin_service;
using namespace std::string_literals;

struct Folder {
    std::filesystem::path path = std::filesystem::temp_directory_path() / ("snapshot_test." + std::to_string(getpid()));
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() { std::filesystem::remove_all(path); }
};

const Snapshot sample{.settings = R"({"benchmark": "SPY"})",
                      .offsets = {{{"fills.v1", 0}, 12}, {{"fills.v1", 1}, 0}, {{"prices.v1", 0}, 345}},
                      .state = "state\n\0\xff of an engine"s};

TEST_CASE("snapshot: what was written comes back", "[service]") {
    const Folder folder;
    const auto file = folder.path / "snapshot";
    write_snapshot(file, {.settings = sample.settings});
    write_snapshot(file, sample);
    const auto read = read_snapshot(file, sample.settings);
    REQUIRE(read);
    CHECK(read->offsets == sample.offsets);
    CHECK(read->state == sample.state);
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("snapshot: one that is missing, damaged or of other settings is left out", "[service]") {
    const Folder folder;
    const auto file = folder.path / "snapshot";
    CHECK_FALSE(read_snapshot(file, sample.settings));
    write_snapshot(file, sample);
    CHECK_FALSE(read_snapshot(file, "{}"));
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - 1);
    CHECK_FALSE(read_snapshot(file, sample.settings));
    std::ofstream(file) << "no JSON\n";
    CHECK_FALSE(read_snapshot(file, sample.settings));
}

TEST_CASE("snapshot: one beyond the committed offsets does not serve", "[service]") {
    CHECK(serves(sample, sample.offsets));
    Offsets committed = sample.offsets;
    committed[{"prices.v1", 0}] = 346;
    CHECK(serves(sample, committed));
    committed[{"fills.v1", 0}] = 11;
    CHECK_FALSE(serves(sample, committed));
    committed = sample.offsets;
    committed[{"fills.v1", 2}] = 0; // a partition that was added since
    CHECK_FALSE(serves(sample, committed));
}

TEST_CASE("snapshot: a folder that is not there is named", "[service]") {
    const Folder folder;
    CHECK_THROWS_WITH(write_snapshot(folder.path / "absent" / "snapshot", sample),
                      Catch::Matchers::ContainsSubstring("absent/snapshot.new"));
}

} // namespace
