// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/golden_texts.h"

#include <string>
#include <vector>

#include "core/json/json.h"
#include "encoder/models/stored_weights.h"
#include "encoder/runtime/run_model.h"
#include "encoder/weights/weights_file.h"

namespace clippath {
namespace {

tl::unexpected<Error> unfit(const char* what) {
  return fail(ErrorKind::kInvalidArgument, std::string("the file's ") + what);
}

Result<std::vector<std::string>> parse_texts(const std::string& list) {
  CLIPPATH_TRY(const Json json, parse_json(list, {}));
  if (!json.is_array() || json.empty()) return unfit("texts are not a list in JSON");
  std::vector<std::string> texts;
  for (const Json& text : json) {
    if (!text.is_string()) return unfit("texts are not a list of texts");
    texts.push_back(text.get<std::string>());
  }
  return texts;
}

/// The numbers of one text without its padding.
std::vector<std::int64_t> stored_ids(const at::Tensor& ids, const at::Tensor& mask,
                                     std::int64_t row) {
  std::vector<std::int64_t> kept;
  for (std::int64_t i = 0; i < ids.size(1); ++i) {
    if (mask[row][i].item<float>() == 0) continue;
    kept.push_back(static_cast<std::int64_t>(ids[row][i].item<float>()));
  }
  return kept;
}

Result<void> compare_tokens(const LocalEncoder& encoder, const std::vector<std::string>& texts,
                            const TensorTable& tensors) {
  const at::Tensor ids = read_tensor(tensors, "input_ids");
  const at::Tensor mask = read_tensor(tensors, "attention_mask");
  const auto count = static_cast<std::int64_t>(texts.size());
  if (ids.dim() != 2 || ids.size(0) != count || ids.sizes() != mask.sizes()) {
    return unfit("texts are not as many as its input_ids");
  }
  for (std::int64_t i = 0; i < count; ++i) {
    const std::string& text = texts[static_cast<std::size_t>(i)];
    if (encoder.tokenize(text) == stored_ids(ids, mask, i)) continue;
    return fail(ErrorKind::kFailedPrecondition,
                "text " + std::to_string(i) + " ('" + text.substr(0, 40) +
                    "') gets other tokens than it has in the file: is the tokenizer another one?");
  }
  return {};
}

}  // namespace

Result<std::optional<Agreement>> compare_golden_texts(const LocalEncoder& encoder,
                                                      const std::filesystem::path& golden_file) {
  CLIPPATH_TRY(const WeightsFile file, open_weights_file(golden_file));
  CLIPPATH_TRY(const TensorMetadata metadata, parse_metadata(file.bytes()));
  const auto list = metadata.find(kGoldenTextsKey);
  if (list == metadata.end()) return std::nullopt;
  CLIPPATH_TRY(const auto texts, parse_texts(list->second));
  CLIPPATH_TRY_VOID(compare_tokens(encoder, texts, file.tensors()));
  CLIPPATH_TRY(const EmbeddingMatrix computed, encoder.encode_texts(texts));
  CLIPPATH_TRY(EmbeddingMatrix stored,
               run_model([&] { return read_tensor(file.tensors(), "text_embeds"); }));
  if (stored.rows != computed.rows || stored.dimension != computed.dimension) {
    return unfit("text_embeds are not one for each text");
  }
  CLIPPATH_TRY(stored, normalize_rows(std::move(stored)));
  return agreement_of(computed, stored);
}

}  // namespace clippath
