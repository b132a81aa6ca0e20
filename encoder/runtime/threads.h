// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace clippath {

/// Makes every LibTorch call run on the thread that makes it: speed comes from several batches
/// beside each other, and vectors do not depend on the number of cores. Called once by main, before
/// any other use of LibTorch.
void use_one_thread_per_call();

}  // namespace clippath
