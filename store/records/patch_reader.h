// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "clippath/core/result.h"
#include "clippath/records.h"
#include "store/records/codec.h"
#include "store/records/database.h"
#include "store/records/keys.h"

namespace clippath {

/// A complete slide with the number that its keys carry.
struct StoredSlide {
  std::uint64_t number = 0;
  SlideRecord record;
};

/// The series that shows this row, or null: then the row belongs to a writer at work, or to a
/// series that was replaced, and must not be seen.
const SeriesRecord* visible_series(const SlideRecord& slide, std::uint32_t ordinal);

/// The key behind a public id. Fails: kCorruption if it is none.
Result<std::optional<RecordKey>> find_key(const ReadView& view, Collection collection,
                                          std::string_view id);

Result<std::optional<StoredSlide>> find_stored_slide(const ReadView& view, const SlideId& id);
Result<std::optional<StoredSlide>> find_stored_slide(const ReadView& view, std::uint64_t number);

/// In order of their numbers.
Result<std::vector<StoredSlide>> read_slides(const ReadView& view);

/// The position of an encoder among those of a record; of the first where `encoder` is empty.
/// Nothing where it is not among them.
std::optional<std::size_t> position_of(const EncoderId& encoder,
                                       const std::vector<EncoderId>& encoders);

/// Reads a vector of a record and checks its checksum. Fails: kCorruption, also if it is missing.
Result<StoredVector> read_vector(const ReadView& view, const RecordKey& key, std::size_t position);

struct StoredPatch {
  RecordKey key;
  PatchRow row;
  EncoderBytes encoder{};
};

/// Reads the rows of a series one after the other. Must not outlive the view. One thread at a time.
class SeriesReader {
 public:
  explicit SeriesReader(const ReadView& view);

  /// Goes to the first row of a series, with the vectors of the encoder at `position`.
  void start(const StoredSlide& slide, const SeriesRecord& series, std::size_t position);

  /// The next row; call it `series.count` times. Fails: kCorruption naming the patch if it is
  /// missing or damaged; the next call goes on behind it.
  Result<StoredPatch> next();

 private:
  std::unique_ptr<rocksdb::Iterator> meta_;
  std::unique_ptr<rocksdb::Iterator> vectors_;
  std::uint64_t slide_number_ = 0;
  std::uint32_t ordinal_ = 0;
  std::size_t position_ = 0;
};

}  // namespace clippath
