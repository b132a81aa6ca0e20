// SPDX-License-Identifier: Apache-2.0
#include "server/http/executor.h"

#include "clippath/core/check.h"

namespace clippath {

Executor::Executor(std::size_t threads, std::size_t queue_capacity) : queue_(queue_capacity) {
  CLIPPATH_CHECK(threads > 0 && queue_capacity > 0);
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] {
      while (auto task = queue_.pop()) (*task)();
    });
  }
}

Executor::~Executor() {
  queue_.close();
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace clippath
