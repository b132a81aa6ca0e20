// SPDX-License-Identifier: Apache-2.0
#include "server/classify/read_prompts.h"
#include "server/http/guards.h"
#include "server/http/handlers/handlers.h"
#include "server/http/openapi.h"
#include "server/http/request_codec.h"
#include "server/http/server_context.h"

namespace clippath {
namespace {

Json model_json(const Encoder* encoder) {
  if (encoder == nullptr) return nullptr;
  const EncoderInfo& info = encoder->info();
  return {{"name", info.card.name},
          {"encoder", info.id.value},
          {"demo", info.card.demo},
          {"licence", info.card.licence},
          {"dimension", info.dimension},
          {"input_px", info.input_width},
          {"dtype", info.dtype == Dtype::kBf16 ? "bf16" : "fp32"},
          {"max_text_tokens", info.card.max_text_tokens},
          {"default_extent_um", info.card.default_extent_um},
          {"training_data", info.card.training_data},
          {"training_slides", info.card.training_slides}};
}

Json models_json(const QueryEngines& engines) {
  Json list = Json::array();
  for (const QueryEngines::Member& member : engines.members()) {
    const Encoder* const encoder = member.engine->encoder();
    if (encoder == nullptr) continue;
    Json model = model_json(encoder);
    model["images"] = encoder->info().has_images;
    model["texts"] = encoder->info().has_texts;
    model["patches"] = member.engine->snapshot().patches.size();
    list.push_back(std::move(model));
  }
  return list;
}

Json limits_json() {
  Json bodies = Json::object();
  for (const Route& route : routes()) {
    if (route.body != BodyKind::kNone) bodies[std::string(route.pattern)] = route.max_body_bytes;
  }
  return {{"k", kMaxHits},
          {"group_size", kMaxGroupSize},
          {"query_terms", kMaxQueryTerms},
          {"query_text_bytes", kMaxQueryTextBytes},
          {"rank_texts", kMaxRankTexts},
          {"classes", kMaxPromptClasses},
          {"class_prompts", kMaxRequestPrompts},
          {"top_j", kMaxTopJ},
          {"filter_conditions", kMaxFilterConditions},
          {"filter_values", kMaxFilterValues},
          {"picture_side_px", 4096},
          {"picture_pixels", 16'000'000},
          {"path_bytes", kMaxPathBytes},
          {"body_bytes", std::move(bodies)},
          {"deadline_ms", std::chrono::milliseconds(kRequestDeadline).count()}};
}

}  // namespace

Result<HttpResponse> handle_info(const Call& call) {
  const QueryEngine& engine = call.context.engines->first();
  const Snapshot& snapshot = engine.snapshot();
  return json_response({{"name", "clippath"},
                        {"version", call.context.version},
                        {"model", model_json(engine.encoder())},
                        {"models", models_json(*call.context.engines)},
                        {"counts",
                         {{"slides", snapshot.slides.size()},
                          {"patches", snapshot.patches.size()},
                          {"reports", snapshot.reports.size()}}},
                        {"generation", snapshot.generation},
                        {"limits", limits_json()},
                        {"notes", snapshot.notes},
                        {"notice", "similar-case retrieval, not a diagnosis"}});
}

Result<HttpResponse> handle_fields(const Call& call) {
  Json list = Json::array();
  for (const FieldSummary& field : call.context.engines->first().fields()) {
    Json values = Json::array();
    for (const auto& [value, count] : field.values) {
      values.push_back({{"value", value}, {"count", count}});
    }
    list.push_back({{"name", field.name},
                    {"type", field.type},
                    {"count", field.rows},
                    {"values", std::move(values)},
                    {"more_values", field.more_values}});
  }
  return json_response({{"fields", std::move(list)}});
}

Result<HttpResponse> handle_livez(const Call&) { return json_response({{"status", "alive"}}); }

Result<HttpResponse> handle_readyz(const Call& call) {
  const Verdict verdict = call.context.readiness->check();
  const char* word = !verdict.ready ? "not_ready" : verdict.reasons.empty() ? "ready" : "degraded";
  HttpResponse response =
      json_response({{"status", word}, {"reasons", verdict.reasons}}, verdict.ready ? 200 : 503);
  if (!verdict.ready) response.headers.push_back({"Retry-After", "1"});
  return response;
}

Result<HttpResponse> handle_openapi(const Call&) {
  return HttpResponse{200, "application/yaml", std::string(openapi_document()), {}};
}

}  // namespace clippath
