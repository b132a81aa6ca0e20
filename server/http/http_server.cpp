// SPDX-License-Identifier: Apache-2.0
#include "clippath/http.h"

#include <httplib.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "clippath/core/check.h"
#include "server/http/dispatch.h"
#include "server/http/guards.h"
#include "server/http/listen_address.h"
#include "server/http/server_context.h"

namespace clippath {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kConnections = 128;  ///< a connection holds a thread for its whole life
constexpr std::size_t kWaitingConnections = 128;
constexpr std::size_t kWaitingPictures = 64;
constexpr std::size_t kRequestsPerConnection = 100;
constexpr time_t kIdleSeconds = 5;
constexpr time_t kCallSeconds = 5;  ///< of one recv or send
/// Of a whole request, and of a whole response. With kRequestDeadline between them this makes the
/// 30 s that stop() may take.
constexpr std::chrono::seconds kRequestTime{15};
constexpr std::chrono::seconds kResponseTime{10};
constexpr std::chrono::seconds kLingerTime{1};

/// The socket of one connection, for all its requests, so that bytes of a pipelined request that
/// were read along with the one before are not lost.
///
/// It bounds the time of a transfer, which the library does for single calls only, and it reads the
/// status off what is written: after an error nothing more is read, as the next bytes may be the
/// rest of a body and not a request.
class ConnectionStream final : public httplib::Stream {
 public:
  explicit ConnectionStream(socket_t socket)
      : socket_(socket, kCallSeconds, 0, kCallSeconds, 0), ends_at_(Clock::now()) {}

  void begin_request() {
    ends_at_ = Clock::now() + kRequestTime;
    responding_ = false;
  }
  [[nodiscard]] bool refused() const { return refused_; }

  bool is_readable() const override { return socket_.is_readable(); }
  bool wait_readable() const override { return socket_.wait_readable(); }
  bool wait_writable() const override { return socket_.wait_writable(); }
  bool is_peer_alive() const override { return socket_.is_peer_alive(); }
  ssize_t read(char* data, size_t size) override {
    if (refused_ || Clock::now() > ends_at_) return -1;
    return socket_.read(data, size);
  }
  ssize_t write(const char* data, size_t size) override {
    note_response(std::string_view(data, size));
    if (responding_ && Clock::now() > ends_at_) return -1;
    return socket_.write(data, size);
  }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    socket_.get_remote_ip_and_port(ip, port);
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    socket_.get_local_ip_and_port(ip, port);
  }
  socket_t socket() const override { return socket_.socket(); }
  time_t duration() const override { return socket_.duration(); }

 private:
  void note_response(std::string_view bytes) {
    constexpr std::size_t kStatusAt = 9;  // "HTTP/1.1 404 ..."
    const bool interim = bytes.size() <= kStatusAt || bytes[kStatusAt] == '1';
    if (responding_ || interim) return;
    responding_ = true;
    ends_at_ = Clock::now() + kResponseTime;
    refused_ = bytes[kStatusAt] >= '4';
  }

  httplib::detail::SocketStream socket_;
  Clock::time_point ends_at_;
  bool responding_ = false;
  bool refused_ = false;
};

/// Lets the client read the answer to a request whose body was not read: closing at once would
/// reset the connection under it.
void close_gently(socket_t socket) {
  ::shutdown(socket, SHUT_WR);
  const auto ends_at = Clock::now() + kLingerTime;
  std::array<char, 16384> discarded{};
  while (Clock::now() < ends_at &&
         httplib::detail::select_read(socket, 0, 100'000) >= 0) {  // 0: nothing yet
    const ssize_t n = ::recv(socket, discarded.data(), discarded.size(), MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN)) break;
  }
}

