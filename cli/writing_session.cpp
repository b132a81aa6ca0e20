// SPDX-License-Identifier: Apache-2.0
#include "cli/writing_session.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "cli/kept_encoder.h"
#include "clippath/core/log.h"
#include "clippath/generation.h"

namespace clippath::cli {
namespace {

Error no_model(const std::filesystem::path& data) {
  return Error{ErrorKind::kInvalidArgument,
               "the data folder '" + data.string() +
                   "' has no encoder yet: give a model folder with --model",
               "model"};
}

/// Loaded encoders with the folders that they came from.
struct GivenModels {
  LoadedEncoders encoders;
  std::vector<std::filesystem::path> folders;

  /// Position of an encoder; their number where it is not there.
  [[nodiscard]] std::size_t find(const EncoderId& id) const {
    const auto found = std::ranges::find_if(
        encoders, [&id](const auto& encoder) { return encoder->info().id == id; });
    return static_cast<std::size_t>(found - encoders.begin());
  }
};

Result<GivenModels> load_given(const std::vector<std::filesystem::path>& models,
                               const EncoderOptions& options) {
  GivenModels given;
  for (const std::filesystem::path& model : models) {
    CLIPPATH_TRY(auto encoder, load_encoder(model, options));
    const std::size_t same = given.find(encoder->info().id);
    if (same < given.encoders.size()) {
      return fail(Error{ErrorKind::kInvalidArgument,
                        "--model '" + model.string() + "' is the same model as '" +
                            given.folders[same].string() + "'; give each once",
                        "model"});
    }
    given.encoders.push_back(std::move(encoder));
    given.folders.push_back(model);
  }
  return given;
}

/// The folder's own encoders first, in their order.
Result<void> put_in_order(const DataFolder& folder, GivenModels& given) {
  std::size_t place = 0;
  for (const EncoderEntry& known : folder.encoders()) {
    const std::size_t found = given.find(known.id);
    if (found == given.encoders.size()) {
      return fail(Error{ErrorKind::kFailedPrecondition,
                        folder.path().string() + ": has vectors of encoder " + known.id.value +
                            " (" + known.name + "), which is not among the models given; add it (" +
                            "--model " + folder.model_folder(known.id).string() +
                            "), leave --model away to use the folder's own, or use a new data "
                            "folder",
                        "encoder", "", "encoder_mismatch"});
    }
    std::swap(given.encoders[place], given.encoders[found]);
    std::swap(given.folders[place], given.folders[found]);
    ++place;
  }
  return {};
}

}  // namespace

EncoderList borrowed(const LoadedEncoders& encoders) {
  EncoderList list;
  for (const auto& encoder : encoders) list.push_back(encoder.get());
  return list;
}

Result<LoadedEncoders> load_kept_encoders(const DataFolder& folder, const EncoderOptions& options) {
  const std::vector<EncoderEntry> known = folder.encoders();
  if (known.empty()) return fail(no_model(folder.path()));
  LoadedEncoders encoders;
  for (const EncoderEntry& entry : known) {
    CLIPPATH_TRY(auto encoder, load_kept_encoder(folder, entry, options));
    encoders.push_back(std::move(encoder));
  }
  return encoders;
}

Result<WritingSession> open_for_writing(const std::filesystem::path& data,
                                        const std::vector<std::filesystem::path>& models,
                                        const EncoderOptions& options, const std::string& purpose) {
  WritingSession session;
  if (models.empty()) {
    std::error_code error;
    if (!std::filesystem::exists(data, error)) return fail(no_model(data));
    CLIPPATH_TRY(session.folder, DataFolder::open(data, Access::kWrite, purpose));
    CLIPPATH_TRY(session.encoders, load_kept_encoders(*session.folder, options));
    return session;
  }
  CLIPPATH_TRY(GivenModels given, load_given(models, options));
  CLIPPATH_TRY(session.folder, DataFolder::open(data, Access::kWrite, purpose));
  CLIPPATH_TRY_VOID(put_in_order(*session.folder, given));
  for (std::size_t i = 0; i < given.encoders.size(); ++i) {
    const EncoderInfo& info = given.encoders[i]->info();
    CLIPPATH_TRY_VOID(
        session.folder->adopt_encoder({info.id, info.card.name, info.dimension}, given.folders[i]));
  }
  session.encoders = std::move(given.encoders);
  return session;
}

Result<void> publish_generations(DataFolder& folder, const std::vector<EncoderId>& encoders) {
  for (const EncoderId& encoder : encoders) {
    CLIPPATH_TRY(const auto snapshot, load_snapshot(folder, Access::kWrite, encoder));
    for (const std::string& note : snapshot->notes) log(LogLevel::kInfo, note);
  }
  return {};
}

}  // namespace clippath::cli
