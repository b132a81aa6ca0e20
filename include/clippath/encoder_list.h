// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "clippath/encoder.h"

namespace clippath {

/// The encoders that a run makes vectors with: at least one, each once, the default first.
/// Borrowed: they outlive the run.
using EncoderList = std::vector<const Encoder*>;

inline std::vector<EncoderId> ids_of(const EncoderList& encoders) {
  std::vector<EncoderId> ids;
  for (const Encoder* encoder : encoders) ids.push_back(encoder->info().id);
  return ids;
}

/// How a run cuts its pictures, which go to all encoders in the same batches: as the encoder wants
/// that takes most at once.
inline PictureBatches batches_of(const EncoderList& encoders) {
  PictureBatches batches = encoders.front()->info().batches;
  for (const Encoder* encoder : encoders) {
    if (encoder->info().batches.size > batches.size) batches = encoder->info().batches;
  }
  return batches;
}

}  // namespace clippath
