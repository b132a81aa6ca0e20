// SPDX-License-Identifier: Apache-2.0
#include "server/search/query_vectors.h"

#include <algorithm>
#include <span>

#include "clippath/tiling.h"
#include "server/search/picture_fields.h"
#include "server/search/query_field.h"

namespace clippath {
namespace {

EmbeddingMatrix as_matrix(const Embedding& vector) { return {1, vector.size(), vector}; }

bool is_blank(const std::string& text) {
  return text.find_first_not_of(" \t\r\n") == std::string::npos;
}

/// False if one of the pictures has no usable stains and stays as it is.
bool normalise_all(std::vector<RgbImage>& pictures, const StainProfile& target,
                   const StainProfile* source) {
  bool all = true;
  for (RgbImage& picture : pictures) {
    auto normalised = normalise_stain(picture, target, source);
    if (normalised) {
      picture = std::move(*normalised);
    } else {
      all = false;
    }
  }
  return all;
}

/// Encodes one term of a query; which kind it is decides the overload.
class TermEncoder {
 public:
  TermEncoder(const Snapshot& snapshot, const Encoder* encoder, const Deadline& deadline)
      : snapshot_(snapshot), encoder_(encoder), call_{.deadline = deadline} {}

  Result<QueryVectors> operator()(const TextQuery& query) const {
    if (is_blank(query.text)) {
      return fail({ErrorKind::kInvalidArgument, "query.text: is empty; say what to look for",
                   "query.text"});
    }
    if (encoder_ == nullptr) return fail(no_model_error());
    QueryVectors made;
    CLIPPATH_TRY(made.vectors, encoder_->encode_texts(std::span(&query.text, 1), call_));
    return made;
  }

  Result<QueryVectors> operator()(const ImageQuery& query) const {
    if (encoder_ == nullptr) return fail(no_model_error());
    CLIPPATH_TRY(const QueryField field,
                 choose_query_field(snapshot_, query, encoder_->info().card.default_extent_um));
    PictureFields covered = cover_picture(query.image, query.mpp, field.extent_um,
                                          patch_picture_px(snapshot_.picture_px));
    QueryVectors made;
    made.is_picture = true;
    made.warnings = std::move(covered.warnings);
    if (snapshot_.stain_target &&
        !normalise_all(covered.fields, *snapshot_.stain_target, field.stain)) {
      made.warnings.emplace_back("stain_not_normalised");
    }
    CLIPPATH_TRY(made.vectors, encoder_->encode_images(covered.fields, call_));
    return made;
  }

  Result<QueryVectors> operator()(const PatchQuery& query) const {
    const auto found = snapshot_.patch_row.find(query.id.value);
    if (found == snapshot_.patch_row.end()) {
      return fail({ErrorKind::kNotFound, "query.patch_id: no patch '" + query.id.value + "'",
                   "query.patch_id"});
    }
    const SlideRecord& slide =
        snapshot_.slides[snapshot_.patch_slide[static_cast<std::size_t>(found->second)]];
    QueryVectors made;
    made.is_picture = true;
    made.origin = {query.id, {}, slide.id, slide.case_id};
    made.vectors = unit_row(*snapshot_.patch_vectors, found->second);
    return made;
  }

  Result<QueryVectors> operator()(const ReportQuery& query) const {
    const auto found = snapshot_.report_row.find(query.id.value);
    if (found == snapshot_.report_row.end()) {
      return fail({ErrorKind::kNotFound, "query.report_id: no report '" + query.id.value + "'",
                   "query.report_id"});
    }
    if (snapshot_.report_vectors == nullptr || found->second >= snapshot_.report_vectors->rows()) {
      return fail({ErrorKind::kFailedPrecondition,
                   "query.report_id: report '" + query.id.value +
                       "' has no vector of this encoder; import the reports again, or query by "
                       "their text",
                   "query.report_id"});
    }
    const ReportRecord& report = snapshot_.reports[static_cast<std::size_t>(found->second)];
    QueryVectors made;
    made.origin = {{}, query.id, report.slide_id.value_or(SlideId()), report.case_id};
    made.vectors = unit_row(*snapshot_.report_vectors, found->second);
    return made;
  }

 private:
  /// Half precision leaves a length a little off 1.
  static EmbeddingMatrix unit_row(const VectorIndex& index, std::int64_t row) {
    Embedding vector = index.vector(row);
    normalize(vector);
    return as_matrix(vector);
  }

  const Snapshot& snapshot_;
  const Encoder* encoder_;
  EncodeCall call_;
};

/// A term of a list has one direction: the mean of its fields.
Embedding mean_direction(const EmbeddingMatrix& vectors) {
  Embedding mean(vectors.dimension);
  for (std::size_t row = 0; row < vectors.rows; ++row) {
    for (std::size_t i = 0; i < mean.size(); ++i) mean[i] += vectors.row(row)[i];
  }
  normalize(mean);
  return mean;
}

void add_once(std::vector<std::string>& list, const std::vector<std::string>& items) {
  for (const std::string& item : items) {
    if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
  }
}

}  // namespace

Error no_model_error() {
  return {ErrorKind::kFailedPrecondition,
          "this data folder has no model yet: index slides with --model first", "", "", "no_model"};
}

Result<QueryVectors> make_query_vectors(const std::vector<QueryTerm>& terms,
                                        const Snapshot& snapshot, const Encoder* encoder,
                                        const Deadline& deadline) {
  if (terms.empty() || terms.size() > kMaxQueryTerms) {
    const std::string limit = "1.." + std::to_string(kMaxQueryTerms) + " terms";
    return fail({ErrorKind::kInvalidArgument,
                 "query: has " + std::to_string(terms.size()) + " terms; must be " + limit, "query",
                 limit});
  }
  const TermEncoder encode(snapshot, encoder, deadline);
  if (terms.size() == 1 && terms[0].weight > 0) return std::visit(encode, terms[0].what);

  QueryVectors sum;
  Embedding direction;
  for (const QueryTerm& term : terms) {
    CLIPPATH_TRY(const QueryVectors part, std::visit(encode, term.what));
    const Embedding unit = mean_direction(part.vectors);
    direction.resize(unit.size());
    for (std::size_t i = 0; i < unit.size(); ++i)
      direction[i] += static_cast<float>(term.weight) * unit[i];
    add_once(sum.warnings, part.warnings);
    if (sum.origin.case_id.empty()) sum.origin = part.origin;
  }
  if (!normalize(direction)) {
    return fail({ErrorKind::kInvalidArgument,
                 "query: the weighted terms cancel each other out; change a weight", "query"});
  }
  sum.vectors = as_matrix(direction);
  return sum;
}

Result<QueryVectors> make_picture_vectors(const std::variant<ImageQuery, PatchQuery>& picture,
                                          const Snapshot& snapshot, const Encoder* encoder,
                                          const Deadline& deadline) {
  return std::visit(TermEncoder(snapshot, encoder, deadline), picture);
}

}  // namespace clippath
