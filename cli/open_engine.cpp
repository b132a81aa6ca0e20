// SPDX-License-Identifier: Apache-2.0
#include "cli/open_engine.h"

#include <utility>
#include <vector>

#include "cli/kept_encoder.h"
#include "clippath/core/log.h"
#include "clippath/encoder_queue.h"
#include "clippath/generation.h"

namespace clippath::cli {
namespace {

/// @param known  of a new folder, an entry without an id.
Result<std::shared_ptr<const QueryEngine>> make_engine(DataFolder& folder,
                                                       const EncoderEntry& known,
                                                       const OpenEngineOptions& options) {
  CLIPPATH_TRY(const auto snapshot, load_snapshot(folder, options.access, known.id));
  for (const std::string& note : snapshot->notes) log(LogLevel::kWarning, note);
  std::shared_ptr<const Encoder> encoder;
  if (!known.id.empty()) {
    CLIPPATH_TRY(encoder, load_kept_encoder(folder, known, options.encoder));
  }
  if (encoder != nullptr && options.encoder_queue.capacity > 0) {
    encoder = make_encoder_queue(encoder, options.encoder_queue);
  }
  return std::make_shared<const QueryEngine>(snapshot, encoder);
}

/// The encoders of the folder; of a new one, an entry without an id.
std::vector<EncoderEntry> encoders_of(const DataFolder& folder) {
  std::vector<EncoderEntry> known = folder.encoders();
  if (known.empty()) known.emplace_back();
  return known;
}

}  // namespace

Result<OpenEngine> open_engine(const OpenEngineOptions& options, const std::string& encoder) {
  OpenEngine opened;
  CLIPPATH_TRY(opened.folder, DataFolder::open(options.data, options.access, options.purpose));
  EncoderEntry known = encoders_of(*opened.folder).front();
  if (!encoder.empty()) {
    CLIPPATH_TRY(known, choose_encoder(opened.folder->encoders(), encoder));
  }
  CLIPPATH_TRY(opened.engine, make_engine(*opened.folder, known, options));
  return opened;
}

Result<OpenEngines> open_engines(const OpenEngineOptions& options) {
  OpenEngines opened;
  CLIPPATH_TRY(opened.folder, DataFolder::open(options.data, options.access, options.purpose));
  std::vector<QueryEngines::Member> members;
  for (const EncoderEntry& known : encoders_of(*opened.folder)) {
    CLIPPATH_TRY(auto engine, make_engine(*opened.folder, known, options));
    members.push_back({known, std::move(engine)});
  }
  opened.engines = std::make_shared<const QueryEngines>(std::move(members));
  return opened;
}

}  // namespace clippath::cli
