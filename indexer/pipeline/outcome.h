// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "clippath/pipeline.h"
#include "indexer/pipeline/index_run.h"

namespace clippath {

/// How a slide ended whose tiles were all carried through.
/// @param record  with the counts of its series.
/// Fails: kCorruption if no tile at all could be read.
Result<SlideOutcome> new_outcome(const SlideRecord& record,
                                 const std::optional<Error>& first_read_error);

/// How a slide stands that is stored already: unchanged, or still partial, or still without
/// patches.
SlideOutcome unchanged_outcome(const SlideRecord& stored, const std::vector<SeriesRecord>& wanted);

/// True if a slide whose series are stored is to be left as it is, by the options of the run.
bool leaves_stored(const IndexOptions& options, const SlideOutcome& stored);

/// Stores the slide. A fault of the store ends the run.
Result<void> complete_slide(IndexRun& run, SlideWriter& writer, SlideRecord record);

/// Makes an outcome of every error: skipped for a missing scale under that policy, else failed.
/// Empty when the run is stopping, since the slide then left no trace.
std::optional<SlideOutcome> finish_outcome(IndexRun& run, const SlideId& id,
                                           Result<SlideOutcome> outcome);

}  // namespace clippath
