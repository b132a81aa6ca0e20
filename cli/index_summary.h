// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/command.h"
#include "clippath/pipeline.h"

namespace clippath::cli {

/// Shows how a run ended: a table, or one JSON document, on stdout; what went wrong on stderr.
void print_summary(const IndexSummary& summary, const EncoderList& encoders,
                   const Context& context);

/// The same for what a run would do.
void print_plan(const IndexPlan& plan, const EncoderList& encoders, const Context& context);

/// 0 all done, 3 some with a fault, 1 none done, 130 interrupted.
int exit_code_of(const IndexSummary& summary);
int exit_code_of(const IndexPlan& plan);

}  // namespace clippath::cli
