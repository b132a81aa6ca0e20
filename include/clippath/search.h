// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "clippath/classify.h"
#include "clippath/core/deadline.h"
#include "clippath/core/embedding.h"
#include "clippath/core/fields.h"
#include "clippath/core/geometry.h"
#include "clippath/core/ids.h"
#include "clippath/core/image.h"
#include "clippath/core/result.h"
#include "clippath/encoder.h"
#include "clippath/generation.h"

namespace clippath {

struct TextQuery {
  std::string text;
};
/// `mpp` is that of the picture's own pixels; empty: the picture is taken as one or more fields of
/// view of unknown scale. `slide_id`: where it was cut from; an index in slide scope then evens out
/// its stain by that slide's stains, else, and without it, by its own.
struct ImageQuery {
  RgbImage image;
  std::optional<MicronsPerPixel> mpp;
  std::optional<SlideId> slide_id = std::nullopt;
};
struct PatchQuery {
  PatchId id;
};
struct ReportQuery {
  ReportId id;
};
/// All patches of one series of a slide. Only classify() takes it.
struct SlideQuery {
  SlideId id;
};

/// One part of a query. The parts of a list are added as weight * unit vector and the sum is
/// normalised again; negative weights push away.
struct QueryTerm {
  std::variant<TextQuery, ImageQuery, PatchQuery, ReportQuery> what;
  double weight = 1;
};

enum class SearchIn { kPatches, kSlides, kReports };
enum class GroupBy { kNone, kSlide, kCase };
/// What is left out of the answer: the query itself, its slide, its case.
enum class Exclude { kNone, kSelf, kSlide, kCase };
/// How a picture finds reports: by likeness of the text tower's vectors, through the cases of its
/// nearest patches, or both.
enum class Via { kDirect, kNeighbours, kBoth };

/// `must` all, `should` at least one (where there are any), `must_not` none.
struct Filter {
  struct Condition {
    std::string field;
    std::vector<FieldValue> any_of;  ///< equals (one value) or in (several)
    std::optional<double> at_least;  ///< range, numbers
    std::optional<double> at_most;
    std::optional<bool> exists;
  };
  std::vector<Condition> must;
  std::vector<Condition> should;
  std::vector<Condition> must_not;
  [[nodiscard]] bool empty() const { return must.empty() && should.empty() && must_not.empty(); }
};

inline constexpr std::int64_t kMaxHits = 200;
inline constexpr std::int64_t kMaxGroupSize = 20;
inline constexpr std::size_t kMaxQueryTerms = 16;
inline constexpr std::size_t kMaxRankedTexts = 1000;

struct SearchRequest {
  std::vector<QueryTerm> query;  ///< 1..kMaxQueryTerms
  SearchIn in = SearchIn::kPatches;
  std::int64_t k = 10;  ///< hits, or groups where grouped: 1..kMaxHits
  Filter filter;
  GroupBy group_by = GroupBy::kNone;
  std::int64_t group_size = 3;           ///< 1..kMaxGroupSize
  std::optional<Exclude> exclude;        ///< default: case for patch and report queries, else none
  std::optional<double> min_similarity;  ///< [-1, 1]
  Via via = Via::kBoth;
  std::string encoder;  ///< id or name: QueryEngines::find chooses by it; empty: the first
};

/// A report as it stands beside a hit.
struct ReportSummary {
  ReportId id;
  std::string caption;
  std::string text;
};

enum class HitKind { kPatch, kSlide, kReport };

struct Hit {
  HitKind kind = HitKind::kPatch;
  std::string id;
  float similarity = 0;  ///< cosine, [-1, 1]
  SlideId slide_id;      ///< empty for a report that names none
  CaseId case_id;
  std::optional<PatchId> patch_id;  ///< of a slide hit: its best patch
  std::optional<Level0Rect> rect;   ///< where on the slide
  std::optional<SlideScale> scale;
  double extent_um = 0;  ///< 0 where unknown
  std::string caption;
  Fields fields;                        ///< the slide's, then the patch's own
  std::optional<ReportSummary> report;  ///< of the slide, else of the case
  bool linked = false;                  ///< hit and query belong to the same case
  bool partial_slide = false;
  bool in_training = false;  ///< the demo model has seen this slide
  std::string via;           ///< picture to reports: "direct", "neighbours" or "both"
};

struct HitGroup {
  std::string id;  ///< slide or case id
  GroupBy by = GroupBy::kSlide;
  float similarity = 0;  ///< of its best hit
  std::vector<Hit> hits;
};

struct SearchAnswer {
  std::vector<Hit>
      hits;  ///< by falling similarity, then by place (case, slide, row); empty where grouped
  std::vector<HitGroup> groups;
  std::int64_t requested = 0;
  std::int64_t returned = 0;  ///< hits, or groups where grouped
  std::int64_t matched = 0;   ///< rows that the filter and the exclusion leave
  bool exhausted = false;     ///< nothing more would come with a larger k
  std::string stopped_by;     ///< "min_similarity" where it cut the answer, else empty
  std::string strategy = "exact";
  std::vector<std::string> input_warnings;  ///< "scale_unknown", "covered_by_fields",
                                            ///< "smaller_than_field", "partly_covered",
                                            ///< "stain_not_normalised"
  EncoderId encoder;
  std::uint64_t generation = 0;
  std::map<std::string, double> took_ms;  ///< "encode", "search", "assemble"
};

struct RankRequest {
  std::variant<ImageQuery, PatchQuery> picture;
  std::vector<std::string> texts;  ///< 1..kMaxRankedTexts
  std::string encoder;             ///< as in SearchRequest
};
struct RankedText {
  std::size_t index = 0;  ///< of the text in the request
  std::string text;
  float similarity = 0;
};
struct RankAnswer {
  std::vector<RankedText> ranking;  ///< by falling similarity, then index
  std::vector<std::string> input_warnings;
  EncoderId encoder;
  std::map<std::string, double> took_ms;
};

struct ClassifyRequest {
  std::variant<ImageQuery, PatchQuery, SlideQuery> subject;
  ClassPrompts prompts;
  std::int64_t top_j = kDefaultTopJ;  ///< 1..kMaxTopJ
  std::string encoder;                ///< as in SearchRequest
};
struct ClassifyAnswer {
  std::vector<ClassScore> classes;  ///< as score_classes orders them
  std::size_t ensembles = 0;
  std::int64_t vectors = 0;  ///< a slide's patches, a picture's fields; 1 for a patch
  std::int64_t pooled = 0;   ///< how many of them a class is scored by: top_j, or all
  double extent_um = 0;      ///< of a slide's series or of the patch; 0 where unknown
  double logit_scale = 1;    ///< what similarities were multiplied with before the softmax
  std::vector<std::string> input_warnings;
  EncoderId encoder;
  std::map<std::string, double> took_ms;  ///< "encode_classes", "encode", "classify"
};

/// One field that can be filtered by.
struct FieldSummary {
  std::string name;
  std::string type;                                          ///< "text", "number", "bool", "date"
  std::int64_t rows = 0;                                     ///< patches that have it
  std::vector<std::pair<std::string, std::int64_t>> values;  ///< most frequent first, at most 100
  bool more_values = false;
};

class FieldCatalogue;
class HitAssembler;

/// Answers queries over one snapshot, with the encoder that made its vectors. The whole query is
/// readable in search() (server/search/query_engine.cpp). Built-in fields: slide_id, case_id,
/// caption, extent_um, mpp, mpp_source, objective, vendor, tissue_fraction, white_fraction,
/// partial; then the user's own. Thread-safe: constant after construction.
class QueryEngine {
 public:
  /// @param encoder  null: only queries by stored ids work, others fail with kFailedPrecondition,
  /// code no_model. Must outlive the engine, as it is shared.
  QueryEngine(std::shared_ptr<const Snapshot> snapshot, std::shared_ptr<const Encoder> encoder);

