// SPDX-License-Identifier: Apache-2.0
// Every document of tests/data/malformed_documents.json is refused with the kind of error, the place and the message
// that stand beside it. The Python tests and those of the command line read the same file.
#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <margincore/document/document.hpp>

#include "catch.hpp"

using namespace margincore;

namespace {

std::string from_base64(std::string_view text) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    unsigned bits = 0;
    int count = 0;
    for (const char character : text.substr(0, text.find('='))) {
        bits = bits << 6U | static_cast<unsigned>(digits.find(character));
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xffU);
        }
    }
    return bytes;
}

/// The message without what follows the position of a parse error: those words change with the JSON library.
std::string stable(std::string message) {
    constexpr std::string_view parse_error = "document: must be JSON, got parse error at line ";
    if (message.starts_with(parse_error)) {
        message.erase(message.find(": ", parse_error.size()));
    }
    return message;
}

struct Refusal {
    std::string kind = "nothing";
    std::string where{};
    std::string message{};
};

Refusal refusal_of(const std::string& text) {
    try {
        static_cast<void>(document::evaluate(document::read_account_document(document::parse_json(text))));
        return {};
    } catch (const InvalidInput& error) {
        return {"InvalidInput", error.where(), error.what()};
    } catch (const MissingData& error) {
        return {"MissingData", error.where(), error.what()};
    } catch (const Unsupported& error) {
        return {"Unsupported", error.where(), error.what()};
    } catch (const NumericalFailure& error) {
        return {"NumericalFailure", error.where(), error.what()};
    }
}

} // namespace

TEST_CASE("malformed documents: each is refused by kind, place and message", "[document][property]") {
    std::ifstream file(MARGINCORE_TEST_DATA "/malformed_documents.json", std::ios::binary);
    REQUIRE(file);
    const auto all = document::parse_json(std::string{std::istreambuf_iterator<char>(file), {}});
    const auto& rows = all.at("documents");
    REQUIRE(rows.size() >= 60);
    for (const auto& row : rows) {
        const std::string text = row.contains("base64") ? from_base64(row.at("base64").get<std::string>())
                                                        : row.at("text").get<std::string>();
        INFO(row.at("name").get<std::string>() << ": " << printable(text, 2000));
        const Refusal refusal = refusal_of(text);
        CHECK(refusal.kind == row.at("error").get<std::string>());
        CHECK(refusal.where == row.at("where").get<std::string>());
        CHECK(stable(refusal.message) == stable(row.at("message").get<std::string>()));
    }
}
