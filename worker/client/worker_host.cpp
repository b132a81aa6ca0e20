// SPDX-License-Identifier: Apache-2.0
#include "worker/client/worker_host.h"

#include <string_view>
#include <utility>

namespace clippath::worker {
namespace {

constexpr std::string_view kCulprit = "ended_decoder";

Error culprit(std::string message) {
  return {ErrorKind::kCorruption, std::move(message), "", "", std::string(kCulprit)};
}

bool worker_is_gone(const Result<Message>& answer) {
  return !answer && answer.error().kind == ErrorKind::kUnavailable;
}

}  // namespace

/// One lane, waited for, for a scope.
class WorkerHost::Lane {
 public:
  explicit Lane(WorkerHost& host) : host_(host) {
    MutexLock lock(host_.mutex_);
    while (host_.all_taken_ || host_.idle_lanes_.empty()) host_.changed_.wait(host_.mutex_);
    number_ = host_.idle_lanes_.back();
    host_.idle_lanes_.pop_back();
  }
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  ~Lane() {
    MutexLock lock(host_.mutex_);
    host_.idle_lanes_.push_back(number_);
    host_.changed_.notify_all();
  }
  [[nodiscard]] std::size_t number() const { return number_; }

 private:
  WorkerHost& host_;
  std::size_t number_ = 0;
};

/// All lanes for a scope: no other request is at work.
class WorkerHost::AllLanes {
 public:
  explicit AllLanes(WorkerHost& host) : host_(host) {
    MutexLock lock(host_.mutex_);
    while (host_.all_taken_) host_.changed_.wait(host_.mutex_);
    host_.all_taken_ = true;
    const auto lanes = static_cast<std::size_t>(host_.spec_.lanes);
    while (host_.idle_lanes_.size() < lanes) host_.changed_.wait(host_.mutex_);
  }
  AllLanes(const AllLanes&) = delete;
  AllLanes& operator=(const AllLanes&) = delete;
  ~AllLanes() {
    MutexLock lock(host_.mutex_);
    host_.all_taken_ = false;
    host_.changed_.notify_all();
  }

 private:
  WorkerHost& host_;
};

WorkerHost::WorkerHost(WorkerSpec spec, Rules rules)
    : spec_(std::move(spec)), rules_(std::move(rules)) {
  for (int i = 0; i < spec_.lanes; ++i) idle_lanes_.push_back(static_cast<std::size_t>(i));
}

Result<Message> WorkerHost::greet() {
  const AllLanes alone(*this);
  return renew();
}

Result<Message> WorkerHost::call(const Request& request) {
  {
    const Lane lane(*this);
    if (usable()) {
      auto answer = call_on(lane.number(), request);
      if (!worker_is_gone(answer)) return answer;
    }
  }
  const AllLanes alone(*this);
  if (!usable()) CLIPPATH_TRY_VOID(renew());
  auto answer = call_on(0, request);
  if (worker_is_gone(answer)) return fail(blame(answer.error()));
  return answer;
}

bool WorkerHost::usable() const { return process_ && process_->alive() && !worn_; }

Result<Message> WorkerHost::call_on(std::size_t lane, const Request& request) {
  auto answer = process_->call(lane, request);
  const bool worn =
      rules_.requests_a_worker && (!answer || ++requests_ >= *rules_.requests_a_worker);
  if (worn) worn_ = true;
  if (!answer && answer.error().kind == ErrorKind::kDeadlineExceeded) {
    ++hangs_;
    return fail(culprit("decoding took more than " + std::to_string(spec_.patience.count()) +
                        " seconds and was ended"));
  }
  return answer;
}

/// A fresh worker in place of a dead or worn one, or two: if the first dies of the greeting, that
/// may have been chance. The caller holds all lanes.
Result<Message> WorkerHost::renew() {
  auto answer = start_afresh();
  if (worker_is_gone(answer)) answer = start_afresh();
  if (worker_is_gone(answer)) return fail(blame(answer.error()));
  return answer;
}

Result<Message> WorkerHost::start_afresh() {
  bury();
  if (rules_.gives_up && (deaths_ >= kMostDeaths || hangs_ >= kMostHangs)) {
    return fail(ErrorKind::kCorruption, "given up: its decoder died " + std::to_string(deaths_) +
                                            " times, the last one " + last_ending_);
  }
  CLIPPATH_TRY(process_, WorkerProcess::start(spec_));
  requests_ = 0;
  worn_ = false;
  if (!rules_.greeting) return Message{};
  return call_on(0, *rules_.greeting);
}

void WorkerHost::bury() {
  if (!process_) return;
  const bool died = !process_->alive();
  const std::string ending = process_->end();
  if (died) {
    ++deaths_;
    last_ending_ = ending;
  }
  process_.reset();
}

Error WorkerHost::blame(const Error& error) {
  bury();
  const std::string why = last_ending_.empty() ? error.message : last_ending_;
  return culprit("its decoder " + why);
}

bool is_culprit(const Error& error) { return error.code == kCulprit; }

Error within_file(const Error& error, const std::string& name, const std::string& place) {
  return error.message.starts_with(name) ? error : error.within(name + place);
}

}  // namespace clippath::worker
