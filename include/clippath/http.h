// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "clippath/core/pictures.h"
#include "clippath/core/result.h"
#include "clippath/query_engines.h"
#include "clippath/slide.h"

namespace clippath {

struct ServerOptions {
  std::string listen = "127.0.0.1:8080";  ///< host:port (port 0: any free one); a host that is not
                                          ///< loopback needs insecure_bind
  bool insecure_bind = false;
  std::size_t search_threads = 2;  ///< run FAISS; as many again decode pictures and read slides.
                                   ///< Four times as many requests wait, more are answered 503
  std::string version;             ///< of the program
};

/// Whether Server::start may use this address; asked before anything is opened, so that a wrong
/// flag leaves no folder behind. Fails: kInvalidArgument for one that cannot be read, or that is
/// not loopback without insecure_bind.
Result<void> check_listen_address(const ServerOptions& options);

/// The HTTP server over the engines of a data folder (schemas/openapi.yaml). Thread-safe after
/// start.
class Server {
 public:
  /// Binds and starts to answer. The engines and the decoders are used by its threads until stop().
  /// Fails: as check_listen_address; kUnavailable if the address is taken.
  static Result<std::unique_ptr<Server>> start(const ServerOptions& options,
                                               std::shared_ptr<const QueryEngines> engines,
                                               SlideOpener open_slide,
                                               PictureDecoder decode_picture);

  virtual ~Server() = default;  ///< stops
  [[nodiscard]] virtual int port() const = 0;
  [[nodiscard]] virtual std::string url() const = 0;  ///< "http://127.0.0.1:8080"
  /// Refuses new work, lets running requests end (30 s at most), joins its threads.
  virtual void stop() = 0;
};

}  // namespace clippath
