// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/support/temp_dir.h"

namespace clippath::test {

/// The real `clippath` as a child process. Killed at the end of the object, if it still runs.
class Program {
 public:
  /// Starts `clippath <arguments>` without standard input.
  explicit Program(const std::vector<std::string>& arguments);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  void send(int signal) const;
  /// Waits for its end. The exit code, or 128 + the signal that ended it.
  int wait();
  /// Whether it has ended already, without waiting.
  bool has_ended();
  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;
  /// Largest resident size while it ran, in bytes. After wait().
  [[nodiscard]] long peak_bytes() const { return peak_bytes_; }

  /// Waits until `serve` says where it listens: the port. Empty if it ends or 30 s pass first.
  std::optional<int> wait_for_port();

 private:
  void collect(int options);

  TempDir folder_;
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
  long peak_bytes_ = 0;
};

struct Finished {
  int exit_code = -1;
  std::string out;
  std::string err;
};

/// Runs `clippath <arguments>` to its end.
Finished run(const std::vector<std::string>& arguments);

/// A path below the repository.
std::string source_path(const std::string& relative);

}  // namespace clippath::test
