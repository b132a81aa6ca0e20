// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/pictures.h"
#include "server/http/handlers/handlers.h"
#include "server/http/record_codec.h"
#include "server/http/request_codec.h"
#include "server/http/server_context.h"

namespace clippath {
namespace {

constexpr std::int64_t kMaxSidePx = std::int64_t{1} << 18U;  ///< as open_slide

Result<const SlideRecord*> find_slide(const Call& call) {
  const Snapshot& snapshot = call.context.engines->first().snapshot();
  const auto found = snapshot.slide_index.find(call.ids.front());
  if (found == snapshot.slide_index.end()) {
    return fail({ErrorKind::kNotFound, "no slide '" + call.ids.front() + "'", "id"});
  }
  return &snapshot.slides[found->second];
}

Result<HttpResponse> read_jpeg(const SlideReader& reader, const SlideRecord& slide,
                               const Level0Rect& rect, std::int64_t max_px) {
  auto picture = read_region(reader, rect, static_cast<int>(max_px));
  if (!picture && picture.error().kind == ErrorKind::kInvalidArgument) {
    return fail(picture.error());
  }
  if (!picture) {
    return fail(ErrorKind::kInternal, "slide '" + slide.id.value + "': " + picture.error().message);
  }
  return picture_response(encode_jpeg(*picture), "image/jpeg");
}

}  // namespace

Result<HttpResponse> handle_slides(const Call& call) {
  const QueryEngine& engine = call.context.engines->first();
  const auto& slides = engine.snapshot().slides;
  const auto total = static_cast<std::int64_t>(slides.size());
  CLIPPATH_TRY(const std::int64_t limit, whole_number(call.target, "limit", 1, 1000, 100));
  CLIPPATH_TRY(const std::int64_t offset, whole_number(call.target, "offset", 0, 1'000'000'000, 0));
  Json list = Json::array();
  for (std::int64_t i = offset; i < std::min(offset + limit, total); ++i) {
    list.push_back(slide_summary_json(engine, slides[static_cast<std::size_t>(i)]));
  }
  return json_response(
      {{"slides", std::move(list)}, {"total", total}, {"limit", limit}, {"offset", offset}});
}

Result<HttpResponse> handle_slide(const Call& call) {
  CLIPPATH_TRY(const SlideRecord* slide, find_slide(call));
  return json_response(slide_json(call.context.engines->first(), *slide));
}

Result<HttpResponse> handle_slide_thumbnail(const Call& call) {
  CLIPPATH_TRY(const SlideRecord* slide, find_slide(call));
  CLIPPATH_TRY(const std::int64_t max_px, whole_number(call.target, "max_px", 1, 2048, 512));
  return call.context.pictures->run(deadline_of(call), [&]() -> Result<HttpResponse> {
    CLIPPATH_TRY(const auto reader, call.context.patch_pictures->slide(*slide));
    const PixelSize size = reader->info().levels.front().size;
    return read_jpeg(*reader, *slide, {0, 0, size.width, size.height}, max_px);
  });
}

Result<HttpResponse> handle_slide_region(const Call& call) {
  CLIPPATH_TRY(const SlideRecord* slide, find_slide(call));
  const std::int64_t last_x = slide->size.width > 0 ? slide->size.width - 1 : kMaxSidePx;
  const std::int64_t last_y = slide->size.height > 0 ? slide->size.height - 1 : kMaxSidePx;
  Level0Rect rect;
  CLIPPATH_TRY(rect.x, whole_number(call.target, "x", 0, last_x, std::nullopt));
  CLIPPATH_TRY(rect.y, whole_number(call.target, "y", 0, last_y, std::nullopt));
  CLIPPATH_TRY(rect.width, whole_number(call.target, "width", 1, kMaxSidePx, std::nullopt));
  CLIPPATH_TRY(rect.height, whole_number(call.target, "height", 1, kMaxSidePx, std::nullopt));
  CLIPPATH_TRY(const std::int64_t max_px, whole_number(call.target, "max_px", 1, 4096, 1024));
  return call.context.pictures->run(deadline_of(call), [&]() -> Result<HttpResponse> {
    CLIPPATH_TRY(const auto reader, call.context.patch_pictures->slide(*slide));
    return read_jpeg(*reader, *slide, rect, max_px);
  });
}

}  // namespace clippath
