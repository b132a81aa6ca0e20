// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

#include "core/json/json.h"
#include "encoder/runtime/agreement.h"

namespace clippath::cli {

/// JSON has no NaN: null.
inline Json agreement_json(const Agreement& agreement) {
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(); };
  return Json{{"least_cosine", number(agreement.least_cosine)},
              {"largest_difference", number(agreement.largest_difference)}};
}

}  // namespace clippath::cli
