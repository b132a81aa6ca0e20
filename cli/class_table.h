// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clippath/search.h"

namespace clippath::cli {

/// Prints the classes as a table on stdout, with `+-` where there are several ensembles of prompts,
/// and what a reader must know about it on stderr.
void print_classes(const ClassifyAnswer& answer, const QueryEngine& engine);

}  // namespace clippath::cli
