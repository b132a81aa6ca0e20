// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "clippath/encoder.h"

namespace clippath {

struct EncoderQueueOptions {
  std::size_t capacity = 1;  ///< calls that wait
  int workers = 1;           ///< threads that encode
  /// Each thread encodes a picture and a text, as far as there are towers, before its first call:
  /// LibTorch prepares its kernels then, which else the first callers would wait for.
  bool warm_up = false;
};

/// An encoder behind a bounded queue: a few threads of its own do all the work, in the order of
/// arrival, so that LibTorch never meets the threads of the HTTP server. Texts that wait when a
/// thread gets free are encoded as one batch, for a batch costs little more than a text; so are
/// pictures where EncoderInfo::batches asks for whole batches, as on a GPU. Nobody waits for
/// company. If such a batch fails, its calls are tried one by one, so that a bad input fails its
/// own call alone. A full queue answers at once with kUnavailable. A call whose
/// deadline passes while it waits comes back with kDeadlineExceeded within 20 ms, is never encoded,
/// and leaves its place to others; one that a thread has begun is waited for. The threads are
/// joined in the destructor, after the calls that wait were answered.
std::shared_ptr<const Encoder> make_encoder_queue(std::shared_ptr<const Encoder> encoder,
                                                  const EncoderQueueOptions& options);

}  // namespace clippath