  /// Fails: kInvalidArgument naming the field; kNotFound for an unknown id; kFailedPrecondition
  /// (code no_model); kUnavailable;
  ///        kDeadlineExceeded, tested between the stages.
  [[nodiscard]] Result<SearchAnswer> search(const SearchRequest& request,
                                            const Deadline& deadline) const;
  [[nodiscard]] Result<RankAnswer> rank(const RankRequest& request, const Deadline& deadline) const;

  /// Which class's words fit a picture, a patch or a slide (server/search/classification.cpp). Of a
  /// slide the series counts whose extent is nearest, as a ratio, to the model's own. Fails: as
  /// search(), and as make_class_vectors().
  [[nodiscard]] Result<ClassifyAnswer> classify(const ClassifyRequest& request,
                                                const Deadline& deadline) const;

  [[nodiscard]] std::vector<FieldSummary> fields() const;
  [[nodiscard]] const Snapshot& snapshot() const { return *snapshot_; }
  [[nodiscard]] const Encoder* encoder() const { return encoder_.get(); }
  /// The report that stands beside a slide's hits: named by the slide, else of the slide, else of
  /// its case. Null when there is none.
  [[nodiscard]] const ReportRecord* report_of(const SlideRecord& slide) const;
  [[nodiscard]] bool in_training(const SlideRecord& slide) const;

 private:
  std::shared_ptr<const Snapshot> snapshot_;
  std::shared_ptr<const Encoder> encoder_;
  std::shared_ptr<const FieldCatalogue> fields_;
  std::shared_ptr<const HitAssembler> hits_;
};

}  // namespace clippath
