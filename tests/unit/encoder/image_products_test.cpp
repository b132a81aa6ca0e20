// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/image_products.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <thread>

namespace clippath {
namespace {

/// A function of the OpenMP runtime that LibTorch brings.
template <class Function>
Function* openmp(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

TEST(ImageProducts, RunOnTheThreadThatCallsAlone) {
  auto* const set_threads = openmp<void(int)>("omp_set_num_threads");
  auto* const most_threads = openmp<int()>("omp_get_max_threads");
  ASSERT_TRUE(set_threads != nullptr && most_threads != nullptr);
  VisionConfig vision;
  vision.tower = {.width = 32, .layers = 2, .heads = 2, .inner_width = 64};
  vision.image_size = 32;
  const ImageProducts products(vision, {}, 2, Dtype::kFp32);
  int found = 0;
  std::thread([&] {
    set_threads(4);  // what a new thread has where there are four cores
    products.run();
    found = most_threads();
  }).join();
  EXPECT_EQ(found, 1);
}

}  // namespace
}  // namespace clippath
