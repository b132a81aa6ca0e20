// SPDX-License-Identifier: Apache-2.0
#include "cli/open_engine.h"

#include "clippath/core/log.h"
#include "clippath/encoder_queue.h"
#include "clippath/generation.h"

namespace clippath::cli {
namespace {

Result<std::shared_ptr<const Encoder>> open_encoder(const DataFolder& folder,
                                                    const OpenEngineOptions& options) {
  const auto known = folder.encoders();
  if (known.empty()) return std::shared_ptr<const Encoder>();
  const auto model = folder.model_folder(known.front().id);
  auto loaded = load_encoder(model, options.encoder);
  if (!loaded) return fail(loaded.error().within("model " + known.front().name));
  std::shared_ptr<const Encoder> encoder = std::move(*loaded);
  if (encoder->info().id != known.front().id) {
    return fail({ErrorKind::kFailedPrecondition,
                 model.string() +
                     ": is not the model that this folder was indexed with (its files give " +
                     encoder->info().id.value +
                     "); put the right files back, or index again into a new folder",
                 "", "", "encoder_mismatch"});
  }
  return options.encoder_queue.capacity == 0 ? encoder
                                             : make_encoder_queue(encoder, options.encoder_queue);
}

}  // namespace

Result<OpenEngine> open_engine(const OpenEngineOptions& options) {
  OpenEngine opened;
  CLIPPATH_TRY(opened.folder, DataFolder::open(options.data, options.access, options.purpose));
  CLIPPATH_TRY(const auto snapshot, load_snapshot(*opened.folder, options.access));
  for (const std::string& note : snapshot->notes) log(LogLevel::kWarning, note);
  CLIPPATH_TRY(const auto encoder, open_encoder(*opened.folder, options));
  opened.engine = std::make_shared<QueryEngine>(snapshot, encoder);
  return opened;
}

}  // namespace clippath::cli
