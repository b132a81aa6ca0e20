// SPDX-License-Identifier: Apache-2.0
#include "clippath/encoder_queue.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "clippath/core/bounded_queue.h"
#include "encoder/runtime/call_time.h"

namespace clippath {
namespace {

constexpr std::size_t kTextsTogether = 16;
constexpr std::chrono::milliseconds kBetweenLooks{20};

using Answer = Result<EmbeddingMatrix>;

/// A call: pictures or texts. What it refers to is the caller's, who waits as long as a worker has
/// the job: until then he may take it out of the queue again.
struct Job {
  std::span<const RgbImage> images;
  std::span<const std::string> texts;
  EncodeCall call;
  std::promise<Answer> answer;

  [[nodiscard]] bool has_pictures() const { return !images.empty(); }
  [[nodiscard]] std::size_t size() const { return images.size() + texts.size(); }
};
using Jobs = std::vector<std::shared_ptr<Job>>;

/// The entry of a thread: no exception leaves it.
template <class Encode>
Answer without_exceptions(const Encode& encode) {
  try {
    return encode();
  } catch (const std::exception&) {  // ci-allow: the entry of a thread
    return fail(ErrorKind::kInternal, "the encoder failed");
  }
}

EmbeddingMatrix rows_of(const EmbeddingMatrix& all, std::size_t first, std::size_t count) {
  EmbeddingMatrix rows = EmbeddingMatrix::zeros(count, all.dimension);
  std::copy_n(all.values.begin() + static_cast<std::ptrdiff_t>(first * all.dimension),
              rows.values.size(), rows.values.begin());
  return rows;
}

template <class Input>
std::vector<Input> inputs_of(const Jobs& jobs, std::span<const Input> Job::*inputs) {
  std::vector<Input> all;
  for (const auto& job : jobs) {
    all.insert(all.end(), ((*job).*inputs).begin(), ((*job).*inputs).end());
  }
  return all;
}

/// A batch ends early only if none of its callers waits any more.
EncodeCall call_of(const Jobs& jobs) {
  const auto nobody_waits = [&jobs] {
    return std::all_of(jobs.begin(), jobs.end(),
                       [](const auto& job) { return job->call.deadline.passed(); });
  };
  return {Deadline::never().or_when(nobody_waits), jobs.front()->call.from_cache};
}

/// Thread-safe: a caller waits for its own job alone.
class EncoderQueue final : public Encoder {
 public:
  EncoderQueue(std::shared_ptr<const Encoder> encoder, const EncoderQueueOptions& options)
      : encoder_(std::move(encoder)), jobs_(options.capacity) {
    for (int i = 0; i < options.workers; ++i) {
      threads_.emplace_back([this, warm_up = options.warm_up] {
        if (warm_up) this->warm_up();
        work();
      });
    }
  }

  ~EncoderQueue() override {
    jobs_.close();
    for (std::thread& thread : threads_) thread.join();
  }
  EncoderQueue(const EncoderQueue&) = delete;
  EncoderQueue& operator=(const EncoderQueue&) = delete;

  [[nodiscard]] const EncoderInfo& info() const override { return encoder_->info(); }

  [[nodiscard]] RgbImage fit(const RgbImage& image) const override { return encoder_->fit(image); }

  [[nodiscard]] Answer encode_images(std::span<const RgbImage> images,
                                     const EncodeCall& call = {}) const override {
    return wait_for(std::make_shared<Job>(Job{images, {}, call, {}}));
  }

  [[nodiscard]] Answer encode_texts(std::span<const std::string> texts,
                                    const EncodeCall& call = {}) const override {
    return wait_for(std::make_shared<Job>(Job{{}, texts, call, {}}));
  }

