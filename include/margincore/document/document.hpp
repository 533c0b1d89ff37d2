// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Account documents in, report documents and certificates out.

#include <margincore/document/account_reader.hpp>
#include <margincore/document/certificate_document.hpp>
#include <margincore/document/certificate_reader.hpp>
#include <margincore/document/compare_document.hpp>
#include <margincore/document/comparison_fields.hpp>
#include <margincore/document/evaluate_document.hpp>
#include <margincore/document/fields.hpp>
#include <margincore/document/group_table_csv.hpp>
#include <margincore/document/group_table_reader.hpp>
#include <margincore/document/json.hpp>
#include <margincore/document/plan_liquidation.hpp>
#include <margincore/document/report_document.hpp>
#include <margincore/document/struct_value.hpp>
#include <margincore/document/value.hpp>
