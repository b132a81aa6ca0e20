// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/worker_pool.h"

#include "clippath/core/check.h"

namespace clippath {

WorkerPool::WorkerPool(int threads) : tasks_(1024) {
  CLIPPATH_CHECK(threads >= 1);
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] {
      while (auto task = tasks_.pop()) (*task)();
    });
  }
}

WorkerPool::~WorkerPool() {
  tasks_.close();
  for (std::thread& thread : threads_) thread.join();
}

void WorkerPool::submit(std::function<void()> task) {
  const bool entered = tasks_.push(std::move(task));
  CLIPPATH_CHECK(entered);
}

}  // namespace clippath
