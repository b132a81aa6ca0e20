// SPDX-License-Identifier: Apache-2.0
#include "cli/verify_patches.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "cli/decoders.h"
#include "cli/writing_session.h"
#include "clippath/verify_patch.h"
#include "core/json/json.h"

namespace clippath::cli {
namespace {

struct CheckedPatch {
  std::string id;
  Result<PatchCheck> check;

  [[nodiscard]] bool holds() const { return check && check->holds(); }
};

std::string hex(std::uint64_t number) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx", static_cast<unsigned long long>(number));
  return text.data();
}

const char* verdict(bool same) { return same ? "same" : "DIFFERENT"; }

void print_step(const char* name, const std::string& stored, const std::string& now,
                const char* result) {
  std::printf("  %-16s  %-16s  %-16s  %s\n", name, stored.c_str(), now.c_str(), result);
}

void print_share(const char* name, const ThenAndNow<double>& share) {
  std::array<char, 32> stored{};
  std::array<char, 32> now{};
  std::snprintf(stored.data(), stored.size(), "%.6f", share.stored);
  std::snprintf(now.data(), now.size(), "%.6f", share.now);
  print_step(name, stored.data(), now.data(), verdict(share.stored == share.now));
}

void print_patch(const CheckedPatch& patch) {
  if (!patch.check) {
    std::printf("%s: cannot be made again\n", patch.id.c_str());
    return;
  }
  const PatchCheck& check = *patch.check;
  std::printf("%s: %s\n  from %s, pipeline %s\n", patch.id.c_str(),
              check.holds() ? "holds" : "DOES NOT HOLD", check.source.c_str(),
              check.pipeline_id.c_str());
  print_step("step", "stored", "now", "");
  print_step("picture hash", hex(check.picture_hash.stored), hex(check.picture_hash.now),
             verdict(check.same_picture()));
  print_share("tissue share", check.tissue_fraction);
  print_share("white share", check.white_fraction);
  const auto stain = [](bool kept) { return kept ? "kept" : "by its rule"; };
  print_step("stain", stain(check.keeps_stain.stored), stain(check.keeps_stain.now),
             verdict(check.keeps_stain.stored == check.keeps_stain.now));
  if (const auto& score = check.attention; score.now) {
    print_share("attention score", {*score.stored, *score.now});
  } else if (score.stored) {
    print_step("attention score", "", "", "not repeated: give --attention-model");
  }
  for (const VectorCheck& vector : check.vectors) {
    std::array<char, 32> cosine{};
    std::snprintf(cosine.data(), cosine.size(), "cosine %.7f", static_cast<double>(vector.cosine));
    print_step("vector", vector.encoder.value.substr(0, 16), cosine.data(), verdict(vector.same()));
  }
}

template <class T>
Json to_json(const ThenAndNow<T>& step) {
  return {{"stored", step.stored}, {"now", step.now}};
}

Json to_json(const CheckedPatch& patch) {
  Json json = {{"id", patch.id}, {"holds", patch.holds()}};
  if (!patch.check) {
    json["error"] = patch.check.error().message;
    return json;
  }
  const PatchCheck& check = *patch.check;
  json["source"] = check.source;
  json["pipeline"] = check.pipeline_id;
  json["picture_hash"] = {{"stored", hex(check.picture_hash.stored)},
                          {"now", hex(check.picture_hash.now)}};
  json["tissue_fraction"] = to_json(check.tissue_fraction);
  json["white_fraction"] = to_json(check.white_fraction);
  json["keeps_stain"] = to_json(check.keeps_stain);
  if (const auto& score = check.attention; score.now) {
    json["attention"] = to_json(ThenAndNow<double>{*score.stored, *score.now});
  }
  json["vectors"] = Json::array();
  for (const VectorCheck& vector : check.vectors) {
    json["vectors"].push_back({{"encoder", vector.encoder.value}, {"cosine", vector.cosine}});
  }
  return json;
}

void print(const std::vector<CheckedPatch>& patches, const Context& context) {
  if (context.json) {
    Json list = Json::array();
    for (const CheckedPatch& patch : patches) list.push_back(to_json(patch));
    Json document = Json::object();
    document["patches"] = std::move(list);
    std::printf("%s\n", to_text(document, 2).c_str());
  } else if (!context.quiet) {
    for (const CheckedPatch& patch : patches) print_patch(patch);
  }
  std::fflush(stdout);
  for (const CheckedPatch& patch : patches) {
    if (patch.check) continue;
    std::fprintf(stderr, "clippath: %s\n", patch.check.error().message.c_str());
  }
}

}  // namespace

Result<int> verify_patches(const std::filesystem::path& data, const std::vector<std::string>& ids,
                           const EncoderOptions& options, const AttentionNetwork* network,
                           const Context& context) {
  CLIPPATH_TRY(const auto folder, DataFolder::open(data, Access::kRead, "index --verify-patch"));
  CLIPPATH_TRY(const LoadedEncoders loaded, load_kept_encoders(*folder, options));
  const EncoderList encoders = borrowed(loaded);
  CLIPPATH_TRY(const Decoders decoders, make_decoders(1));
  std::vector<CheckedPatch> patches;
  for (const std::string& id : ids) {
    if (context.stop) return kInterrupted;
    patches.push_back({id, verify_patch(*folder, PatchId(id), encoders, decoders.open_slide,
                                        decoders.decode_picture, network)});
  }
  print(patches, context);
  const auto good = std::ranges::count_if(patches, &CheckedPatch::holds);
  if (good == 0) return kFailed;
  return good == std::ssize(patches) ? kDone : kPartlyDone;
}

}  // namespace clippath::cli
