// SPDX-License-Identifier: Apache-2.0
#include "indexer/stain/profile_json.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "indexer/stain/concentrations.h"
#include "indexer/stain/stain_guards.h"
#include "indexer/stain/stain_vector.h"

namespace clippath {
namespace {

constexpr double kLargest = 1000;  // no density, amount or LAB value comes near
// Between stains that lie 60 degrees apart or less, no amount is larger than the density of black,
// sqrt(3) ln 255.
constexpr double kMostConcentration = 9.6;

Json json_of(const StainMatrix& matrix) { return Json::array({Json(matrix[0]), Json(matrix[1])}); }

template <std::size_t N>
std::array<double, N> numbers(ObjectReader& reader, const char* key, double least) {
  std::array<double, N> values{};
  const std::vector<double> given = reader.optional_numbers(key, N);
  if (given.size() != N) {
    reader.reject(key, "must be " + std::to_string(N) + " numbers");
    return values;
  }
  for (std::size_t i = 0; i < N; ++i) {
    if (given[i] < least || given[i] > kLargest) reader.reject(key, "has a number out of range");
    values[i] = given[i];
  }
  return values;
}

StainMatrix matrix_of(ObjectReader& reader) {
  StainMatrix matrix{};
  const Json* rows = reader.any("matrix");
  const auto is_row = [](const Json& row) {
    return row.is_array() && row.size() == 3 && row[0].is_number() && row[1].is_number() &&
           row[2].is_number();
  };
  if (rows == nullptr || !rows->is_array() || rows->size() != 2 || !is_row((*rows)[0]) ||
      !is_row((*rows)[1])) {
    reader.reject("matrix", "must be two rows (haematoxylin, eosin) of three numbers");
    return matrix;
  }
  for (std::size_t j = 0; j < 2; ++j) {
    double squares = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      matrix[j][c] = (*rows)[j][c].get<double>();
      squares += matrix[j][c] * matrix[j][c];
    }
    if (squares < 0.98 || squares > 1.02)
      reader.reject("matrix", "has a row whose length is not 1 (0.99..1.01)");
  }
  return matrix;
}

Result<void> refuse(const std::string& field, const std::string& why, std::string limit) {
  return fail({ErrorKind::kInvalidArgument, field + ": " + why, field, std::move(limit)});
}

/// Macenko's plane can leave the positive octant, but its rows are directions of pixels.
bool takes_up_light(const StainVector& row, StainMethod method) {
  const auto [least, most] = std::minmax_element(row.begin(), row.end());
  return *most > 0 && (*least >= 0 || method == StainMethod::kMacenko);
}

Result<void> check_lab(const StainProfile& profile) {
  const auto& [lightness, a, b] = profile.lab_mean;
  if (lightness < 0 || lightness > 100) {
    return refuse("lab_mean", "L must be in 0..100", "0..100");
  }
  if (std::min(a, b) < -128 || std::max(a, b) > 127) {
    return refuse("lab_mean", "a and b must be in -128..127", "-128..127");
  }
  // Values of an interval lie at most half its length from their mean.
  if (std::ranges::max(profile.lab_deviation) > 127.5) {
    return refuse("lab_deviation", "must be in 0..127.5", "0..127.5");
  }
  return {};
}

/// Whether a fit could have ended so.
Result<void> check_fit(const StainProfile& profile) {
  if (profile.method == StainMethod::kReinhard) return check_lab(profile);
  for (const StainVector& row : profile.matrix) {
    if (takes_up_light(row, profile.method)) continue;
    return refuse("matrix", "has a row with a number under 0, which is no stain", "at least 0");
  }
  const auto angle = check_angle({unit(profile.matrix[0]), unit(profile.matrix[1])});
  if (!angle) return refuse("matrix", angle.error().message, "3..60 degrees");
  const auto [least, most] =
      std::minmax(profile.max_concentrations[0], profile.max_concentrations[1]);
  if (least >= kLeastConcentration && most <= kMostConcentration) return {};
  return refuse("max_concentrations",
                "must be in 0.1..9.6: less is no stain, more is darker than black", "0.1..9.6");
}

}  // namespace

std::string_view to_string(StainMethod method) {
  switch (method) {
    case StainMethod::kReinhard: return "reinhard";
    case StainMethod::kMacenko: return "macenko";
    case StainMethod::kVahadane: return "vahadane";
  }
  return "";
}

Result<StainMethod> parse_stain_method(std::string_view text) {
  for (const StainMethod method : kStainMethods) {
    if (text == to_string(method)) return method;
  }
  return fail(ErrorKind::kInvalidArgument,
              "stain method must be reinhard, macenko or vahadane, is '" + std::string(text) + "'");
}

std::string_view to_string(StainScope scope) {
  switch (scope) {
    case StainScope::kPatch: return "patch";
    case StainScope::kSlide: return "slide";
  }
  return "";
}

Result<StainScope> parse_stain_scope(std::string_view text) {
  for (const StainScope scope : {StainScope::kPatch, StainScope::kSlide}) {
    if (text == to_string(scope)) return scope;
  }
  return fail(ErrorKind::kInvalidArgument,
              "stain scope must be patch or slide, is '" + std::string(text) + "'");
}

Json to_json(const StainProfile& profile) {
  Json json{{"method", to_string(profile.method)}};
  if (profile.method == StainMethod::kReinhard) {
    json["lab_mean"] = profile.lab_mean;
    json["lab_deviation"] = profile.lab_deviation;
  } else {
    json["matrix"] = json_of(profile.matrix);
    json["max_concentrations"] = profile.max_concentrations;
  }
  if (profile.method == StainMethod::kVahadane) {
    json["objective"] = profile.objective;
    json["iterations"] = profile.iterations;
  }
  json["pixels"] = profile.pixels;
  return json;
}

std::string to_json_text(const StainProfile& profile) { return to_text(to_json(profile), 2); }

Result<StainProfile> parse_stain_profile(std::string_view text) {
  CLIPPATH_TRY(const Json json, parse_json(text));
  CLIPPATH_TRY(StainProfile profile, stain_profile_from_json(json));
  CLIPPATH_TRY_VOID(check_fit(profile));
  return profile;
}

Result<StainProfile> stain_profile_from_json(const Json& json) {
  ObjectReader reader(json, "");
  StainProfile profile;
  const std::string word = reader.text("method");
  const auto method = parse_stain_method(word);
  if (!method) {
    reader.reject("method", "must be reinhard, macenko or vahadane");
    CLIPPATH_TRY_VOID(reader.finish());
  }
  profile.method = *method;
  if (profile.method == StainMethod::kReinhard) {
    profile.lab_mean = numbers<3>(reader, "lab_mean", -kLargest);
    profile.lab_deviation = numbers<3>(reader, "lab_deviation", 0);
  } else {
    profile.matrix = matrix_of(reader);
    profile.max_concentrations = numbers<2>(reader, "max_concentrations", 0);
  }
  profile.objective = reader.optional_number("objective", 0, kLargest).value_or(0);
  profile.iterations =
      static_cast<int>(reader.optional_integer("iterations", 0, 1'000'000).value_or(0));
  profile.pixels =
      reader.optional_integer("pixels", 0, std::numeric_limits<std::int64_t>::max()).value_or(0);
  CLIPPATH_TRY_VOID(reader.finish());
  return profile;
}

}  // namespace clippath
