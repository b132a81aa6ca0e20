// SPDX-License-Identifier: Apache-2.0
#include "indexer/pipeline/conveyor.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "clippath/core/check.h"
#include "indexer/pipeline/saved_patches.h"
#include "indexer/pipeline/series_tiles.h"

namespace clippath {
namespace {

// As the writer stores them: one synced batch of rows.
constexpr std::size_t kRowsAtOnce = 256;

std::size_t threads_of(const IndexRun& run) {
  return static_cast<std::size_t>(run.options().threads);
}

template <class T>
std::vector<T> take_first(std::size_t count, std::vector<T>& from) {
  const auto end = from.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<T> taken(std::make_move_iterator(from.begin()), std::make_move_iterator(end));
  from.erase(from.begin(), end);
  return taken;
}

/// The vectors of one batch of pictures by every encoder.
Result<std::vector<EmbeddingMatrix>> encode_with_each(
    const EncoderList& encoders, const std::vector<std::vector<RgbImage>>& inputs) {
  std::vector<EmbeddingMatrix> all;
  for (std::size_t i = 0; i < encoders.size(); ++i) {
    CLIPPATH_TRY(EmbeddingMatrix vectors, encoders[i]->encode_images(inputs[i]));
    CLIPPATH_CHECK(vectors.rows == inputs[i].size());
    all.push_back(std::move(vectors));
  }
  return all;
}

std::vector<Embedding> rows_at(std::size_t row, const std::vector<EmbeddingMatrix>& matrices) {
  std::vector<Embedding> rows;
  for (const EmbeddingMatrix& matrix : matrices) {
    const std::span<const float> values = matrix.row(row);
    rows.emplace_back(values.begin(), values.end());
  }
  return rows;
}

Error stopped() { return Error{ErrorKind::kUnavailable, "stopped"}; }

}  // namespace

Conveyor::Conveyor(IndexRun& run, SlideWriter& writer)
    : run_(run),
      writer_(writer),
      batches_(batches_of(run.encoders())),
      encodes_(run.encoding(), threads_of(run) + 2),
      reads_(run.readers().pool, 8 * threads_of(run) + 32) {
  waiting_.inputs.resize(run.encoders().size());
}

Result<void> Conveyor::add_series(SeriesRecord& series, SeriesTiles tiles) {
  if (stopped_reading()) {
    leave_unread(series, tiles.count);
    return {};
  }
  CLIPPATH_TRY_VOID(add_steps(run_.readers(), tiles, series));
  // Shared with the reads in the window, which outlive this call.
  const auto read = std::make_shared<const decltype(tiles.read)>(std::move(tiles.read));
  for (std::size_t i = 0; i < tiles.count; ++i) {
    CLIPPATH_TRY_VOID(add(series, [read, i, &run = run_] {
      TilePicture tile = (*read)(i);
      save_picture(run, tile);
      return fit_to_encoders(std::move(tile), run.encoders());
    }));
  }
  return {};
}

Result<void> Conveyor::add(SeriesRecord& series, std::function<TileOutcome()> read) {
  if (run_.stopping()) return fail(stopped());
  if (stopped_reading()) {
    leave_unread(series, 1);
    return {};
  }
  if (reads_.full()) {
    // Half of them at once: a new read for each one that is taken would wake a thread each time, in
    // the middle of an encoding.
    while (!reads_.half_empty()) CLIPPATH_TRY_VOID(accept(reads_.take()));
  }
  reads_.add([&series, read = std::move(read)] { return SeriesTile{&series, read()}; });
  return {};
}

Result<void> Conveyor::finish() {
  while (!reads_.empty()) {
    if (run_.stopping()) return fail(stopped());
    CLIPPATH_TRY_VOID(accept(reads_.take()));
  }
  CLIPPATH_TRY_VOID(end_series());
  while (!encodes_.empty()) {
    if (run_.stopping()) return fail(stopped());
    CLIPPATH_TRY_VOID(store(encodes_.take()));
  }
  return append_rows();
}

Result<void> Conveyor::accept(SeriesTile tile) {
  // Readable or not: how far ahead tiles are read depends on the threads.
  if (stopped_reading()) {
    leave_unread(*tile.series, 1);
    return {};
  }
  run_.saw_tiles(1);
  TileOutcome& outcome = tile.outcome;
  if (outcome.error && !outcome.dropped) return fail(*outcome.error);
  if (outcome.patch.attention) tile.series->attention->add(*outcome.patch.attention);
  if (outcome.dropped) {
    ++tile.series->tiles[std::string(to_string(*outcome.dropped))];
    unreadable_.add(!outcome.error);
    if (outcome.error) note_failed_read(*outcome.error);
    return {};
  }
  unreadable_.add(true);
  ++tile.series->tiles["kept"];
  if (outcome.patch.keeps_stain) ++tile.series->tiles["keeps_stain"];
  if (waiting_.series != tile.series) CLIPPATH_TRY_VOID(end_series());
  waiting_.series = tile.series;
  waiting_.patches.push_back(std::move(outcome.patch));
  for (std::size_t i = 0; i < waiting_.inputs.size(); ++i) {
    waiting_.inputs[i].push_back(std::move(outcome.encoder_inputs[i]));
  }
  // Where the last ones are smaller, a whole batch stays behind: only the end tells how they are
  // cut.
  const std::size_t enough = batches_.last < batches_.size ? 2 * batches_.size : batches_.size;
  if (waiting_.patches.size() == enough) return send_batch(batches_.size);
  return {};
}

void Conveyor::note_failed_read(const Error& error) {
  if (!first_read_error_) first_read_error_ = error;
  if (!stopped_reading()) return;
  first_read_error_->message +=
      "; after " + std::to_string(UnreadableRun::kMost) + " tiles in a row reading stopped";
}

bool Conveyor::stopped_reading() const { return unreadable_.too_long(); }

void Conveyor::leave_unread(SeriesRecord& series, std::size_t count) {
  if (count == 0) return;
  const auto tiles = static_cast<std::int64_t>(count);
  series.tiles[std::string(to_string(DropReason::kReadError))] += tiles;
  run_.saw_tiles(tiles);
}

Result<void> Conveyor::end_series() {
  while (!waiting_.patches.empty()) {
    CLIPPATH_TRY_VOID(send_batch(std::min(batches_.last, waiting_.patches.size())));
  }
  return {};
}

Result<void> Conveyor::send_batch(std::size_t size) {
  if (encodes_.full()) CLIPPATH_TRY_VOID(store(encodes_.take()));
  auto batch = std::make_shared<Batch>();
  batch->series = waiting_.series;
  batch->patches = take_first(size, waiting_.patches);
  for (std::vector<RgbImage>& inputs : waiting_.inputs) {
    batch->inputs.push_back(take_first(size, inputs));
  }
  encodes_.add([batch, &encoders = run_.encoders()] {
    auto vectors = encode_with_each(encoders, batch->inputs);
    return EncodedBatch{batch->series, std::move(batch->patches), std::move(vectors)};
  });
  return {};
}

Result<void> Conveyor::store(EncodedBatch batch) {
  if (!batch.vectors) return fail(batch.vectors.error().within("encoding"));
  if (rows_series_ != batch.series) CLIPPATH_TRY_VOID(append_rows());
  rows_series_ = batch.series;
  for (std::size_t i = 0; i < batch.patches.size(); ++i) {
    rows_.push_back({std::move(batch.patches[i]), rows_at(i, *batch.vectors)});
    if (rows_.size() == kRowsAtOnce) CLIPPATH_TRY_VOID(append_rows());
  }
  return {};
}

Result<void> Conveyor::append_rows() {
  if (rows_.empty()) return {};
  const auto count = static_cast<std::int64_t>(rows_.size());
  CLIPPATH_TRY_VOID(
      run_.from_store(writer_.append(rows_series_->level0_extent, std::exchange(rows_, {}))));
  run_.stored_patches(count);
  return {};
}

}  // namespace clippath
