// SPDX-License-Identifier: Apache-2.0
#include "encoder/models/appended_token.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/ones.h>

namespace clippath {

at::Tensor with_padding(const at::Tensor& ids, std::int64_t padding, std::int64_t most) {
  return ids.size(1) == most ? ids : at::constant_pad_nd(ids, {0, 1}, padding);
}

at::Tensor appended_token_mask(const at::Tensor& ids, std::int64_t padding) {
  const std::int64_t n = ids.size(0);
  const std::int64_t tokens = ids.size(1) + 1;
  at::Tensor mask =
      at::ones({tokens, tokens}, at::kBool).tril().expand({n, tokens, tokens}).clone();
  // Column j of the last row says whether token j - 1 is padding.
  mask.select(1, tokens - 1).narrow(1, 1, tokens - 1).copy_(ids.ne(padding));
  return mask.unsqueeze(1);
}

}  // namespace clippath
