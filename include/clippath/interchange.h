// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "clippath/core/geometry.h"
#include "clippath/core/ids.h"
#include "clippath/core/result.h"
#include "clippath/data_folder.h"
#include "clippath/feature_file.h"

namespace clippath {

/// How patches leave a data folder (docs/formats/interchange.md).
enum class ExportFormat {
  kTrident,  ///< HDF5 as TRIDENT writes it: a file of coordinates and one of features a series
  kClam,     ///< HDF5 as CLAM writes it
  kGeoJson,  ///< tiles for QuPath, a file a series
  kCsv,      ///< one table without vectors
  kNpy,      ///< one NumPy matrix of vectors, with the ids of its rows beside it
  kNdjson    ///< one file, a patch with its vector a line
};

struct ExportRequest {
  std::filesystem::path out;  ///< folder; made where it is missing
  ExportFormat format = ExportFormat::kTrident;
  std::vector<SlideId> slides;  ///< empty: all
  std::string encoder;          ///< whose vectors, by id or name; empty: the folder's first
};

struct ExportSummary {
  std::vector<std::filesystem::path> files;  ///< below `out`, in the order in which they were made
  std::size_t patches = 0;
  std::size_t without_place = 0;  ///< left out: the format needs a place on the slide
  bool interrupted = false;
};

/// Exports the stored patches. Every file appears whole or not at all, and replaces an older one;
/// at most one series is in memory. One thread at a time.
/// @param stop  set it to end early, after a series.
/// Fails: kNotFound for a slide that is not stored; kOutOfSpace, kInternal; kCorruption of the
/// records.
Result<ExportSummary> export_patches(const DataFolder& data, const ExportRequest& request,
                                     const std::atomic<bool>& stop);

struct ImportOptions {
  bool trust_features = false;  ///< take a file that names no encoder as this one's
  bool replace = false;         ///< take the place of a stored series
  /// Side of the patches, where the file states none.
  std::optional<std::int64_t> level0_extent = {};
  /// Of level 0; wins over the file's.
  std::optional<MicronsPerPixel> mpp = {};
};

/// A series that came from a file.
struct ImportedSeries {
  SlideId slide;
  std::int64_t level0_extent = 0;
  std::size_t patches = 0;
};

/// Reads a features file of TRIDENT or CLAM as a series of its slide, in one transaction: the slide
/// is named by the attribute `name`, else by the file; one that is stored keeps what is known of
/// it. Vectors are brought to unit length. What the file does not hold (fields, tissue shares,
/// fingerprints of pictures) is empty. One thread at a time.
/// @param read     what opens the file.
/// @param encoder  whose vectors they must be: of the folder.
/// Fails: as read_feature_file; kFailedPrecondition with code
/// encoder_mismatch for another encoder's, or a file that names none and is not trusted; with
/// stain_mismatch for another stain rule's; for a series that is stored, and for another file of
/// the slide; kInvalidArgument for a patch that begins outside of the slide, a vector that is not
/// finite or zero, a place that comes twice.
Result<ImportedSeries> import_features(const std::filesystem::path& file, const FeatureReader& read,
                                       const EncoderEntry& encoder, const ImportOptions& options,
                                       DataFolder& data);

}  // namespace clippath
