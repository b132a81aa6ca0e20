// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "worker/protocol/channel.h"

namespace clippath::worker {

/// Reads one slide: the first request opens it, all others read its regions. Returns when the
/// program is gone. Fails: kInternal if there is no sandbox to be had.
Result<void> run_slide_role(std::vector<Channel>& lanes);

/// Decodes pictures, and tries the sandbox. Returns and fails as above.
Result<void> run_picture_role(std::vector<Channel>& lanes);

/// Reads one features file (clippath/feature_file.h): the first request, and the only one.
/// Returns and fails as above.
Result<void> run_features_role(std::vector<Channel>& lanes);

}  // namespace clippath::worker
