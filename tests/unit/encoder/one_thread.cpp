// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "encoder/runtime/threads.h"

namespace clippath {
namespace {

/// Computes as the program does, whose main makes the same call.
class OneThread : public testing::Environment {
 public:
  void SetUp() override { use_one_thread_per_call(); }
};

[[maybe_unused]] const auto* const kEnvironment =
    testing::AddGlobalTestEnvironment(new OneThread);  // ci-allow: GoogleTest takes it over

}  // namespace
}  // namespace clippath
