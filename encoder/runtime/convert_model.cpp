// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/convert_model.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "clippath/core/files.h"
#include "core/json/json.h"
#include "encoder/runtime/canary.h"
#include "encoder/runtime/convert_weights.h"
#include "encoder/runtime/local_encoder.h"
#include "encoder/runtime/write_golden.h"
#include "encoder/weights/model_files.h"

namespace clippath {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCardName = "clippath.json";
constexpr const char* kGoldenName = "golden.safetensors";
constexpr std::uintmax_t kMaxSmallFileBytes = 64U << 20U;
constexpr std::uintmax_t kMaxGoldenBytes = 1U << 30U;
// On the bundled model bfloat16 costs 4e-5; float16 has eight times the digits.
constexpr double kTolerance = 1e-4;
constexpr double kBf16Tolerance = 1e-3;

/// A folder that is removed unless it gets its name.
class UnfinishedFolder {
 public:
  static Result<UnfinishedFolder> create(const fs::path& target) {
    const fs::path whole = fs::absolute(target).lexically_normal();
    const fs::path named = whole.has_filename() ? whole : whole.parent_path();
    std::error_code error;
    if (fs::exists(fs::symlink_status(named, error))) {
      return fail(ErrorKind::kFailedPrecondition,
                  target.string() + ": exists already; give the name of a new folder");
    }
    UnfinishedFolder folder(named);
    if (!fs::create_directory(folder.path(), error)) {
      return fail(system_error(error ? error.value() : EEXIST, folder.path().string()));
    }
    return folder;
  }
  ~UnfinishedFolder() {
    std::error_code ignored;
    if (!target_.empty()) fs::remove_all(path(), ignored);
  }
  UnfinishedFolder(UnfinishedFolder&& other) noexcept : target_(std::exchange(other.target_, {})) {}
  UnfinishedFolder& operator=(UnfinishedFolder&&) = delete;

  [[nodiscard]] fs::path path() const {
    return target_.string() + ".unfinished-" + std::to_string(::getpid());
  }

  Result<void> finish() {
    CLIPPATH_TRY_VOID(sync_folder(path()));
    std::error_code error;
    fs::rename(path(), target_, error);
    if (error) return fail(system_error(error.value(), target_.string()));
    const fs::path parent = std::exchange(target_, {}).parent_path();
    return sync_folder(parent);
  }

 private:
  explicit UnfinishedFolder(fs::path target) : target_(std::move(target)) {}

