// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/identity.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "clippath/core/digest.h"
#include "clippath/core/on_threads.h"
#include "clippath/encoder.h"
#include "encoder/weights/weights_file.h"

namespace clippath {
namespace {

std::string_view word_of(TextPooling pooling) {
  switch (pooling) {
    case TextPooling::kPooler: return "pooler";
    case TextPooling::kCls: return "cls";
    case TextPooling::kMean: return "mean";
  }
  return "";
}

Sha256Digest sha256_of(std::span<const std::uint8_t> bytes) {
  Sha256 sha;
  sha.update(bytes);
  return sha.finish();
}

constexpr std::size_t kPieceBytes = 16U << 20U;

/// The pieces are hashed beside each other, on all cores.
Sha256Digest sha256_of_pieces(std::span<const std::uint8_t> bytes) {
  std::vector<Sha256Digest> pieces((bytes.size() + kPieceBytes - 1) / kPieceBytes);
  on_threads(pieces.size(), static_cast<int>(std::thread::hardware_concurrency()),
             [&](std::size_t i) {
               const auto rest = bytes.subspan(i * kPieceBytes);
               pieces[i] = sha256_of(rest.first(std::min(kPieceBytes, rest.size())));
               return true;
             });
  Sha256 sha;
  for (const Sha256Digest& piece : pieces) sha.update(piece);
  return sha.finish();
}

std::string line(std::string_view name, const Sha256Digest& digest) {
  return std::string(name) + " " + to_hex(digest) + "\n";
}

Result<std::string> line_of_file(const std::filesystem::path& folder, const char* name) {
  CLIPPATH_TRY(const Sha256Digest digest, sha256_file(folder / name));
  return line(name, digest);
}

/// The lines of what every model that sees pictures has.
Result<std::string> picture_lines(const std::filesystem::path& folder,
                                  std::span<const std::uint8_t> weights) {
  CLIPPATH_TRY(const std::string config, line_of_file(folder, "config.json"));
  CLIPPATH_TRY(const std::string preprocessing, line_of_file(folder, "preprocessor_config.json"));
  return config + line(kWeightsFileName, sha256_of_pieces(weights)) + preprocessing;
}

std::string id_of(std::string_view recipe) {
  Sha256 sha;
  sha.update(recipe);
  const Sha256Digest digest = sha.finish();
  return to_hex(std::span(digest).first<16>());
}

}  // namespace

Result<EncoderId> compute_identity(const std::filesystem::path& folder, const ModelCard& card,
                                   std::span<const std::uint8_t> weights) {
  CLIPPATH_TRY(std::string recipe, picture_lines(folder, weights));
  CLIPPATH_TRY(const std::string tokenizer, line_of_file(folder, "tokenizer_config.json"));
  CLIPPATH_TRY(const std::string vocabulary, line_of_file(folder, "vocab.txt"));
  recipe += tokenizer + vocabulary;
  recipe += "text_pooling " + std::string(word_of(card.text_pooling)) + "\n";
  recipe += "max_text_tokens " + std::to_string(card.max_text_tokens) + "\n";
  return EncoderId(id_of(recipe));
}

Result<std::string> compute_attention_identity(const std::filesystem::path& folder,
                                               std::span<const std::uint8_t> weights) {
  CLIPPATH_TRY(const std::string recipe, picture_lines(folder, weights));
  return id_of(recipe);
}

Result<EncoderId> encoder_identity(const std::filesystem::path& folder) {
  CLIPPATH_TRY(const ModelCard card, load_model_card(folder));
  CLIPPATH_TRY(const WeightsFile weights, open_weights_file(folder / kWeightsFileName));
  return compute_identity(folder, card, weights.bytes());
}

}  // namespace clippath
