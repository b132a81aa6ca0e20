// SPDX-License-Identifier: Apache-2.0
#include "cli/writing_session.h"

#include <cstdio>
#include <system_error>
#include <utility>

namespace clippath::cli {
namespace {

Error no_model(const std::filesystem::path& data) {
  return Error{ErrorKind::kInvalidArgument,
               "the data folder '" + data.string() +
                   "' has no encoder yet: give a model folder with --model",
               "model"};
}

}  // namespace

Result<std::filesystem::path> kept_model(const DataFolder& folder) {
  const std::vector<EncoderEntry> known = folder.encoders();
  if (known.empty()) return fail(no_model(folder.path()));
  return folder.model_folder(known.front().id);
}

Result<WritingSession> open_for_writing(const std::filesystem::path& data,
                                        const std::filesystem::path& model,
                                        const EncoderOptions& options, const std::string& purpose) {
  WritingSession session;
  if (model.empty()) {
    std::error_code error;
    if (!std::filesystem::exists(data, error)) return fail(no_model(data));
    CLIPPATH_TRY(session.folder, DataFolder::open(data, Access::kWrite, purpose));
    CLIPPATH_TRY(const std::filesystem::path kept, kept_model(*session.folder));
    CLIPPATH_TRY(session.encoder, load_encoder(kept, options));
    if (session.encoder->info().id != session.folder->encoders().front().id) {
      return fail(Error{ErrorKind::kFailedPrecondition,
                        "the model kept in '" + data.string() +
                            "' is not the one that it was indexed with; put its files back",
                        "", "", "encoder_mismatch"});
    }
    return session;
  }
  CLIPPATH_TRY(session.encoder, load_encoder(model, options));
  CLIPPATH_TRY(session.folder, DataFolder::open(data, Access::kWrite, purpose));
  const EncoderInfo& info = session.encoder->info();
  CLIPPATH_TRY_VOID(
      session.folder->adopt_encoder({info.id, info.card.name, info.dimension}, model));
  return session;
}

}  // namespace clippath::cli
