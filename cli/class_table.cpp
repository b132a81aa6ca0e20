// SPDX-License-Identifier: Apache-2.0
#include "cli/class_table.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "cli/hit_table.h"

namespace clippath::cli {
namespace {

std::string with_spread(double value, const std::optional<double>& spread) {
  char text[48];
  if (spread) {
    std::snprintf(text, sizeof text, "%.3f +- %.3f", value, *spread);
  } else {
    std::snprintf(text, sizeof text, "%.3f", value);
  }
  return text;
}

void print_what_was_pooled(const ClassifyAnswer& answer) {
  if (answer.vectors > 1) {
    std::fprintf(stderr, "note: a class is scored by the %lld most similar of %lld fields",
                 static_cast<long long>(answer.pooled), static_cast<long long>(answer.vectors));
    if (answer.extent_um > 0) std::fprintf(stderr, " of %.0f um", answer.extent_um);
    std::fputs("\n", stderr);
  }
  if (answer.ensembles > 1) {
    std::fprintf(stderr, "note: mean and standard deviation over %zu ensembles of prompts\n",
                 answer.ensembles);
  }
  std::fprintf(stderr,
               "note: probabilities are over these classes alone, at the model's logit scale of "
               "%.1f; one always comes first, also where none is right\n",
               answer.logit_scale);
}

}  // namespace

void print_classes(const ClassifyAnswer& answer, const QueryEngine& engine) {
  std::size_t widest = 5;
  for (const ClassScore& one : answer.classes) widest = std::max(widest, one.name.size());
  const int width = static_cast<int>(std::min<std::size_t>(widest, 60));
  std::printf("%-*s  %-15s  %s\n", width, "class", "similarity", "probability");
  for (const ClassScore& one : answer.classes) {
    std::printf("%-*s  %-15s  %s\n", width, one.name.c_str(),
                with_spread(one.similarity, one.similarity_spread).c_str(),
                with_spread(one.probability, one.probability_spread).c_str());
  }
  print_warnings(answer.input_warnings);
  print_what_was_pooled(answer);
  print_notice(engine);
}

}  // namespace clippath::cli
