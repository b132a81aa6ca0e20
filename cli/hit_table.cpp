// SPDX-License-Identifier: Apache-2.0
#include "cli/hit_table.h"

#include <algorithm>
#include <cstdio>
#include <string>

namespace clippath::cli {
namespace {

/// Cut to a number of characters, never inside a UTF-8 character.
std::string cut(const std::string& text, std::size_t characters) {
  std::string kept;
  std::size_t count = 0;
  for (const char c : text) {
    const bool begins_character = (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    if (begins_character && ++count > characters) return kept + "...";
    kept += c == '\n' || c == '\t' ? ' ' : c;
  }
  return kept;
}

std::string organ_of(const Hit& hit) {
  const auto organ = hit.fields.find("organ");
  return organ == hit.fields.end() ? "" : to_text(organ->second);
}

std::string marks_of(const Hit& hit) {
  std::string marks;
  if (hit.in_training) marks += " [in training]";
  if (hit.partial_slide) marks += " [slide partly unreadable]";
  if (!hit.via.empty()) marks += " [" + hit.via + "]";
  return marks;
}

void print_hit(const Hit& hit, std::size_t number, int id_width, const char* indent) {
  std::printf("%s%3zu  %6.3f  %-*s  %-14s  %s%s\n", indent, number,
              static_cast<double>(hit.similarity), id_width, hit.id.c_str(),
              cut(organ_of(hit), 14).c_str(), cut(hit.caption, 60).c_str(), marks_of(hit).c_str());
}

const char* explain(const std::string& warning) {
  if (warning == "scale_unknown")
    return "the picture's scale is unknown: state it with --image-mpp for a fair comparison";
  if (warning == "covered_by_fields")
    return "the picture is larger than one field of view: it is covered by several, and the best "
           "match counts";
  if (warning == "smaller_than_field")
    return "the picture shows less than one field of view of the index";
  if (warning == "partly_covered") {
    return "the picture is huge: fields spread evenly over it are compared, not every part of it";
  }
  if (warning == "stain_not_normalised") {
    return "the picture's stains cannot be told apart: it was compared as it is, unlike those of "
           "the index";
  }
  return warning.c_str();
}

}  // namespace

std::vector<const Hit*> hits_of(const SearchAnswer& answer) {
  std::vector<const Hit*> hits;
  for (const Hit& hit : answer.hits) hits.push_back(&hit);
  for (const HitGroup& group : answer.groups) {
    for (const Hit& hit : group.hits) hits.push_back(&hit);
  }
  return hits;
}

void print_hits(const SearchAnswer& answer, const QueryEngine& engine) {
  std::size_t widest = 2;
  for (const Hit* hit : hits_of(answer)) widest = std::max(widest, hit->id.size());
  const int id_width = static_cast<int>(std::min<std::size_t>(widest, 60));
  std::size_t number = 0;
  for (const Hit& hit : answer.hits) print_hit(hit, ++number, id_width, "");
  for (const HitGroup& group : answer.groups) {
    std::printf("%s %s\n", group.by == GroupBy::kCase ? "case" : "slide", group.id.c_str());
    for (const Hit& hit : group.hits) print_hit(hit, ++number, id_width, "  ");
  }
  print_warnings(answer.input_warnings);
  if (answer.matched == 0)
    std::fprintf(stderr, "nothing passes the filter and the exclusion (--filter, --exclude)\n");
  if (!answer.stopped_by.empty()) std::fprintf(stderr, "note: --min-similarity cut the answer\n");
  print_notice(engine);
}

void print_warnings(const std::vector<std::string>& warnings) {
  for (const std::string& warning : warnings) std::fprintf(stderr, "note: %s\n", explain(warning));
}

void print_notice(const QueryEngine& engine) {
  if (engine.encoder() != nullptr && engine.encoder()->info().card.demo) {
    std::fprintf(stderr, "demo model: for trying out, not for any use on patients\n");
  }
  std::fprintf(stderr, "similar-case retrieval, not a diagnosis\n");
}

}  // namespace clippath::cli
