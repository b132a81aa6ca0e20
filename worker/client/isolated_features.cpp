// SPDX-License-Identifier: Apache-2.0
#include "worker/client/isolated_features.h"

#include <string>
#include <system_error>

#include "worker/client/worker_host.h"
#include "worker/protocol/feature_message.h"

namespace clippath::worker {

Result<FeatureFile> read_isolated_features(const WorkerSpec& spec,
                                           const std::filesystem::path& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  const std::string name = absolute.string();
  WorkerHost host(spec, {});
  const auto answer = host.call(Request{MessageKind::kReadFeatures, path_body(absolute)});
  if (!answer) return fail(within_file(answer.error(), name));
  auto file = feature_file_from(answer->body, answer->payload);
  if (!file) return fail(ErrorKind::kCorruption, name + ": " + file.error().message);
  return file;
}

}  // namespace clippath::worker
