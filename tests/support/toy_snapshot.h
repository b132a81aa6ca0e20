// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "clippath/generation.h"

namespace clippath::test {

/// Shape of a snapshot made of random unit vectors.
struct ToyShape {
  int cases = 5;
  int slides_per_case = 2;
  int patches_per_slide = 10;
  int reports_per_case = 1;
  std::size_t dimension = 16;
};

/// A snapshot as load_snapshot orders it. Case c is "case<c>", its slides "case<c>-s<i>" with the
/// fields organ ("organ<c % 3>", text), year (2000 + c, number) and stain ("HE" for even i, else
/// "IHC"); patches lie on a grid of 100 px and have the field `grade` (number, position in the
/// slide); reports are "report<c>-<i>".
std::shared_ptr<Snapshot> make_toy_snapshot(const ToyShape& shape, unsigned seed);

}  // namespace clippath::test
