// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "clippath/search.h"

namespace clippath::cli {

/// Every hit of an answer in reading order, grouped or not.
std::vector<const Hit*> hits_of(const SearchAnswer& answer);

/// Prints the answer as a table on stdout and what a reader must know about it on stderr.
void print_hits(const SearchAnswer& answer, const QueryEngine& engine);

/// Prints on stderr what a warning of an answer means to a reader.
void print_warnings(const std::vector<std::string>& warnings);

/// Prints on stderr what no answer may be taken for.
void print_notice(const QueryEngine& engine);

}  // namespace clippath::cli
