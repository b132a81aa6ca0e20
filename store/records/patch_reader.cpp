// SPDX-License-Identifier: Apache-2.0
#include "store/records/patch_reader.h"

#include <algorithm>
#include <utility>

#include "store/records/record_json.h"

namespace clippath {
namespace {

/// The value under the key that must come next, or empty when it is not there. Vectors of other
/// encoders may lie between two of one encoder: as many steps reach it sooner than a search.
Result<std::optional<std::string_view>> take(rocksdb::Iterator& entries, const std::string& key) {
  for (std::size_t step = 0; step < kMaxEncoders; ++step) {
    if (entries.Valid() && entries.key().compare(key) < 0) entries.Next();
  }
  if (entries.Valid() && entries.key().compare(key) < 0) entries.Seek(key);
  if (!entries.status().ok()) return fail(to_error(entries.status(), "reading records"));
  if (!entries.Valid() || entries.key() != rocksdb::Slice(key))
    return std::optional<std::string_view>();
  return std::optional(entries.value().ToStringView());
}

}  // namespace

const SeriesRecord* visible_series(const SlideRecord& slide, std::uint32_t ordinal) {
  for (const SeriesRecord& series : slide.series) {
    if (ordinal >= series.first_ordinal && ordinal - series.first_ordinal < series.count)
      return &series;
  }
  return nullptr;
}

Result<std::optional<RecordKey>> find_key(const ReadView& view, Collection collection,
                                          std::string_view id) {
  CLIPPATH_TRY(auto bytes, view.get(Family::kIds, id_key(collection, id)));
  if (!bytes) return std::optional<RecordKey>();
  const std::optional<RecordKey> key = decode_key(*bytes);
  if (!key)
    return fail(ErrorKind::kCorruption, "id '" + std::string(id) + "': points to no record");
  return key;
}

Result<std::optional<StoredSlide>> find_stored_slide(const ReadView& view, std::uint64_t number) {
  CLIPPATH_TRY(auto text, view.get(Family::kMeta, encode_key(slide_key(number))));
  if (!text) return std::optional<StoredSlide>();
  CLIPPATH_TRY(SlideRecord record, decode_slide(*text));
  return std::optional(StoredSlide{number, std::move(record)});
}

Result<std::optional<StoredSlide>> find_stored_slide(const ReadView& view, const SlideId& id) {
  CLIPPATH_TRY(auto key, find_key(view, Collection::kPatches, id.value));
  if (!key || key->kind != RecordKind::kSlide) return std::optional<StoredSlide>();
  CLIPPATH_TRY(auto slide, find_stored_slide(view, key->number));
  if (!slide)
    return fail(ErrorKind::kCorruption, "slide '" + id.value + "': its record is missing");
  return slide;
}

Result<std::vector<StoredSlide>> read_slides(const ReadView& view) {
  std::vector<StoredSlide> slides;
  CLIPPATH_TRY_VOID(each_with_prefix(
      view, Family::kMeta, key_prefix(Collection::kPatches, RecordKind::kSlide),
      [&](std::string_view key_bytes, std::string_view text) -> Result<void> {
        const std::optional<RecordKey> key = decode_key(key_bytes);
        if (!key) return fail(ErrorKind::kCorruption, "a slide record has a key that is none");
        CLIPPATH_TRY(SlideRecord record, decode_slide(text));
        slides.push_back({key->number, std::move(record)});
        return {};
      }));
  return slides;
}

std::optional<std::size_t> position_of(const EncoderId& encoder,
                                       const std::vector<EncoderId>& encoders) {
  if (encoders.empty()) return std::nullopt;
  if (encoder.empty()) return 0;
  const auto found = std::ranges::find(encoders, encoder);
  if (found == encoders.end()) return std::nullopt;
  return static_cast<std::size_t>(found - encoders.begin());
}

Result<StoredVector> read_vector(const ReadView& view, const RecordKey& key, std::size_t position) {
  const std::string name = vector_key(key, position);
  CLIPPATH_TRY(auto bytes, view.get(Family::kVectors, name));
  if (!bytes) return fail(ErrorKind::kCorruption, "vector: is missing");
  return decode_vector(name, *bytes);
}

SeriesReader::SeriesReader(const ReadView& view)
    : meta_(view.iterate(Family::kMeta)), vectors_(view.iterate(Family::kVectors)) {}

void SeriesReader::start(const StoredSlide& slide, const SeriesRecord& series,
                         std::size_t position) {
  slide_number_ = slide.number;
  ordinal_ = series.first_ordinal;
  position_ = position;
  meta_->Seek(encode_key(patch_key(slide_number_, ordinal_)));
  vectors_->Seek(vector_key(patch_key(slide_number_, ordinal_), position_));
}

Result<StoredPatch> SeriesReader::next() {
  StoredPatch patch;
  patch.key = patch_key(slide_number_, ordinal_);
  const std::string place = "patch " + std::to_string(ordinal_++);
  const std::string vector_name = vector_key(patch.key, position_);

  CLIPPATH_TRY(auto meta, take(*meta_, encode_key(patch.key)));
  if (!meta) return fail(ErrorKind::kCorruption, place + ": its record is missing");
  auto record = decode_patch(*meta);
  if (!record) return fail(record.error().within(place));
  patch.row.record = *std::move(record);
  const std::string name = "patch '" + patch.row.record.id.value + "'";

  CLIPPATH_TRY(auto bytes, take(*vectors_, vector_name));
  if (!bytes) return fail(ErrorKind::kCorruption, name + ": its vector is missing");
  auto vector = decode_vector(vector_name, *bytes);
  if (!vector) return fail(vector.error().within(name));
  patch.encoder = vector->encoder;
  patch.row.vector = std::move(vector->values);
  return patch;
}

}  // namespace clippath
