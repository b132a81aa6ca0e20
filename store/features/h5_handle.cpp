// SPDX-License-Identifier: Apache-2.0
#include "store/features/h5_handle.h"

namespace clippath {
namespace {

herr_t take_reason(unsigned /*depth*/, const H5E_error2_t* error, void* reason) {
  if (error->desc != nullptr) *static_cast<std::string*>(reason) = error->desc;
  return 0;
}

}  // namespace

void silence_h5() {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5PLset_loading_state(0);
}

std::string h5_reason() {
  std::string reason;
  // From the call that was made to where it failed: the last one says most.
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, &take_reason, &reason);
  return reason;
}

}  // namespace clippath
