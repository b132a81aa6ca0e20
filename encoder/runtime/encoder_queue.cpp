// SPDX-License-Identifier: Apache-2.0
#include "clippath/encoder_queue.h"

#include <exception>
#include <functional>
#include <future>
#include <thread>
#include <utility>

#include "clippath/core/bounded_queue.h"

namespace clippath {
namespace {

using Answer = Result<EmbeddingMatrix>;

/// Thread-safe: a caller waits for its own job alone.
class EncoderQueue final : public Encoder {
 public:
  EncoderQueue(std::shared_ptr<const Encoder> encoder, std::size_t capacity)
      : encoder_(std::move(encoder)), jobs_(capacity), thread_([this] { work(); }) {}

  ~EncoderQueue() override {
    jobs_.close();
    thread_.join();
  }
  EncoderQueue(const EncoderQueue&) = delete;
  EncoderQueue& operator=(const EncoderQueue&) = delete;

  [[nodiscard]] const EncoderInfo& info() const override { return encoder_->info(); }

  [[nodiscard]] RgbImage fit(const RgbImage& image) const override { return encoder_->fit(image); }

  [[nodiscard]] Answer encode_images(std::span<const RgbImage> images) const override {
    return wait_for([&] { return encoder_->encode_images(images); });
  }

  [[nodiscard]] Answer encode_texts(std::span<const std::string> texts) const override {
    return wait_for([&] { return encoder_->encode_texts(texts); });
  }

 private:
  using Job = std::packaged_task<Answer()>;

  /// The caller blocks, so what `encode` refers to outlives the job.
  Answer wait_for(std::function<Answer()> encode) const {
    Job job([encode = std::move(encode)]() -> Answer {
      try {
        return encode();
      } catch (const std::exception&) {  // ci-allow: the entry of a thread
        return fail(ErrorKind::kInternal, "the encoder failed");
      }
    });
    std::future<Answer> answer = job.get_future();
    if (!jobs_.try_push(std::move(job))) {
      return fail(ErrorKind::kUnavailable, "the encoder's queue is full; try again later");
    }
    return answer.get();
  }

  void work() {
    while (auto job = jobs_.pop()) (*job)();
  }

  const std::shared_ptr<const Encoder> encoder_;
  mutable BoundedQueue<Job> jobs_;
  std::thread thread_;  // last: it uses the others
};

}  // namespace

std::shared_ptr<const Encoder> make_encoder_queue(std::shared_ptr<const Encoder> encoder,
                                                  std::size_t capacity) {
  return std::make_shared<const EncoderQueue>(std::move(encoder), capacity);
}

}  // namespace clippath
