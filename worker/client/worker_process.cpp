// SPDX-License-Identifier: Apache-2.0
#include "worker/client/worker_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "clippath/core/files.h"
#include "worker/protocol/lane_descriptors.h"

namespace clippath::worker {
namespace {

constexpr std::chrono::milliseconds kTimeToDie{100};

/// The worker's ends of one lane.
struct FarEnd {
  Descriptor socket;
  Descriptor memory;
};

/// What posix_spawn is told, released with this object.
class SpawnPlan {
 public:
  SpawnPlan() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    // A group of its own: Ctrl-C in the terminal is for the program, which then ends its workers.
    posix_spawnattr_setpgroup(&attributes_, 0);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
    for (int standard = 0; standard < socket_of_lane(0); ++standard) {
      posix_spawn_file_actions_addopen(&actions_, standard, "/dev/null", O_RDWR, 0);
    }
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  void pass(int descriptor, int as) { posix_spawn_file_actions_adddup2(&actions_, descriptor, as); }
  void close_from(int first) { posix_spawn_file_actions_addclosefrom_np(&actions_, first); }

  Result<pid_t> spawn(const std::filesystem::path& program, std::vector<std::string> arguments) {
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    // Nothing of our environment: it may hold secrets, and it steers libraries.
    std::array<char*, 1> environment{nullptr};
    pid_t pid = 0;
    const int error = posix_spawn(&pid, program.c_str(), &actions_, &attributes_, pointers.data(),
                                  environment.data());
    if (error != 0) return fail(system_error(error, "starting '" + program.string() + "'"));
    return pid;
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

/// Another descriptor of the same, under a number that no lane has in the worker.
Result<Descriptor> copied_beyond(int lanes, const Descriptor& original) {
  Descriptor copy(fcntl(original.get(), F_DUPFD_CLOEXEC, first_beyond(lanes)));
  if (copy.get() < 0) return fail(system_error(errno, "starting a decoder"));
  return copy;
}

Result<Channel> make_lane(const WorkerSpec& spec, FarEnd& far) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
    return fail(system_error(errno, "starting a decoder"));
  }
  Descriptor near(pair[0]);
  CLIPPATH_TRY(far.socket, copied_beyond(spec.lanes, Descriptor(pair[1])));
  CLIPPATH_TRY(SharedMemory memory, SharedMemory::make(spec.memory_bytes));
  CLIPPATH_TRY(far.memory, copied_beyond(spec.lanes, memory.descriptor()));
  return Channel(std::move(near), std::move(memory));
}

std::string ending_in_words(int status) {
  if (WIFSIGNALED(status)) {
    const int signal = WTERMSIG(status);
    const char* name = sigabbrev_np(signal);
    return "was ended by signal " + std::to_string(signal) +
           (name != nullptr ? " (SIG" + std::string(name) + ")" : std::string());
  }
  return "ended with exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::start(const WorkerSpec& spec) {
  std::vector<FarEnd> far_ends(static_cast<std::size_t>(spec.lanes));
  std::vector<Channel> lanes;
  SpawnPlan plan;
  for (int i = 0; i < spec.lanes; ++i) {
    FarEnd& far = far_ends[static_cast<std::size_t>(i)];
    CLIPPATH_TRY(Channel lane, make_lane(spec, far));
    lanes.push_back(std::move(lane));
    plan.pass(far.socket.get(), socket_of_lane(i));
    plan.pass(far.memory.get(), memory_of_lane(i));
  }
  plan.close_from(first_beyond(spec.lanes));
  CLIPPATH_TRY(const pid_t pid, plan.spawn(spec.program, {spec.program.filename().string(),
                                                          spec.role, std::to_string(spec.lanes)}));
  return std::unique_ptr<WorkerProcess>(
      new WorkerProcess(pid, std::move(lanes), spec.patience));  // ci-allow: private constructor
}

WorkerProcess::WorkerProcess(pid_t pid, std::vector<Channel> lanes, std::chrono::seconds patience)
    : pid_(pid), patience_(patience), lanes_(std::move(lanes)) {}

WorkerProcess::~WorkerProcess() { end(); }

Result<Message> WorkerProcess::call(std::size_t lane, const Request& request) {
  const std::uint64_t id = next_request_++;
  Channel& channel = lanes_[lane];
  auto sent = channel.send(request.kind, id, request.body, request.payload);
  if (!sent) {
    if (sent.error().kind == ErrorKind::kUnavailable) alive_ = false;
    return fail(std::move(sent.error()));
  }
  auto answer = channel.receive(Deadline::after(patience_));
  if (!answer) {
    kill_it();
    if (answer.error().kind == ErrorKind::kDeadlineExceeded) return fail(answer.error());
    return fail(ErrorKind::kUnavailable, answer.error().message);
  }
  const bool answers = answer->request_id == id &&
                       (answer->kind == MessageKind::kDone || answer->kind == MessageKind::kFailed);
  if (!answers) {
    kill_it();
    return fail(ErrorKind::kUnavailable, "it answered something else");
  }
  if (answer->kind == MessageKind::kFailed) return fail(error_from(answer->body));
  return answer;
}

void WorkerProcess::kill_it() {
  alive_ = false;
  kill(-pid_, SIGKILL);
}

/// Waits for the kernel's word that the process is over; it stays there to be asked how.
bool WorkerProcess::has_ended_within(std::chrono::milliseconds time) const {
  const Descriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
  pollfd waiting{process.get(), POLLIN, 0};
  return poll(&waiting, 1, static_cast<int>(time.count())) == 1;
}

std::string WorkerProcess::end() {
  if (ending_) return *ending_;
  // A worker that closed its lanes is on its way out: how it dies is worth more than our signal.
  int status = 0;
  if (!alive_ && has_ended_within(kTimeToDie)) {
    waitpid(pid_, &status, 0);
    return *(ending_ = ending_in_words(status));
  }
  kill_it();
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  return *(ending_ = ending_in_words(status));
}

}  // namespace clippath::worker
