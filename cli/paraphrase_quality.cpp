// SPDX-License-Identifier: Apache-2.0
#include "cli/paraphrase_quality.h"

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "clippath/core/files.h"

namespace clippath::cli {
namespace {

constexpr std::uintmax_t kMaxParaphrasesBytes = 16U << 20U;

struct Paraphrase {
  std::string query;
  std::set<std::string> captions;
  std::string kind;
};

Result<std::vector<Paraphrase>> read_paraphrases(const std::filesystem::path& path) {
  CLIPPATH_TRY(const std::string text, read_text_file(path, kMaxParaphrasesBytes));
  CLIPPATH_TRY(const Json list, parse_json(text, {kMaxParaphrasesBytes}));
  std::vector<Paraphrase> paraphrases;
  for (const Json& item : list) {
    ObjectReader reader(item, "paraphrases");
    Paraphrase paraphrase{reader.text("query"), {}, reader.text("kind")};
    const auto captions = reader.optional_texts("captions", 100);
    paraphrase.captions.insert(captions.begin(), captions.end());
    CLIPPATH_TRY_VOID(reader.finish());
    paraphrases.push_back(std::move(paraphrase));
  }
  return paraphrases;
}

/// Rank (from 1) of the first right caption among all captions of the folder, by the text tower
/// alone.
std::size_t rank_of_right_caption(const Embedding& query, const EmbeddingMatrix& caption_vectors,
                                  const std::vector<std::string>& captions,
                                  const std::set<std::string>& right) {
  float best = -2;
  for (std::size_t i = 0; i < captions.size(); ++i) {
    if (right.contains(captions[i])) best = std::max(best, dot(query, caption_vectors.row(i)));
  }
  std::size_t rank = 1;
  for (std::size_t i = 0; i < captions.size(); ++i) {
    if (!right.contains(captions[i]) && dot(query, caption_vectors.row(i)) >= best) ++rank;
  }
  return rank;
}

}  // namespace

Result<Json> measure_paraphrases(const std::filesystem::path& path, const QueryEngine& engine) {
  CLIPPATH_TRY(const auto paraphrases, read_paraphrases(path));
  std::set<std::string> distinct;
  for (const SlideRecord& slide : engine.snapshot().slides) distinct.insert(slide.caption);
  const std::vector<std::string> captions(distinct.begin(), distinct.end());
  CLIPPATH_TRY(const auto caption_vectors, engine.encoder()->encode_texts(captions));
  struct Sum {
    double r1 = 0, r5 = 0, p10 = 0, n = 0;
  };
  std::map<std::string, Sum> sums;
  for (const Paraphrase& paraphrase : paraphrases) {
    CLIPPATH_TRY(const auto vectors,
                 engine.encoder()->encode_texts(std::span(&paraphrase.query, 1)));
    const std::size_t rank =
        rank_of_right_caption(vectors.values, caption_vectors, captions, paraphrase.captions);
    SearchRequest request;
    request.query = {{TextQuery{paraphrase.query}, 1}};
    CLIPPATH_TRY(const SearchAnswer answer, engine.search(request, Deadline::never()));
    const auto right = std::count_if(answer.hits.begin(), answer.hits.end(), [&](const Hit& hit) {
      return paraphrase.captions.contains(hit.caption);
    });
    for (const std::string& name : {std::string("all"), paraphrase.kind}) {
      Sum& sum = sums[name];
      sum.r1 += rank <= 1 ? 1 : 0;
      sum.r5 += rank <= 5 ? 1 : 0;
      sum.p10 += static_cast<double>(right) / 10;
      sum.n += 1;
    }
  }
  Json report = Json::object();
  for (const auto& [name, sum] : sums) {
    report[name] = {{"n", sum.n},
                    {"caption_r1", sum.r1 / sum.n},
                    {"caption_r5", sum.r5 / sum.n},
                    {"patch_p10", sum.p10 / sum.n}};
  }
  return report;
}

}  // namespace clippath::cli
