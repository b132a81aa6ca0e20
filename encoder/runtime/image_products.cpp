// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/image_products.h"

#include <ATen/Parallel.h>
#include <ATen/ops/randn.h>
#include <c10/core/InferenceMode.h>

#include <vector>

#include "encoder/models/linear.h"

namespace clippath {

struct ImageProducts::Product {
  Linear linear;
  at::Tensor rows;
  double operations = 0;
};

struct ImageProducts::Products {
  std::vector<Product> all;

  void add(std::int64_t rows, std::int64_t inputs, std::int64_t outputs, at::ScalarType type) {
    all.push_back({Linear(at::randn({outputs, inputs}, type), at::randn({outputs}, type)),
                   at::randn({rows, inputs}, type),
                   2.0 * static_cast<double>(rows) * static_cast<double>(inputs) *
                       static_cast<double>(outputs)});
  }
};

ImageProducts::ImageProducts(const VisionConfig& vision, const ProjectionConfig& projection,
                             std::int64_t batch, Dtype dtype) {
  const c10::InferenceMode inference;
  const at::ScalarType type = dtype == Dtype::kBf16 ? at::kBFloat16 : at::kFloat;
  const std::int64_t patches = batch * vision.patches();
  const std::int64_t tokens = patches + batch * (1 + vision.registers);
  const std::int64_t width = vision.tower.width;
  const std::int64_t inner = vision.tower.inner_width;
  const bool gated = vision.tower.activation == Activation::kSwiGlu;
  auto products = std::make_unique<Products>();
  products->add(patches, 3 * vision.patch_size * vision.patch_size, width, type);
  for (std::int64_t layer = 0; layer < vision.tower.layers; ++layer) {
    // Of the last layer the class token alone is wanted.
    const std::int64_t rows = layer + 1 < vision.tower.layers ? tokens : batch;
    products->add(rows, width, width, type);
    products->add(tokens, width, 2 * width, type);
    products->add(rows, width, width, type);
    products->add(rows, width, gated ? 2 * inner : inner, type);
    products->add(rows, inner, width, type);
  }
  std::int64_t inputs = width;
  for (const auto& [name, outputs] : projection.products) {
    products->add(batch, inputs, outputs, type);
    inputs = outputs;
  }
  products_ = std::move(products);
}

ImageProducts::~ImageProducts() = default;

void ImageProducts::run() const {
  // What main said of threads reaches a new one with LibTorch's first loop, and here is none: each
  // product would wait for helpers of its own.
  at::init_num_threads();
  const c10::InferenceMode inference;
  for (const Product& product : products_->all) {
    [[maybe_unused]] const at::Tensor outputs = product.linear(product.rows);
  }
}

double ImageProducts::operations() const {
  double sum = 0;
  for (const Product& product : products_->all) sum += product.operations;
  return sum;
}

}  // namespace clippath
