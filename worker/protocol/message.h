// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "clippath/core/pictures.h"
#include "clippath/core/result.h"
#include "clippath/slide.h"
#include "core/json/json.h"

namespace clippath::worker {

/// What the program asks of a worker, and the two ways to answer.
enum class MessageKind : std::uint16_t {
  kOpenSlide = 1,      ///< {path} -> slide info
  kReadRegion = 2,     ///< {x, y, level, width, height} -> picture size; payload: its RGB bytes
  kDecodePicture = 3,  ///< limits; payload: a PNG or JPEG file -> as kReadRegion
  kTrySandbox = 4,     ///< {} -> sandbox report
  kReadFeatures = 5,   ///< {path} -> features (feature_message.h)
  kDone = 100,
  kFailed = 101,  ///< an Error
};

/// One message of either side: a small JSON body, and bytes that are too many for it.
struct Message {
  MessageKind kind = MessageKind::kDone;
  std::uint64_t request_id = 0;  ///< an answer repeats its request's
  Json body = Json::object();
  std::vector<std::uint8_t> payload;
};

/// What to read of the open slide; as SlideReader::read.
struct Region {
  Level0Point origin;
  int level = 0;
  PixelSize size;
};

// One pair for each body. Those of answers are read as strictly as a stranger's: a worker may have
// been taken over by the file that it decodes. Fail: kInvalidArgument naming the field.
/// Names of files are bytes, bodies UTF-8: written as escape_id does it.
Json path_body(const std::filesystem::path& path);
Result<std::filesystem::path> path_from(const Json& body);
Json to_json(const Error& error);
Error error_from(const Json& body);
Json to_json(const SlideInfo& info);
Result<SlideInfo> slide_info_from(const Json& body);
Json to_json(const Region& region);
Result<Region> region_from(const Json& body);
Json to_json(const PictureLimits& limits);
Result<PictureLimits> picture_limits_from(const Json& body);
Json to_json(PixelSize size);
Result<PixelSize> pixel_size_from(const Json& body);

}  // namespace clippath::worker