/// The library's server with connections that end after an error, as its `Connection: close` says.
class ListeningServer final : public httplib::Server {
  bool process_and_close_socket(socket_t socket) override {
    ConnectionStream stream(socket);
    bool answered = false;
    for (std::size_t left = keep_alive_max_count_; left > 0; --left) {
      if (!stream.is_readable() &&
          !httplib::detail::keep_alive(svr_sock_, socket, keep_alive_timeout_sec_)) {
        break;
      }
      stream.begin_request();
      bool closed = false;
      answered = process_request(stream, "", 0, "", 0, left == 1, closed, nullptr);
      if (!answered || closed || stream.refused()) break;
    }
    if (stream.refused()) close_gently(socket);
    httplib::detail::shutdown_socket(socket);
    httplib::detail::close_socket(socket);
    return answered;
  }
};

HttpRequest to_request(const httplib::Request& from) {
  HttpRequest request{from.method, from.target, {}, from.body, from.is_connection_closed};
  for (const auto& [name, value] : from.headers) request.headers.push_back({name, value});
  return request;
}

/// The only place that sets headers; the library drops one whose name or value has control bytes.
void fill(httplib::Response& to, HttpResponse&& from) {
  to.status = from.status;
  to.headers.clear();
  if (!from.content_type.empty()) to.set_header("Content-Type", from.content_type);
  for (const HttpHeader& header : from.headers) to.set_header(header.name, header.value);
  to.body = std::move(from.body);
}

class HttpServer final : public Server {
 public:
  HttpServer(ServerContext context, HostPolicy hosts)
      : context_(std::move(context)), hosts_(std::move(hosts)) {
    configure();
    install();
  }
  ~HttpServer() override { stop(); }

  Result<void> listen(const ListenAddress& address) {
    address_ = address;
    port_ = address.port == 0 ? server_.bind_to_any_port(address.host)
            : server_.bind_to_port(address.host, address.port) ? address.port
                                                               : -1;
    if (port_ < 0) {
      return fail({ErrorKind::kUnavailable,
                   "listen: cannot use " + address.url(address.port) +
                       ": the port is taken, or no such address is on this machine",
                   "listen"});
    }
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    // The library leaks its socket when it is stopped before it listens.
    server_.wait_until_ready();
    return {};
  }

  int port() const override { return port_; }
  std::string url() const override { return address_.url(port_); }

  void stop() override {
    if (!thread_.joinable()) return;
    server_.stop();
    thread_.join();
  }

 private:
  void configure() {
    server_.new_task_queue = [] {
      return new httplib::ThreadPool(  // ci-allow: the library takes a raw owner
          kConnections, kConnections, kWaitingConnections);
    };
    server_.set_keep_alive_max_count(kRequestsPerConnection);
    server_.set_keep_alive_timeout(kIdleSeconds);
    server_.set_read_timeout(kCallSeconds);
    server_.set_write_timeout(kCallSeconds);
    server_.set_tcp_nodelay(true);
    // Not the library's SO_REUSEPORT: two servers would share the port without a word.
    server_.set_socket_options(
        [](socket_t socket) { httplib::set_socket_opt(socket, SOL_SOCKET, SO_REUSEADDR, 1); });
    std::size_t largest = 0;
    for (const Route& route : routes()) largest = std::max(largest, route.max_body_bytes);
    server_.set_payload_max_length(largest);
  }

