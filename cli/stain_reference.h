// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.h"

namespace clippath::cli {

/// Adds `stain reference`.
void add_stain_reference(CLI::App& stain, Context& context);

}  // namespace clippath::cli
