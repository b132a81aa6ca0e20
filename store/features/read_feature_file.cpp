// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <system_error>

#include "clippath/feature_file.h"
#include "store/features/h5_handle.h"

namespace clippath {
namespace {

constexpr std::uint64_t kMostChunkBytes = 64U << 20U;
constexpr std::size_t kMostTextBytes = 64U << 10U;
constexpr hsize_t kMostAttributes = 256;

Error unsupported(const std::string& what) { return {ErrorKind::kUnsupported, what}; }

Error damaged(const std::string& name) {
  return {ErrorKind::kCorruption, name + ": cannot be read: " + h5_reason()};
}

/// A dataset of the root group whose bytes lie in this very file, unfiltered.
Result<H5Handle> open_dataset(hid_t file, const std::string& name) {
  if (H5Lexists(file, name.c_str(), H5P_DEFAULT) <= 0) {
    return fail({ErrorKind::kInvalidArgument, "has no dataset '" + name + "'", name});
  }
  H5L_info_t link{};
  if (H5Lget_info(file, name.c_str(), &link, H5P_DEFAULT) < 0) return fail(damaged(name));
  if (link.type != H5L_TYPE_HARD) {
    return fail(unsupported(name + ": is a link to another place, which is not followed"));
  }
  H5Handle dataset(H5Dopen2(file, name.c_str(), H5P_DEFAULT), &H5Dclose);
  if (!dataset.valid()) return fail(damaged(name));
  const H5Handle layout(H5Dget_create_plist(dataset.get()), &H5Pclose);
  if (!layout.valid()) return fail(damaged(name));
  const H5D_layout_t kind = H5Pget_layout(layout.get());
  if (kind != H5D_COMPACT && kind != H5D_CONTIGUOUS && kind != H5D_CHUNKED) {
    return fail(unsupported(name + ": is a virtual dataset, which is not followed"));
  }
  if (H5Pget_external_count(layout.get()) != 0) {
    return fail(unsupported(name + ": lies in another file, which is not followed"));
  }
  if (H5Pget_nfilters(layout.get()) != 0) {
    return fail(unsupported(
        name + ": is compressed or filtered; write it anew with 'h5repack -f NONE IN OUT'"));
  }
  return dataset;
}

struct Shape {
  std::size_t rows = 0;
  std::size_t columns = 0;
};

Result<Shape> shape_of(const H5Handle& dataset, const std::string& name) {
  const H5Handle space(H5Dget_space(dataset.get()), &H5Sclose);
  std::array<hsize_t, 2> size{};
  if (H5Sget_simple_extent_ndims(space.get()) != 2 ||
      H5Sget_simple_extent_dims(space.get(), size.data(), nullptr) != 2) {
    return fail({ErrorKind::kInvalidArgument, name + ": must have two dimensions", name});
  }
  return Shape{size[0], size[1]};
}

/// A file of a few bytes can claim terabytes: chunks that were never written, or one huge chunk.
Result<void> check_storage(const H5Handle& dataset, const std::string& name, Shape shape,
                           const FeatureFileLimits& limits) {
  const auto too_large = [&name](const std::string& what, std::uint64_t limit) {
    return fail({ErrorKind::kTooLarge, name + ": more than " + std::to_string(limit) + " " + what,
                 name, std::to_string(limit)});
  };
  if (shape.rows > limits.max_rows) return too_large("rows", limits.max_rows);
  if (shape.columns > limits.max_dimension) return too_large("columns", limits.max_dimension);
  const H5Handle type(H5Dget_type(dataset.get()), &H5Tclose);
  const std::size_t width = type.valid() ? H5Tget_size(type.get()) : 0;
  const std::uint64_t bytes = shape.rows * shape.columns * width;
  if (bytes > limits.max_bytes) return too_large("bytes", limits.max_bytes);
  const H5Handle layout(H5Dget_create_plist(dataset.get()), &H5Pclose);
  if (H5Pget_layout(layout.get()) == H5D_CHUNKED) {
    std::array<hsize_t, 2> chunk{};
    if (H5Pget_chunk(layout.get(), 2, chunk.data()) != 2) return fail(damaged(name));
    if (chunk[0] > kMostChunkBytes || chunk[1] > kMostChunkBytes ||
        chunk[0] * chunk[1] * width > kMostChunkBytes) {
      return too_large("bytes in a chunk", kMostChunkBytes);
    }
  }
  if (H5Dget_storage_size(dataset.get()) < bytes) {
    return fail({ErrorKind::kCorruption,
                 name + ": claims " + std::to_string(bytes) + " bytes, of which the file has " +
                     std::to_string(H5Dget_storage_size(dataset.get())),
                 name});
  }
  return {};
}

Result<void> check_type(const H5Handle& dataset, const std::string& name, H5T_class_t wanted) {
  const H5Handle type(H5Dget_type(dataset.get()), &H5Tclose);
  const std::size_t width = type.valid() ? H5Tget_size(type.get()) : 0;
  const bool fits = type.valid() && H5Tget_class(type.get()) == wanted && width <= 8;
  if (fits) return {};
  return fail({ErrorKind::kInvalidArgument,
               name + (wanted == H5T_FLOAT ? ": must hold floating-point numbers"
                                           : ": must hold whole numbers"),
               name});
}

Result<void> read_values(const H5Handle& dataset, const std::string& name, hid_t type,
                         void* values) {
  if (H5Dread(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0) return {};
  return fail(damaged(name));
}

Result<EmbeddingMatrix> read_features(hid_t file, const FeatureFileLimits& limits) {
  const std::string name = "features";
  CLIPPATH_TRY(const H5Handle dataset, open_dataset(file, name));
  CLIPPATH_TRY_VOID(check_type(dataset, name, H5T_FLOAT));
  CLIPPATH_TRY(const Shape shape, shape_of(dataset, name));
  CLIPPATH_TRY_VOID(check_storage(dataset, name, shape, limits));
  EmbeddingMatrix features = EmbeddingMatrix::zeros(shape.rows, shape.columns);
  CLIPPATH_TRY_VOID(read_values(dataset, name, H5T_NATIVE_FLOAT, features.values.data()));
  return features;
}

Result<std::vector<Level0Point>> read_coords(const H5Handle& dataset,
                                             const FeatureFileLimits& limits) {
  const std::string name = "coords";
  CLIPPATH_TRY_VOID(check_type(dataset, name, H5T_INTEGER));
  CLIPPATH_TRY(const Shape shape, shape_of(dataset, name));
  if (shape.columns != 2) {
    return fail({ErrorKind::kInvalidArgument, "coords: must have two columns, x and y", name});
  }
  CLIPPATH_TRY_VOID(check_storage(dataset, name, shape, limits));
  std::vector<Level0Point> coords(shape.rows);
  CLIPPATH_TRY_VOID(read_values(dataset, name, H5T_NATIVE_INT64, coords.data()));
  return coords;
}

template <class T>
std::optional<FeatureAttribute> read_numbers(const H5Handle& attribute, hid_t type,
                                             hssize_t count) {
  std::array<T, 2> values{};
  if (count > 2 || H5Aread(attribute.get(), type, values.data()) < 0) return std::nullopt;
  for (const T value : values) {
    if (!std::isfinite(static_cast<double>(value))) return std::nullopt;
  }
  if (count == 2) return values;
  return values[0];
}

std::optional<FeatureAttribute> read_text(const H5Handle& attribute, const H5Handle& type) {
  const std::size_t size = H5Tget_size(type.get());
  if (H5Tis_variable_str(type.get()) <= 0) {
    if (size > kMostTextBytes) return std::nullopt;
    std::string text(size, '\0');
    if (H5Aread(attribute.get(), type.get(), text.data()) < 0) return std::nullopt;
    text.resize(std::min(text.find('\0'), text.size()));
    return text;
  }
  char* text = nullptr;
  if (H5Aread(attribute.get(), type.get(), &text) < 0 || text == nullptr) return std::nullopt;
  std::string copy(text, strnlen(text, kMostTextBytes));
  H5free_memory(text);
  if (copy.size() == kMostTextBytes) return std::nullopt;
  return copy;
}

std::optional<FeatureAttribute> read_attribute(const H5Handle& attribute) {
  const H5Handle type(H5Aget_type(attribute.get()), &H5Tclose);
  const H5Handle space(H5Aget_space(attribute.get()), &H5Sclose);
  if (!type.valid() || !space.valid()) return std::nullopt;
  const hssize_t count = H5Sget_simple_extent_npoints(space.get());
  if (count < 1) return std::nullopt;
  switch (H5Tget_class(type.get())) {
    case H5T_INTEGER: return read_numbers<std::int64_t>(attribute, H5T_NATIVE_INT64, count);
    case H5T_FLOAT: return read_numbers<double>(attribute, H5T_NATIVE_DOUBLE, count);
    case H5T_STRING: return count == 1 ? read_text(attribute, type) : std::nullopt;
    default: return std::nullopt;
  }
}

void read_attributes(const H5Handle& dataset, FeatureFile& file) {
  H5O_info_t info{};
  if (H5Oget_info(dataset.get(), &info) < 0) return;
  for (hsize_t i = 0; i < std::min(info.num_attrs, kMostAttributes); ++i) {
    const H5Handle attribute(
        H5Aopen_by_idx(dataset.get(), ".", H5_INDEX_NAME, H5_ITER_INC, i, H5P_DEFAULT, H5P_DEFAULT),
        &H5Aclose);
    std::array<char, 256> name{};
    if (!attribute.valid() || H5Aget_name(attribute.get(), name.size(), name.data()) < 0) continue;
    auto value = read_attribute(attribute);
    if (value) file.attributes.emplace_back(name.data(), std::move(*value));
  }
}

Result<FeatureFile> read_content(hid_t h5, const FeatureFileLimits& limits) {
  FeatureFile file;
  CLIPPATH_TRY(const H5Handle coords, open_dataset(h5, "coords"));
  CLIPPATH_TRY(file.coords, read_coords(coords, limits));
  CLIPPATH_TRY(file.features, read_features(h5, limits));
  if (file.features.rows != file.coords.size()) {
    return fail({ErrorKind::kInvalidArgument,
                 "features has " + std::to_string(file.features.rows) + " rows, coords has " +
                     std::to_string(file.coords.size()),
                 "features"});
  }
  read_attributes(coords, file);
  return file;
}

/// Without a lock: a sandbox may forbid it, and a file that is only read needs none.
H5Handle open_unlocked(const std::filesystem::path& path) {
  const H5Handle access(H5Pcreate(H5P_FILE_ACCESS), &H5Pclose);
  H5Pset_file_locking(access.get(), false, true);
  return {H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), &H5Fclose};
}

}  // namespace

std::optional<double> FeatureFile::number(std::string_view name) const {
  if (const auto* whole = find<std::int64_t>(name)) return static_cast<double>(*whole);
  if (const auto* other = find<double>(name)) return *other;
  if (const auto* both = find<std::array<std::int64_t, 2>>(name)) {
    return static_cast<double>((*both)[0]);
  }
  if (const auto* both = find<std::array<double, 2>>(name)) return (*both)[0];
  return std::nullopt;
}

Result<FeatureFile> read_feature_file(const std::filesystem::path& path,
                                      const FeatureFileLimits& limits) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    return fail(ErrorKind::kNotFound, path.string() + ": there is no such file");
  }
  silence_h5();
  const H5Handle h5 = open_unlocked(path);
  if (!h5.valid()) {
    return fail(ErrorKind::kUnsupported,
                path.string() + ": is not a whole HDF5 file: " + h5_reason());
  }
  auto file = read_content(h5.get(), limits);
  if (!file) return fail(file.error().within(path.string()));
  return file;
}

}  // namespace clippath
