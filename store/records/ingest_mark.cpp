// SPDX-License-Identifier: Apache-2.0
#include "store/records/ingest_mark.h"

#include "core/json/json.h"
#include "store/records/bytes.h"
#include "store/records/keys.h"
#include "store/records/vector_rows.h"

namespace clippath {
namespace {

constexpr std::size_t kRowsPerBatch = 4096;
constexpr const char* kKind = "ingest";  // do not change: on disk

Result<IngestMark> decode_mark(std::string_view key, std::string_view text) {
  IngestMark mark;
  if (key.size() != sizeof mark.job)
    return fail(ErrorKind::kCorruption, "a job has a key that is none");
  mark.job = load_big<std::uint64_t>(key);
  CLIPPATH_TRY(const Json json, parse_json(text));
  ObjectReader reader(json, "");
  reader.choice("kind", {kKind}, 0);
  mark.slide = SlideId(reader.text("slide_id"));
  mark.slide_number = static_cast<std::uint64_t>(reader.integer("slide_number", 0, INT64_MAX));
  for (double block : reader.optional_numbers("blocks", kBlocks)) {
    if (block < 0 || block >= kBlocks) reader.reject("blocks", "must be 0..255");
    mark.blocks.push_back(static_cast<std::uint32_t>(block));
  }
  CLIPPATH_TRY_VOID(reader.finish());
  return mark;
}

}  // namespace

void put_mark(const Database& database, rocksdb::WriteBatch& batch, const IngestMark& mark) {
  const Json json{{"kind", kKind},
                  {"slide_id", mark.slide.value},
                  {"slide_number", mark.slide_number},
                  {"blocks", mark.blocks}};
  database.put(batch, Family::kJobs, job_key(mark.job), to_text(json));
}

void erase_mark(const Database& database, rocksdb::WriteBatch& batch, const IngestMark& mark) {
  database.erase(batch, Family::kJobs, job_key(mark.job));
}

Result<std::vector<IngestMark>> read_marks(const ReadView& view) {
  std::vector<IngestMark> marks;
  CLIPPATH_TRY_VOID(each_with_prefix(
      view, Family::kJobs, "", [&](std::string_view key, std::string_view text) -> Result<void> {
        auto mark = decode_mark(key, text);
        if (!mark) return fail(ErrorKind::kCorruption, "job record: " + mark.error().message);
        marks.push_back(*std::move(mark));
        return {};
      }));
  return marks;
}

Result<void> remove_marked_rows(Database& database, const IngestMark& mark) {
  const ReadView view(database);
  const auto rows = view.iterate(Family::kMeta);
  for (const std::uint32_t block : mark.blocks) {
    const std::uint32_t first = block * kOrdinalsPerBlock;
    rocksdb::WriteBatch batch;
    for (rows->Seek(encode_key(patch_key(mark.slide_number, first))); rows->Valid(); rows->Next()) {
      const auto key = decode_key(rows->key().ToStringView());
      const bool marked = key && *key == patch_key(mark.slide_number, key->ordinal) &&
                          key->ordinal / kOrdinalsPerBlock == block;
      if (!marked) break;
      database.erase(batch, Family::kMeta, encode_key(*key));
      CLIPPATH_TRY_VOID(erase_vectors(database, view, batch, *key));
      if (static_cast<std::size_t>(batch.Count()) < 2 * kRowsPerBatch) continue;
      CLIPPATH_TRY_VOID(database.write(batch, Durability::kLater));
      batch.Clear();
    }
    if (!rows->status().ok()) return fail(to_error(rows->status(), "removing unfinished rows"));
    if (batch.Count() > 0) CLIPPATH_TRY_VOID(database.write(batch, Durability::kLater));
  }
  rocksdb::WriteBatch last;
  erase_mark(database, last, mark);
  return database.write(last, Durability::kSynced);
}

}  // namespace clippath
