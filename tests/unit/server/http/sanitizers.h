// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace clippath::test {

/// Whether times and sizes say something about the program: sanitizers cost a factor of ten.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kFiguresCount = false;
#else
inline constexpr bool kFiguresCount = true;
#endif

}  // namespace clippath::test
