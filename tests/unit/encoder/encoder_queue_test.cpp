// SPDX-License-Identifier: Apache-2.0
#include "clippath/encoder_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <future>
#include <numeric>
#include <random>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "clippath/core/mutex.h"

namespace clippath {
namespace {

/// Answers with the length of each text and the width of each picture; texts can be held up.
class SlowEncoder : public Encoder {
 public:
  [[nodiscard]] const EncoderInfo& info() const override { return info_; }
  [[nodiscard]] RgbImage fit(const RgbImage& image) const override { return image; }
  [[nodiscard]] Result<EmbeddingMatrix> encode_images(
      std::span<const RgbImage> images, const EncodeCall& /*call*/ = {}) const override {
    pictures += static_cast<int>(images.size());
    EmbeddingMatrix widths = EmbeddingMatrix::zeros(images.size(), 1);
    for (std::size_t i = 0; i < images.size(); ++i) {
      if (images[i].empty()) return fail(ErrorKind::kInternal, "no picture");
      widths.values[i] = static_cast<float>(images[i].width);
    }
    MutexLock lock(mutex_);
    picture_batches_.push_back(images.size());
    return widths;
  }
  [[nodiscard]] Result<EmbeddingMatrix> encode_texts(std::span<const std::string> texts,
                                                     const EncodeCall& call = {}) const override {
    ++started;
    started.notify_all();
    held.wait(true);
    {
      MutexLock lock(mutex_);
      threads_.insert(std::this_thread::get_id());
      batches_.push_back(texts.size());
      texts_.insert(texts.begin(), texts.end());
      if (!call.from_cache) anew_.insert(texts.begin(), texts.end());
    }
    for (const std::string& text : texts) {
      if (text == "throw") throw std::runtime_error("from a library");
      if (text == "fail") return fail(ErrorKind::kInternal, "no direction");
    }
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

  [[nodiscard]] std::vector<std::size_t> batches() const {
    MutexLock lock(mutex_);
    return batches_;
  }

  [[nodiscard]] std::vector<std::size_t> picture_batches() const {
    MutexLock lock(mutex_);
    return picture_batches_;
  }

  /// All that was encoded.
  [[nodiscard]] std::multiset<std::string> texts() const {
    MutexLock lock(mutex_);
    return texts_;
  }
  /// What was to be encoded anew.
  [[nodiscard]] std::multiset<std::string> anew() const {
    MutexLock lock(mutex_);
    return anew_;
  }

  EncoderInfo& change_info() { return info_; }

  mutable std::atomic<int> pictures = 0;
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
  mutable std::vector<std::size_t> batches_ CLIPPATH_GUARDED_BY(mutex_);
  mutable std::vector<std::size_t> picture_batches_ CLIPPATH_GUARDED_BY(mutex_);
  mutable std::multiset<std::string> texts_ CLIPPATH_GUARDED_BY(mutex_);
  mutable std::multiset<std::string> anew_ CLIPPATH_GUARDED_BY(mutex_);
};

Result<EmbeddingMatrix> encode(const Encoder& encoder, const std::string& text,
                               const EncodeCall& call = {}) {
  const std::vector<std::string> texts = {text};
  return encoder.encode_texts(texts, call);
}

TEST(EncoderQueue, AnswersEveryCallerFromOneThread) {
  const auto slow = std::make_shared<SlowEncoder>();
  const auto queue = make_encoder_queue(slow, {.capacity = 64});
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
  const auto queue = make_encoder_queue(slow, {.capacity = 1});
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
  const auto queue = make_encoder_queue(std::make_shared<SlowEncoder>(), {.capacity = 4});
  EXPECT_EQ(encode(*queue, "fail").error().message, "no direction");
  EXPECT_EQ(encode(*queue, "throw").error().kind, ErrorKind::kInternal);
  EXPECT_TRUE(encode(*queue, "x"));
  const std::vector<RgbImage> images(3, RgbImage::filled(1, 1, 0, 0, 0));
  EXPECT_EQ(queue->encode_images(images)->rows, 3U);
  EXPECT_EQ(queue->info().dimension, 1U);
  EXPECT_EQ(queue->fit(images[0]), images[0]);
}

/// Holds the one worker up with a first text, until a call for each input waits behind it, and
/// gives their answers.
template <class Input, class Call>
std::vector<Result<EmbeddingMatrix>> call_behind_one(SlowEncoder& slow, const Encoder& queue,
                                                     const std::vector<Input>& inputs,
                                                     const Call& call) {
  slow.held = true;
  auto first = std::async(std::launch::async, [&] { return encode(queue, "first"); });
  slow.started.wait(0);
  std::vector<std::future<Result<EmbeddingMatrix>>> calls;
  for (const Input& input : inputs) {
    calls.push_back(std::async(std::launch::async, [&] { return call(input); }));
  }
  // Most callers wait within that time; one that comes later is encoded alone.
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  slow.release();
  EXPECT_TRUE(first.get());
  std::vector<Result<EmbeddingMatrix>> answers;
  for (auto& answer : calls) answers.push_back(answer.get());
  return answers;
}

std::vector<Result<EmbeddingMatrix>> encode_behind_one(SlowEncoder& slow, const Encoder& queue,
                                                       const std::vector<std::string>& texts) {
  return call_behind_one(slow, queue, texts,
                         [&queue](const std::string& text) { return encode(queue, text); });
}

using Pictures = std::vector<RgbImage>;

std::vector<Result<EmbeddingMatrix>> encode_behind_one(SlowEncoder& slow, const Encoder& queue,
                                                       const std::vector<Pictures>& calls) {
  return call_behind_one(slow, queue, calls,
                         [&queue](const Pictures& call) { return queue.encode_images(call); });
}

/// Calls with one, two, one, two ... pictures, whose widths tell them apart.
std::vector<Pictures> picture_calls(int count) {
  std::vector<Pictures> calls;
  for (int i = 0; i < count; ++i) {
    Pictures call;
    for (int k = 0; k <= i % 2; ++k) call.push_back(RgbImage::filled(2 * i + k + 1, 1, 0, 0, 0));
    calls.push_back(std::move(call));
  }
  return calls;
}

TEST(EncoderQueue, EncodesPicturesThatWaitTogetherWhereTheDeviceWantsWholeBatches) {
  const auto slow = std::make_shared<SlowEncoder>();
  slow->change_info().batches = {.size = 8, .last = 8};
  const auto queue = make_encoder_queue(slow, {.capacity = 64});
  const auto calls = picture_calls(20);
  const auto answers = encode_behind_one(*slow, *queue, calls);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    ASSERT_TRUE(answers[i]);
    ASSERT_EQ(answers[i]->rows, calls[i].size());
    for (std::size_t k = 0; k < calls[i].size(); ++k) {
      EXPECT_EQ(answers[i]->values[k], static_cast<float>(calls[i][k].width));
    }
  }
  const auto batches = slow->picture_batches();
  EXPECT_LT(batches.size(), calls.size());
  EXPECT_EQ(std::accumulate(batches.begin(), batches.end(), std::size_t{0}), 30U);
  EXPECT_LE(*std::max_element(batches.begin(), batches.end()), 8U);
}

TEST(EncoderQueue, GivesEachPictureToAThreadOfItsOwnOnAProcessor) {
  const auto slow = std::make_shared<SlowEncoder>();
  const auto queue = make_encoder_queue(slow, {.capacity = 64});
  for (const auto& answer : encode_behind_one(*slow, *queue, picture_calls(10))) {
    EXPECT_TRUE(answer);
  }
  EXPECT_EQ(slow->picture_batches().size(), 10U);
}

TEST(EncoderQueue, DoesNotMixPicturesWithTexts) {
  const auto slow = std::make_shared<SlowEncoder>();
  slow->change_info().batches = {.size = 8, .last = 8};
  const auto queue = make_encoder_queue(slow, {.capacity = 64});
  const std::vector<int> sizes = {1, 2, 3, 4, 5, 6, 7, 8};
  const auto answers = call_behind_one(*slow, *queue, sizes, [&queue](int size) {
    if (size % 2 == 0) return encode(*queue, std::string(static_cast<std::size_t>(size), 'x'));
    const RgbImage picture = RgbImage::filled(size, 1, 0, 0, 0);
    return queue->encode_images({&picture, 1});
  });
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    ASSERT_TRUE(answers[i]);
    ASSERT_EQ(answers[i]->rows, 1U);
    EXPECT_EQ(answers[i]->values[0], static_cast<float>(sizes[i]));
  }
}

TEST(EncoderQueue, FailsTheBadPictureOfABatchAlone) {
  const auto slow = std::make_shared<SlowEncoder>();
  slow->change_info().batches = {.size = 8, .last = 8};
  const auto queue = make_encoder_queue(slow, {.capacity = 64});
  const Pictures good = {RgbImage::filled(3, 1, 0, 0, 0)};
  const auto answers = encode_behind_one(*slow, *queue, {good, Pictures(1), good});
  EXPECT_TRUE(answers[0]);
  EXPECT_EQ(answers[1].error().message, "no picture");
  EXPECT_TRUE(answers[2]);
}

TEST(EncoderQueue, EncodesTextsThatWaitTogether) {
  const auto slow = std::make_shared<SlowEncoder>();
  const auto queue = make_encoder_queue(slow, {.capacity = 64});
  std::vector<std::string> texts;
  for (std::size_t length = 1; length <= 20; ++length) texts.push_back(std::string(length, 'x'));
  const auto answers = encode_behind_one(*slow, *queue, texts);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    ASSERT_TRUE(answers[i]);
    ASSERT_EQ(answers[i]->rows, 1U);
    EXPECT_EQ(answers[i]->values[0], static_cast<float>(texts[i].size()));
  }
  const auto batches = slow->batches();
  EXPECT_LT(batches.size(), texts.size());
  EXPECT_EQ(std::accumulate(batches.begin(), batches.end(), std::size_t{0}), texts.size() + 1);
  EXPECT_LE(*std::max_element(batches.begin(), batches.end()), 16U);
}