  fs::path target_;  ///< empty: finished, or moved from
};

Result<void> copy_durably(const fs::path& from, const fs::path& to, std::uintmax_t max_bytes) {
  CLIPPATH_TRY(const auto bytes, read_file(from, max_bytes));
  return write_file_durably(to, bytes);
}

/// Configuration, vocabulary, card and what a licence wants to be handed on: everything but weights
/// and what is not the model's.
bool is_taken_over(const fs::path& file) {
  constexpr std::array kExtensions = {".json", ".txt", ".md"};
  const std::string name = file.filename().string();
  const std::string extension = lower_extension(file);
  if (name.ends_with(".safetensors.index.json")) return false;
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end() ||
         name.starts_with("LICENSE") || name.starts_with("LICENCE") || name.starts_with("NOTICE");
}

Result<void> copy_small_files(const fs::path& source, const fs::path& target) {
  std::error_code error;
  for (const auto& item : fs::directory_iterator(source, error)) {
    if (!item.is_regular_file() || !is_taken_over(item.path())) continue;
    CLIPPATH_TRY_VOID(
        copy_durably(item.path(), target / item.path().filename(), kMaxSmallFileBytes));
  }
  if (error) return fail(system_error(error.value(), source.string()));
  return {};
}

Result<void> copy_golden(const fs::path& source, const fs::path& target, const std::string& name) {
  std::error_code error;
  fs::create_directories((target / name).parent_path(), error);
  return copy_durably(source / name, target / name, kMaxGoldenBytes);
}

/// Enters the golden file. A folder without a card gets one, with the name that its source had
/// without.
Result<void> write_card(const fs::path& folder, const ModelCard& source) {
  const fs::path path = folder / kCardName;
  Json card = {{"format", 1}};
  std::error_code error;
  if (fs::exists(path, error)) {
    CLIPPATH_TRY(const std::string text, read_text_file(path, kMaxSmallFileBytes));
    CLIPPATH_TRY(card,
                 parse_json(text, {.max_bytes = kMaxSmallFileBytes, .max_elements = 1'000'000}));
  }
  if (!card.contains("name")) card["name"] = source.name;
  card["golden"] = kGoldenName;
  const std::string text = to_text(card, 1) + "\n";
  CLIPPATH_TRY(StagedFile file, StagedFile::create(path));
  CLIPPATH_TRY_VOID(file.append(text));
  return file.commit();
}

using LoadedEncoder = std::unique_ptr<const LocalEncoder>;

Result<LoadedEncoder> load_in_fp32(const fs::path& folder) {
  return load_local_encoder(folder, golden_options(DtypeChoice::kFp32));
}

Result<void> require(const Agreement& agreement, double tolerance, const std::string& what) {
  if (agreement.within(tolerance)) return {};
  return fail(ErrorKind::kFailedPrecondition,
              what + " have a cosine of " + std::to_string(agreement.least_cosine) +
                  " only, the limit is " + std::to_string(1 - tolerance));
}

Result<void> require(const TowerAgreement& agreement, double tolerance, const std::string& with) {
  if (agreement.images) {
    CLIPPATH_TRY_VOID(require(*agreement.images, tolerance, "its pictures and " + with));
  }
  if (agreement.texts) {
    CLIPPATH_TRY_VOID(require(*agreement.texts, tolerance, "its texts and " + with));
  }
  return {};
}

/// Golden outputs of the result: new ones, or those of the source, which must still hold.
Result<void> settle_golden(const fs::path& source, const fs::path& folder, const ModelCard& card,
                           const LocalEncoder& encoder, bool make_new, double tolerance) {
  if (make_new) {
    CLIPPATH_TRY_VOID(write_golden_file(encoder, folder / kGoldenName));
    return write_card(folder, card);
  }
  if (card.golden.empty()) return {};
  CLIPPATH_TRY_VOID(copy_golden(source, folder, card.golden));
  CLIPPATH_TRY(const TowerAgreement agreement, encoder.compare_golden(folder / card.golden));
  return require(agreement, tolerance, "the source's golden outputs (--golden makes new ones)");
}

Result<void> write_weights(const fs::path& source, const fs::path& folder,
                           std::optional<TensorType> type) {
  CLIPPATH_TRY(const Weights weights, open_weights(source));
  return convert_weights(weights.tensors(), type, folder / kWeightsFileName);
}

}  // namespace

Result<ModelConversion> convert_model(const fs::path& source, const fs::path& target,
                                      const ConvertOptions& options) {
  ModelConversion conversion;
  conversion.tolerance = options.type == TensorType::kBf16 ? kBf16Tolerance : kTolerance;
  CLIPPATH_TRY(conversion.source, describe_model(source));
  CLIPPATH_TRY(UnfinishedFolder folder, UnfinishedFolder::create(target));

  CLIPPATH_TRY(LoadedEncoder encoder, load_in_fp32(source));
  CLIPPATH_TRY(const CanaryVectors before, encode_canary(*encoder));
  // Two models at once are more than a small machine holds.
  encoder.reset();

  CLIPPATH_TRY_VOID(copy_small_files(source, folder.path()));
  CLIPPATH_TRY_VOID(write_weights(source, folder.path(), options.type));
  CLIPPATH_TRY(encoder, load_in_fp32(folder.path()));
  CLIPPATH_TRY(const CanaryVectors after, encode_canary(*encoder));
  conversion.agreement = agreement_of(before, after);
  CLIPPATH_TRY_VOID(require(conversion.agreement, conversion.tolerance, "those of the source"));
  CLIPPATH_TRY_VOID(settle_golden(source, folder.path(), conversion.source.card, *encoder,
                                  options.golden, conversion.tolerance));
  CLIPPATH_TRY(conversion.result, describe_model(folder.path()));
  CLIPPATH_TRY_VOID(folder.finish());
  return conversion;
}

}  // namespace clippath
