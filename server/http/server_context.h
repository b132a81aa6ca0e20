// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "clippath/core/pictures.h"
#include "clippath/patch_pictures.h"
#include "clippath/query_engines.h"
#include "server/http/executor.h"
#include "server/http/readiness.h"

namespace clippath {

inline constexpr std::chrono::seconds kRequestDeadline{5};

/// What every handler may use. Thread-safe.
struct ServerContext {
  std::shared_ptr<const QueryEngines> engines;
  std::unique_ptr<Executor> searches;  ///< FAISS
  std::unique_ptr<Executor> pictures;  ///< decoding, encoding and slide files
  PictureDecoder decode_picture;       ///< of uploads
  std::unique_ptr<PatchPictures> patch_pictures;
  std::unique_ptr<Readiness> readiness;
  std::string version;
};

}  // namespace clippath
