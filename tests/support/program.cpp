// SPDX-License-Identifier: Apache-2.0
#include "tests/support/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "clippath/core/check.h"

namespace clippath::test {
namespace {

std::string read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void redirect(const std::string& path, int to, int flags) {
  const int fd = ::open(path.c_str(), flags, 0600);
  if (fd < 0 || ::dup2(fd, to) < 0) _exit(126);
}

}  // namespace

Program::Program(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {CLIPPATH_PROGRAM};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const std::string out = folder_.path() / "out";
  const std::string err = folder_.path() / "err";
  pid_ = ::fork();
  CLIPPATH_CHECK(pid_ >= 0);
  if (pid_ == 0) {
    redirect("/dev/null", 0, O_RDONLY);
    redirect(out, 1, O_WRONLY | O_CREAT);
    redirect(err, 2, O_WRONLY | O_CREAT);
    ::execv(argv[0], argv.data());
    _exit(127);
  }
}

Program::~Program() {
  if (!exit_code_) {
    send(SIGKILL);
    wait();
  }
}

void Program::send(int signal) const { ::kill(pid_, signal); }

void Program::collect(int options) {
  if (exit_code_) return;
  int status = 0;
  rusage usage{};
  if (::wait4(pid_, &status, options, &usage) != pid_) return;
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  peak_bytes_ = usage.ru_maxrss * 1024;
}

int Program::wait() {
  collect(0);
  CLIPPATH_CHECK(exit_code_.has_value());
  return *exit_code_;
}

bool Program::has_ended() {
  collect(WNOHANG);
  return exit_code_.has_value();
}

std::string Program::out() const { return read_all(folder_.path() / "out"); }
std::string Program::err() const { return read_all(folder_.path() / "err"); }

std::optional<int> Program::wait_for_port() {
  const std::string marker = "listening on http://127.0.0.1:";
  for (int i = 0; i < 3000; ++i) {
    const std::string text = err();
    const std::size_t at = text.find(marker);
    const std::size_t line_end = at == std::string::npos ? at : text.find('\n', at);
    if (line_end != std::string::npos) {
      int port = 0;
      std::from_chars(text.data() + at + marker.size(), text.data() + line_end, port);
      return port;
    }
    if (has_ended()) return std::nullopt;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return std::nullopt;
}

Finished run(const std::vector<std::string>& arguments) {
  Program program(arguments);
  const int exit_code = program.wait();
  return {exit_code, program.out(), program.err()};
}

std::string source_path(const std::string& relative) {
  return std::string(CLIPPATH_SOURCE_DIR) + "/" + relative;
}

}  // namespace clippath::test
