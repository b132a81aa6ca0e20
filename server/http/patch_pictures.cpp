// SPDX-License-Identifier: Apache-2.0
#include "clippath/patch_pictures.h"

#include <algorithm>
#include <utility>

#include "clippath/core/files.h"
#include "clippath/core/pictures.h"
#include "clippath/tiling.h"
#include "server/http/slide_cache.h"

namespace clippath {
namespace {

constexpr std::size_t kOpenSlides = 8;
constexpr std::uintmax_t kMaxPatchFileBytes = std::uintmax_t{64} << 20U;

Result<RgbImage> read_ready_made(const PatchRecord& patch, const PictureDecoder& decode) {
  auto bytes = read_file(patch.image_path, kMaxPatchFileBytes);
  if (!bytes && bytes.error().kind == ErrorKind::kNotFound) {
    return fail(ErrorKind::kNotFound,
                "patch '" + patch.id.value + "': its file is not where it was when it was indexed");
  }
  if (!bytes) return fail(ErrorKind::kInternal, bytes.error().message);
  return decode(*bytes, {});
}

Result<int> encoder_px(const QueryEngine& engine) {
  const Encoder* encoder = engine.encoder();
  if (encoder == nullptr) {
    return fail({ErrorKind::kFailedPrecondition,
                 "without a model it is not known how this picture was read", "", "", "no_model"});
  }
  return std::max(encoder->info().input_width, encoder->info().input_height);
}

}  // namespace

class PatchPictures::Cache : public SlideCache {
 public:
  using SlideCache::SlideCache;
};

PatchPictures::PatchPictures(SlideOpener open, PictureDecoder decode)
    : cache_(std::make_unique<Cache>(std::move(open), kOpenSlides)), decode_(std::move(decode)) {}

PatchPictures::~PatchPictures() = default;

Result<std::shared_ptr<const SlideReader>> PatchPictures::slide(const SlideRecord& slide) const {
  return cache_->open(slide);
}

Result<RgbImage> PatchPictures::read(const QueryEngine& engine, const PatchId& id) const {
  const Snapshot& snapshot = engine.snapshot();
  const auto found = snapshot.patch_row.find(id.value);
  if (found == snapshot.patch_row.end()) {
    return fail({ErrorKind::kNotFound, "no patch '" + id.value + "'", "id"});
  }
  const auto row = static_cast<std::size_t>(found->second);
  const PatchRecord& patch = snapshot.patches[row];
  if (!patch.image_path.empty()) return read_ready_made(patch, decode_);
  if (!patch.rect) return fail(ErrorKind::kNotFound, "patch '" + id.value + "' has no picture");

  CLIPPATH_TRY(const int side_px, encoder_px(engine));
  CLIPPATH_TRY(const auto reader, slide(snapshot.slides[snapshot.patch_slide[row]]));
  auto picture = read_patch_picture(*reader, *patch.rect, side_px);
  if (!picture) {
    return fail(ErrorKind::kInternal, "patch '" + id.value + "': " + picture.error().message);
  }
  return picture;
}

}  // namespace clippath
