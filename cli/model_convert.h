// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.h"

namespace clippath::cli {

/// Adds `convert` to `clippath model`.
void add_model_convert_command(CLI::App& model, Context& context);

}  // namespace clippath::cli
