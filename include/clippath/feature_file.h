// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "clippath/core/embedding.h"
#include "clippath/core/geometry.h"
#include "clippath/core/result.h"

namespace clippath {

/// An attribute of `coords`: one number, a pair of numbers, or text.
using FeatureAttribute = std::variant<std::int64_t, double, std::string,
                                      std::array<std::int64_t, 2>, std::array<double, 2>>;

/// The HDF5 file that TRIDENT and CLAM keep for a slide: patches by their place, with or without
/// features.
struct FeatureFile {
  std::vector<Level0Point> coords;  ///< dataset `coords`, int64 [N, 2]: top left corners
  EmbeddingMatrix features;         ///< dataset `features`, float32 [N, D]; dimension 0: none
  std::vector<std::pair<std::string, FeatureAttribute>> attributes;  ///< of `coords`

  /// Null where there is none of this name, or it has another type.
  template <class T>
  [[nodiscard]] const T* find(std::string_view name) const {
    for (const auto& [key, value] : attributes) {
      if (key == name) return std::get_if<T>(&value);
    }
    return nullptr;
  }
  /// A whole number or another one, of a pair the first; nothing where there is none.
  [[nodiscard]] std::optional<double> number(std::string_view name) const;
};

/// What a file may claim to hold.
struct FeatureFileLimits {
  std::size_t max_rows = std::size_t{1} << 24U;  ///< that a series can hold
  std::size_t max_dimension = 65'536;
  std::uint64_t max_bytes = std::uint64_t{1} << 30U;  ///< of one dataset
};

/// Writes the file as TRIDENT does: chunks of one row, extendable, texts of variable length in
/// UTF-8. Durable, and whole or not there at all. Fails: kOutOfSpace, kInternal, naming the path.
Result<void> write_feature_file(const std::filesystem::path& path, const FeatureFile& file);

/// Reads `features` and `coords` of the root group; features of 2, 4 or 8 bytes become float32,
/// coords of any integer type int64. All claims of the file are checked before memory is taken for
/// them. Links to other places or files, external and virtual storage and filters are not followed.
/// Attributes of other types than the above, numbers that are not finite and texts over 64 KiB are
/// left out.
/// Fails: kNotFound; kUnsupported if it is no HDF5 file, or uses what is not followed;
/// kInvalidArgument naming dataset and limit; kTooLarge; kCorruption.
///
/// HDF5 1.10 can crash on a damaged file: read those of others in a process of their own
/// (DecodeWorkers::read_features). One thread at a time: Debian's library has no lock.
Result<FeatureFile> read_feature_file(const std::filesystem::path& path,
                                      const FeatureFileLimits& limits = {});

/// What reads the files of others: as read_feature_file.
using FeatureReader = std::function<Result<FeatureFile>(const std::filesystem::path&)>;

}  // namespace clippath
