// SPDX-License-Identifier: Apache-2.0
// The configurations of model folders. The section "tensors" has a tensor a line, "NAME SIDE ...":
// some formats leave sizes to the tensors' shapes.
#include <charconv>
#include <fstream>
#include <sstream>

#include "clippath/core/check.h"
#include "encoder/weights/architecture.h"
#include "encoder/weights/model_config.h"
#include "tests/fuzz/sections.h"
#include "tests/unit/encoder/safetensors_builder.h"

namespace clippath::fuzz {
namespace {

constexpr std::size_t kMostBytes = 1U << 20U;

/// A file of zeros with these tensors; those that would make it too large are left out.
void write_tensors(const std::string& lines, const std::filesystem::path& path) {
  std::istringstream stream(lines);
  std::string entries;  // each with a comma in front
  std::size_t end = 0;
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string name;
    words >> name;
    std::string shape;
    std::size_t count = 1;
    for (std::size_t side = 0; words >> side && count <= kMostBytes;) {
      if (__builtin_mul_overflow(count, side, &count)) count = kMostBytes + 1;
      shape += (shape.empty() ? "" : ",") + std::to_string(side);
    }
    if (end + count > kMostBytes) continue;
    const std::string whole_shape = std::string("[").append(shape).append("]");
    entries.append(",").append(test::entry(name, whole_shape, end, end + count, "U8"));
    end += count;
  }
  if (!entries.empty()) entries.erase(0, 1);
  const auto file = test::safetensors_of(entries, 0);
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
  std::filesystem::resize_file(path, file.size() + end);
}

void check_tower(const TowerConfig& tower) {
  CLIPPATH_CHECK(tower.width > 0 && tower.layers > 0 && tower.heads > 0 && tower.inner_width > 0);
  CLIPPATH_CHECK(tower.width % tower.heads == 0);
  CLIPPATH_CHECK(tower.norm_epsilon >= 0 && tower.norm_epsilon <= 1);
}

void check_vision(const VisionConfig& vision) {
  check_tower(vision.tower);
  CLIPPATH_CHECK(vision.patch_size > 0 && vision.image_size > 0 && vision.registers >= 0);
  CLIPPATH_CHECK(vision.image_size % vision.patch_size == 0 && vision.patches() > 0);
}

void check_text(const TextConfig& text, const ModelCard& card) {
  check_tower(text.tower);
  CLIPPATH_CHECK(text.vocabulary_size > 0 && text.positions > 0);
  CLIPPATH_CHECK(text.is_clip() || text.token_types > 0);
  CLIPPATH_CHECK(text.is_clip() == (text.pooling == TextPooling::kEnd));
  const auto limit = text_token_limit(card, text);
  if (!limit) return;
  CLIPPATH_CHECK(*limit >= 2 && *limit <= static_cast<std::size_t>(text.positions));
}

/// Every tensor that the configuration asks for is one that a file can have.
void check_expected(const ExpectedTensors& expected) {
  CLIPPATH_CHECK(!expected.empty());
  for (const auto& [name, shape] : expected) {
    CLIPPATH_CHECK(!name.empty());
    std::int64_t count = 1;
    for (std::int64_t side : shape) {
      CLIPPATH_CHECK(side > 0 && !__builtin_mul_overflow(count, side, &count));
    }
  }
}

void check_model(const ModelConfig& config, const ModelCard& card) {
  CLIPPATH_CHECK(config.vision || config.text);
  CLIPPATH_CHECK(config.dimension > 0);
  if (config.vision) check_vision(*config.vision);
  if (config.text) check_text(*config.text, card);
  check_expected(expected_tensors(config));
}

}  // namespace
}  // namespace clippath::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace clippath;
  static const fuzz::SectionsFolder folder;
  const fuzz::Sections sections = fuzz::sections_of(fuzz::text_of(data, size));
  folder.write(sections, {"config.json", "open_clip_config.json", "clippath.json"});
  const auto tensors = sections.find("tensors");
  fuzz::write_tensors(tensors == sections.end() ? "" : tensors->second,
                      folder.path() / kWeightsFileName);

  const auto attention = load_attention_config(folder.path());
  if (attention) fuzz::check_vision(*attention);
  const auto card = load_model_card(folder.path());
  if (!card) return 0;
  const auto config = load_model_config(folder.path(), *card);
  if (config) {
    fuzz::check_model(*config, *card);
  } else {
    CLIPPATH_CHECK(!config.error().message.empty());
  }
  return 0;
}
