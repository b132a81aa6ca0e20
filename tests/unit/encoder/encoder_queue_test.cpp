// SPDX-License-Identifier: Apache-2.0
#include "clippath/encoder_queue.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "clippath/core/mutex.h"

namespace clippath {
namespace {

/// Answers with the length of each text; can be held up.
class SlowEncoder : public Encoder {
 public:
  [[nodiscard]] const EncoderInfo& info() const override { return info_; }
  [[nodiscard]] RgbImage fit(const RgbImage& image) const override { return image; }
  [[nodiscard]] Result<EmbeddingMatrix> encode_images(
      std::span<const RgbImage> images) const override {
    return EmbeddingMatrix::zeros(images.size(), 1);
  }
  [[nodiscard]] Result<EmbeddingMatrix> encode_texts(
      std::span<const std::string> texts) const override {
    ++started;
    started.notify_all();
    held.wait(true);
    {
      MutexLock lock(mutex_);
      threads_.insert(std::this_thread::get_id());
    }
    if (texts[0] == "throw") throw std::runtime_error("from a library");
    if (texts[0] == "fail") return fail(ErrorKind::kInternal, "no direction");
    EmbeddingMatrix lengths = EmbeddingMatrix::zeros(texts.size(), 1);
    for (std::size_t i = 0; i < texts.size(); ++i) {
      lengths.values[i] = static_cast<float>(texts[i].size());
    }
    return lengths;
  }

  void release() {
    held = false;
    held.notify_all();
  }
  [[nodiscard]] std::size_t threads() const {
    MutexLock lock(mutex_);
    return threads_.size();
  }

  mutable std::atomic<int> started = 0;
  std::atomic<bool> held = false;

 private:
  EncoderInfo info_ = [] {
    EncoderInfo info;
    info.dimension = 1;
    return info;
  }();
  mutable Mutex mutex_;
  mutable std::set<std::thread::id> threads_ CLIPPATH_GUARDED_BY(mutex_);
};

Result<EmbeddingMatrix> encode(const Encoder& encoder, const std::string& text) {
  const std::vector<std::string> texts = {text};
  return encoder.encode_texts(texts);
}

TEST(EncoderQueue, AnswersEveryCallerFromOneThread) {
  const auto slow = std::make_shared<SlowEncoder>();
  const auto queue = make_encoder_queue(slow, 64);
  std::vector<std::thread> callers;
  for (std::size_t caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&, caller] {
      for (std::size_t i = 0; i < 50; ++i) {
        const std::size_t length = 1 + caller * 50 + i;
        const auto answer = encode(*queue, std::string(length, 'x'));
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->values[0], static_cast<float>(length));
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(slow->threads(), 1U);
}

TEST(EncoderQueue, IsUnavailableWhenFull) {
  const auto slow = std::make_shared<SlowEncoder>();
  slow->held = true;
  const auto queue = make_encoder_queue(slow, 1);
  const auto call = [&] { return encode(*queue, "x"); };
  auto working = std::async(std::launch::async, call);
  slow->started.wait(0);
  // One job is being worked on, one may wait, so of two more exactly one is refused.
  auto first = std::async(std::launch::async, call);
  auto second = std::async(std::launch::async, call);
  while (first.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready &&
         second.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
  }
  slow->release();
  const auto a = first.get();
  const auto b = second.get();
  EXPECT_TRUE(working.get());
  ASSERT_NE(a.has_value(), b.has_value());
  EXPECT_EQ((a ? b : a).error().kind, ErrorKind::kUnavailable);
}

TEST(EncoderQueue, PassesErrorsOnAndGoesOn) {
  const auto queue = make_encoder_queue(std::make_shared<SlowEncoder>(), 4);
  EXPECT_EQ(encode(*queue, "fail").error().message, "no direction");
  EXPECT_EQ(encode(*queue, "throw").error().kind, ErrorKind::kInternal);
  EXPECT_TRUE(encode(*queue, "x"));
  const std::vector<RgbImage> images(3, RgbImage::filled(1, 1, 0, 0, 0));
  EXPECT_EQ(queue->encode_images(images)->rows, 3U);
  EXPECT_EQ(queue->info().dimension, 1U);
  EXPECT_EQ(queue->fit(images[0]), images[0]);
}

TEST(EncoderQueue, EndsWithItsThread) {
  for (int i = 0; i < 100; ++i) {
    const auto queue = make_encoder_queue(std::make_shared<SlowEncoder>(), 1);
    if (i % 2 == 0) {
      EXPECT_TRUE(encode(*queue, "x"));
    }
  }
}

}  // namespace
}  // namespace clippath
