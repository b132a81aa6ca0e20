// SPDX-License-Identifier: Apache-2.0
#include "encoder/preprocess/preprocess_fields.h"

namespace clippath {
namespace {

constexpr double kMaxShift = 1000;

}  // namespace

void reject_unsupported(ObjectReader& reader, const char* key, const std::string& message) {
  reader.reject(
      Error{ErrorKind::kUnsupported, reader.path_of(key) + ": " + message, reader.path_of(key)});
}

std::array<double, 3> read_three(ObjectReader& reader, const char* key, bool divisor) {
  const auto values = reader.optional_numbers(key, 3);
  if (values.size() != 3) {
    reader.reject(key, "must be three numbers");
    return {1, 1, 1};
  }
  // Of pictures between 0 and 1; what lies far outside would end as infinite pixels.
  const double least = divisor ? 1e-6 : -kMaxShift;
  for (double value : values) {
    if (divisor && value <= 0) reader.reject(key, "must hold numbers above 0", "> 0");
    if (value >= least && value <= kMaxShift) continue;
    reader.reject(key,
                  divisor ? "must hold numbers of 1e-6..1000" : "must hold numbers of -1000..1000");
  }
  return {values[0], values[1], values[2]};
}

ResampleFilter read_filter_name(ObjectReader& reader, const char* key) {
  const std::string name = reader.optional_text(key, 64).value_or("bicubic");
  if (name == "bilinear") return ResampleFilter::kBilinear;
  if (name == "lanczos") return ResampleFilter::kLanczos;
  if (name != "bicubic") {
    reject_unsupported(reader, key, "only bicubic, bilinear and lanczos are done here");
  }
  return ResampleFilter::kBicubic;
}

}  // namespace clippath
