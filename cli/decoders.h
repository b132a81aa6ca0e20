// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "clippath/decode_workers.h"

namespace clippath::cli {

/// Where slides, foreign pictures and features are decoded: the processes, and the same as
/// parameters of the libraries, which keep the processes alive.
struct Decoders {
  std::shared_ptr<const DecodeWorkers> workers;
  SlideOpener open_slide;
  PictureDecoder decode_picture;
  FeatureReader read_features;
};

/// Decoders by the program clippath-worker beside this one. No process is started yet.
/// @param lanes  requests of one process beside each other.
/// Fails: kNotFound if it is missing.
Result<Decoders> make_decoders(int lanes);

}  // namespace clippath::cli
