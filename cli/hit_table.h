// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "clippath/search.h"

namespace clippath::cli {

/// Every hit of an answer in reading order, grouped or not.
std::vector<const Hit*> hits_of(const SearchAnswer& answer);

/// Prints the answer as a table on stdout and what a reader must know about it on stderr.
void print_hits(const SearchAnswer& answer, const QueryEngine& engine);

}  // namespace clippath::cli
