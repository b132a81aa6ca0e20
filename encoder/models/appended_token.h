// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace clippath {

// CoCa's text tower appends a token to a text that was padded to a fixed length, so that it stands
// in the last position, and lets it look at the text. The first programs (open_clip's, CONCH's)
// compute that row of the mask a column off: the token sees the first padding too, and itself only
// where there is no padding. Models were trained so, and it must stay so.
//
// What stands behind the first padding is seen by none that is needed: it is not computed here.

/// A column of padding behind the texts, unless they have the greatest length already.
/// @param ids  int64 `[n, tokens]`, padded on the right
/// @return     `[n, min(tokens + 1, most)]`
at::Tensor with_padding(const at::Tensor& ids, std::int64_t padding, std::int64_t most);

/// What each token sees: itself and those before it, and the appended one what is said above.
/// @param ids  of with_padding
/// @return     bool `[n, 1, tokens + 1, tokens + 1]`
at::Tensor appended_token_mask(const at::Tensor& ids, std::int64_t padding);

}  // namespace clippath
