// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace clippath {

/// The q-th percentile with linear interpolation between the two nearest values (numpy's default).
/// Reorders `values`, of which there is at least one.
/// @param q  0..100.
double percentile(std::span<double> values, double q);

}  // namespace clippath
