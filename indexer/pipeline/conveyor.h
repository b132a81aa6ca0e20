// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "clippath/records.h"
#include "indexer/pipeline/index_run.h"
#include "indexer/pipeline/ordered_stage.h"
#include "indexer/pipeline/read_tile.h"
#include "indexer/pipeline/unreadable_run.h"

namespace clippath {

/// Carries the tiles of one slide through reading, evening out the stain, the attention filter,
/// encoding and storing, each stage beside the others and every result in the order in which its
/// tile was added.
///
/// Determinism: batches hold as many consecutive patches of one series as batches_of says, the last
/// patches of a series, less than two batches, go in those that it has for the end; a vector
/// depends on the slide, the series and the encoders alone, not on threads or on other slides.
/// Memory, whatever the size of the slide: 8 * threads + 32 tiles (one input for each encoder, or
/// one tile being read) and threads + 4 batches, two of which are being filled; in slide scope
/// kMostStainSamples pictures more, with a target share of kept tiles kMostAttentionSamples.
/// Large batches starve nobody: tiles leave a full window for their batch, by halves of the window
/// and not by batches; it stays full only while threads + 2 batches are encoded or wait for it, and
/// readers that pause then are ahead. One thread at a time.
class Conveyor {
 public:
  Conveyor(IndexRun& run, SlideWriter& writer);

  /// Adds the tiles of the next series: what they refer to must live as long as this object. Blocks
  /// while the window is full. After UnreadableRun::kMost failed reads in a row no tile of the
  /// slide is read any more: those behind them count as unreadable, those before them are carried
  /// on.
  /// @param series  its `tiles` are counted, its `stain` and `attention` set here; outlives this
  /// object. Fails: what the encoder, the attention network and the writer fail with;
  /// kUnavailable when the run is stopping.
  Result<void> add_series(SeriesRecord& series, SeriesTiles tiles);

  /// Carries all that was added to its end.
  Result<void> finish();

  /// The error of the first tile that could not be read; also says if reading stopped.
  [[nodiscard]] const std::optional<Error>& first_read_error() const { return first_read_error_; }

 private:
  struct SeriesTile {
    SeriesRecord* series = nullptr;
    TileOutcome outcome;
  };
  struct Batch {
    SeriesRecord* series = nullptr;
    std::vector<PatchRecord> patches;
    std::vector<std::vector<RgbImage>> inputs;  ///< [encoder][patch]
  };
  struct EncodedBatch {
    SeriesRecord* series = nullptr;
    std::vector<PatchRecord> patches;
    Result<std::vector<EmbeddingMatrix>> vectors;  ///< [encoder], `[patches, dimension]` each
  };

  Result<void> add(SeriesRecord& series, std::function<TileOutcome()> read);
  Result<void> accept(SeriesTile tile);
  void note_failed_read(const Error& error);
  [[nodiscard]] bool stopped_reading() const;
  void leave_unread(SeriesRecord& series, std::size_t count);
  Result<void> end_series();
  Result<void> send_batch(std::size_t size);
  Result<void> store(EncodedBatch batch);
  Result<void> append_rows();

  IndexRun& run_;
  SlideWriter& writer_;
  const PictureBatches batches_;
  UnreadableRun unreadable_;
  std::optional<Error> first_read_error_;
  Batch waiting_;  ///< for the next batches; all of one series
  SeriesRecord* rows_series_ = nullptr;
  std::vector<EncodedPatch> rows_;
  // Last, so that their work ends before what it refers to.
  OrderedStage<EncodedBatch> encodes_;
  OrderedStage<SeriesTile> reads_;
};

}  // namespace clippath
