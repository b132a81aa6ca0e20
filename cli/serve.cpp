// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/command.h"
#include "cli/decoders.h"
#include "cli/open_engine.h"
#include "clippath/http.h"
#include "clippath/slide.h"
#include "core/json/json.h"

namespace clippath::cli {
namespace {

/// Texts and pictures that may wait for the one encoder thread; more are answered 503.
constexpr std::size_t kEncoderQueue = 32;

/// Windows of texts whose rows are kept. The bundled model (64 tokens, 256 values) needs at most 4
/// MB for them, a model of 512 tokens and 768 values 15 MB.
constexpr std::size_t kCachedTexts = 2048;

struct Options {
  OpenEngineOptions open;
  ServerOptions server;
};

void say_ready(const Context& context, const Server& server, const std::string& url) {
  std::fprintf(stderr, "listening on %s\n", url.c_str());
  if (!context.json) return;
  const Json event = {{"event", "ready"}, {"url", url}, {"port", server.port()}};
  std::printf("%s\n", to_text(event).c_str());
  std::fflush(stdout);
}

Result<int> run_serve(const Options& options, const Context& context) {
  CLIPPATH_TRY_VOID(check_listen_address(options.server));
  CLIPPATH_TRY(auto opened, open_engines(options.open));
  CLIPPATH_TRY(const Decoders decoders, make_decoders(context.threads));
  CLIPPATH_TRY(const auto server, Server::start(options.server, opened.engines, decoders.open_slide,
                                                decoders.decode_picture));
  say_ready(context, *server, server->url());

  context.stop.wait(false);
  server->stop();
  return kDone;
}

}  // namespace

void add_serve_command(CLI::App& program, Context& context) {
  auto* command = program.add_subcommand("serve", "Answer queries over HTTP, with the web page");
  auto options = std::make_shared<Options>();
  command->add_option("--data", options->open.data, "Data folder; a missing or empty one is made")
      ->required()
      ->envname("CLIPPATH_DATA");
  command->add_option("--listen", options->server.listen, "host:port; port 0 takes a free one")
      ->capture_default_str()
      ->envname("CLIPPATH_LISTEN");
  command->add_flag("--insecure-bind", options->server.insecure_bind,
                    "Allow an address that other machines reach, without authentication");
  add_dtype_option(*command, options->open.encoder.dtype);
  add_long_text_option(*command, options->open.encoder.long_texts);
  add_common_options(*command, context);
  command->footer("Example: clippath serve --data archive --listen 127.0.0.1:8080");
  on_run(*command, context, [options, &context]() -> int {
    options->server.search_threads = static_cast<std::size_t>(context.threads);
    options->server.version = program_version();
    options->open.access = Access::kWrite;
    options->open.purpose = "serve on " + options->server.listen;
    options->open.encoder.cached_texts = kCachedTexts;
    options->open.encoder_queue = {
        .capacity = kEncoderQueue, .workers = context.threads, .warm_up = true};
    const auto exit_code = run_serve(*options, context);
    return exit_code ? *exit_code : report_error(exit_code.error());
  });
}

}  // namespace clippath::cli
