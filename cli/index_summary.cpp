// SPDX-License-Identifier: Apache-2.0
#include "cli/index_summary.h"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <string>
#include <vector>

#include "cli/progress.h"
#include "core/json/json.h"

namespace clippath::cli {
namespace {

std::int64_t count_of(const SlideOutcome& slide, const char* what) {
  const auto found = slide.tiles.find(what);
  return found == slide.tiles.end() ? 0 : found->second;
}

bool has_fault(const SlideOutcome& slide) {
  switch (slide.state) {
    case SlideState::kDone:
    case SlideState::kUnchanged:
    case SlideState::kSkipped: return false;
    case SlideState::kPartial:
    case SlideState::kNoPatches:
    case SlideState::kNoMpp:
    case SlideState::kFailed: return true;
  }
  return true;
}

/// The slide is stored, even where it has no patches.
bool is_stored(const SlideOutcome& slide) {
  return slide.state != SlideState::kFailed && slide.state != SlideState::kSkipped &&
         slide.state != SlideState::kNoMpp;
}

int id_width(const std::vector<SlideOutcome>& slides) {
  std::size_t width = 5;
  for (const SlideOutcome& slide : slides) width = std::max(width, slide.id.value.size());
  return static_cast<int>(width);
}

/// Over all slides; empty where nothing was scored.
std::vector<std::int64_t> attention_histogram(const IndexSummary& summary) {
  std::vector<std::int64_t> bins;
  for (const SlideOutcome& slide : summary.slides) {
    for (const auto& [extent, scores] : slide.attention) {
      bins.resize(scores.histogram.size());
      for (std::size_t i = 0; i < bins.size(); ++i) bins[i] += scores.histogram[i];
    }
  }
  return bins;
}

void print_attention(const IndexSummary& summary) {
  const std::vector<std::int64_t> bins = attention_histogram(summary);
  if (bins.empty()) return;
  std::int64_t dropped = 0;
  for (const SlideOutcome& slide : summary.slides) dropped += count_of(slide, "attention");
  const std::int64_t scored = std::accumulate(bins.begin(), bins.end(), std::int64_t{0});
  std::printf("attention: %s of %s tiles dropped; tiles by score:\n", with_commas(dropped).c_str(),
              with_commas(scored).c_str());
  for (std::size_t i = 0; i < bins.size(); ++i) {
    std::printf("  %.1f..%.1f  %8s\n", static_cast<double>(i) / 10, static_cast<double>(i + 1) / 10,
                with_commas(bins[i]).c_str());
  }
}
/// The counts that a table shows: those that every run has, and the faults that were found.
std::vector<std::string> columns_of(const std::vector<SlideOutcome>& slides) {
  std::vector<std::string> columns = {"grid", "kept"};
  for (const DropReason reason : kDropReasons) {
    const std::string name(to_string(reason));
    const bool always = reason == DropReason::kBackground || reason == DropReason::kWhite ||
                        reason == DropReason::kReadError;
    const bool found = std::any_of(
        slides.begin(), slides.end(),
        [&name](const SlideOutcome& slide) { return count_of(slide, name.c_str()) > 0; });
    if (always || found) columns.push_back(name);
  }
  return columns;
}

int column_width(const std::string& column) { return std::max(8, static_cast<int>(column.size())); }

void print_table(const IndexSummary& summary) {
  const int width = id_width(summary.slides);
  const std::vector<std::string> columns = columns_of(summary.slides);
  std::printf("%-*s  %-10s", width, "slide", "state");
  for (const std::string& column : columns) {
    std::printf("  %*s", column_width(column), column.c_str());
  }
  std::printf("  %7s\n", "seconds");
  std::int64_t kept = 0;
  std::int64_t keeps_stain = 0;
  for (const SlideOutcome& slide : summary.slides) {
    kept += count_of(slide, "kept");
    keeps_stain += count_of(slide, "keeps_stain");
    std::printf("%-*s  %-10s", width, slide.id.value.c_str(),
                std::string(to_string(slide.state)).c_str());
    for (const std::string& column : columns) {
      std::printf("  %*s", column_width(column),
                  with_commas(count_of(slide, column.c_str())).c_str());
    }
    std::printf("  %7.2f\n", slide.seconds);
  }
  std::printf("%s slides, %s patches, %.2f s\n",
              with_commas(static_cast<std::int64_t>(summary.slides.size())).c_str(),
              with_commas(kept).c_str(), summary.seconds);
  if (keeps_stain > 0) {
    std::printf("%s patches have no two stains that can be told apart: encoded as they are\n",
                with_commas(keeps_stain).c_str());
  }
  print_attention(summary);
}

Json attention_json(const SlideAttention& attention) {
  Json series = Json::array();
  for (const auto& [level0_extent, scores] : attention) {
    series.push_back({{"level0_extent", level0_extent},
                      {"threshold", scores.threshold},
                      {"scores", scores.histogram}});
  }
  return series;
}

Json summary_json(const IndexSummary& summary, const EncoderList& encoders) {
  Json models = Json::array();
  for (const Encoder* encoder : encoders) {
    const EncoderInfo& info = encoder->info();
    models.push_back(
        {{"id", info.id.value}, {"name", info.card.name}, {"dtype", to_string(info.dtype)}});
  }
  Json slides = Json::array();
  for (const SlideOutcome& slide : summary.slides) {
    Json one = {{"id", slide.id.value}, {"state", to_string(slide.state)}};
    if (!slide.reason.empty()) one["reason"] = slide.reason;
    if (!slide.warnings.empty()) one["warnings"] = slide.warnings;
    one["tiles"] = slide.tiles;
    one["series"] = Json::array();
    for (const auto& [level0_extent, tiles] : slide.series) {
      one["series"].push_back({{"level0_extent", level0_extent}, {"tiles", tiles}});
    }
    if (!slide.attention.empty()) one["attention"] = attention_json(slide.attention);
    one["seconds"] = slide.seconds;
    slides.push_back(std::move(one));
  }
  return {{"slides", std::move(slides)},
          {"interrupted", summary.interrupted},
          {"seconds", summary.seconds},
          {"encoders", std::move(models)}};
}

}  // namespace

void print_summary(const IndexSummary& summary, const EncoderList& encoders,
                   const Context& context) {
  if (context.json) {
    std::printf("%s\n", to_text(summary_json(summary, encoders), 2).c_str());
  } else if (!context.quiet) {
    print_table(summary);
  }
  std::fflush(stdout);
  for (const SlideOutcome& slide : summary.slides) {
    for (const std::string& warning : slide.warnings) {
      std::fprintf(stderr, "warning: %s: %s\n", slide.id.value.c_str(), warning.c_str());
    }
    if (slide.reason.empty()) continue;
    std::fprintf(stderr, "%s: %s: %s\n", std::string(to_string(slide.state)).c_str(),
                 slide.id.value.c_str(), slide.reason.c_str());
  }
  if (summary.interrupted) {
    std::fputs("interrupted: finished slides are stored; the same command goes on from there\n",
               stderr);
  }
}

void print_plan(const IndexPlan& plan, const EncoderList& encoders, const Context& context) {
  std::int64_t expected = 0;
  Json slides = Json::array();
  for (const SlidePlan& slide : plan.slides) {
    expected += slide.expected_patches;
    slides.push_back({{"id", slide.id.value},
                      {"tiles", slide.tiles},
                      {"expected_patches", slide.expected_patches},
                      {"reason", slide.reason}});
  }
  const std::int64_t bytes = expected * bytes_per_patch(encoders);
  if (context.json) {
    Json document = {
        {"slides", std::move(slides)}, {"expected_patches", expected}, {"expected_bytes", bytes}};
    if (plan.seconds) document["expected_seconds"] = *plan.seconds;
    std::printf("%s\n", to_text(document, 2).c_str());
    return;
  }
  for (const SlidePlan& slide : plan.slides) {
    std::printf("%s: %s tiles, about %s patches%s%s\n", slide.id.value.c_str(),
                with_commas(slide.tiles).c_str(), with_commas(slide.expected_patches).c_str(),
                slide.reason.empty() ? "" : "; ", slide.reason.c_str());
  }
  const std::string time = plan.seconds ? ", about " + duration_text(*plan.seconds) : "";
  std::printf(
      "%s slides, about %s patches%s, about %.1f MB beside the model; nothing was written\n",
      with_commas(static_cast<std::int64_t>(plan.slides.size())).c_str(),
      with_commas(expected).c_str(), time.c_str(), static_cast<double>(bytes) / 1e6);
}

int exit_code_of(const IndexSummary& summary) {
  const auto& slides = summary.slides;
  if (summary.interrupted) return kInterrupted;
  if (std::none_of(slides.begin(), slides.end(), is_stored)) return kFailed;
  return std::any_of(slides.begin(), slides.end(), has_fault) ? kPartlyDone : kDone;
}

int exit_code_of(const IndexPlan& plan) {
  const auto& slides = plan.slides;
  const auto has_reason = [](const SlidePlan& slide) { return !slide.reason.empty(); };
  const auto has_fault = [](const SlidePlan& slide) {
    return !slide.reason.empty() && !slide.skipped;
  };
  if (!slides.empty() && std::all_of(slides.begin(), slides.end(), has_reason)) return kFailed;
  return std::any_of(slides.begin(), slides.end(), has_fault) ? kPartlyDone : kDone;
}

}  // namespace clippath::cli
