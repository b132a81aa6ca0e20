// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "clippath/data_folder.h"

namespace clippath {

Result<EncoderEntry> choose_encoder(const std::vector<EncoderEntry>& known,
                                    std::string_view id_or_name) {
  const auto by_id = std::ranges::find_if(
      known, [&](const EncoderEntry& encoder) { return encoder.id.value == id_or_name; });
  if (by_id != known.end()) return *by_id;
  std::string list;
  std::vector<EncoderEntry> named;
  for (const EncoderEntry& encoder : known) {
    list += (list.empty() ? "" : ", ") + encoder.name + " (" + encoder.id.value + ")";
    if (encoder.name == id_or_name) named.push_back(encoder);
  }
  if (named.size() == 1) return named.front();
  const std::string wanted = "'" + std::string(id_or_name) + "'";
  return fail({ErrorKind::kFailedPrecondition,
               named.empty()
                   ? "encoder: this data folder has " +
                         (list.empty() ? std::string("none") : list) + ", not " + wanted
                   : "encoder: several are called " + wanted + "; give one by its id: " + list,
               "encoder", "", "encoder_mismatch"});
}

}  // namespace clippath
