// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace clippath {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

/// One line to stderr (or wherever main sent the log). Control characters are escaped. Thread-safe.
void log(LogLevel level, std::string_view message);

/// Set once by main, before any thread starts.
void set_log_level(LogLevel least);

}  // namespace clippath
