// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "clippath/attention.h"
#include "clippath/core/pictures.h"
#include "clippath/core/result.h"
#include "clippath/data_folder.h"
#include "clippath/encoder_list.h"
#include "clippath/manifest.h"
#include "clippath/quality.h"
#include "clippath/regions.h"
#include "clippath/slide.h"
#include "clippath/stain.h"
#include "clippath/tiling.h"
#include "clippath/tissue.h"

namespace clippath {

struct IndexOptions {
  std::vector<FieldOfView> fields;  ///< one series each, all read in one pass over the slide
  double overlap = 0;               ///< share of a tile's side; below 0 there are gaps
  TilePolicy tiles;
  RegionClasses regions;  ///< of the slides that name a file of regions
  MissingMpp missing_mpp;
  TissueRule tissue;
  QualityRules quality;                    ///< faults that drop a tile; none
  std::optional<StainRule> stain;          ///< nothing: pictures are encoded as they were read
  std::optional<AttentionRule> attention;  ///< nothing: all pictures with tissue are kept
  std::shared_ptr<const AttentionNetwork> attention_network;  ///< with `attention`
  bool replace = false;       ///< take a slide whose id exists with another fingerprint
  bool retry_all = false;     ///< index slides again that are complete with the same settings
  bool retry_failed = false;  ///< of these, slides that are partial or have no patches
  std::filesystem::path save_patches;  ///< index_slides: folder that gets the picture of every kept
                                       ///< patch, before stain, as PNG; empty: none. A stored slide
                                       ///< that lacks one there is indexed again
  int threads = 1;                     ///< readers, and encoders, each
};

/// How the work on one slide ended.
enum class SlideState {
  kDone,
  kUnchanged,
  kPartial,
  kNoPatches,
  kSkipped,
  kNoMpp,  ///< not indexed: its microns per pixel are needed and unknown
  kFailed
};

/// `done`, `unchanged`, `partial`, `no_patches`, `skipped`, `no_mpp`, `failed`.
std::string_view to_string(SlideState state);

/// "grid", "kept", and one count for each DropReason that occurred.
using TileCounts = std::map<std::string, std::int64_t>;

struct SlideOutcome {
  SlideId id;
  SlideState state = SlideState::kDone;
  std::string reason;                 ///< empty for kDone and kUnchanged
  std::vector<std::string> warnings;  ///< doubts about the file, which was indexed all the same
  TileCounts tiles;                   ///< over all series
  std::map<std::int64_t, TileCounts> series;  ///< of each, by its level-0 extent
  SlideAttention attention;                   ///< empty without the filter
  double seconds = 0;
};

struct IndexSummary {
  std::vector<SlideOutcome> slides;  ///< in the order of the input; those that were finished
  bool interrupted = false;
  double seconds = 0;
};

/// What the progress bar shows. Called from several threads, one call at a time.
struct IndexProgress {
  std::size_t slides_total = 0;
  std::size_t slides_opened = 0;
  std::size_t slides_finished = 0;
  std::int64_t tiles_expected = 0;  ///< of the slides opened so far
  std::int64_t tiles_seen = 0;      ///< read or dropped
  std::int64_t patches_stored = 0;
};
using ProgressSink = std::function<void(const IndexProgress&)>;

/// Indexes slides: grid, tissue, read, filter, even out the stain, filter by attention, encode,
/// store; each stage overlaps the others. A slide that fails does not stop the run.
///
/// Every tile is read once for all encoders. Vectors are the same bytes for any number of threads:
/// batches are formed within a slide in reading order, and cut in the same way for the same
/// patches. A slide that is complete with the same fingerprint, pipeline and encoders is left as it
/// is (kUnchanged).
/// @param stop  set it to end early: the slides in work leave no trace, the rest is not begun,
/// `interrupted` is true. Fails: only where going on makes no sense: a full disk, damaged records.
Result<IndexSummary> index_slides(const std::vector<SlideInput>& slides,
                                  const IndexOptions& options, const EncoderList& encoders,
                                  const SlideOpener& open, DataFolder& folder,
                                  const ProgressSink& progress, const std::atomic<bool>& stop);

/// The same for ready-made patches: no tissue filter is applied to them, only the attention filter.
/// A partial slide that is indexed again is the same one while each of its stored patches has the
/// same row and picture: what could not be read may be anything now.
Result<IndexSummary> index_patch_table(const std::vector<PatchTableSlide>& slides,
                                       const IndexOptions& options, const EncoderList& encoders,
                                       const PictureDecoder& decode, DataFolder& folder,
                                       const ProgressSink& progress, const std::atomic<bool>& stop);

/// Writes the tables of a folder of saved patches, each whole or not at all: `patches.csv`, which
/// lists the patches of the data folder whose pictures lie there, as read_patch_table reads it, and
/// `slides.csv` with captions and fields. Indexed again, these patches have the same ids. The
/// folder belongs to one data folder. How many patches were listed. Fails: kOutOfSpace, kInternal;
/// kCorruption of the records.
Result<std::size_t> write_patch_tables(const std::filesystem::path& folder, const DataFolder& data);

/// What indexing a slide would do.
struct SlidePlan {
  SlideId id;
  std::int64_t tiles = 0;             ///< of its grids, over all series
  std::int64_t expected_patches = 0;  ///< those with tissue in the mask; the white filter may drop
                                      ///< some of them
  std::string reason;                 ///< why it cannot be indexed, or has no tiles; else empty
  bool skipped = false;  ///< the reason is a missing scale, and such slides are to be left out
};

/// What an index run would do.
struct IndexPlan {
  std::vector<SlidePlan> slides;
  /// That the slides would take, about: opening and masks, and for each expected patch what some
  /// tiles of the first slide with tissue in that field of view took from reading to vectors.
  /// Nothing where no slide has any. More than a run needs that reads while it encodes.
  std::optional<double> seconds;
};

/// Opens every slide, lays its grids and makes its mask, reads and encodes some tiles of one for
/// each field of view, and writes nothing. Ends early when `stop` is set.
IndexPlan plan_slides(const std::vector<SlideInput>& slides, const IndexOptions& options,
                      const EncoderList& encoders, const SlideOpener& open,
                      const std::atomic<bool>& stop);

/// Bytes on disk that one stored patch takes, about.
std::int64_t bytes_per_patch(const EncoderList& encoders);

/// Draws what becomes of every tile, and why: one PNG for each slide and field of view,
/// `<slide>_<level-0 extent>.png` in `folder`, which is made where it is missing. With an attention
/// filter, `<slide>_<level-0 extent>_attention.png` beside it shows some of the tiles and where the
/// network looked. Reads the tiles that indexing reads, judges them in the same way, and encodes
/// none.
/// Returns what could not be drawn, as `<slide>: <reason>`. Fails: kInvalidArgument if the folder
/// cannot be made, kOutOfSpace. Ends early when `stop` is set.
Result<std::vector<std::string>> explain_slides(
    const std::vector<SlideInput>& slides, const IndexOptions& options, const EncoderList& encoders,
    const SlideOpener& open, const std::filesystem::path& folder, const std::atomic<bool>& stop);

}  // namespace clippath
