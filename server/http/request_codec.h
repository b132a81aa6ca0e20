// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "clippath/core/image.h"
#include "clippath/core/result.h"
#include "clippath/search.h"
#include "core/json/json.h"
#include "server/http/target.h"

namespace clippath {

inline constexpr std::size_t kMaxQueryTextBytes = std::size_t{64} << 10U;
inline constexpr std::size_t kMaxPictureBytes = std::size_t{8} << 20U;
inline constexpr std::size_t kMaxFilterConditions = 64;
inline constexpr std::size_t kMaxFilterValues = 1000;
inline constexpr std::size_t kMaxRankTexts = 1000;

/// Turns the bytes of an uploaded picture into pixels. A parameter, since it runs elsewhere.
using UploadDecoder = std::function<Result<RgbImage>(std::span<const std::uint8_t>)>;

/// The body of `POST /v1/search`. Cheap faults are found before a picture is decoded.
/// Fails: kInvalidArgument naming field and limit, for an unknown field with the known ones; as the
/// decoder does.
Result<SearchRequest> decode_search_request(const Json& body, const UploadDecoder& decode_picture);

/// The query string of `POST /v1/search/image`; the picture itself is put in by the caller.
/// `filter` is JSON text.
struct ImageSearch {
  SearchRequest request;  ///< `query` is empty
  ImageQuery picture;     ///< all but its pixels, which are the body
};
Result<ImageSearch> decode_image_search(const Target& target);

/// The body of `POST /v1/rank`.
Result<RankRequest> decode_rank_request(const Json& body, const UploadDecoder& decode_picture);

/// The body of `POST /v1/classify`: a picture as `/v1/rank` takes it, or the id of a slide alone.
Result<ClassifyRequest> decode_classify_request(const Json& body,
                                                const UploadDecoder& decode_picture);

/// A filter tree. `range` takes `gte` and `lte`.
Result<Filter> decode_filter(const Json& value, const std::string& path);

/// One whole number of a query string. Fails: kInvalidArgument naming it and its limits.
Result<std::int64_t> whole_number(const Target& target, const std::string& name, std::int64_t least,
                                  std::int64_t most, std::optional<std::int64_t> fallback);

}  // namespace clippath
