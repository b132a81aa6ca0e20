// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/attention.h"
#include "clippath/core/ids.h"
#include "clippath/core/result.h"
#include "clippath/records.h"
#include "clippath/stain.h"

namespace clippath {

/// How a series of patches was made: everything that changes a vector besides the slide and the
/// encoder. Its id is a hash of its JSON.
struct PipelineDocument {
  std::string field_of_view;  ///< "512 um" or "1024 level-0 px"
  double overlap = 0;
  std::string edge = "drop";      ///< of tiles that cross the slide's edge; or "pad"
  bool allow_upsampling = false;  ///< slides too coarse for the encoder were taken
  int picture_px = 0;             ///< longest side of a patch picture
  std::string resample = "bicubic";
  std::optional<StainRule> stain;  ///< nothing: pictures are encoded as they were read
  std::string tissue = "clippath225";
  double min_tissue = 0;
  double max_white = 0;
  int white_threshold = 0;
  std::optional<AttentionRule> attention;  ///< nothing: no such filter
  std::string quality = "none";  ///< rules that drop faulty tiles, as to_string(QualityRules)
  [[nodiscard]] std::string id() const;  ///< 16 hex digits
  /// Names the stain rule: 16 hex digits, or `none`.
  [[nodiscard]] std::string stain_id() const;
  /// The document as JSON, as it travels with exported patches.
  [[nodiscard]] std::string text() const;
  /// The reverse of text(). Fails: kInvalidArgument naming the field; kTooLarge.
  static Result<PipelineDocument> parse(std::string_view text);
};

/// An encoder that vectors of the folder were made with; its model folder is kept in models/<id>/.
struct EncoderEntry {
  EncoderId id;
  std::string name;
  std::size_t dimension = 0;
};

/// The encoder of that id, or the only one of that name.
/// Fails: kFailedPrecondition (code encoder_mismatch), listing those that are known.
Result<EncoderEntry> choose_encoder(const std::vector<EncoderEntry>& known,
                                    std::string_view id_or_name);

/// A data folder: `clippath.json`, `LOCK`, `records/`, `models/`, `generations/`.
///
/// kWrite takes LOCK exclusively (`serve`, `index`, `reports import`), kRead shares it. The lock
/// ends with the object or the process. Thread-safe.
class DataFolder {
 public:
  /// kWrite creates the folder where it is missing or empty.
  /// @param purpose  what this process does, for another one's error message: "serve on
  /// http://127.0.0.1:8080". Fails: kNotFound (kRead); kFailedPrecondition if another process holds
  /// it, naming its pid, what it does and what to do; or if the folder holds
  ///        other things; kUnsupported for a newer format version; kCorruption; kOutOfSpace.
  static Result<std::unique_ptr<DataFolder>> open(const std::filesystem::path& path, Access access,
                                                  const std::string& purpose);

  virtual ~DataFolder() = default;
  [[nodiscard]] virtual const std::filesystem::path& path() const = 0;
  virtual Records& records() = 0;
  [[nodiscard]] virtual const Records& records() const = 0;

  /// The encoders of the folder, first one the default. Empty in a new folder.
  [[nodiscard]] virtual std::vector<EncoderEntry> encoders() const = 0;
  [[nodiscard]] virtual std::filesystem::path model_folder(const EncoderId& id) const = 0;
  /// Keeps the model folder (hard links where the file system allows, else copies) and notes the
  /// encoder behind those that are there, unless it is one of them. Fails: kTooLarge if there are
  /// kMaxEncoders already; kInvalidArgument for an id that is none; kOutOfSpace.
  virtual Result<void> adopt_encoder(const EncoderEntry& encoder,
                                     const std::filesystem::path& model_folder) = 0;

  [[nodiscard]] virtual std::optional<PipelineDocument> find_pipeline(
      const std::string& id) const = 0;
  /// The pipelines of the folder, in the order in which they were first used; all have one stain
  /// rule, so that a query picture can be treated as the pictures of the index were.
  [[nodiscard]] virtual std::vector<PipelineDocument> pipelines() const = 0;
  /// Fails: kFailedPrecondition (code stain_mismatch) if the folder has another stain rule.
  virtual Result<void> note_pipeline(const PipelineDocument& pipeline) = 0;
};

}  // namespace clippath
