// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

#include "clippath/encoder.h"

namespace clippath {

/// An encoder behind a bounded queue: one thread does all the work, in the order of arrival, so
/// that LibTorch never meets the threads of the HTTP server. A full queue answers at once with
/// kUnavailable. The thread is joined in the destructor, after the calls that wait were answered.
std::shared_ptr<const Encoder> make_encoder_queue(std::shared_ptr<const Encoder> encoder,
                                                  std::size_t capacity);

}  // namespace clippath
