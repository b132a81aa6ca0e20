// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "clippath/core/ids.h"
#include "clippath/core/image.h"
#include "clippath/core/pictures.h"
#include "clippath/core/result.h"
#include "clippath/records.h"
#include "clippath/search.h"
#include "clippath/slide.h"

namespace clippath {

/// Shows what was indexed: patches, and the slides that they come from. Keeps the slides opened
/// last. Thread-safe.
class PatchPictures {
 public:
  PatchPictures(SlideOpener open, PictureDecoder decode);
  ~PatchPictures();
  PatchPictures(const PatchPictures&) = delete;
  PatchPictures& operator=(const PatchPictures&) = delete;

  /// The picture of a patch as it went into the encoder chain, before stain: searching with it
  /// finds the patch. Fails: kNotFound for an unknown patch or a file that is gone; as slide();
  /// kFailedPrecondition with code no_model without an encoder.
  [[nodiscard]] Result<RgbImage> read(const QueryEngine& engine, const PatchId& id) const;

  /// A slide as it was indexed. Messages name the slide, never its path.
  /// Fails: kNotFound if it has no file or the file is gone; kFailedPrecondition if the file's size
  /// or time of change is another than at indexing;
  ///        kInternal if it cannot be opened.
  [[nodiscard]] Result<std::shared_ptr<const SlideReader>> slide(const SlideRecord& slide) const;

 private:
  class Cache;
  std::unique_ptr<Cache> cache_;
  const PictureDecoder decode_;
};

}  // namespace clippath
