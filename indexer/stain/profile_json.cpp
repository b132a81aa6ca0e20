// SPDX-License-Identifier: Apache-2.0
#include "indexer/stain/profile_json.h"

#include <limits>

namespace clippath {
namespace {

constexpr double kLargest = 1000;  // no density, amount or LAB value comes near

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
      reader.reject("matrix", "has a row whose length is not 1");
  }
  return matrix;
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
  return stain_profile_from_json(json);
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
