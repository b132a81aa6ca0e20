// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "encoder/weights/architecture.h"

namespace clippath::test {

/// What is wrong with a file's tensors; empty: nothing.
inline std::string fault_of(const TensorTable& table, const ExpectedTensors& expected) {
  const auto checked = check_tensors(table, expected);
  return checked ? std::string() : checked.error().message;
}

/// Takes the expected tensors out of a table that is right, one at a time.
inline void expect_every_missing_one_named(TensorTable table, const ExpectedTensors& expected) {
  for (const auto& [name, shape] : expected) {
    auto kept = table.extract(name);
    ASSERT_FALSE(kept.empty()) << name;
    EXPECT_EQ(fault_of(table, expected), "tensor " + name + " is missing");
    table.insert(std::move(kept));
  }
}

}  // namespace clippath::test
