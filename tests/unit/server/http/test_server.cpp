// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/server/http/test_server.h"

#include <sys/stat.h>

#include <fstream>

#include "clippath/encoder_queue.h"
#include "tests/support/toy_snapshot.h"

namespace clippath::test {
namespace {

class GradientSlide final : public SlideReader {
 public:
  GradientSlide() {
    info_.vendor = "test";
    info_.bounds = {0, 0, 1000, 800};
    info_.levels = {{{1000, 800}, 1}, {{250, 200}, 4}};
  }
  const SlideInfo& info() const override { return info_; }
  Result<RgbImage> read(Level0Point origin, int level, PixelSize size) const override {
    if (size.width > 8192 || size.height > 8192) {
      return fail(ErrorKind::kInvalidArgument, "side: must be 1..8192");
    }
    const auto step =
        static_cast<std::int64_t>(info_.levels[static_cast<std::size_t>(level)].downsample);
    RgbImage image =
        RgbImage::filled(static_cast<int>(size.width), static_cast<int>(size.height), 0, 0, 128);
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x) {
        image.row(y)[x * 3] = static_cast<std::uint8_t>((origin.x + x * step) / 4 % 256);
        image.row(y)[x * 3 + 1] = static_cast<std::uint8_t>((origin.y + y * step) / 4 % 256);
      }
    }
    return image;
  }

 private:
  SlideInfo info_;
};

void give_file(SlideRecord& slide, const std::filesystem::path& path) {
  write_text(path, "not a real slide");
  slide.path = path;
  slide.size = {1000, 800};
  slide.fingerprint.size_bytes = std::filesystem::file_size(path);
  slide.fingerprint.modified_ns = modified_ns(path);
}

}  // namespace

Result<void> GatedEncoder::wait_while_held() const {
  MutexLock lock(mutex_);
  ++callers_;
  changed_.notify_all();
  while (held_) changed_.wait(mutex_);
  --callers_;
  if (broken_) return fail(ErrorKind::kInternal, "the test broke this encoder");
  return {};
}

Result<EmbeddingMatrix> GatedEncoder::encode_images(std::span<const RgbImage> images,
                                                    const EncodeCall& call) const {
  CLIPPATH_TRY_VOID(wait_while_held());
  return FakeEncoder::encode_images(images, call);
}

Result<EmbeddingMatrix> GatedEncoder::encode_texts(std::span<const std::string> texts,
                                                   const EncodeCall& call) const {
  CLIPPATH_TRY_VOID(wait_while_held());
  {
    MutexLock lock(mutex_);
    texts_.insert(texts.begin(), texts.end());
  }
  return FakeEncoder::encode_texts(texts, call);
}

void GatedEncoder::hold() {
  MutexLock lock(mutex_);
  held_ = true;
}

void GatedEncoder::wait_for_a_caller() {
  MutexLock lock(mutex_);
  while (callers_ == 0) changed_.wait(mutex_);
}

void GatedEncoder::release() {
  MutexLock lock(mutex_);
  held_ = false;
  changed_.notify_all();
}

void GatedEncoder::fail_from_now_on() {
  MutexLock lock(mutex_);
  broken_ = true;
}

std::set<std::string> GatedEncoder::texts() const {
  MutexLock lock(mutex_);
  return texts_;
}

void write_text(const std::filesystem::path& path, std::string_view text) {
  std::ofstream(path) << text;
}

std::int64_t modified_ns(const std::filesystem::path& path) {
  struct stat status {};
  CLIPPATH_CHECK(::stat(path.c_str(), &status) == 0);
  return std::int64_t{status.st_mtim.tv_sec} * 1'000'000'000 + status.st_mtim.tv_nsec;
}

std::shared_ptr<const SlideReader> make_gradient_slide() {
  return std::make_shared<GradientSlide>();
}

TestServer::TestServer(const Options& options)
    : slide_file(folder.path() / "case0-s0.svs"), encoder(std::make_shared<GatedEncoder>()) {
  ToyShape shape;
  shape.dimension = encoder->info().dimension;
  auto snapshot = make_toy_snapshot(shape, 1);
  snapshot->generation = 7;
  give_file(snapshot->slides.front(), slide_file);
  std::shared_ptr<const Encoder> answering = encoder;
  if (options.with_queue) answering = make_encoder_queue(encoder, {.capacity = 8});
  if (!options.with_encoder) answering = nullptr;
  auto engine = std::make_shared<QueryEngine>(snapshot, answering);
  ServerOptions server_options;
  server_options.listen = "127.0.0.1:0";
  server_options.search_threads = options.search_threads;
  server_options.version = "1.2.3";
  auto started = Server::start(
      server_options,
      std::make_shared<const QueryEngines>(std::vector<QueryEngines::Member>{
          {{encoder->info().id, "fake", encoder->info().dimension}, engine}}),
      [](const std::filesystem::path&) -> Result<std::shared_ptr<const SlideReader>> {
        return make_gradient_slide();
      },
      &decode_picture);
  CLIPPATH_CHECK(started.has_value());
  server = std::move(*started);
}

}  // namespace clippath::test
