// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clippath/core/deadline.h"
#include "clippath/core/embedding.h"
#include "clippath/core/ids.h"
#include "clippath/core/image.h"
#include "clippath/core/result.h"
#include "clippath/model_card.h"

namespace clippath {

/// `auto` takes bf16 only where the processor has it in hardware, a timed product is at least 1.2
/// times faster than fp32, and the model's golden embeddings keep a cosine of 0.999.
/// On a GPU `auto` asks for the golden embeddings alone; fp16 is for GPUs.
enum class DtypeChoice { kAuto, kFp32, kBf16, kFp16 };
enum class Dtype { kFp32, kBf16, kFp16 };

/// `fp32`, `bf16`, `fp16`.
constexpr std::string_view to_string(Dtype dtype) {
  switch (dtype) {
    case Dtype::kFp32: return "fp32";
    case Dtype::kBf16: return "bf16";
    case Dtype::kFp16: return "fp16";
  }
  return "";
}
/// kTextIfAny: of a model without a text tower nothing is loaded, but it is no error.
enum class Towers { kBoth, kImageOnly, kTextOnly, kTextIfAny };
/// What becomes of a text that is longer than the text tower reads: windows whose vectors are
/// averaged, each weighted by its number of tokens (text_windows.h), or its beginning alone.
enum class LongText { kWindows, kCut };

struct EncoderOptions {
  DtypeChoice dtype = DtypeChoice::kAuto;
  Towers towers = Towers::kBoth;  ///< a tower left out costs neither time nor memory
  LongText long_texts = LongText::kWindows;
  /// Rows of texts that are kept to answer the same text again; 0: none. A row takes at most 8
  /// bytes for each token that the model reads and 4 for each value of a vector.
  std::size_t cached_texts = 0;
  std::string device = "cpu";  ///< or "cuda", "cuda:N", with a LibTorch that has CUDA
};

/// How many waiting pictures belong in one call; 1 <= last <= size.
struct PictureBatches {
  std::size_t size = 4;  ///< of every call but the last ones
  /// What is left at the end is cut into these. Less than `size` where each call has one core, so
  /// that no core waits long for another one.
  std::size_t last = 2;
};

struct EncoderInfo {
  EncoderId id;
  ModelCard card;
  std::size_t dimension = 0;
  bool has_images = true;  ///< whether the model has an image tower, loaded or not
  bool has_texts = true;
  float logit_scale = 1;  ///< what cosines are multiplied with before a softmax; 1 to 100
  int input_width = 0;    ///< of the image tower, in pixels; 0 without one
  int input_height = 0;
  PictureBatches batches;  ///< as its device wants them
  Dtype dtype = Dtype::kFp32;
  std::string dtype_reason;  ///< why this one: a sentence for the log and `clippath doctor`
};

/// What a caller wants of one call.
struct EncodeCall {
  Deadline deadline = Deadline::never();  ///< looked at between the small batches of a call
  bool from_cache = true;  ///< false: everything is computed now, and nothing of it is kept
};

/// A trained image-text model: pictures and words to unit vectors of one space. Thread-safe: every
/// call may run beside every other.
class Encoder {
 public:
  virtual ~Encoder() = default;

  [[nodiscard]] virtual const EncoderInfo& info() const = 0;

  /// Resizes a picture to the encoder's input, `[input_height, input_width, 3]`, exactly as
  /// encode_images does it. Requires: the model has an image tower.
  [[nodiscard]] virtual RgbImage fit(const RgbImage& image) const = 0;

  /// @param images  any size, at least one; one batch, so the caller bounds its memory.
  /// @return        `[n, dimension]`, unit rows.
  /// Fails: kFailedPrecondition without an image tower; kInternal if a vector has no
  /// direction; kUnavailable where a queue stands in front and is full; kDeadlineExceeded if the
  /// call's deadline passes before all is encoded.
  [[nodiscard]] virtual Result<EmbeddingMatrix> encode_images(
      std::span<const RgbImage> images, const EncodeCall& call = {}) const = 0;

  /// @param texts  UTF-8, at least one; padded to the longest of them. What is longer than the
  /// model reads is treated as EncoderOptions::long_texts says.
  /// @return       `[n, dimension]`, unit rows.
  [[nodiscard]] virtual Result<EmbeddingMatrix> encode_texts(std::span<const std::string> texts,
                                                             const EncodeCall& call = {}) const = 0;
};

/// Loads a model folder from safetensors: Hugging Face's VisionTextDualEncoderModel (a CLIP or ViT
/// image tower, a BERT), CLIPModel, BERT, ViT and DINOv2; open_clip's own towers and BiomedCLIP's;
/// a ViT of timm. docs/models.md tells them apart. Fails: kNotFound naming the file; kCorruption
/// for a damaged weights file; kInvalidArgument for a tensor that is missing, surplus or of the
/// wrong shape, by name; kUnsupported for another layout, or for bf16 asked for on a processor
/// without it.
Result<std::unique_ptr<const Encoder>> load_encoder(const std::filesystem::path& folder,
                                                    const EncoderOptions& options);

/// The identity that load_encoder would give, without loading: first 16 bytes of the SHA-256 over
/// weights, config, tokenizer and preprocessing files and the card's text pooling and token limit.
Result<EncoderId> encoder_identity(const std::filesystem::path& folder);

/// Version of LibTorch.
std::string encoder_library_version();

}  // namespace clippath
