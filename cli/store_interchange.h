// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.h"

namespace clippath::cli {

/// `clippath store export`.
void add_store_export(CLI::App& store, Context& context);
/// `clippath store import`.
void add_store_import(CLI::App& store, Context& context);

}  // namespace clippath::cli
