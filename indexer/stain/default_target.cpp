// SPDX-License-Identifier: Apache-2.0
#include "clippath/stain.h"

namespace clippath {

// What `clippath stain fit --method M` prints for the pictures of demo/patches, to six digits. Do
// not change: it is part of what an index was made with.
StainProfile default_stain_target(StainMethod method) {
  StainProfile target;
  target.method = method;
  target.pixels = 11'070'409;
  switch (method) {
    case StainMethod::kReinhard:
      target.lab_mean = {71.3647, 18.4909, -11.1292};
      target.lab_deviation = {19.1363, 11.7746, 7.48494};
      break;
    case StainMethod::kMacenko:
      target.matrix = {{{0.591136, 0.673221, 0.444221}, {0.207856, 0.908702, 0.362017}}};
      target.max_concentrations = {1.73413, 1.25594};
      break;
    case StainMethod::kVahadane:
      target.matrix = {{{0.522079, 0.725550, 0.448342}, {0.298238, 0.855416, 0.423458}}};
      target.max_concentrations = {1.94616, 1.50231};
      target.objective = 0.0930710;
      target.iterations = 13;
      break;
  }
  return target;
}

}  // namespace clippath
