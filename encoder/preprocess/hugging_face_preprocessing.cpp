// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <optional>
#include <string>

#include "encoder/preprocess/preprocess_config.h"
#include "encoder/preprocess/preprocess_fields.h"

namespace clippath {
namespace {

struct Sides {
  int width = 0;
  int height = 0;
};

/// `224` or `{"height": 224, "width": 224}`.
std::optional<Sides> read_sides(ObjectReader& reader, const char* key) {
  const Json* value = reader.any(key);
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) {
    const auto side = static_cast<int>(reader.integer(key, 1, kMaxSide));
    return Sides{side, side};
  }
  ObjectReader sides(*value, reader.path_of(key));
  const Sides read{static_cast<int>(sides.integer("width", 1, kMaxSide)),
                   static_cast<int>(sides.integer("height", 1, kMaxSide))};
  if (auto done = sides.finish(); !done) reader.reject(done.error());
  return read;
}

/// Older files give a bare number: the shortest side for CLIP, both sides for ViT.
void read_resize(ObjectReader& reader, bool is_vit, Preprocessing& preprocessing) {
  const Json* size = reader.any("size");
  const bool by_shortest = size == nullptr || (size->is_number() && !is_vit) ||
                           (size->is_object() && size->contains("shortest_edge"));
  if (!by_shortest) {
    preprocessing.shortest_edge = 0;
    if (const auto sides = read_sides(reader, "size")) {
      preprocessing.exact_width = sides->width;
      preprocessing.exact_height = sides->height;
    }
  } else if (size != nullptr && size->is_object()) {
    ObjectReader fields(*size, reader.path_of("size"));
    preprocessing.shortest_edge = static_cast<int>(fields.integer("shortest_edge", 1, kMaxSide));
    if (auto done = fields.finish(); !done) reader.reject(done.error());
  } else if (size != nullptr) {
    preprocessing.shortest_edge = static_cast<int>(reader.integer("size", 1, kMaxSide));
  }
}

/// Numbers of Pillow's `Image.Resampling`.
void read_filter(ObjectReader& reader, bool is_vit, Preprocessing& preprocessing) {
  switch (reader.optional_integer("resample", 0, 5).value_or(is_vit ? 2 : 3)) {
    case 1: preprocessing.filter = ResampleFilter::kLanczos; return;
    case 2: preprocessing.filter = ResampleFilter::kBilinear; return;
    case 3: preprocessing.filter = ResampleFilter::kBicubic; return;
    default:
      reject_unsupported(reader, "resample",
                         "only 1 (Lanczos), 2 (bilinear) and 3 (bicubic) are done here");
  }
}

void read_crop(ObjectReader& reader, bool is_vit, Preprocessing& preprocessing) {
  const auto sides = read_sides(reader, "crop_size");
  if (!reader.optional_boolean("do_center_crop").value_or(!is_vit)) {
    preprocessing.crop_width = 0;
    preprocessing.crop_height = 0;
    if (preprocessing.shortest_edge > 0) {
      reject_unsupported(reader, "do_center_crop",
                         "without a crop, size must give width and height");
    }
    return;
  }
  if (sides) {
    preprocessing.crop_width = sides->width;
    preprocessing.crop_height = sides->height;
  }
  const int least_width =
      preprocessing.shortest_edge > 0 ? preprocessing.shortest_edge : preprocessing.exact_width;
  const int least_height =
      preprocessing.shortest_edge > 0 ? preprocessing.shortest_edge : preprocessing.exact_height;
  if (preprocessing.crop_width > least_width || preprocessing.crop_height > least_height) {
    reject_unsupported(reader, "crop_size", "is larger than the resized picture");
  }
}

void read_scaling(ObjectReader& reader, Preprocessing& preprocessing) {
  if (!reader.optional_boolean("do_rescale").value_or(true) ||
      std::abs(reader.optional_number("rescale_factor", 0, 1).value_or(1.0 / 255) * 255 - 1) >
          1e-6) {
    reject_unsupported(reader, "rescale_factor", "only 1/255 is done here");
  }
  const bool normalise = reader.optional_boolean("do_normalize").value_or(true);
  if (!normalise) {
    preprocessing.std = {1, 1, 1};
    return;
  }
  preprocessing.mean = read_three(reader, "image_mean", false);
  preprocessing.std = read_three(reader, "image_std", true);
}

/// A step that is switched on and that nobody asked for above would be left out silently.
void refuse_other_steps(ObjectReader& reader, const Json& json) {
  if (!json.is_object()) return;
  for (const auto& item : json.items()) {
    const std::string& key = item.key();
    const bool known = key == "do_resize" || key == "do_center_crop" || key == "do_rescale" ||
                       key == "do_normalize" || key == "do_convert_rgb";
    const Json* value = reader.any(key.c_str());
    if (!known && key.starts_with("do_") && value->is_boolean() && value->get<bool>()) {
      reject_unsupported(reader, key.c_str(), "this step is not done here");
    }
  }
}

}  // namespace

Result<Preprocessing> parse_hugging_face_preprocessing(const Json& json) {
  ObjectReader reader(json, "");
  const std::string fallback =
      reader.optional_text("feature_extractor_type", 256).value_or("CLIPImageProcessor");
  const std::string type = reader.optional_text("image_processor_type", 256).value_or(fallback);
  const bool is_vit = type.starts_with("ViT");
  // Bit's resizes and crops by the same keys and defaults as CLIP's.
  if (!is_vit && !type.starts_with("CLIP") && !type.starts_with("Bit")) {
    reject_unsupported(reader, "image_processor_type",
                       "is " + type +
                           "; this program does CLIPImageProcessor, "
                           "ViTImageProcessor and BitImageProcessor");
  }
  if (!reader.optional_boolean("do_resize").value_or(true)) {
    reject_unsupported(reader, "do_resize", "pictures of any size must be resized");
  }
  Preprocessing preprocessing;
  read_resize(reader, is_vit, preprocessing);
  read_filter(reader, is_vit, preprocessing);
  read_crop(reader, is_vit, preprocessing);
  read_scaling(reader, preprocessing);
  refuse_other_steps(reader, json);
  CLIPPATH_TRY_VOID(reader.finish());
  return preprocessing;
}

}  // namespace clippath
