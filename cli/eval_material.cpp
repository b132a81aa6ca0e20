// SPDX-License-Identifier: Apache-2.0
#include "cli/eval_material.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "cli/decoders.h"
#include "cli/in_batches.h"
#include "cli/open_engine.h"
#include "cli/picture_files.h"
#include "clippath/colour_baseline.h"
#include "clippath/core/csv.h"
#include "clippath/core/tcga_barcode.h"
#include "clippath/manifest.h"
#include "clippath/patch_pictures.h"

namespace clippath::cli {
namespace {

namespace fs = std::filesystem;

/// One row of a table, by column.
class PairRow {
 public:
  PairRow(const CsvTable& table, std::size_t row) : table_(table), row_(row) {}

  [[nodiscard]] std::string text(const std::string& column) const {
    const auto number = table_.column(column);
    return number ? table_.rows[row_][*number] : std::string();
  }
  [[nodiscard]] Error fault(const fs::path& file, const std::string& message) const {
    return {ErrorKind::kInvalidArgument, file.filename().string() + " line " +
                                             std::to_string(table_.lines[row_]) + ": " + message};
  }

 private:
  const CsvTable& table_;
  std::size_t row_;
};

/// The first that is not empty.
std::string first_of(const std::string& a, const std::string& b, const std::string& c) {
  return !a.empty() ? a : !b.empty() ? b : c;
}

/// As stated, else as a TCGA case names it.
std::string site_of(const std::string& stated, const std::string& case_id) {
  return stated.empty() ? tcga_site_of(case_id) : stated;
}

EvaluationSplits splits_of(const EvalInput& input) {
  return {input.split, input.candidates_split, input.training_split};
}

Result<void> require_split_column(const EvalInput& input, const CsvTable& table,
                                  const std::string& option, const std::string& split) {
  if (split.empty() || table.column(input.split_column)) return {};
  return fail(ErrorKind::kInvalidArgument, option + " " + split + ": " +
                                               input.pairs.filename().string() +
                                               " has no column '" + input.split_column + "'");
}

Result<std::vector<LabelledPatch>> read_pairs(const EvalInput& input) {
  CLIPPATH_TRY(const CsvTable table, read_csv(input.pairs));
  const auto without = [&](const std::string& columns) {
    return fail(ErrorKind::kInvalidArgument,
                input.pairs.filename().string() + ": has no column " + columns);
  };
  const bool captions = table.column("caption").has_value();
  if (!table.column("file")) return without("'file'");
  if (!captions && !table.column(input.class_column)) {
    return without("'caption' nor '" + input.class_column + "'");
  }
  CLIPPATH_TRY_VOID(require_split_column(input, table, "--split", input.split));
  CLIPPATH_TRY_VOID(
      require_split_column(input, table, "--candidates-split", input.candidates_split));
  std::vector<LabelledPatch> patches;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const PairRow row(table, i);
    LabelledPatch one;
    one.patch.id = row.text("file");
    one.caption = row.text("caption");
    if (one.patch.id.empty()) return fail(row.fault(input.pairs, "file: is empty"));
    if (captions && one.caption.empty()) {
      return fail(row.fault(input.pairs, "caption: is empty"));
    }
    one.patch.slide = first_of(row.text("slide"), row.text("case"), one.patch.id);
    one.patch.case_id = first_of(row.text("case"), row.text("slide"), one.patch.id);
    one.patch.site = site_of(row.text(input.site_column), one.patch.case_id);
    one.patch.class_name = row.text(input.class_column);
    one.split = row.text(input.split_column);
    patches.push_back(std::move(one));
  }
  return patches;
}

Result<std::vector<RgbImage>> read_batch(const EvalMaterial& material, std::size_t begin,
                                         std::size_t end) {
  std::vector<RgbImage> pictures;
  for (std::size_t i = begin; i < end; ++i) {
    CLIPPATH_TRY(RgbImage picture, material.picture(i));
    pictures.push_back(std::move(picture));
  }
  return pictures;
}

EmbeddingMatrix histograms_of(const std::vector<RgbImage>& pictures) {
  EmbeddingMatrix histograms{pictures.size(), kColourBins, {}};
  for (const RgbImage& picture : pictures) {
    const Embedding histogram = colour_histogram(picture);
    histograms.values.insert(histograms.values.end(), histogram.begin(), histogram.end());
  }
  return histograms;
}

/// Reads and encodes pictures, and counts their colours on the way.
Result<void> encode_pictures(EvalMaterial& material, bool colours, int threads) {
  const std::size_t count = material.set.patches.size();
  if (colours) material.colours = EmbeddingMatrix::zeros(count, kColourBins);
  CLIPPATH_TRY(material.images,
               in_batches(vectors_by(*material.encoder, count), threads,
                          [&](std::size_t begin, std::size_t end) -> Result<EmbeddingMatrix> {
                            CLIPPATH_TRY(auto pictures, read_batch(material, begin, end));
                            if (colours) {
                              const EmbeddingMatrix counted = histograms_of(pictures);
                              std::copy(counted.values.begin(), counted.values.end(),
                                        material.colours.row(begin).begin());
                            }
                            for (RgbImage& picture : pictures)
                              picture = material.encoder->fit(picture);
                            return material.encoder->encode_images(pictures);
                          }));
  return {};
}

std::string field_text(const SlideRecord& slide, const PatchRecord& patch,
                       const std::string& name) {
  const Fields fields = fields_of(slide, patch);
  const auto found = fields.find(name);
  return found == fields.end() ? std::string() : to_text(found->second);
}

const std::string& caption_of_row(const Snapshot& snapshot, std::size_t row) {
  return caption_of(snapshot.slides[snapshot.patch_slide[row]], snapshot.patches[row]);
}

/// Patches of a folder, with their rows.
struct FolderPatches {
  std::vector<LabelledPatch> patches;
  std::vector<std::int64_t> rows;
};

FolderPatches patches_of(const Snapshot& snapshot, const EvalInput& input) {
  std::vector<std::size_t> chosen;
  for (std::size_t row = 0; row < snapshot.patches.size(); ++row) {
    if (!caption_of_row(snapshot, row).empty()) chosen.push_back(row);
  }
  if (chosen.empty()) {
    chosen.resize(snapshot.patches.size());
    std::iota(chosen.begin(), chosen.end(), std::size_t{0});
  }
  FolderPatches result;
  for (const std::size_t row : chosen) {
    const PatchRecord& patch = snapshot.patches[row];
    const SlideRecord& slide = snapshot.slides[snapshot.patch_slide[row]];
    result.patches.push_back(
        {{patch.id.value, 0, slide.id.value, slide.case_id.value,
          site_of(field_text(slide, patch, input.site_column), slide.case_id.value),
          field_text(slide, patch, input.class_column)},
         caption_of(slide, patch),
         field_text(slide, patch, input.split_column)});
    result.rows.push_back(static_cast<std::int64_t>(row));
  }
  return result;
}

Result<void> count_colours(EvalMaterial& material, int threads) {
  CLIPPATH_TRY(material.colours,
               in_batches({material.set.patches.size(), kColourBins}, threads,
                          [&](std::size_t begin, std::size_t end) -> Result<EmbeddingMatrix> {
                            CLIPPATH_TRY(const auto pictures, read_batch(material, begin, end));
                            return histograms_of(pictures);
                          }));
  return {};
}

}  // namespace

