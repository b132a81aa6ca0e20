// SPDX-License-Identifier: Apache-2.0
#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "core/json/json.h"

namespace clippath::cli {
namespace {

constexpr auto kRedrawAfter = std::chrono::milliseconds(100);
constexpr auto kHeartbeatAfter = std::chrono::seconds(2);
// Before that a rate says nothing.
constexpr double kLeastSeconds = 0.5;

/// Tiles of the whole run, with an average slide for each that was not opened yet.
double expected_tiles(const IndexProgress& progress) {
  const auto known = static_cast<double>(progress.tiles_expected);
  if (progress.slides_opened == 0) return known;
  const std::size_t met = std::max(progress.slides_opened, progress.slides_finished);
  const auto unknown =
      static_cast<double>(progress.slides_total - std::min(met, progress.slides_total));
  return known + unknown * known / static_cast<double>(progress.slides_opened);
}

}  // namespace

std::string duration_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::ceil(seconds));
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + std::to_string(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole / 60 % 60) + " min";
}

std::string with_commas(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t sign = number < 0 ? 1 : 0;
  for (std::size_t i = text.size(); i > sign + 3;) {
    i -= 3;
    text.insert(i, 1, ',');
  }
  return text;
}

std::string progress_text(const IndexProgress& progress, double seconds) {
  const double expected = expected_tiles(progress);
  const auto seen = static_cast<double>(progress.tiles_seen);
  std::string text;
  if (expected > 0) {
    text += std::to_string(static_cast<int>(100 * std::min(1.0, seen / expected))) + " %, ";
  }
  text += "slide " + with_commas(static_cast<std::int64_t>(progress.slides_finished)) + " of " +
          with_commas(static_cast<std::int64_t>(progress.slides_total)) + ", " +
          with_commas(progress.tiles_seen) + " of " + with_commas(std::llround(expected)) +
          " tiles, " + with_commas(progress.patches_stored) + " patches stored";
  if (seconds >= kLeastSeconds && seen > 0) {
    const double rate = seen / seconds;
    text += ", " + with_commas(std::llround(rate)) + " tiles/s";
    if (expected > seen) text += ", " + duration_text((expected - seen) / rate) + " left";
  }
  return text;
}

std::string progress_json(const IndexProgress& progress, double seconds) {
  const double expected = expected_tiles(progress);
  const auto seen = static_cast<double>(progress.tiles_seen);
  Json json = {{"event", "progress"},
               {"slides_finished", progress.slides_finished},
               {"slides_total", progress.slides_total},
               {"tiles_seen", progress.tiles_seen},
               {"tiles_expected", std::llround(expected)},
               {"patches_stored", progress.patches_stored},
               {"seconds", seconds}};
  if (seconds >= kLeastSeconds && seen > 0) {
    const double rate = seen / seconds;
    json["tiles_per_second"] = rate;
    json["seconds_left"] = std::max(0.0, expected - seen) / rate;
  }
  return to_text(json);
}

ProgressDisplay::ProgressDisplay(const Context& context)
    : quiet_(context.quiet),
      json_(context.json),
      terminal_(isatty(STDERR_FILENO) == 1 && !json_),
      start_(Clock::now()),
      shown_(start_) {}

ProgressDisplay::~ProgressDisplay() {
  if (line_open_) std::fputs("\r\x1b[K", stderr);
}

void ProgressDisplay::show(const IndexProgress& progress) {
  const Clock::time_point now = Clock::now();
  if (quiet_ || now - shown_ < (terminal_ ? Clock::duration(kRedrawAfter) : kHeartbeatAfter))
    return;
  shown_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const std::string text =
      json_ ? progress_json(progress, seconds) : progress_text(progress, seconds);
  if (terminal_) {
    std::fprintf(stderr, "\r\x1b[K%s", text.c_str());
    line_open_ = true;
  } else {
    std::fprintf(stderr, "%s\n", text.c_str());
  }
  std::fflush(stderr);
}

}  // namespace clippath::cli
