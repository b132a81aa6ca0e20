// SPDX-License-Identifier: Apache-2.0
#include "clippath/model_card.h"

#include <algorithm>
#include <array>

#include "clippath/core/files.h"
#include "core/json/json.h"

namespace clippath {
namespace {

constexpr std::uintmax_t kMaxCardBytes = 4U << 20U;
constexpr int kFormat = 1;
constexpr std::array kPoolings = {TextPooling::kPooler, TextPooling::kCls, TextPooling::kMean};

std::string folder_name(const std::filesystem::path& folder) {
  const auto whole = std::filesystem::absolute(folder).lexically_normal();
  return whole.has_filename() ? whole.filename().string() : whole.parent_path().filename().string();
}

bool leaves_folder(const std::filesystem::path& file) {
  return file.is_absolute() ||
         std::any_of(file.begin(), file.end(), [](const auto& part) { return part == ".."; });
}

Result<ModelCard> read_card(const Json& json, ModelCard card) {
  ObjectReader reader(json, "");
  reader.integer("format", kFormat, kFormat);
  if (auto name = reader.optional_text("name", 128)) card.name = *name;
  reader.choice("layout",
                {"vision-text-dual-encoder", "clip", "open_clip", "bert", "vit", "dinov2", "conch"},
                0);
  const std::size_t pooling =
      reader.choice("text_pooling", {"pooler", "cls", "mean"}, kPoolings.size());
  if (pooling < kPoolings.size()) card.text_pooling = kPoolings[pooling];
  card.max_text_tokens =
      static_cast<int>(reader.optional_integer("max_text_tokens", 2, 1'000'000).value_or(0));
  card.extent_um = reader.optional_numbers("extent_um", 64);
  card.default_extent_um = reader.optional_number("default_extent_um", 1, 100'000).value_or(0);
  card.stain = reader.optional_text("stain", 64).value_or(card.stain);
  card.image_size = static_cast<int>(reader.optional_integer("image_size", 1, 4096).value_or(0));
  card.licence = reader.optional_text("licence").value_or("");
  card.training_slides = reader.optional_texts("training_slides", 1'000'000, 512);
  card.training_data = reader.optional_text("training_data").value_or("");
  card.golden = reader.optional_text("golden", 512).value_or("");
  card.demo = reader.optional_boolean("demo").value_or(false);

  if (std::any_of(card.extent_um.begin(), card.extent_um.end(), [](double um) { return um <= 0; }))
    reader.reject("extent_um", "must hold lengths above 0", "> 0");
  if (leaves_folder(card.golden)) reader.reject("golden", "must lie within the model folder");
  CLIPPATH_TRY_VOID(reader.finish());
  return card;
}

}  // namespace

Result<ModelCard> load_model_card(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    return fail(ErrorKind::kNotFound, "there is no model folder " + folder.string());
  }
  ModelCard card;
  card.name = folder_name(folder);

  const auto path = folder / "clippath.json";
  if (!std::filesystem::exists(path, error)) return card;
  CLIPPATH_TRY(const auto text, read_text_file(path, kMaxCardBytes));
  auto json = parse_json(text, {.max_bytes = kMaxCardBytes, .max_elements = 1'000'000});
  if (!json) return fail(json.error().within(path.string()));
  auto read = read_card(*json, std::move(card));
  if (!read) return fail(read.error().within(path.string()));
  return read;
}

}  // namespace clippath
