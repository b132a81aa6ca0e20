// SPDX-License-Identifier: Apache-2.0
#include <chrono>

#include "clippath/core/pictures.h"
#include "server/http/answer_codec.h"
#include "server/http/handlers/handlers.h"
#include "server/http/request_codec.h"
#include "server/http/server_context.h"

namespace clippath {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

Result<Json> parse_body(const Call& call) {
  JsonLimits limits;
  limits.max_bytes = call.request.body.size();  // bounded by the route
  return parse_json(call.request.body, limits);
}

/// A picture over the limits is refused here, before it takes a place in the queue.
Result<RgbImage> decode_upload(const ServerContext& context, const Deadline& deadline,
                               std::span<const std::uint8_t> bytes) {
  const PictureLimits limits;
  CLIPPATH_TRY(const PictureHeader header, read_picture_header(bytes));
  const std::int64_t pixels = std::int64_t{header.width} * header.height;
  if (header.width > limits.max_side_px || header.height > limits.max_side_px ||
      pixels > limits.max_pixels) {
    return fail({ErrorKind::kTooLarge,
                 "the picture has " + std::to_string(header.width) + " x " +
                     std::to_string(header.height) +
                     " pixels; at most 4096 a side and 16000000 in all",
                 "image", "4096 px"});
  }
  return context.pictures->run(deadline, [&] { return context.decode_picture(bytes, limits); });
}

UploadDecoder upload_decoder(const ServerContext& context, const Deadline& deadline) {
  return [&context, &deadline](std::span<const std::uint8_t> bytes) {
    return decode_upload(context, deadline, bytes);
  };
}

Result<HttpResponse> answer_search(const Call& call, const SearchRequest& request,
                                   const Deadline& deadline, Clock::time_point begin) {
  CLIPPATH_TRY(const QueryEngine* const engine, call.context.engines->find(request.encoder));
  const auto queued_at = Clock::now();
  double queue_ms = 0;
  CLIPPATH_TRY(SearchAnswer answer, call.context.searches->run(deadline, [&] {
    queue_ms = ms_since(queued_at);
    return engine->search(request, deadline);
  }));
  answer.took_ms["queue"] = queue_ms;
  answer.took_ms["total"] = ms_since(begin);
  return json_response(encode_answer(answer, engine->snapshot(), call.request_id));
}

/// A call whose body has a picture and words for it, answered by one function of the engine.
template <class Request, class Answer>
Result<HttpResponse> answer_about_picture(
    const Call& call, Result<Request> (*decode)(const Json&, const UploadDecoder&),
    Result<Answer> (QueryEngine::*answer_to)(const Request&, const Deadline&) const,
    Json (*encode)(const Answer&, const Snapshot&, const std::string&)) {
  const auto begin = Clock::now();
  const Deadline deadline = deadline_of(call);
  CLIPPATH_TRY(const Json body, parse_body(call));
  CLIPPATH_TRY(const Request request, decode(body, upload_decoder(call.context, deadline)));
  CLIPPATH_TRY(const QueryEngine* const engine, call.context.engines->find(request.encoder));
  CLIPPATH_TRY(Answer answer, call.context.searches->run(deadline, [&] {
    return (engine->*answer_to)(request, deadline);
  }));
  answer.took_ms["total"] = ms_since(begin);
  return json_response(encode(answer, engine->snapshot(), call.request_id));
}

}  // namespace

Result<HttpResponse> handle_search(const Call& call) {
  const auto begin = Clock::now();
  const Deadline deadline = deadline_of(call);
  CLIPPATH_TRY(const Json body, parse_body(call));
  CLIPPATH_TRY(const SearchRequest request,
               decode_search_request(body, upload_decoder(call.context, deadline)));
  return answer_search(call, request, deadline, begin);
}

Result<HttpResponse> handle_search_image(const Call& call) {
  const auto begin = Clock::now();
  const Deadline deadline = deadline_of(call);
  CLIPPATH_TRY(ImageSearch search, decode_image_search(call.target));
  const std::string_view body = call.request.body;
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(body.data()), body.size());
  CLIPPATH_TRY(RgbImage image, decode_upload(call.context, deadline, bytes));
  search.picture.image = std::move(image);
  search.request.query.push_back({std::move(search.picture)});
  return answer_search(call, search.request, deadline, begin);
}

Result<HttpResponse> handle_rank(const Call& call) {
  return answer_about_picture<RankRequest>(call, &decode_rank_request, &QueryEngine::rank,
                                           &encode_ranking);
}

Result<HttpResponse> handle_classify(const Call& call) {
  return answer_about_picture<ClassifyRequest>(call, &decode_classify_request,
                                               &QueryEngine::classify, &encode_classes);
}

}  // namespace clippath
