// SPDX-License-Identifier: Apache-2.0
#include "clippath/tissue.h"

namespace clippath {

std::string_view to_string(DropReason reason) {
  switch (reason) {
    case DropReason::kBackground: return "background";
    case DropReason::kWhite: return "white";
    case DropReason::kReadError: return "read_error";
    case DropReason::kBlank: return "blank";
    case DropReason::kBlack: return "black";
    case DropReason::kPenRed: return "pen_red";
    case DropReason::kPenGreen: return "pen_green";
    case DropReason::kBlur: return "blur";
    case DropReason::kAttention: return "attention";
    case DropReason::kOutsideRegions: return "outside_roi";
    case DropReason::kExcluded: return "excluded";
  }
  return "read_error";
}

}  // namespace clippath
