// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "clippath/attention_network.h"
#include "clippath/core/ids.h"
#include "clippath/core/pictures.h"
#include "clippath/core/result.h"
#include "clippath/data_folder.h"
#include "clippath/encoder_list.h"
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

/// A stored vector beside the one that its encoder makes now.
struct VectorCheck {
  EncoderId encoder;
  float cosine = 0;

  [[nodiscard]] bool same() const { return cosine >= kSameVector; }
};

/// A stored patch that was made again from its slide or its picture file, step by step.
struct PatchCheck {
  std::string source;                      ///< the file that was read
  std::string pipeline_id;                 ///< the settings that were repeated
  ThenAndNow<std::uint64_t> picture_hash;  ///< of the patch picture, before stain
  ThenAndNow<double> tissue_fraction;      ///< of the slide's mask; 0 for a ready-made patch
  ThenAndNow<double> white_fraction;
  ThenAndNow<bool> keeps_stain;
  /// Stored: nothing if no filter scored it; now: nothing without its network, either.
  ThenAndNow<std::optional<double>> attention;
  std::vector<VectorCheck> vectors;  ///< one for each encoder of the slide

  [[nodiscard]] bool same_picture() const { return picture_hash.stored == picture_hash.now; }
  [[nodiscard]] bool same_vectors() const {
    return std::ranges::all_of(vectors, &VectorCheck::same);
  }
  [[nodiscard]] bool holds() const { return same_picture() && same_vectors(); }
};

/// Reads a stored patch again where its record says that it lies, and repeats what the index did
/// with it: patch picture, stain by the rule of its pipeline and the stains of its series,
/// attention by the threshold of its series, every encoder of its slide (filters only decided
/// whether it was stored).
/// @param network  that of the attention filter, or null: then no score is made again.
/// Fails: kNotFound for an unknown patch, or a file that is gone; kFailedPrecondition if the file
/// has other bytes than at indexing (by size and time where they say enough, else by SHA-256), the
/// patch has neither a place nor a picture file, an encoder of its slide is not among `encoders`,
/// or its score is another network's or layers'; kCorruption if the place cannot be read, or the
/// folder does not know its pipeline.
Result<PatchCheck> verify_patch(const DataFolder& folder, const PatchId& id,
                                const EncoderList& encoders, const SlideOpener& open,
                                const PictureDecoder& decode,
                                const AttentionNetwork* network = nullptr);

}  // namespace clippath
