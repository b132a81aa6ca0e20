// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/store/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "clippath/core/check.h"

namespace clippath::test {

ChildProcess::ChildProcess(const std::vector<std::string>& arguments) {
  int input[2];
  int output[2];
  CLIPPATH_CHECK(::pipe2(input, O_CLOEXEC) == 0 && ::pipe2(output, O_CLOEXEC) == 0);
  posix_spawn_file_actions_t actions;
  CLIPPATH_CHECK(::posix_spawn_file_actions_init(&actions) == 0);
  CLIPPATH_CHECK(::posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO) == 0);
  CLIPPATH_CHECK(::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO) == 0);
  std::string program = STORE_PROCESS;
  std::vector<std::string> words = arguments;
  std::vector<char*> argv = {program.data()};
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  CLIPPATH_CHECK(::posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv.data(), environ) ==
                 0);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(input[0]);
  ::close(output[1]);
  input_ = input[1];
  output_ = output[0];
}

ChildProcess::~ChildProcess() {
  kill();
  if (input_ >= 0) ::close(input_);
  ::close(output_);
}

std::optional<std::string> ChildProcess::line() {
  for (;;) {
    if (const auto end = unread_.find('\n'); end != std::string::npos) {
      std::string text = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return text;
    }
    char buffer[4096];
    const ssize_t count = ::read(output_, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return std::nullopt;
    unread_.append(buffer, static_cast<std::size_t>(count));
  }
}

void ChildProcess::kill() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  wait();
}

void ChildProcess::finish() {
  ::close(input_);
  input_ = -1;
  wait();
}

void ChildProcess::wait() {
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) continue;
  pid_ = -1;
}

}  // namespace clippath::test
