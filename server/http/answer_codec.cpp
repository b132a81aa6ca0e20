// SPDX-License-Identifier: Apache-2.0
#include "server/http/answer_codec.h"

#include <cmath>
#include <string_view>

#include "server/http/record_codec.h"

namespace clippath {
namespace {

constexpr std::string_view kNotice = "similar-case retrieval, not a diagnosis";

std::string_view kind_word(HitKind kind) {
  switch (kind) {
    case HitKind::kPatch: return "patch";
    case HitKind::kSlide: return "slide";
    case HitKind::kReport: return "report";
  }
  return "";
}

std::string_view group_word(GroupBy by) {
  switch (by) {
    case GroupBy::kNone: return "none";
    case GroupBy::kSlide: return "slide";
    case GroupBy::kCase: return "case";
  }
  return "";
}

const SlideRecord* find_slide(const Snapshot& snapshot, const SlideId& id) {
  const auto found = snapshot.slide_index.find(id.value);
  return found == snapshot.slide_index.end() ? nullptr : &snapshot.slides[found->second];
}

const PatchRecord* find_patch(const Snapshot& snapshot, const std::string& id) {
  const auto found = snapshot.patch_row.find(id);
  return found == snapshot.patch_row.end()
             ? nullptr
             : &snapshot.patches[static_cast<std::size_t>(found->second)];
}

Json text_or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

Json hit_json(const Hit& hit, const Snapshot& snapshot) {
  Json object = {{"id", hit.id},
                 {"kind", kind_word(hit.kind)},
                 {"similarity", similarity_json(hit.similarity)},
                 {"slide_id", text_or_null(hit.slide_id.value)},
                 {"case_id", text_or_null(hit.case_id.value)},
                 {"patch_id", hit.patch_id ? Json(hit.patch_id->value) : Json(nullptr)},
                 {"rect", rect_json(hit.rect)}};
  add_scale(object, hit.scale);
  object["extent_um"] = hit.extent_um > 0 ? Json(hit.extent_um) : Json(nullptr);
  object["caption"] = hit.caption;
  const std::string& patch_id = hit.patch_id ? hit.patch_id->value : hit.id;
  add_links(
      object, find_slide(snapshot, hit.slide_id),
      hit.kind == HitKind::kReport && !hit.patch_id ? nullptr : find_patch(snapshot, patch_id));
  object["report"] = nullptr;
  if (hit.report) {
    object["report"] = {
        {"id", hit.report->id.value}, {"caption", hit.report->caption}, {"text", hit.report->text}};
  }
  object["linked"] = hit.linked;
  object["partial_slide"] = hit.partial_slide;
  object["in_training"] = hit.in_training;
  object["via"] = text_or_null(hit.via);
  object["fields"] = fields_json(hit.fields);
  return object;
}

Json hits_json(const std::vector<Hit>& hits, const Snapshot& snapshot) {
  Json list = Json::array();
  for (const Hit& hit : hits) list.push_back(hit_json(hit, snapshot));
  return list;
}

double six_digits(double number) { return std::round(number * 1e6) / 1e6; }

Json spread_json(const std::optional<double>& spread) {
  return spread ? Json(six_digits(*spread)) : Json(nullptr);
}

Json took_json(const std::map<std::string, double>& took_ms) {
  Json object = Json::object();
  for (const auto& [stage, ms] : took_ms) object[stage] = std::round(ms * 1e3) / 1e3;
  return object;
}

/// Appends what every answer ends with: where it comes from, and what it is not.
template <class Answer>
Json end_answer(Json object, const Answer& answer, std::uint64_t generation,
                const std::string& request_id) {
  object["input_warnings"] = answer.input_warnings;
  object["encoder"] = answer.encoder.value;
  object["generation"] = generation;
  object["took_ms"] = took_json(answer.took_ms);
  object["request_id"] = request_id;
  object["notice"] = kNotice;
  return object;
}

}  // namespace

Json encode_answer(const SearchAnswer& answer, const Snapshot& snapshot,
                   const std::string& request_id) {
  Json groups = Json::array();
  for (const HitGroup& group : answer.groups) {
    groups.push_back({{"id", group.id},
                      {"by", group_word(group.by)},
                      {"similarity", similarity_json(group.similarity)},
                      {"hits", hits_json(group.hits, snapshot)}});
  }
  Json object{{"hits", hits_json(answer.hits, snapshot)},
              {"groups", std::move(groups)},
              {"requested", answer.requested},
              {"returned", answer.returned},
              {"matched", answer.matched},
              {"strategy", answer.strategy},
              {"exhausted", answer.exhausted},
              {"stopped_by", text_or_null(answer.stopped_by)}};
  return end_answer(std::move(object), answer, answer.generation, request_id);
}

Json encode_ranking(const RankAnswer& answer, const Snapshot& snapshot,
                    const std::string& request_id) {
  Json ranking = Json::array();
  for (const RankedText& one : answer.ranking) {
    ranking.push_back({{"index", one.index},
                       {"text", one.text},
                       {"similarity", similarity_json(one.similarity)}});
  }
  Json object{{"ranking", std::move(ranking)}};
  return end_answer(std::move(object), answer, snapshot.generation, request_id);
}

Json encode_classes(const ClassifyAnswer& answer, const Snapshot& snapshot,
                    const std::string& request_id) {
  Json classes = Json::array();
  for (const ClassScore& one : answer.classes) {
    classes.push_back({{"index", one.index},
                       {"name", one.name},
                       {"similarity", six_digits(one.similarity)},
                       {"similarity_spread", spread_json(one.similarity_spread)},
                       {"probability", six_digits(one.probability)},
                       {"probability_spread", spread_json(one.probability_spread)}});
  }
  Json object{{"classes", std::move(classes)},
              {"ensembles", answer.ensembles},
              {"vectors", answer.vectors},
              {"pooled", answer.pooled},
              {"extent_um", answer.extent_um > 0 ? Json(answer.extent_um) : Json(nullptr)},
              {"logit_scale", answer.logit_scale}};
  return end_answer(std::move(object), answer, snapshot.generation, request_id);
}

}  // namespace clippath
