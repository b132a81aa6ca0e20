// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "clippath/encoder.h"
#include "encoder/weights/model_config.h"

namespace clippath {

/// The matrix products of an image tower and nothing else: on weights of the same shapes, as many
/// of them, prepared as the tower prepares its own. What they take back to back is the least time
/// in which this program's products could encode a batch; those within the attention are not among
/// them. Immutable: share freely.
class ImageProducts {
 public:
  /// @param batch  pictures at once
  ImageProducts(const VisionConfig& vision, const ProjectionConfig& projection, std::int64_t batch,
                Dtype dtype);
  ~ImageProducts();

  /// Computes all of them once, on the thread that calls.
  void run() const;

  /// Multiplications and additions of one run.
  [[nodiscard]] double operations() const;

 private:
  struct Product;
  struct Products;
  std::unique_ptr<const Products> products_;
};

}  // namespace clippath
