// SPDX-License-Identifier: Apache-2.0
#include "encoder/preprocess/preprocess_config.h"
#include "encoder/preprocess/preprocess_fields.h"

namespace clippath {
namespace {

constexpr std::array<double, 3> kClipMean = {0.48145466, 0.4578275, 0.40821073};
constexpr std::array<double, 3> kClipStd = {0.26862954, 0.26130258, 0.27577711};

/// One number or `[height, width]`, of which open_clip cuts out a square only if they are equal.
int read_side(ObjectReader& reader, const char* key) {
  const Json* value = reader.any(key);
  if (value == nullptr || !value->is_array()) {
    return static_cast<int>(reader.integer(key, 1, kMaxSide));
  }
  const auto sides = reader.optional_numbers(key, 2);
  if (sides.size() != 2 || sides[0] != sides[1] || sides[0] < 1 || sides[0] > kMaxSide) {
    reject_unsupported(reader, key, "only square pictures are done here");
    return 1;
  }
  return static_cast<int>(sides[0]);
}

/// @param model  a configuration with `vision_cfg`.
/// @param path   of it within the file, with a dot at its end; or empty.
Result<int> image_size(const Json& model, const std::string& path) {
  const std::string vision_path = path + "vision_cfg";
  if (!model.is_object() || !model.contains("vision_cfg")) {
    return fail(ErrorKind::kInvalidArgument, vision_path + ": is missing");
  }
  const Json& fields = model["vision_cfg"];
  ObjectReader vision(fields, vision_path);
  const Json* given = vision.any("image_size");
  const int side = given == nullptr ? 224 : read_side(vision, "image_size");
  for (const auto& item : fields.items()) vision.any(item.key().c_str());
  CLIPPATH_TRY_VOID(vision.finish());
  return side;
}

/// What both programs do if nothing else is said. The shortest edge becomes the side of the crop.
Preprocessing default_preprocessing() {
  Preprocessing preprocessing;
  preprocessing.crop_rule = CropRule::kHalfToEven;
  preprocessing.mean = kClipMean;
  preprocessing.std = kClipStd;
  return preprocessing;
}

void set_side(Preprocessing& preprocessing, int side) {
  preprocessing.shortest_edge = preprocessing.crop_width = preprocessing.crop_height = side;
}

void read_preprocess_cfg(ObjectReader& reader, Preprocessing& preprocessing) {
  preprocessing.filter = read_filter_name(reader, "interpolation");
  if (reader.optional_text("resize_mode", 64).value_or("shortest") != "shortest") {
    reject_unsupported(reader, "resize_mode", "only shortest is done here");
  }
  if (reader.optional_text("mode", 64).value_or("RGB") != "RGB") {
    reject_unsupported(reader, "mode", "only RGB is done here");
  }
  reader.any("fill_color");  // of a resize that pads
  if (reader.any("mean") != nullptr) preprocessing.mean = read_three(reader, "mean", false);
  if (reader.any("std") != nullptr) preprocessing.std = read_three(reader, "std", true);
}

}  // namespace

Result<Preprocessing> parse_open_clip_preprocessing(const Json& json) {
  Preprocessing preprocessing = default_preprocessing();
  static const Json kEmpty = Json::object();
  const bool given = json.is_object() && json.contains("preprocess_cfg");
  ObjectReader reader(given ? json["preprocess_cfg"] : kEmpty, "preprocess_cfg");
  read_preprocess_cfg(reader, preprocessing);
  int side = 0;
  if (reader.any("size") != nullptr) {
    side = read_side(reader, "size");
  } else {
    const bool has_model = json.is_object() && json.contains("model_cfg");
    CLIPPATH_TRY(side, image_size(has_model ? json["model_cfg"] : kEmpty, "model_cfg."));
  }
  CLIPPATH_TRY_VOID(reader.finish());
  set_side(preprocessing, side);
  return preprocessing;
}

Result<Preprocessing> parse_conch_preprocessing(const Json& json) {
  Preprocessing preprocessing = default_preprocessing();
  CLIPPATH_TRY(const int side, image_size(json, ""));
  set_side(preprocessing, side);
  return preprocessing;
}

}  // namespace clippath