 private:
  /// Whoever takes the job out of the queue, a worker or the caller, owns its answer; so a call
  /// that was given up neither is encoded nor keeps the place of another.
  Answer wait_for(const std::shared_ptr<Job>& job) const {
    std::future<Answer> answer = job->answer.get_future();
    if (!jobs_.try_push(job)) {
      return fail(ErrorKind::kUnavailable, "the encoder's queue is full; try again later");
    }
    const Deadline& deadline = job->call.deadline;
    const auto next_look = [&] {
      return std::min(Deadline::Clock::now() + kBetweenLooks, deadline.at());
    };
    while (answer.wait_until(next_look()) != std::future_status::ready) {
      const auto in_time = check_time(job->call);
      if (in_time) continue;
      if (jobs_.remove(job)) return fail(in_time.error());
      break;
    }
    return answer.get();
  }

  /// An encoder that fails here fails its calls as well, and these say so.
  void warm_up() const {
    const EncoderInfo& about = encoder_->info();
    const EncodeCall call{.from_cache = false};
    if (about.has_images) {
      const RgbImage picture =
          RgbImage::filled(about.input_width, about.input_height, 128, 128, 128);
      (void)without_exceptions([&] { return encoder_->encode_images({&picture, 1}, call); });
    }
    if (about.has_texts) {
      const std::string text = "carcinoma";
      (void)without_exceptions([&] { return encoder_->encode_texts({&text, 1}, call); });
    }
  }

  void work() const {
    while (auto job = jobs_.pop()) {
      if (answered_late(**job)) continue;
      Jobs together = {std::move(*job)};
      add_waiting(together);
      if (together.size() == 1) {
        answer_alone(*together.front());
      } else {
        answer_together(together);
      }
    }
  }

  /// Answers a job whose time is over.
  static bool answered_late(Job& job) {
    const auto in_time = check_time(job.call);
    if (!in_time) job.answer.set_value(fail(in_time.error()));
    return !in_time;
  }

  /// A text more costs a batch little. A picture costs a processor its own work, and each thread
  /// had better take one; where the device wants whole batches, they go together, too.
  [[nodiscard]] std::size_t most_together(const Job& job) const {
    if (!job.has_pictures()) return kTextsTogether;
    const PictureBatches& batches = encoder_->info().batches;
    return batches.last == batches.size ? batches.size : 1;
  }

  void add_waiting(Jobs& together) const {
    const Job& first = *together.front();
    const std::size_t most = most_together(first);
    std::size_t size = first.size();
    const auto fits = [&](const std::shared_ptr<Job>& job) {
      return job->has_pictures() == first.has_pictures() && size + job->size() <= most &&
             job->call.from_cache == first.call.from_cache;
    };
    while (size < most) {
      auto job = jobs_.try_pop_if(fits);
      if (!job) return;
      if (answered_late(**job)) continue;
      size += (*job)->size();
      together.push_back(std::move(*job));
    }
  }

  void answer_alone(Job& job) const {
    job.answer.set_value(without_exceptions([&] {
      return job.has_pictures() ? encoder_->encode_images(job.images, job.call)
                                : encoder_->encode_texts(job.texts, job.call);
    }));
  }

  [[nodiscard]] Answer encode_together(const Jobs& jobs) const {
    return without_exceptions([&] {
      return jobs.front()->has_pictures()
                 ? encoder_->encode_images(inputs_of(jobs, &Job::images), call_of(jobs))
                 : encoder_->encode_texts(inputs_of(jobs, &Job::texts), call_of(jobs));
    });
  }

  void answer_together(const Jobs& jobs) const {
    const Answer rows = encode_together(jobs);
    std::size_t first = 0;
    for (const auto& job : jobs) {
      if (rows) {
        job->answer.set_value(rows_of(*rows, first, job->size()));
      } else if (!answered_late(*job)) {
        answer_alone(*job);
      }
      first += job->size();
    }
  }

  const std::shared_ptr<const Encoder> encoder_;
  mutable BoundedQueue<std::shared_ptr<Job>> jobs_;
  std::vector<std::thread> threads_;  // last: they use the others
};

}  // namespace

std::shared_ptr<const Encoder> make_encoder_queue(std::shared_ptr<const Encoder> encoder,
                                                  const EncoderQueueOptions& options) {
  return std::make_shared<const EncoderQueue>(std::move(encoder), options);
}

}  // namespace clippath
