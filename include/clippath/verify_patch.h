// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "clippath/core/ids.h"
#include "clippath/core/pictures.h"
#include "clippath/core/result.h"
#include "clippath/data_folder.h"
#include "clippath/encoder.h"
#include "clippath/slide.h"

namespace clippath {

/// Least cosine between a stored vector and the one made again. Half precision costs about 1e-7,
/// another batch and another machine the last bits of a float.
inline constexpr float kSameVector = 0.9999F;

/// What one step of the index gave when the patch was stored, and what it gives now.
template <class T>
struct ThenAndNow {
  T stored{};
  T now{};
};

/// A stored patch that was made again from its slide or its picture file, step by step.
struct PatchCheck {
  std::string source;                      ///< the file that was read
  std::string pipeline_id;                 ///< the settings that were repeated
  ThenAndNow<std::uint64_t> picture_hash;  ///< of the patch picture, before stain
  ThenAndNow<double> tissue_fraction;      ///< of the slide's mask; 0 for a ready-made patch
  ThenAndNow<double> white_fraction;
  ThenAndNow<bool> keeps_stain;
  float cosine = 0;  ///< of the stored vector and the new one

  [[nodiscard]] bool same_picture() const { return picture_hash.stored == picture_hash.now; }
  [[nodiscard]] bool same_vector() const { return cosine >= kSameVector; }
  [[nodiscard]] bool holds() const { return same_picture() && same_vector(); }
};

/// Reads a stored patch again where its record says that it lies, and repeats what the index did
/// with it: patch picture, stain by the rule of its pipeline and the stains of its series, encoder
/// (filters only decided whether it was stored). Fails: kNotFound for an unknown patch, or a file
/// that is gone; kFailedPrecondition if the file has other bytes than at indexing (by size and time
/// where they say enough, else by SHA-256), the patch has neither a place nor a picture file, or
/// another encoder made it; kCorruption if the place cannot be read, or the folder does not know
/// its pipeline.
Result<PatchCheck> verify_patch(const DataFolder& folder, const PatchId& id, const Encoder& encoder,
                                const SlideOpener& open, const PictureDecoder& decode);

}  // namespace clippath
