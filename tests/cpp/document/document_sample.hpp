// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <margincore/document/document.hpp>

/// A document that is right, for tests to change one place of.
inline margincore::document::Value sample_document() {
    return margincore::document::parse_json(R"({
      "schema": 1,
      "account": {"id": "ACC_1", "cash": -120000.0, "positions": [{"symbol": "NVDA", "quantity": 500}]},
      "market": {
        "valuation_date": "2026-11-20",
        "instruments": {
          "NVDA": {"kind": "equity", "price": 400.0, "beta": 1.8},
          "SPY": {"kind": "broad_index_etf", "price": 670.0}
        }
      },
      "policy": {}
    })");
}

/// The sample with the value at a JSON pointer (`/account/cash`) put in place of what was there, or added.
inline margincore::document::Value sample_with(const std::string& pointer, const std::string& json) {
    margincore::document::Value value = sample_document();
    value[margincore::document::Value::json_pointer(pointer)] = margincore::document::parse_json(json);
    return value;
}
