// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "clippath/core/result.h"

namespace clippath::worker {

/// How much one worker may take, with all of its lanes.
struct ResourceLimits {
  std::uint64_t address_space_bytes = 0;
  int cpu_seconds = 0;  ///< from one request to the next
};

/// Gives up what a decoder does not need: privileges, core dumps, written files, memory over the
/// limit. Call it before anything else. Fails: kInternal.
Result<void> limit_resources(const ResourceLimits& limits);

/// Ends this process if it uses more processor time than that before the next request: for a worker
/// whose program is gone and cannot end it.
void limit_request(const ResourceLimits& limits);

/// Shuts this process in: files below the folders `readable` may be read and no others, system
/// calls outside of a short list are refused; so no network, no writing, no programs. For threads
/// made later, too; there is no way back. Fails: kInternal if the kernel refuses the filter of
/// system calls. A kernel without Landlock leaves every readable file readable.
Result<void> enter_sandbox(const std::vector<std::filesystem::path>& readable);

/// The folder that a file lies in and, where it is a link, the one of the file that it leads to.
std::vector<std::filesystem::path> folders_of(const std::filesystem::path& file);

/// Tries what the sandbox should refuse; names what it did refuse, and what not.
struct SandboxTrial {
  std::vector<std::string> refused;
  std::vector<std::string> allowed;
};
SandboxTrial try_sandbox();

}  // namespace clippath::worker
