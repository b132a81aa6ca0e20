// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "clippath/data_folder.h"
#include "clippath/encoder_list.h"

namespace clippath::cli {

using LoadedEncoders = std::vector<std::unique_ptr<const Encoder>>;

EncoderList borrowed(const LoadedEncoders& encoders);

/// A data folder open for writing, with the encoders that its vectors are made with: the folder's
/// own in their order, then new ones.
struct WritingSession {
  std::unique_ptr<DataFolder> folder;
  LoadedEncoders encoders;
};

/// Opens the folder and loads the encoders: of `models`, which the folder then keeps, or, where
/// there are none, those that the folder has. Models that are given must include all that the
/// folder has, so that no patch lacks a vector; they are loaded first, so that a wrong one leaves
/// no new folder behind.
/// @param purpose  told to another process that wants the folder.
/// Fails: as load_encoder and DataFolder::open; kInvalidArgument for a folder without an encoder
/// and no models, or for a model that is given twice; kFailedPrecondition (code encoder_mismatch)
/// if the folder has an encoder that is not among them.
Result<WritingSession> open_for_writing(const std::filesystem::path& data,
                                        const std::vector<std::filesystem::path>& models,
                                        const EncoderOptions& options, const std::string& purpose);

/// The encoders that a data folder keeps, in its order. Fails: as load_encoder; kInvalidArgument
/// where it has none yet; kFailedPrecondition if a kept model is not the one that it was.
Result<LoadedEncoders> load_kept_encoders(const DataFolder& folder, const EncoderOptions& options);

/// Writes the generations of these encoders that are stale, so that who opens the folder next need
/// not. Fails: as load_snapshot.
Result<void> publish_generations(DataFolder& folder, const std::vector<EncoderId>& encoders);

}  // namespace clippath::cli
