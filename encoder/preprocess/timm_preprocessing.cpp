// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "encoder/preprocess/preprocess_config.h"
#include "encoder/preprocess/preprocess_fields.h"

namespace clippath {
namespace {

/// `[3, 224, 224]`
int read_input_side(ObjectReader& reader) {
  const auto sizes = reader.optional_numbers("input_size", 3);
  if (sizes.size() != 3) {
    reader.reject("input_size", "must be three numbers");
    return 1;
  }
  if (sizes[0] != 3 || sizes[1] != sizes[2] || sizes[1] < 1 || sizes[1] > kMaxSide) {
    reject_unsupported(reader, "input_size", "only square RGB pictures are done here");
    return 1;
  }
  return static_cast<int>(sizes[1]);
}

}  // namespace

Result<Preprocessing> parse_timm_preprocessing(const Json& json) {
  if (!json.is_object() || !json.contains("pretrained_cfg")) {
    return fail(ErrorKind::kInvalidArgument, "pretrained_cfg: is required");
  }
  const Json& fields = json["pretrained_cfg"];
  ObjectReader reader(fields, "pretrained_cfg");
  Preprocessing preprocessing;
  preprocessing.crop_rule = CropRule::kHalfToEven;
  const int side = read_input_side(reader);
  // timm's own default: a crop of 224 out of 256.
  const double share = reader.optional_number("crop_pct", 0.05, 1).value_or(0.875);
  if (reader.optional_text("crop_mode", 64).value_or("center") != "center") {
    reject_unsupported(reader, "crop_mode", "only center is done here");
  }
  preprocessing.shortest_edge = static_cast<int>(std::floor(side / share));
  if (preprocessing.shortest_edge > kMaxSide) {
    reader.reject("crop_pct", "makes pictures of " + std::to_string(preprocessing.shortest_edge) +
                                  " px; at most " + std::to_string(kMaxSide));
  }
  preprocessing.crop_width = preprocessing.crop_height = side;
  preprocessing.filter = read_filter_name(reader, "interpolation");
  preprocessing.mean = read_three(reader, "mean", false);
  preprocessing.std = read_three(reader, "std", true);
  // The other keys say where the weights come from.
  if (fields.is_object()) {
    for (const auto& item : fields.items()) reader.any(item.key().c_str());
  }
  CLIPPATH_TRY_VOID(reader.finish());
  return preprocessing;
}

}  // namespace clippath
