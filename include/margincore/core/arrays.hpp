// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Eigen/Core>

namespace margincore {

using Array = Eigen::ArrayXd;                  ///< A column; shape (n).
using ConstArrayRef = Eigen::Ref<const Array>; ///< A column of the caller's, not copied.
using Matrix = Eigen::Array<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>; ///< Shape (rows, columns).

/// A row-major matrix of the caller's, not copied. The outer stride lets a C-ordered NumPy array or a block of
/// one bind; Eigen's default reference is column-major and would copy it without a word.
using ConstMatrixRef = Eigen::Ref<const Matrix, 0, Eigen::OuterStride<>>;

} // namespace margincore
