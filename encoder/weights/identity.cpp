// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/identity.h"

#include <algorithm>
#include <initializer_list>
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
    case TextPooling::kEnd: return "end";
    case TextPooling::kAppended: return "appended";
  }
  return "";
}

constexpr std::size_t kPieceBytes = 16U << 20U;
constexpr std::size_t kBlockBytes = 256U << 10U;  // stays in the second cache

Sha256Digest sha256_of(std::span<const std::uint8_t> bytes, const LookAtBytes& look) {
  Sha256 sha;
  while (!bytes.empty()) {
    const auto block = bytes.first(std::min(kBlockBytes, bytes.size()));
    sha.update(block);
    if (look) look(block);
    bytes = bytes.subspan(block.size());
  }
  return sha.finish();
}

/// The pieces are hashed beside each other, on all cores.
Sha256Digest sha256_of_pieces(std::span<const std::uint8_t> bytes, const LookAtBytes& look) {
  std::vector<Sha256Digest> pieces((bytes.size() + kPieceBytes - 1) / kPieceBytes);
  on_threads(pieces.size(), static_cast<int>(std::thread::hardware_concurrency()),
             [&](std::size_t i) {
               const auto rest = bytes.subspan(i * kPieceBytes);
               pieces[i] = sha256_of(rest.first(std::min(kPieceBytes, rest.size())), look);
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

/// The lines of those of the files that the folder has.
Result<std::string> lines_of_present(const std::filesystem::path& folder,
                                     std::initializer_list<const char*> names) {
  std::string lines;
  std::error_code error;
  for (const char* name : names) {
    if (!std::filesystem::exists(folder / name, error)) continue;
    CLIPPATH_TRY(const std::string line, line_of_file(folder, name));
    lines += line;
  }
  return lines;
}

std::string lines_of_weights(const Weights& weights, const LookAtBytes& look = {}) {
  std::string lines;
  for (const auto& part : weights.parts())
    lines += line(part.name, sha256_of_pieces(part.bytes, look));
  return lines;
}

Result<std::string> lines_of_tokenizer(const std::filesystem::path& folder) {
  CLIPPATH_TRY(const std::string config, lines_of_present(folder, {"tokenizer_config.json"}));
  CLIPPATH_TRY(std::string vocabulary, lines_of_present(folder, {"vocab.txt"}));
  if (vocabulary.empty()) {
    CLIPPATH_TRY(vocabulary, lines_of_present(folder, {"vocab.json", "merges.txt"}));
  }
  if (vocabulary.empty()) {
    CLIPPATH_TRY(vocabulary, lines_of_present(folder, {"tokenizer.json"}));
  }
  if (!vocabulary.empty()) return config + vocabulary;
  return fail(ErrorKind::kNotFound,
              folder.string() +
                  ": has no vocabulary; add vocab.txt, or vocab.json and merges.txt, or "
                  "tokenizer.json, from where the model comes from");
}

std::string id_of(std::string_view recipe) {
  Sha256 sha;
  sha.update(recipe);
  const Sha256Digest digest = sha.finish();
  return to_hex(std::span(digest).first<16>());
}

}  // namespace

Result<EncoderId> compute_identity(const std::filesystem::path& folder, const ModelCard& card,
                                   const ModelConfig& config, const Weights& weights,
                                   const LookAtBytes& look) {
  CLIPPATH_TRY(std::string recipe, line_of_file(folder, config_file_name(folder).c_str()));
  recipe += lines_of_weights(weights, look);
  CLIPPATH_TRY(const std::string preprocessing,
               lines_of_present(folder, {"preprocessor_config.json"}));
  recipe += preprocessing;
  if (config.text) {
    CLIPPATH_TRY(const std::string tokenizer, lines_of_tokenizer(folder));
    recipe += tokenizer;
    recipe += "text_pooling " + std::string(word_of(config.text->pooling)) + "\n";
    recipe += "max_text_tokens " + std::to_string(card.max_text_tokens) + "\n";
  }
  return EncoderId(id_of(recipe));
}

Result<std::string> compute_attention_identity(const std::filesystem::path& folder,
                                               const Weights& weights) {
  CLIPPATH_TRY(const std::string config, line_of_file(folder, "config.json"));
  CLIPPATH_TRY(const std::string preprocessing, line_of_file(folder, "preprocessor_config.json"));
  return id_of(config + lines_of_weights(weights) + preprocessing);
}

Result<EncoderId> encoder_identity(const std::filesystem::path& folder) {
  CLIPPATH_TRY(const ModelCard card, load_model_card(folder));
  CLIPPATH_TRY(const ModelConfig config, load_model_config(folder, card));
  CLIPPATH_TRY(const Weights weights, open_weights(folder));
  return compute_identity(folder, card, config, weights);
}

}  // namespace clippath