TEST(EncoderQueue, FailsTheBadTextOfABatchAlone) {
  const auto slow = std::make_shared<SlowEncoder>();
  const auto queue = make_encoder_queue(slow, {.capacity = 64});
  for (const char* bad : {"fail", "throw"}) {
    const auto answers = encode_behind_one(*slow, *queue, {"good", bad, "also good"});
    EXPECT_TRUE(answers[0]);
    EXPECT_FALSE(answers[1]);
    EXPECT_TRUE(answers[2]);
    slow->started = 0;
  }
}

TEST(EncoderQueue, WorksOnSeveralThreads) {
  const auto slow = std::make_shared<SlowEncoder>();
  slow->held = true;
  const auto queue = make_encoder_queue(slow, {.capacity = 4, .workers = 2});
  auto one = std::async(std::launch::async, [&] { return encode(*queue, "a"); });
  slow->started.wait(0);  // else one thread would take both
  auto other = std::async(std::launch::async, [&] { return encode(*queue, "b"); });
  while (slow->started < 2) std::this_thread::yield();
  slow->release();
  EXPECT_TRUE(one.get());
  EXPECT_TRUE(other.get());
  EXPECT_EQ(slow->threads(), 2U);
}

using Texts = std::multiset<std::string>;

/// A queue with one worker, which is busy with the text "first" until it is released.
class BusyQueue : public testing::Test {
 protected:
  explicit BusyQueue(std::size_t capacity = 1)
      : queue_(make_encoder_queue(slow_, {.capacity = capacity})) {
    call("first");
    slow_->started.wait(0);
  }
  ~BusyQueue() override { slow_->release(); }

