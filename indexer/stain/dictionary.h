// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clippath/stain.h"
#include "indexer/stain/optical_density.h"

namespace clippath {

inline constexpr double kDictionaryLambda = 0.1;

/// F(M) = (1/n) sum over pixels of min over a >= 0 of 1/2 |x - a M|^2 + 0.1 (a1 + a2).
double dictionary_objective(const OpticalDensities& x, const StainMatrix& matrix);

struct DictionaryFit {
  StainMatrix matrix{};  ///< rows of length 1, haematoxylin (more red density) first
  double objective = 0;  ///< before the rows were normalised
  int iterations = 0;
};

/// Minimises F over M >= 0 with |row| <= 1: exact coefficients, then projected updates of each row,
/// in turns, until a sweep lowers F by less than 1e-7 of it (at most 500 sweeps). No sweep raises
/// F. (Vahadane et al., IEEE TMI 35(8), 2016; Mairal et al., JMLR 11, 2010, algorithm 2.)
/// @param start  not negative.
DictionaryFit fit_dictionary(const OpticalDensities& x, const StainMatrix& start);

}  // namespace clippath
