// SPDX-License-Identifier: Apache-2.0
#pragma once

// For functions whose loops the compiler makes vector code of: compiled twice, the right one is
// chosen when the program is loaded, which is before the thread sanitizer works. Without fused
// multiply-add, so that both give the same bytes.
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__SANITIZE_THREAD__)
#define CLIPPATH_FOR_EACH_PROCESSOR __attribute__((target_clones("avx2", "default")))
#else
#define CLIPPATH_FOR_EACH_PROCESSOR
#endif

// Both pass vectors to a function differently. So whatever takes or returns one is inlined, in
// debug builds too, and never crosses a call.
#define CLIPPATH_INLINE_LANES [[gnu::always_inline]] inline
#pragma GCC diagnostic ignored "-Wpsabi"
