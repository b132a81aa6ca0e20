// SPDX-License-Identifier: Apache-2.0
#include "clippath/feature_file.h"
#include "worker/program/lane.h"
#include "worker/program/roles.h"
#include "worker/program/sandbox.h"
#include "worker/protocol/feature_message.h"

namespace clippath::worker {
namespace {

// The numbers of a file of the greatest size, the same as a payload, and the shared memory.
constexpr ResourceLimits kLimits{std::uint64_t{6} << 30, 60};

/// The sandbox is closed before the first byte of the file is read.
Result<Answer> read_in_sandbox(const Message& request) {
  limit_request(kLimits);
  if (request.kind != MessageKind::kReadFeatures) {
    return fail(ErrorKind::kInvalidArgument, "a features worker reads features only");
  }
  CLIPPATH_TRY(const auto path, path_from(request.body));
  CLIPPATH_TRY_VOID(enter_sandbox(folders_of(path)));
  CLIPPATH_TRY(const FeatureFile file, read_feature_file(path));
  return Answer{to_json(file), payload_of(file)};
}

}  // namespace

Result<void> run_features_role(std::vector<Channel>& lanes) {
  CLIPPATH_TRY_VOID(limit_resources(kLimits));
  serve_once(lanes.front(), &read_in_sandbox);
  return {};
}

}  // namespace clippath::worker
