// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "clippath/core/mutex.h"
#include "clippath/http.h"
#include "clippath/search.h"
#include "tests/support/fake_encoder.h"
#include "tests/support/temp_dir.h"

namespace clippath::test {

/// Can be told to keep its callers waiting, or to fail.
class GatedEncoder final : public FakeEncoder {
 public:
  [[nodiscard]] Result<EmbeddingMatrix> encode_images(std::span<const RgbImage> images,
                                                      const EncodeCall& call = {}) const override;
  [[nodiscard]] Result<EmbeddingMatrix> encode_texts(std::span<const std::string> texts,
                                                     const EncodeCall& call = {}) const override;

  void hold();
  void wait_for_a_caller();  ///< until one is being kept waiting
  void release();
  void fail_from_now_on();
  [[nodiscard]] std::set<std::string> texts() const;  ///< all that were encoded

 private:
  Result<void> wait_while_held() const;

  mutable Mutex mutex_;
  mutable ConditionVariable changed_;
  bool held_ CLIPPATH_GUARDED_BY(mutex_) = false;
  mutable int callers_ CLIPPATH_GUARDED_BY(mutex_) = 0;
  bool broken_ CLIPPATH_GUARDED_BY(mutex_) = false;
  mutable std::set<std::string> texts_ CLIPPATH_GUARDED_BY(mutex_);
};

/// A slide of 1000 x 800 pixels in two levels whose colours tell the level-0 position.
std::shared_ptr<const SlideReader> make_gradient_slide();

void write_text(const std::filesystem::path& path, std::string_view text);
std::int64_t modified_ns(const std::filesystem::path& path);

/// A started server over a toy snapshot (tests/support/toy_snapshot.h). Slide "case0-s0" has a
/// file; `open_slide` returns the gradient for it.
class TestServer {
 public:
  struct Options {
    std::size_t search_threads = 2;
    bool with_encoder = true;
    bool with_queue = false;  ///< one thread of a queue encodes, not those of the searches
  };
  TestServer() : TestServer(Options{}) {}
  explicit TestServer(const Options& options);

  [[nodiscard]] int port() const { return server->port(); }

  TempDir folder;
  std::filesystem::path slide_file;
  std::shared_ptr<GatedEncoder> encoder;
  std::unique_ptr<Server> server;
};

}  // namespace clippath::test
