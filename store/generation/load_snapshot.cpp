// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <utility>

#include "clippath/generation.h"
#include "store/generation/generation_files.h"
#include "store/generation/snapshot_rows.h"

namespace clippath {
namespace {

/// Reads the rows of `Snapshot::encoder`.
using ReadRows = Result<CollectionRows> (*)(const Records&, Snapshot&, KeepVectors);

struct LoadedCollection {
  std::uint64_t generation = 0;  ///< 0: made in memory
  std::unique_ptr<const VectorIndex> vectors;
};

bool is_transient(ErrorKind kind) { return error_class(kind) == ErrorClass::kTransient; }

/// Loads one collection, or makes it anew. One thread at a time.
class CollectionLoader {
 public:
  CollectionLoader(DataFolder& folder, Access access, Collection collection, ReadRows read_rows,
                   Snapshot& snapshot)
      : folder_(folder),
        access_(access),
        collection_(collection),
        read_rows_(read_rows),
        snapshot_(snapshot) {}

  Result<LoadedCollection> load() {
    CLIPPATH_TRY(sequence_, folder_.records().sequence(collection_));
    CLIPPATH_TRY(current_, folder_.records().current_generation(collection_, snapshot_.encoder));
    CLIPPATH_TRY(auto generation, load_current());
    if (!generation) return make();

    CLIPPATH_TRY(const CollectionRows rows,
                 read_rows_(folder_.records(), snapshot_, KeepVectors::kNo));
    CLIPPATH_TRY_VOID(check_unchanged());
    const GenerationManifest& manifest = generation->manifest;
    if (manifest.rows == rows.rows && manifest.ids_hash == rows.ids_hash &&
        manifest.dimension == rows.dimension)
      return LoadedCollection{manifest.generation, std::move(generation->vectors)};
    CLIPPATH_TRY_VOID(set_aside("its rows are not those of the records"));
    return make();
  }

 private:
  /// The current generation where it is whole and up to date.
  Result<std::optional<LoadedGeneration>> load_current() {
    if (!current_) return std::optional<LoadedGeneration>();
    auto generation = load_generation(folder_, collection_, *current_);
    if (!generation) {
      if (is_transient(generation.error().kind)) return fail(generation.error());
      CLIPPATH_TRY_VOID(set_aside(generation.error().message));
      return std::optional<LoadedGeneration>();
    }
    if (generation->manifest.sequence != sequence_) {
      note("the records have changed since");
      return std::optional<LoadedGeneration>();
    }
    if (generation->manifest.encoder != snapshot_.encoder) {
      CLIPPATH_TRY_VOID(set_aside("was made by another encoder"));
      return std::optional<LoadedGeneration>();
    }
    return std::optional<LoadedGeneration>(*std::move(generation));
  }

  /// A damaged generation is kept for people to look at, out of the way.
  Result<void> set_aside(const std::string& reason) {
    note(reason);
    if (access_ == Access::kRead) return {};
    return quarantine_generation(folder_, current_->number);
  }

  void note(const std::string& reason) {
    snapshot_.notes.push_back("generation " + std::to_string(current_->number) + " of " +
                              std::string(to_string(collection_)) + ": " + reason +
                              (access_ == Access::kWrite ? ": rebuilt" : ": searched in memory"));
  }

  Result<LoadedCollection> make() {
    CLIPPATH_TRY(CollectionRows rows, read_rows_(folder_.records(), snapshot_, KeepVectors::kYes));
    CLIPPATH_TRY_VOID(check_unchanged());
    if (rows.rows == 0) return LoadedCollection{};
    CLIPPATH_TRY(auto vectors, make_flat_index(rows.vectors));
    rows.vectors = {};
    if (access_ == Access::kRead) return LoadedCollection{0, std::move(vectors)};
    GenerationManifest manifest;
    manifest.collection = collection_;
    manifest.encoder = snapshot_.encoder;
    manifest.dimension = rows.dimension;
    manifest.rows = rows.rows;
    manifest.sequence = sequence_;
    manifest.ids_hash = rows.ids_hash;
    CLIPPATH_TRY(auto published,
                 publish_generation(folder_, std::move(manifest), std::move(vectors)));
    return LoadedCollection{published.manifest.generation, std::move(published.vectors)};
  }

  /// Slides and rows are read one after the other: a snapshot of two moments must not pass for one.
  Result<void> check_unchanged() {
    CLIPPATH_TRY(const std::uint64_t now, folder_.records().sequence(collection_));
    if (now == sequence_) return {};
    return fail(ErrorKind::kUnavailable,
                "the records were written while they were read; try again");
  }

  DataFolder& folder_;
  const Access access_;
  const Collection collection_;
  const ReadRows read_rows_;
  Snapshot& snapshot_;
  std::uint64_t sequence_ = 0;
  std::optional<Records::CurrentGeneration> current_;
};

void note_pictures(Snapshot& snapshot) {
  snapshot.patch_of_picture.reserve(snapshot.patches.size());
  for (std::size_t row = 0; row < snapshot.patches.size(); ++row) {
    const std::uint64_t hash = snapshot.patches[row].picture_hash;  // 0: was imported without one
    if (hash != 0) snapshot.patch_of_picture.emplace(hash, static_cast<std::int64_t>(row));
  }
}

}  // namespace

Result<std::shared_ptr<const Snapshot>> load_snapshot(DataFolder& folder, Access access,
                                                      EncoderId encoder) {
  auto snapshot = std::make_shared<Snapshot>();
  const std::vector<EncoderEntry> known = folder.encoders();
  if (encoder.empty() && !known.empty()) encoder = known.front().id;
  snapshot->encoder = std::move(encoder);
  CollectionLoader patches(folder, access, Collection::kPatches, read_patch_rows, *snapshot);
  CLIPPATH_TRY(LoadedCollection patch_rows, patches.load());
  CollectionLoader reports(folder, access, Collection::kReports, read_report_rows, *snapshot);
  CLIPPATH_TRY(LoadedCollection report_rows, reports.load());
  const std::vector<PipelineDocument> pipelines = folder.pipelines();
  if (!pipelines.empty() && pipelines.front().stain) {
    snapshot->stain_target = pipelines.front().stain->target;
    if (pipelines.front().stain->scope == StainScope::kSlide) note_pictures(*snapshot);
  }
  for (const PipelineDocument& pipeline : pipelines) {
    snapshot->picture_px = std::max(snapshot->picture_px, pipeline.picture_px);
  }
  snapshot->generation = patch_rows.generation;
  snapshot->patch_vectors = std::move(patch_rows.vectors);
  snapshot->report_vectors = std::move(report_rows.vectors);
  return std::shared_ptr<const Snapshot>(std::move(snapshot));
}

}  // namespace clippath