  /// The answer is the fixture's, so that a test that fails does not wait for it while it is held
  /// up.
  std::future<Result<EmbeddingMatrix>>& call(const std::string& text, const EncodeCall& how = {}) {
    return calls_.emplace_back(
        std::async(std::launch::async, [this, text, how] { return encode(*queue_, text, how); }));
  }
  static bool is_ready(const std::future<Result<EmbeddingMatrix>>& answer, int milliseconds) {
    return answer.wait_for(std::chrono::milliseconds(milliseconds)) == std::future_status::ready;
  }

  const std::shared_ptr<SlowEncoder> slow_ = [] {
    auto slow = std::make_shared<SlowEncoder>();
    slow->held = true;
    return slow;
  }();
  const std::shared_ptr<const Encoder> queue_;
  std::atomic<bool> gone_ = false;
  const EncodeCall may_go_{.deadline = Deadline::never().or_when([this] { return gone_.load(); })};
  std::deque<std::future<Result<EmbeddingMatrix>>> calls_;  // last: they use the others
};

class BusyLongQueue : public BusyQueue {
 protected:
  BusyLongQueue() : BusyQueue(64) {}
};

TEST_F(BusyQueue, LetsACallerGoWhomNobodyWaitsFor) {
  auto& second = call("second", may_go_);
  EXPECT_FALSE(is_ready(second, 60));
  gone_ = true;
  ASSERT_TRUE(is_ready(second, 5000));  // although the worker is still busy
  EXPECT_EQ(second.get().error().kind, ErrorKind::kDeadlineExceeded);
  auto& third = call("third");  // has the place of the second
  EXPECT_FALSE(is_ready(third, 60));
  slow_->release();
  EXPECT_TRUE(third.get());
  EXPECT_TRUE(calls_.front().get());
  EXPECT_EQ(slow_->texts(), (Texts{"first", "third"}));
}

TEST_F(BusyQueue, LetsACallerGoWhoseTimeIsOver) {
  auto& second = call("second", {.deadline = Deadline::after(std::chrono::milliseconds(30))});
  ASSERT_TRUE(is_ready(second, 5000));
  EXPECT_EQ(second.get().error().kind, ErrorKind::kDeadlineExceeded);
  slow_->release();
  EXPECT_TRUE(calls_.front().get());
  EXPECT_EQ(slow_->texts(), Texts{"first"});
}

