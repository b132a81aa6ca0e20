// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>
#include <gtest/gtest.h>

#include <string>

#include "encoder/models/stored_weights.h"
#include "encoder/models/text_transformer.h"
#include "encoder/weights/weights_file.h"

namespace clippath::test {

inline at::Tensor tensor(const WeightsFile& file, const std::string& name) {
  return read_tensor(file.tensors(), name);
}

/// The stored token numbers of a golden model.
inline TokenBatch token_batch(const WeightsFile& file) {
  TokenBatch batch;
  batch.ids = tensor(file, "input_ids").to(at::kLong);
  if (file.find("attention_mask") != nullptr) {
    batch.mask = tensor(file, "attention_mask").to(at::kBool);
  }
  if (file.find("token_type_ids") != nullptr) {
    batch.token_types = tensor(file, "token_type_ids").to(at::kLong);
  }
  return batch;
}

inline void expect_near(const at::Tensor& got, const at::Tensor& expected, double tolerance,
                        const char* what) {
  ASSERT_EQ(got.sizes(), expected.sizes()) << what;
  const double difference = got.sub(expected).abs().max().item<double>();
  // NaN must fail, too.
  EXPECT_TRUE(difference <= tolerance) << what << ": " << difference;
  testing::Test::RecordProperty(std::string("difference_of_") + what, std::to_string(difference));
}

inline double least_cosine(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor lengths = a.norm(2, 1).mul(b.norm(2, 1));
  return a.mul(b).sum(1).div(lengths).min().item<double>();
}

}  // namespace clippath::test
