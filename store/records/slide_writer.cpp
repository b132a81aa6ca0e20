// SPDX-License-Identifier: Apache-2.0
#include "store/records/slide_writer.h"

#include <algorithm>
#include <set>
#include <utility>

#include "clippath/core/log.h"
#include "store/records/record_json.h"
#include "store/records/vector_rows.h"

namespace clippath {
namespace {

/// Keeps one synced write near a megabyte at most, and the loss of an interrupted one small.
constexpr std::size_t kRowsPerBatch = 256;

std::string series_name(std::int64_t level0_extent) {
  return "series " + std::to_string(level0_extent);
}

std::vector<std::size_t> dimensions_of(const std::vector<Embedding>& vectors) {
  std::vector<std::size_t> dimensions;
  for (const Embedding& vector : vectors) dimensions.push_back(vector.size());
  return dimensions;
}

std::string listed(const std::vector<EncoderId>& encoders) {
  std::string text;
  for (const EncoderId& encoder : encoders) text += (text.empty() ? "" : ", ") + encoder.value;
  return text;
}

}  // namespace

Result<std::unique_ptr<SlideWriter>> RocksSlideWriter::open(
    std::shared_ptr<StoreState> state, const SlideId& slide,
    const std::vector<EncoderId>& encoders) {
  std::unique_ptr<RocksSlideWriter> writer(new RocksSlideWriter(std::move(state), slide, encoders));
  // Until here the destructor only gives the slide back.
  CLIPPATH_TRY(writer->encoder_bytes_, bytes_of(writer->encoders_));
  const ReadView view(*writer->state_->database);
  CLIPPATH_TRY(const auto before, find_stored_slide(view, slide));
  CLIPPATH_TRY(const auto marks, read_marks(view));
  writer->mark_.job = writer->state_->next_job++;
  writer->mark_.slide = slide;
  writer->mark_.slide_number = before ? before->number : writer->state_->next_slide++;
  if (before) {
    for (const SeriesRecord& series : before->record.series) {
      if (series.count > 0) writer->blocks_in_use_.insert(series.first_ordinal / kOrdinalsPerBlock);
    }
  }
  for (const IngestMark& mark : marks) {
    if (mark.slide_number == writer->mark_.slide_number)
      writer->blocks_in_use_.insert(mark.blocks.begin(), mark.blocks.end());
  }
  return writer;
}

RocksSlideWriter::~RocksSlideWriter() {
  if (!done_ && !mark_.blocks.empty()) remove_unseen_rows(mark_);
  state_->release(slide_);
}

void RocksSlideWriter::remove_unseen_rows(const IngestMark& mark) {
  if (auto removed = remove_marked_rows(*state_->database, mark); !removed) {
    log(LogLevel::kWarning, "slide " + slide_.value +
                                ": unseen rows stay until the store is opened for writing again: " +
                                removed.error().message);
  }
}

Result<void> RocksSlideWriter::append(std::int64_t level0_extent, std::vector<EncodedPatch> rows) {
  CLIPPATH_CHECK(!done_);
  if (broken_)
    return fail(ErrorKind::kFailedPrecondition,
                "slide " + slide_.value + ": a write failed before");
  if (level0_extent < 0)
    return fail(ErrorKind::kInvalidArgument, "level0_extent: must not be negative");
  for (const EncodedPatch& row : rows) {
    auto checked = check(row);
    if (!checked) return fail(checked.error().within("patch '" + row.record.id.value + "'"));
    if (dimensions_.empty()) dimensions_ = dimensions_of(row.vectors);
  }
  std::set<std::string_view> unique;
  for (const EncodedPatch& row : rows) {
    if (!unique.insert(row.record.id.value).second)
      return fail(ErrorKind::kInvalidArgument,
                  "patch '" + row.record.id.value + "': is there twice");
  }
  const std::span<const EncodedPatch> all(rows);
  for (std::size_t begin = 0; begin < all.size(); begin += kRowsPerBatch) {
    const auto [found, is_new] = series_.try_emplace(level0_extent);
    if (is_new) {
      const auto block = free_block();
      if (!block) {
        series_.erase(found);
        return fail(block.error());
      }
      found->second.block = *block;
      blocks_in_use_.insert(found->second.block);
      mark_.blocks.push_back(found->second.block);
    }
    auto written = write_batch(
        found->second, all.subspan(begin, std::min(kRowsPerBatch, all.size() - begin)), is_new);
    if (!written) {
      broken_ = true;
      return fail(written.error().within("slide " + slide_.value));
    }
  }
  return {};
}

Result<void> RocksSlideWriter::check(const EncodedPatch& row) const {
  const std::string& id = row.record.id.value;
  if (!id.starts_with(slide_.value + "~"))
    return fail(
        {ErrorKind::kInvalidArgument, "its id must begin with '" + slide_.value + "~'", "id"});
  if (ordinals_.contains(id)) return fail({ErrorKind::kInvalidArgument, "is there twice", "id"});
  if (row.vectors.size() != encoders_.size()) {
    return fail({ErrorKind::kInvalidArgument,
                 "has " + std::to_string(row.vectors.size()) + " vectors, the slide has " +
                     std::to_string(encoders_.size()) + " encoders",
                 "vector"});
  }
  for (std::size_t i = 0; i < row.vectors.size(); ++i) {
    if (!dimensions_.empty() && row.vectors[i].size() != dimensions_[i]) {
      return fail({ErrorKind::kInvalidArgument,
                   "its vector has " + std::to_string(row.vectors[i].size()) +
                       " values, others have " + std::to_string(dimensions_[i]),
                   "vector"});
    }
    CLIPPATH_TRY_VOID(check_unit_length(row.vectors[i]));
  }
  return {};
}

Result<std::uint32_t> RocksSlideWriter::free_block() const {
  for (std::uint32_t block = 0; block < kBlocks; ++block) {
    if (!blocks_in_use_.contains(block)) return block;
  }
  const std::string limit = std::to_string(kBlocks);
  return fail({ErrorKind::kTooLarge, "slide " + slide_.value + ": more than " + limit + " series",
               "series", limit});
}

Result<void> RocksSlideWriter::write_batch(OpenSeries& series, std::span<const EncodedPatch> rows,
                                           bool new_block) {
  if (series.count + rows.size() > kOrdinalsPerBlock) {
    const std::string limit = std::to_string(kOrdinalsPerBlock);
    return fail({ErrorKind::kTooLarge, "a series has at most " + limit + " patches", "", limit});
  }
  const Database& database = *state_->database;
  rocksdb::WriteBatch batch;
  if (new_block) put_mark(database, batch, mark_);
  std::uint32_t ordinal = series.block * kOrdinalsPerBlock + series.count;
  for (const EncodedPatch& row : rows) {
    const RecordKey key = patch_key(mark_.slide_number, ordinal);
    database.put(batch, Family::kMeta, encode_key(key), encode_patch(row.record));
    put_vectors(database, batch, key, encoder_bytes_, row.vectors);
    ordinals_.emplace(row.record.id.value, ordinal);
    ++ordinal;
  }
  CLIPPATH_TRY_VOID(state_->database->write(batch, Durability::kSynced));
  series.count += static_cast<std::uint32_t>(rows.size());
  return {};
}

Result<void> RocksSlideWriter::complete(SlideRecord slide) {
  CLIPPATH_CHECK(!done_);
  auto garbage = commit(std::move(slide));
  if (!garbage) return fail(garbage.error().within("slide " + slide_.value));
  done_ = true;
  if (!garbage->blocks.empty()) remove_unseen_rows(*garbage);
  return {};
}

Result<IngestMark> RocksSlideWriter::commit(SlideRecord slide) {
  if (broken_) return fail(ErrorKind::kFailedPrecondition, "a write failed before");
  if (slide.id != slide_ || slide.encoders != encoders_) {
    return fail(ErrorKind::kInvalidArgument,
                "the record has another id or other encoders than its writer");
  }
  MutexLock lock(state_->commit_mutex);
  Database& database = *state_->database;
  const ReadView view(database);
  CLIPPATH_TRY(const auto before, find_stored_slide(view, slide_));
  CLIPPATH_TRY(const Change change, compare(view, slide, before));

  for (SeriesRecord& series : slide.series) {
    const auto open = series_.find(series.level0_extent);
    series.first_ordinal = open == series_.end() ? 0 : open->second.block * kOrdinalsPerBlock;
    series.count = open == series_.end() ? 0 : open->second.count;
  }
  slide.series.insert(slide.series.end(), change.kept.begin(), change.kept.end());
  std::ranges::sort(slide.series, {}, &SeriesRecord::level0_extent);

  rocksdb::WriteBatch batch;
  CLIPPATH_TRY_VOID(erase_ids(view, change.replaced, batch));
  for (const auto& [id, ordinal] : ordinals_) {
    database.put(batch, Family::kIds, id_key(Collection::kPatches, id),
                 encode_key(patch_key(mark_.slide_number, ordinal)));
  }
  const std::string key = encode_key(slide_key(mark_.slide_number));
  CLIPPATH_TRY(const std::string text, encode_slide(slide));
  database.put(batch, Family::kMeta, key, text);
  database.put(batch, Family::kIds, id_key(Collection::kPatches, slide_.value), key);
  CLIPPATH_TRY_VOID(advance_sequence(database, batch, Collection::kPatches));

  IngestMark garbage{mark_.job, slide_, mark_.slide_number, {}};
  for (const SeriesRecord& series : change.replaced)
    garbage.blocks.push_back(series.first_ordinal / kOrdinalsPerBlock);
  if (garbage.blocks.empty()) {
    erase_mark(database, batch, mark_);
  } else {
    put_mark(database, batch, garbage);
  }
  CLIPPATH_TRY_VOID(database.write(batch, Durability::kSynced));
  return garbage;
}

Result<RocksSlideWriter::Change> RocksSlideWriter::compare(
    const ReadView& view, const SlideRecord& slide,
    const std::optional<StoredSlide>& before) const {
  std::set<std::int64_t> named;
  for (const SeriesRecord& series : slide.series) {
    if (!named.insert(series.level0_extent).second)
      return fail(ErrorKind::kInvalidArgument,
                  series_name(series.level0_extent) + ": is there twice");
  }
  for (const auto& [level0_extent, series] : series_) {
    if (!named.contains(level0_extent)) {
      return fail(ErrorKind::kInvalidArgument,
                  series_name(level0_extent) + ": has patches, but the slide does not name it");
    }
  }
  Change change;
  if (!before) return change;
  for (const SeriesRecord& series : before->record.series) {
    if (!named.contains(series.level0_extent)) {
      change.kept.push_back(series);
    } else if (series.count > 0) {
      change.replaced.push_back(series);
    }
  }
  if (change.kept.empty()) return change;
  if (before->record.encoders != encoders_) {
    return fail({ErrorKind::kFailedPrecondition,
                 series_name(change.kept.front().level0_extent) + ": was made by other encoders (" +
                     listed(before->record.encoders) +
                     "); index all fields of view of the slide in one run",
                 "", "", "encoder_mismatch"});
  }
  SlideRecord others;
  others.series = change.kept;
  for (const auto& [id, ordinal] : ordinals_) {
    CLIPPATH_TRY(const auto key, find_key(view, Collection::kPatches, id));
    if (key && visible_series(others, key->ordinal) != nullptr) {
      return fail({ErrorKind::kInvalidArgument,
                   "patch '" + id + "': another series of the slide has this id", "id"});
    }
  }
  return change;
}

Result<void> RocksSlideWriter::erase_ids(const ReadView& view,
                                         const std::vector<SeriesRecord>& replaced,
                                         rocksdb::WriteBatch& batch) const {
  const auto rows = view.iterate(Family::kMeta);
  for (const SeriesRecord& series : replaced) {
    const std::string end =
        encode_key(patch_key(mark_.slide_number, series.first_ordinal + series.count));
    rows->Seek(encode_key(patch_key(mark_.slide_number, series.first_ordinal)));
    for (; rows->Valid() && rows->key().compare(end) < 0; rows->Next()) {
      // A damaged record is passed over, so that writing a slide anew mends it; what is left of its
      // id leads to no visible row.
      if (const auto patch = decode_patch(rows->value().ToStringView())) {
        state_->database->erase(batch, Family::kIds, id_key(Collection::kPatches, patch->id.value));
      }
    }
    if (!rows->status().ok()) return fail(to_error(rows->status(), "reading replaced patches"));
  }
  return {};
}

}  // namespace clippath
