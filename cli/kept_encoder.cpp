// SPDX-License-Identifier: Apache-2.0
#include "cli/kept_encoder.h"

namespace clippath::cli {

Result<std::unique_ptr<const Encoder>> load_kept_encoder(const DataFolder& folder,
                                                         const EncoderEntry& known,
                                                         const EncoderOptions& options) {
  const auto model = folder.model_folder(known.id);
  auto encoder = load_encoder(model, options);
  if (!encoder) return fail(encoder.error().within("model " + known.name));
  if ((*encoder)->info().id == known.id) return encoder;
  return fail({ErrorKind::kFailedPrecondition,
               model.string() +
                   ": is not the model that this folder was indexed with (its files give " +
                   (*encoder)->info().id.value +
                   "); put the right files back, or index again into a new folder",
               "", "", "encoder_mismatch"});
}

}  // namespace clippath::cli
