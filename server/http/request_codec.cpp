// SPDX-License-Identifier: Apache-2.0
#include "server/http/request_codec.h"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <variant>

#include "server/classify/read_prompts.h"
#include "server/http/base64.h"

namespace clippath {
namespace {

constexpr double kFinestMpp = 0.05;
constexpr double kCoarsestMpp = 20;
constexpr std::size_t kMaxPatchIdBytes = 300;
constexpr std::size_t kMaxEncoderNameBytes = 128;
constexpr std::size_t kMaxBase64Bytes = (kMaxPictureBytes + 2) / 3 * 4;

tl::unexpected<Error> reject(const std::string& path, const std::string& message,
                             const std::string& limit = {}) {
  return fail({ErrorKind::kInvalidArgument, path + ": " + message, path, limit});
}

/// The id or the name of an encoder; empty for the first.
std::string read_encoder(ObjectReader& reader) {
  return reader.optional_text("encoder", kMaxEncoderNameBytes).value_or("");
}

void read_options(ObjectReader& reader, SearchRequest& request) {
  constexpr std::array kIn{SearchIn::kPatches, SearchIn::kSlides, SearchIn::kReports};
  constexpr std::array kGroupBy{GroupBy::kSlide, GroupBy::kCase, GroupBy::kNone};
  constexpr std::array kExclude{Exclude::kNone, Exclude::kSelf, Exclude::kSlide, Exclude::kCase};
  constexpr std::array kVia{Via::kDirect, Via::kNeighbours, Via::kBoth};

  request.in = kIn[reader.choice("in", {"patches", "slides", "reports"}, 0)];
  request.k = reader.optional_integer("k", 1, kMaxHits).value_or(request.k);
  request.group_by = kGroupBy[reader.choice("group_by", {"slide", "case"}, 2)];
  request.group_size =
      reader.optional_integer("group_size", 1, kMaxGroupSize).value_or(request.group_size);
  const std::size_t exclude = reader.choice("exclude", {"none", "self", "slide", "case"}, 4);
  if (exclude < kExclude.size()) request.exclude = kExclude[exclude];
  request.min_similarity = reader.optional_number("min_similarity", -1, 1);
  request.via = kVia[reader.choice("via", {"direct", "neighbours", "both"}, 2)];
  request.encoder = read_encoder(reader);
}

std::optional<MicronsPerPixel> read_mpp(ObjectReader& reader) {
  const auto mpp = reader.optional_number("mpp", kFinestMpp, kCoarsestMpp);
  return mpp ? std::optional(MicronsPerPixel{*mpp}) : std::nullopt;
}

/// What a request states about a picture beside its pixels.
ImageQuery read_image_facts(ObjectReader& reader) {
  ImageQuery facts;
  facts.mpp = read_mpp(reader);
  if (auto slide = reader.optional_text("slide_id", kMaxIdBytes)) {
    facts.slide_id = SlideId(*std::move(slide));
  }
  return facts;
}

Result<void> check_without_image(const ImageQuery& facts, const std::string& prefix) {
  if (facts.mpp) return reject(prefix + "mpp", "belongs to an image");
  if (facts.slide_id) return reject(prefix + "slide_id", "belongs to an image");
  return {};
}

Result<ImageQuery> decode_image(const std::string& base64, ImageQuery facts,
                                const std::string& path, const UploadDecoder& decode_picture) {
  const auto bytes = decode_base64(base64);
  if (!bytes || bytes->empty()) {
    return reject(path, "must be a PNG or JPEG file in base64, padded, without line breaks");
  }
  auto image = decode_picture(*bytes);
  if (!image) {
    Error error = image.error().within(path);
    error.field = path;
    return fail(std::move(error));
  }
  facts.image = std::move(*image);
  return facts;
}

/// A picture as it stands among the fields of a request.
struct PictureBody {
  std::optional<std::string> image;
  ImageQuery facts;
  std::optional<std::string> patch_id;
};

PictureBody read_picture_body(ObjectReader& reader) {
  PictureBody picture;
  picture.image = reader.optional_text("image", kMaxBase64Bytes);
  picture.facts = read_image_facts(reader);
  picture.patch_id = reader.optional_text("patch_id", kMaxPatchIdBytes);
  return picture;
}

/// Requires: one of image and patch_id.
Result<std::variant<ImageQuery, PatchQuery>> decode_picture_body(
    PictureBody picture, const UploadDecoder& decode_picture) {
  if (!picture.image) {
    CLIPPATH_TRY_VOID(check_without_image(picture.facts, ""));
    return PatchQuery{PatchId(*picture.patch_id)};
  }
  return decode_image(*picture.image, std::move(picture.facts), "image", decode_picture);
}

Result<QueryTerm> decode_term(const Json& value, const std::string& path,
                              const UploadDecoder& decode_picture) {
  ObjectReader reader(value, path);
  const auto text = reader.optional_text("text", kMaxQueryTextBytes);
  const auto image = reader.optional_text("image", kMaxBase64Bytes);
  ImageQuery facts = read_image_facts(reader);
  const auto patch_id = reader.optional_text("patch_id", kMaxPatchIdBytes);
  const auto report_id = reader.optional_text("report_id", kMaxIdBytes);
  const double weight = reader.optional_number("weight", -10, 10).value_or(1);
  CLIPPATH_TRY_VOID(reader.finish());

  const int kinds = int{text.has_value()} + int{image.has_value()} + int{patch_id.has_value()} +
                    int{report_id.has_value()};
  if (kinds != 1) {
    return reject(path, "must have exactly one of text, image, patch_id, report_id");
  }
  if (!image) CLIPPATH_TRY_VOID(check_without_image(facts, path + "."));
  if (text) {
    if (text->empty()) return reject(path + ".text", "is empty");
    return QueryTerm{TextQuery{*text}, weight};
  }
  if (patch_id) return QueryTerm{PatchQuery{PatchId(*patch_id)}, weight};
  if (report_id) return QueryTerm{ReportQuery{ReportId(*report_id)}, weight};
  CLIPPATH_TRY(ImageQuery picture,
               decode_image(*image, std::move(facts), path + ".image", decode_picture));
  return QueryTerm{std::move(picture), weight};
}

Result<std::vector<QueryTerm>> decode_query(const Json* value, const UploadDecoder& decoder) {
  if (value == nullptr) return reject("query", "is required");
  std::vector<QueryTerm> terms;
  if (!value->is_array()) {
    CLIPPATH_TRY(QueryTerm term, decode_term(*value, "query", decoder));
    terms.push_back(std::move(term));
    return terms;
  }
  const std::string limit = "1.." + std::to_string(kMaxQueryTerms);
  if (value->empty() || value->size() > kMaxQueryTerms) {
    return reject("query", "must have " + limit + " terms", limit);
  }
  for (std::size_t i = 0; i < value->size(); ++i) {
    const std::string path = "query[" + std::to_string(i) + "]";
    CLIPPATH_TRY(QueryTerm term, decode_term((*value)[i], path, decoder));
    terms.push_back(std::move(term));
  }
  return terms;
}

/// A number of a query string as JSON; text stays text, and the reader then says what it must be.
Json number_or_text(const std::string& text) {
  const char* end = text.data() + text.size();
  std::int64_t whole = 0;
  if (const auto [rest, error] = std::from_chars(text.data(), end, whole);
      error == std::errc() && rest == end) {
    return whole;
  }
  double number = 0;
  if (const auto [rest, error] = std::from_chars(text.data(), end, number);
      error == std::errc() && rest == end && std::isfinite(number)) {
    return number;
  }
  return text;
}

bool is_number_parameter(const std::string& name) {
  return name == "k" || name == "group_size" || name == "min_similarity" || name == "mpp";
}

Result<Json> parameters_as_json(const Target& target) {
  Json object = Json::object();
  for (const auto& [name, value] : target.parameters) {
    if (name == "filter") {
      auto filter = parse_json(value);
      if (!filter) return reject("filter", filter.error().message);
      object[name] = std::move(*filter);
    } else {
      object[name] = is_number_parameter(name) ? number_or_text(value) : Json(value);
    }
  }
  return object;
}

}  // namespace

Result<SearchRequest> decode_search_request(const Json& body, const UploadDecoder& decode_picture) {
  ObjectReader reader(body, "");
  SearchRequest request;
  const Json* query = reader.any("query");
  const Json* filter = reader.any("filter");
  read_options(reader, request);
  CLIPPATH_TRY_VOID(reader.finish());
  if (filter != nullptr) {
    CLIPPATH_TRY(request.filter, decode_filter(*filter, "filter"));
  }
  CLIPPATH_TRY(request.query, decode_query(query, decode_picture));
  return request;
}

Result<ImageSearch> decode_image_search(const Target& target) {
  CLIPPATH_TRY(const Json parameters, parameters_as_json(target));
  ObjectReader reader(parameters, "");
  ImageSearch search;
  const Json* filter = reader.any("filter");
  search.picture = read_image_facts(reader);
  read_options(reader, search.request);
  CLIPPATH_TRY_VOID(reader.finish());
  if (filter != nullptr) {
    CLIPPATH_TRY(search.request.filter, decode_filter(*filter, "filter"));
  }
  return search;
}

Result<RankRequest> decode_rank_request(const Json& body, const UploadDecoder& decode_picture) {
  ObjectReader reader(body, "");
  PictureBody picture = read_picture_body(reader);
  RankRequest request;
  request.texts = reader.optional_texts("texts", kMaxRankTexts, kMaxQueryTextBytes);
  request.encoder = read_encoder(reader);
  CLIPPATH_TRY_VOID(reader.finish());
  if (request.texts.empty()) return reject("texts", "must have 1..1000 texts", "1..1000");
  for (std::size_t i = 0; i < request.texts.size(); ++i) {
    if (request.texts[i].empty()) return reject("texts[" + std::to_string(i) + "]", "is empty");
  }
  if (picture.image.has_value() == picture.patch_id.has_value()) {
    return reject("image", "must have exactly one of image, patch_id");
  }
  CLIPPATH_TRY(request.picture, decode_picture_body(std::move(picture), decode_picture));
  return request;
}

Result<ClassifyRequest> decode_classify_request(const Json& body,
                                                const UploadDecoder& decode_picture) {
  ObjectReader reader(body, "");
  PictureBody picture = read_picture_body(reader);
  ClassifyRequest request;
  request.top_j = reader.optional_integer("top_j", 1, kMaxTopJ).value_or(kDefaultTopJ);
  request.prompts = read_classes(reader, kMaxRequestPrompts);
  request.encoder = read_encoder(reader);
  CLIPPATH_TRY_VOID(reader.finish());
  const bool has_picture = picture.image || picture.patch_id;
  if ((picture.image && picture.patch_id) || (!has_picture && !picture.facts.slide_id)) {
    return reject("image", "must have exactly one of image, patch_id, slide_id");
  }
  if (!has_picture) {
    if (picture.facts.mpp) return reject("mpp", "belongs to an image");
    request.subject = SlideQuery{*picture.facts.slide_id};
    return request;
  }
  CLIPPATH_TRY(auto subject, decode_picture_body(std::move(picture), decode_picture));
  std::visit([&request](auto& one) { request.subject = std::move(one); }, subject);
  return request;
}

Result<std::int64_t> whole_number(const Target& target, const std::string& name, std::int64_t least,
                                  std::int64_t most, std::optional<std::int64_t> fallback) {
  const std::string limit = std::to_string(least) + ".." + std::to_string(most);
  const std::string* text = target.parameter(name);
  if (text == nullptr) {
    if (fallback) return *fallback;
    return reject(name, "is required, a whole number in " + limit, limit);
  }
  std::int64_t value = 0;
  const char* end = text->data() + text->size();
  const auto [rest, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc() || rest != end || value < least || value > most) {
    return reject(name, "must be a whole number in " + limit, limit);
  }
  return value;
}

}  // namespace clippath
