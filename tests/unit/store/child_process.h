// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace clippath::test {

/// `store_process` with these arguments. It ends when the object does, at the latest.
class ChildProcess {
 public:
  explicit ChildProcess(const std::vector<std::string>& arguments);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// The next line of its output; empty when it has ended.
  std::optional<std::string> line();
  /// Sends SIGKILL and waits for its end; lines written before can still be read.
  void kill();
  /// Closes its standard input and waits for its end.
  void finish();

 private:
  void wait();

  pid_t pid_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::string unread_;
};

}  // namespace clippath::test
