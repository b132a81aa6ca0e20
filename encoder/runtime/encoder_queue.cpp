// SPDX-License-Identifier: Apache-2.0
#include "clippath/encoder_queue.h"

#include <algorithm>
#include <exception>
#include <future>
#include <thread>
#include <utility>
#include <vector>

#include "clippath/core/bounded_queue.h"

namespace clippath {
namespace {

constexpr std::size_t kTextsTogether = 16;

using Answer = Result<EmbeddingMatrix>;

/// A call: pictures or texts. The caller blocks, so what it refers to outlives the job.
struct Job {
  std::span<const RgbImage> images;
  std::span<const std::string> texts;
  EncodeCall call;
  std::promise<Answer> answer;
};

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

/// Thread-safe: a caller waits for its own job alone.
class EncoderQueue final : public Encoder {
 public:
  EncoderQueue(std::shared_ptr<const Encoder> encoder, const EncoderQueueOptions& options)
      : encoder_(std::move(encoder)), jobs_(options.capacity) {
    for (int i = 0; i < options.workers; ++i) threads_.emplace_back([this] { work(); });
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
    return wait_for({images, {}, call, {}});
  }

  [[nodiscard]] Answer encode_texts(std::span<const std::string> texts,
                                    const EncodeCall& call = {}) const override {
    return wait_for({{}, texts, call, {}});
  }

 private:
  Answer wait_for(Job job) const {
    std::future<Answer> answer = job.answer.get_future();
    if (!jobs_.try_push(std::move(job))) {
      return fail(ErrorKind::kUnavailable, "the encoder's queue is full; try again later");
    }
    return answer.get();
  }

  void work() const {
    while (auto job = jobs_.pop()) {
      if (!job->images.empty()) {
        job->answer.set_value(
            without_exceptions([&] { return encoder_->encode_images(job->images, job->call); }));
        continue;
      }
      std::vector<Job> together;
      together.push_back(std::move(*job));
      add_waiting_texts(together);
      answer_texts(together);
    }
  }

  void add_waiting_texts(std::vector<Job>& together) const {
    std::size_t texts = together.front().texts.size();
    const auto fits = [&](const Job& job) {
      return !job.texts.empty() && job.call.from_cache == together.front().call.from_cache &&
             texts + job.texts.size() <= kTextsTogether;
    };
    while (auto job = jobs_.try_pop_if(fits)) {
      texts += job->texts.size();
      together.push_back(std::move(*job));
    }
  }

  void answer_texts(std::vector<Job>& jobs) const {
    std::vector<std::string> all;
    for (const Job& job : jobs) all.insert(all.end(), job.texts.begin(), job.texts.end());
    Answer rows =
        without_exceptions([&] { return encoder_->encode_texts(all, jobs.front().call); });
    if (jobs.size() == 1) {
      jobs.front().answer.set_value(std::move(rows));
      return;
    }
    std::size_t first = 0;
    for (Job& job : jobs) {
      job.answer.set_value(
          rows ? Answer(rows_of(*rows, first, job.texts.size()))
               : without_exceptions([&] { return encoder_->encode_texts(job.texts, job.call); }));
      first += job.texts.size();
    }
  }

  const std::shared_ptr<const Encoder> encoder_;
  mutable BoundedQueue<Job> jobs_;
  std::vector<std::thread> threads_;  // last: they use the others
};

}  // namespace

std::shared_ptr<const Encoder> make_encoder_queue(std::shared_ptr<const Encoder> encoder,
                                                  const EncoderQueueOptions& options) {
  return std::make_shared<const EncoderQueue>(std::move(encoder), options);
}

}  // namespace clippath
