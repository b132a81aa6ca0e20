// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/pictures.h"
#include "server/http/handlers/handlers.h"
#include "server/http/record_codec.h"
#include "server/http/server_context.h"

namespace clippath {

Result<HttpResponse> handle_patch(const Call& call) {
  const QueryEngine& engine = call.context.engines->first();
  const Snapshot& snapshot = engine.snapshot();
  const auto found = snapshot.patch_row.find(call.ids.front());
  if (found == snapshot.patch_row.end()) {
    return fail({ErrorKind::kNotFound, "no patch '" + call.ids.front() + "'", "id"});
  }
  const auto row = static_cast<std::size_t>(found->second);
  return json_response(
      patch_json(engine, snapshot.patches[row], snapshot.slides[snapshot.patch_slide[row]]));
}

Result<HttpResponse> handle_patch_image(const Call& call) {
  const auto read = [&]() -> Result<HttpResponse> {
    CLIPPATH_TRY(const RgbImage picture,
                 call.context.patch_pictures->read(call.context.engines->first(),
                                                   PatchId(call.ids.front())));
    return picture_response(encode_png(picture), "image/png");
  };
  return call.context.pictures->run(deadline_of(call), read);
}

}  // namespace clippath