  void install() {
    using Step = httplib::Server::HandlerResponse;
    // Before the library sends "100 Continue": a refused upload then never starts.
    server_.set_expect_100_continue_handler(
        [this](const httplib::Request& from, httplib::Response& to) {
          auto admitted = admit(to_request(from), hosts_);
          if (admitted) return 100;
          refuse(to, admitted.error());
          return to.status;
        });
    server_.set_pre_routing_handler([this](const httplib::Request& from, httplib::Response& to) {
      const HttpRequest request = to_request(from);
      auto admitted = admit(request, hosts_);
      if (!admitted) {
        refuse(to, admitted.error());
        return Step::Handled;
      }
      if (admitted->match.route->body != BodyKind::kNone) return Step::Unhandled;
      answer(to, request, std::move(*admitted));
      return Step::Handled;
    });
    for (const Route& route : routes()) {
      if (route.body == BodyKind::kNone) continue;
      server_.Post(std::string(route.pattern),
                   [this](const httplib::Request& from, httplib::Response& to) {
                     const HttpRequest request = to_request(from);
                     auto admitted = admit(request, hosts_);
                     if (!admitted) return refuse(to, admitted.error());
                     answer(to, request, std::move(*admitted));
                   });
    }
    server_.set_error_handler([this](const httplib::Request&, httplib::Response& to) {
      if (to.body.empty()) refuse(to, problem_of_status(to.status));
      return Step::Handled;
    });
    server_.set_exception_handler(
        [this](const httplib::Request&, httplib::Response& to, std::exception_ptr) {
          refuse(to, problem_of({ErrorKind::kInternal, "an exception left a handler"}));
        });
  }

  void refuse(httplib::Response& to, const Problem& problem) {
    const std::string id = ids_.next();
    HttpResponse response = problem_response(problem, id);
    add_common_headers(response, id);
    fill(to, std::move(response));
  }

  void answer(httplib::Response& to, const HttpRequest& request, Admitted admitted) {
    const std::string id = ids_.next();
    HttpResponse response = dispatch(context_, request, std::move(admitted), id);
    add_common_headers(response, id);
    fill(to, std::move(response));
  }

  // Constant after construction, or thread-safe.
  const ServerContext context_;
  const HostPolicy hosts_;
  RequestIds ids_;
  ListenAddress address_;
  int port_ = -1;
  ListeningServer server_;
  std::thread thread_;
};

ServerContext make_context(const ServerOptions& options,
                           std::shared_ptr<const QueryEngines> engines, SlideOpener open_slide,
                           PictureDecoder decode_picture) {
  const std::size_t threads = std::max<std::size_t>(1, options.search_threads);
  ServerContext context;
  context.engines = engines;
  context.searches = std::make_unique<Executor>(threads, 4 * threads);
  // A page asks for dozens of pictures at once, and a browser keeps six connections a tab: they
  // wait here rather than come back as refusals; the deadline bounds the wait.
  context.pictures = std::make_unique<Executor>(threads, kWaitingPictures);
  context.patch_pictures = std::make_unique<PatchPictures>(std::move(open_slide), decode_picture);
  context.decode_picture = std::move(decode_picture);
  context.readiness = std::make_unique<Readiness>(std::move(engines));
  context.version = options.version;
  return context;
}

}  // namespace

Result<void> check_listen_address(const ServerOptions& options) {
  CLIPPATH_TRY(const ListenAddress address, parse_listen_address(options.listen));
  if (address.loopback || options.insecure_bind) return {};
  return fail({ErrorKind::kInvalidArgument,
               "listen: " + options.listen +
                   " can be reached from other machines, and there is no authentication yet; "
                   "listen on 127.0.0.1, or say --insecure-bind if that is wanted",
               "listen", "loopback"});
}

Result<std::unique_ptr<Server>> Server::start(const ServerOptions& options,
                                              std::shared_ptr<const QueryEngines> engines,
                                              SlideOpener open_slide,
                                              PictureDecoder decode_picture) {
  CLIPPATH_CHECK(engines != nullptr && open_slide != nullptr && decode_picture != nullptr);
  CLIPPATH_TRY_VOID(check_listen_address(options));
  CLIPPATH_TRY(const ListenAddress address, parse_listen_address(options.listen));
  auto server = std::make_unique<HttpServer>(
      make_context(options, std::move(engines), std::move(open_slide), std::move(decode_picture)),
      HostPolicy{address.host, options.insecure_bind});
  CLIPPATH_TRY_VOID(server->listen(address));
  return server;
}

}  // namespace clippath