TEST(EncoderQueue, WaitsForACallThatItHasBegun) {
  const auto slow = std::make_shared<SlowEncoder>();
  slow->held = true;
  const auto queue = make_encoder_queue(slow, {.capacity = 1});
  std::atomic<bool> gone = false;
  const EncodeCall how{.deadline = Deadline::never().or_when([&] { return gone.load(); })};
  auto begun = std::async(std::launch::async, [&] { return encode(*queue, "begun", how); });
  slow->started.wait(0);
  gone = true;
  EXPECT_EQ(begun.wait_for(std::chrono::milliseconds(60)), std::future_status::timeout);
  slow->release();
  EXPECT_TRUE(begun.get());
}

TEST_F(BusyLongQueue, LeavesOutOfABatchWhoseTimeIsOver) {
  call("live 1");
  call("late 1", may_go_);
  call("live 2");
  call("late 2", may_go_);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  gone_ = true;  // callers look every 20 ms: the worker is as likely to see it first
  slow_->release();
  for (const std::size_t live : {0, 1, 3}) EXPECT_TRUE(calls_[live].get());
  for (const std::size_t late : {2, 4}) {
    EXPECT_EQ(calls_[late].get().error().kind, ErrorKind::kDeadlineExceeded);
  }
  EXPECT_EQ(slow_->texts(), (Texts{"first", "live 1", "live 2"}));
}

TEST_F(BusyLongQueue, DoesNotMixCallsThatWantTheCacheWithOthers) {
  call("a");
  call("canary", {.from_cache = false});
  call("b");
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  slow_->release();
  for (auto& answer : calls_) EXPECT_TRUE(answer.get());
  EXPECT_EQ(slow_->anew(), Texts{"canary"});
}

TEST(EncoderQueue, SurvivesAThousandCallsThatAreGivenUp) {
  const auto slow = std::make_shared<SlowEncoder>();
  const auto queue = make_encoder_queue(slow, {.capacity = 64, .workers = 2});
  std::atomic<int> answered = 0;
  std::vector<std::thread> callers;
  for (unsigned caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&, caller] {
      std::mt19937 random(caller);
      for (int i = 0; i < 125; ++i) {
        const unsigned looks_left = random() % 4;  // until this caller gives up; 3: never
        std::atomic<unsigned> looks = 0;
        const EncodeCall how{.deadline = Deadline::never().or_when(
                                 [&] { return looks_left < 3 && looks++ >= looks_left; })};
        const auto answer = encode(*queue, std::string(caller + 1, 'x'), how);
        if (answer) {
          ++answered;
          EXPECT_EQ(answer->values[0], static_cast<float>(caller + 1));
        } else {
          EXPECT_EQ(answer.error().kind, ErrorKind::kDeadlineExceeded);
        }
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_GT(answered, 100);
  EXPECT_LT(answered, 1000);
}

TEST(EncoderQueue, WarmsEveryThreadUpBeforeItsFirstCall) {
  const auto slow = std::make_shared<SlowEncoder>();
  slow->held = true;
  const auto queue = make_encoder_queue(slow, {.capacity = 4, .workers = 3, .warm_up = true});
  auto call = std::async(std::launch::async, [&] { return encode(*queue, "call"); });
  const Deadline patience = Deadline::after(std::chrono::seconds(5));
  while (slow->started < 3 && !patience.passed()) std::this_thread::yield();
  EXPECT_EQ(call.wait_for(std::chrono::milliseconds(40)), std::future_status::timeout);
  slow->release();
  EXPECT_TRUE(call.get());
  EXPECT_EQ(slow->pictures, 3);
  EXPECT_EQ(slow->texts().count("call"), 1U);
  EXPECT_EQ(slow->started, 4);
}

TEST(EncoderQueue, WarmsOnlyTheTowersUpThatThereAre) {
  const auto slow = std::make_shared<SlowEncoder>();
  slow->change_info().has_images = false;
  const auto queue = make_encoder_queue(slow, {.capacity = 4, .warm_up = true});
  EXPECT_TRUE(encode(*queue, "call"));
  EXPECT_EQ(slow->pictures, 0);
  EXPECT_EQ(slow->started, 2);
}

TEST(EncoderQueue, EndsWithItsThreads) {
  for (int i = 0; i < 100; ++i) {
    const auto queue =
        make_encoder_queue(std::make_shared<SlowEncoder>(), {.capacity = 1, .workers = 3});
    if (i % 2 == 0) {
      EXPECT_TRUE(encode(*queue, "x"));
    }
  }
}

}  // namespace
}  // namespace clippath
