// SPDX-License-Identifier: Apache-2.0
#include "server/http/readiness.h"

#include <utility>

namespace clippath {
namespace {

constexpr std::chrono::seconds kVerdictLasts{60};
/// The encoder's own rounding differs between batches by far less.
constexpr float kLeastCosine = 0.999F;

/// A picture and a text; empty where the model has no tower for it.
using Canary = std::pair<Embedding, Embedding>;

/// Light and dark stripes: a picture of one colour would hide a resampling that went wrong.
RgbImage striped_picture() {
  RgbImage picture = RgbImage::filled(64, 64, 235, 190, 215);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width / 2; ++x) picture.row(y)[x * 3 + 1] = y % 8 < 4 ? 60 : 160;
  }
  return picture;
}

Embedding first_row(const EmbeddingMatrix& matrix) {
  const auto row = matrix.row(0);
  return {row.begin(), row.end()};
}

/// What was kept of an earlier canary would say nothing about the encoder.
Result<Canary> fly_canary(const Encoder& encoder) {
  const EncodeCall call{.from_cache = false};
  Canary canary;
  if (encoder.info().has_images) {
    const RgbImage picture = striped_picture();
    CLIPPATH_TRY(const EmbeddingMatrix image, encoder.encode_images({&picture, 1}, call));
    canary.first = first_row(image);
  }
  if (encoder.info().has_texts) {
    const std::string text = "glandular tissue";
    CLIPPATH_TRY(const EmbeddingMatrix words, encoder.encode_texts({&text, 1}, call));
    canary.second = first_row(words);
  }
  return canary;
}

bool alike(const Embedding& a, const Embedding& b) {
  return a.empty() || dot(a, b) >= kLeastCosine;
}

bool alike(const Canary& a, const Canary& b) {
  return alike(a.first, b.first) && alike(a.second, b.second);
}

}  // namespace

Readiness::Readiness(std::shared_ptr<const QueryEngines> engines) : engines_(std::move(engines)) {}

Verdict Readiness::check() {
  {
    MutexLock lock(mutex_);
    if (verdict_ && Deadline::Clock::now() - examined_at_ < kVerdictLasts) return *verdict_;
  }
  Verdict verdict = examine();
  MutexLock lock(mutex_);
  verdict_ = verdict;
  examined_at_ = Deadline::Clock::now();
  return verdict;
}

Verdict Readiness::examine() {
  if (engines_->first().encoder() == nullptr) {
    return {true, {"no model yet: index something, then start again; only ids can be queried"}};
  }
  Verdict verdict;
  for (const QueryEngines::Member& member : engines_->members()) {
    Verdict one = examine(*member.engine->encoder());
    verdict.ready = verdict.ready && one.ready;
    for (std::string& reason : one.reasons) {
      verdict.reasons.push_back(member.encoder.name + ": " + reason);
    }
  }
  return verdict;
}

Verdict Readiness::examine(const Encoder& encoder) {
  auto canary = fly_canary(encoder);
  // A full queue says that the encoder works, if anything.
  if (!canary && canary.error().kind == ErrorKind::kUnavailable) {
    return {true, {"the encoder's queue is full"}};
  }
  if (!canary) return {false, {"the encoder fails: " + canary.error().message}};
  MutexLock lock(mutex_);
  const auto& first = first_.try_emplace(encoder.info().id, *canary).first->second;
  if (!alike(first, *canary)) {
    return {false, {"the encoder gives another vector for the same input than before"}};
  }
  return {};
}

}  // namespace clippath
