// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <filesystem>
#include <system_error>

#include "clippath/core/files.h"
#include "clippath/feature_file.h"
#include "store/features/h5_handle.h"

namespace clippath {
namespace {

static_assert(sizeof(Level0Point) == 2 * sizeof(std::int64_t));

Error write_fault(const std::filesystem::path& path) {
  const std::string reason = h5_reason();
  // HDF5 passes the system's words on, not its number.
  const bool full = reason.find("No space left") != std::string::npos;
  return {full ? ErrorKind::kOutOfSpace : ErrorKind::kInternal,
          path.string() + ": cannot be written: " + reason};
}

H5Handle text_type() {
  H5Handle type(H5Tcopy(H5T_C_S1), &H5Tclose);
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  return type;
}

bool write_value(hid_t dataset, const std::string& name, hid_t type, const H5Handle& space,
                 const void* value) {
  const H5Handle attribute(
      H5Acreate2(dataset, name.c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT), &H5Aclose);
  return attribute.valid() && H5Awrite(attribute.get(), type, value) >= 0;
}

H5Handle scalar() { return {H5Screate(H5S_SCALAR), &H5Sclose}; }

H5Handle pair() {
  const hsize_t two = 2;
  return {H5Screate_simple(1, &two, nullptr), &H5Sclose};
}

struct AttributeWriter {
  hid_t dataset;
  const std::string& name;

  bool operator()(std::int64_t value) const {
    return write_value(dataset, name, H5T_NATIVE_INT64, scalar(), &value);
  }
  bool operator()(double value) const {
    return write_value(dataset, name, H5T_NATIVE_DOUBLE, scalar(), &value);
  }
  bool operator()(const std::string& value) const {
    const char* text = value.c_str();
    return write_value(dataset, name, text_type().get(), scalar(), &text);
  }
  bool operator()(const std::array<std::int64_t, 2>& value) const {
    return write_value(dataset, name, H5T_NATIVE_INT64, pair(), value.data());
  }
  bool operator()(const std::array<double, 2>& value) const {
    return write_value(dataset, name, H5T_NATIVE_DOUBLE, pair(), value.data());
  }
};

/// Rows of `columns` values, a chunk each, extendable.
H5Handle write_rows(hid_t file, const char* name, hid_t type, std::size_t rows, std::size_t columns,
                    const void* values) {
  const std::array<hsize_t, 2> size = {rows, columns};
  const std::array<hsize_t, 2> most = {H5S_UNLIMITED, columns};
  const std::array<hsize_t, 2> chunk = {1, columns};
  const H5Handle space(H5Screate_simple(2, size.data(), most.data()), &H5Sclose);
  const H5Handle layout(H5Pcreate(H5P_DATASET_CREATE), &H5Pclose);
  H5Pset_chunk(layout.get(), 2, chunk.data());
  H5Handle dataset(
      H5Dcreate2(file, name, type, space.get(), H5P_DEFAULT, layout.get(), H5P_DEFAULT), &H5Dclose);
  if (!dataset.valid()) return dataset;
  if (rows > 0 && H5Dwrite(dataset.get(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) < 0) {
    return {-1, &H5Dclose};
  }
  return dataset;
}

bool write_content(hid_t h5, const FeatureFile& file) {
  if (file.features.dimension > 0) {
    const H5Handle features = write_rows(h5, "features", H5T_NATIVE_FLOAT, file.features.rows,
                                         file.features.dimension, file.features.values.data());
    if (!features.valid()) return false;
  }
  const H5Handle coords =
      write_rows(h5, "coords", H5T_NATIVE_INT64, file.coords.size(), 2, file.coords.data());
  if (!coords.valid()) return false;
  for (const auto& [name, value] : file.attributes) {
    if (!std::visit(AttributeWriter{coords.get(), name}, value)) return false;
  }
  return true;
}

}  // namespace

Result<void> write_feature_file(const std::filesystem::path& path, const FeatureFile& file) {
  silence_h5();
  const std::filesystem::path temporary = path.string() + ".tmp";
  H5Handle h5(H5Fcreate(temporary.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), &H5Fclose);
  if (!h5.valid()) return fail(write_fault(temporary));
  if (!write_content(h5.get(), file) || !h5.close()) {
    const Error fault = write_fault(temporary);
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    return fail(fault);
  }
  return publish_file(temporary, path);
}

}  // namespace clippath
