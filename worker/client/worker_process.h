// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "worker/protocol/channel.h"

namespace clippath::worker {

/// How a worker is started and held.
struct WorkerSpec {
  std::filesystem::path program;
  std::string role;               ///< its argument: "slide", "picture"
  int lanes = 1;                  ///< requests beside each other
  std::size_t memory_bytes = 0;   ///< of each lane, for payloads
  std::chrono::seconds patience;  ///< for one answer; then the worker is killed
};

/// A request: its body, and bytes that outlive the call.
struct Request {
  MessageKind kind = MessageKind::kTrySandbox;
  Json body = Json::object();
  std::span<const std::uint8_t> payload = {};
};

/// One running worker. Lanes may be used from different threads, each by one at a time.
class WorkerProcess {
 public:
  /// Fails: kInternal.
  static Result<std::unique_ptr<WorkerProcess>> start(const WorkerSpec& spec);

  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;
  /// Kills the worker and waits for its end.
  ~WorkerProcess();

  /// Sends a request and waits for its answer. A worker that gives no answer, none in time, or one
  /// that makes no sense, is killed.
  /// Fails: as the worker answers; kUnavailable if it died (also by another lane's request);
  /// kDeadlineExceeded if it was killed for its slowness.
  Result<Message> call(std::size_t lane, const Request& request);

  [[nodiscard]] bool alive() const { return alive_; }
  /// Kills it, waits for its end and tells how it ended: "was ended by signal 6 (Aborted)". No
  /// call may be at work.
  std::string end();

 private:
  WorkerProcess(pid_t pid, std::vector<Channel> lanes, std::chrono::seconds patience);
  void kill_it();
  [[nodiscard]] bool has_ended_within(std::chrono::milliseconds time) const;

  // Constant after construction, but for what the channels carry.
  const pid_t pid_;
  const std::chrono::seconds patience_;
  std::vector<Channel> lanes_;

  std::atomic<bool> alive_ = true;
  std::atomic<std::uint64_t> next_request_ = 1;
  std::optional<std::string> ending_;  ///< once waited for
};

}  // namespace clippath::worker
