// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "store/records/codec.h"
#include "store/records/ingest_mark.h"
#include "store/records/patch_reader.h"
#include "store/records/store_state.h"

namespace clippath {

/// Writes rows into blocks of ordinals that no complete series has, under an IngestMark, and makes
/// them visible by one transaction. See records.h for the contract.
///
/// Invariants: every row on disk lies in a block that the mark on disk names; public ids are
/// written by complete() alone, so that the ids of a series being replaced stay right.
class RocksSlideWriter : public SlideWriter {
 public:
  /// `slide` was claimed for this writer, which gives it back at its end.
  static Result<std::unique_ptr<SlideWriter>> open(std::shared_ptr<StoreState> state,
                                                   const SlideId& slide,
                                                   const std::vector<EncoderId>& encoders);
  ~RocksSlideWriter() override;

  Result<void> append(std::int64_t level0_extent, std::vector<EncodedPatch> rows) override;
  Result<void> complete(SlideRecord slide) override;

 private:
  struct OpenSeries {
    std::uint32_t block = 0;
    std::uint32_t count = 0;
  };
  /// What complete() is about to change.
  struct Change {
    std::vector<SeriesRecord> kept;
    std::vector<SeriesRecord> replaced;
  };

  RocksSlideWriter(std::shared_ptr<StoreState> state, SlideId slide,
                   std::vector<EncoderId> encoders)
      : state_(std::move(state)), slide_(std::move(slide)), encoders_(std::move(encoders)) {}

  [[nodiscard]] Result<void> check(const EncodedPatch& row) const;
  Result<void> write_batch(OpenSeries& series, std::span<const EncodedPatch> rows, bool new_block);
  Result<std::uint32_t> free_block() const;
  Result<Change> compare(const ReadView& view, const SlideRecord& slide,
                         const std::optional<StoredSlide>& before) const;
  Result<void> erase_ids(const ReadView& view, const std::vector<SeriesRecord>& replaced,
                         rocksdb::WriteBatch& batch) const;
  /// What is left to remove once the transaction stands.
  Result<IngestMark> commit(SlideRecord slide);
  /// Logs where it cannot: what was acknowledged stands all the same.
  void remove_unseen_rows(const IngestMark& mark);

  const std::shared_ptr<StoreState> state_;
  const SlideId slide_;
  const std::vector<EncoderId> encoders_;
  std::vector<EncoderBytes> encoder_bytes_;
  IngestMark mark_;                            ///< on disk from the first batch on
  std::set<std::uint32_t> blocks_in_use_;      ///< by complete series, and by any mark
  std::map<std::int64_t, OpenSeries> series_;  ///< by level0_extent
  std::unordered_map<std::string, std::uint32_t> ordinals_;  ///< of every row by its public id
  std::vector<std::size_t> dimensions_;  ///< of each encoder's vectors; empty before the first row
  bool broken_ = false;  ///< a write failed: what is on disk is not what append() was given
  bool done_ = false;
};

}  // namespace clippath
