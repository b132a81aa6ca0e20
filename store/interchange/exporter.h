// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "clippath/interchange.h"

namespace clippath {

/// One series of a slide on its way out. Every row has a place, but for those of extent 0.
struct ExportedSeries {
  const SlideRecord& slide;
  const SeriesRecord& series;
  PipelineDocument pipeline;
  EncoderEntry encoder;
  std::vector<PatchRow> rows;

  /// `512um` or `1024px`: the folder that series of this field of view share.
  [[nodiscard]] std::string folder() const;
};

/// Writes series in one format. One thread at a time.
class Exporter {
 public:
  virtual ~Exporter() = default;
  /// Whether a patch without a place on the slide can be written.
  [[nodiscard]] virtual bool needs_place() const = 0;
  virtual Result<void> add(const ExportedSeries& series) = 0;
  /// Ends the files that all series share. Call it once, at the end.
  virtual Result<void> finish() { return {}; }
  /// Below the folder, in the order in which they were finished.
  [[nodiscard]] const std::vector<std::filesystem::path>& files() const { return files_; }

 protected:
  explicit Exporter(std::filesystem::path out) : out_(std::move(out)) {}

  /// The whole path of a file that will be made; makes its folder. Fails: kInternal.
  Result<std::filesystem::path> place(const std::filesystem::path& file) const;
  void made(std::filesystem::path file) { files_.push_back(std::move(file)); }

 private:
  std::filesystem::path out_;
  std::vector<std::filesystem::path> files_;
};

std::unique_ptr<Exporter> make_trident_exporter(const std::filesystem::path& out);
std::unique_ptr<Exporter> make_clam_exporter(const std::filesystem::path& out);
std::unique_ptr<Exporter> make_geojson_exporter(const std::filesystem::path& out);
/// @param fields  names of the users' columns.
Result<std::unique_ptr<Exporter>> make_csv_exporter(const std::filesystem::path& out,
                                                    std::vector<std::string> fields);
Result<std::unique_ptr<Exporter>> make_ndjson_exporter(const std::filesystem::path& out);
/// @param rows  of the matrix; finish() fails with kCorruption if others came.
Result<std::unique_ptr<Exporter>> make_npy_exporter(const std::filesystem::path& out,
                                                    std::size_t rows, std::size_t dimension);

}  // namespace clippath
