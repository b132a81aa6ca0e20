// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/threads.h"

#include <ATen/Parallel.h>

namespace clippath {

void use_one_thread_per_call() {
  at::set_num_interop_threads(1);
  at::set_num_threads(1);
}

}  // namespace clippath