Result<EvalMaterial> material_of_pairs(const EvalInput& input, int threads) {
  CLIPPATH_TRY(const auto patches, read_pairs(input));
  EvalMaterial material;
  CLIPPATH_TRY(material.set, make_evaluation_set(patches, splits_of(input)));
  CLIPPATH_TRY(material.encoder, load_encoder(input.model, input.encoder));
  material.data = input.pairs.filename().string();
  const fs::path folder = input.pictures.empty() ? input.pairs.parent_path() : input.pictures;
  CLIPPATH_TRY(const Decoders decoders, make_decoders(threads));
  material.picture = [folder, ids = patches, decoders](std::size_t patch) {
    return read_picture(folder / ids[patch].patch.id, decoders.decode_picture);
  };
  CLIPPATH_TRY_VOID(encode_pictures(material, input.colours, threads));
  return material;
}

Result<EvalMaterial> material_of_folder(const EvalInput& input, int threads) {
  OpenEngineOptions options;
  options.data = input.data;
  options.purpose = "eval";
  options.encoder = input.encoder;
  CLIPPATH_TRY(const OpenEngine opened, open_engine(options, input.encoder_name));
  const auto engine = opened.engine;
  const Snapshot& snapshot = engine->snapshot();
  const FolderPatches chosen = patches_of(snapshot, input);
  if (chosen.patches.empty() || engine->encoder() == nullptr) {
    return fail(ErrorKind::kFailedPrecondition,
                input.data.string() + ": holds no patch or no model to ask");
  }
  EvalMaterial material;
  CLIPPATH_TRY(material.set, make_evaluation_set(chosen.patches, splits_of(input)));
  material.encoder = std::shared_ptr<const Encoder>(engine, engine->encoder());
  material.data = input.data.filename().string();
  material.without_caption = snapshot.patches.size() - chosen.rows.size();
  material.images = EmbeddingMatrix::zeros(chosen.rows.size(), snapshot.patch_vectors->dimension());
  for (std::size_t i = 0; i < chosen.rows.size(); ++i) {
    const Embedding vector = snapshot.patch_vectors->vector(chosen.rows[i]);
    std::copy(vector.begin(), vector.end(), material.images.row(i).begin());
  }
  CLIPPATH_TRY(const Decoders decoders, make_decoders(threads));
  const auto pictures =
      std::make_shared<const PatchPictures>(decoders.open_slide, decoders.decode_picture);
  material.picture = [engine, pictures, rows = chosen.rows](std::size_t patch) {
    const auto row = static_cast<std::size_t>(rows[patch]);
    return pictures->read(*engine, engine->snapshot().patches[row].id);
  };
  if (input.colours) CLIPPATH_TRY_VOID(count_colours(material, threads));
  return material;
}

}  // namespace clippath::cli
