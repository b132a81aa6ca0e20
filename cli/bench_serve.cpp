// SPDX-License-Identifier: Apache-2.0
#include "cli/bench_serve.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "cli/command.h"
#include "cli/decoders.h"
#include "cli/machine.h"
#include "cli/open_engine.h"
#include "cli/paraphrase_quality.h"
#include "cli/timed.h"
#include "clippath/http.h"
#include "clippath/slide.h"
#include "server/http/http_client.h"

namespace clippath::cli {
namespace {

// Two similarities closer than this may stand in either order: the scan adds in another order than
// the index.
constexpr float kTieTolerance = 2e-6F;
constexpr int kWarmUpQueries = 20;

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

/// Distinct texts of the length that people type, from the diagnoses in the folder: "<finding> of
/// <diagnosis>, compare <other diagnosis>" and the like.
std::vector<std::string> make_texts(const Snapshot& snapshot, int count) {
  std::set<std::string> captions;
  for (const SlideRecord& slide : snapshot.slides)
    captions.insert(slide.caption.empty() ? slide.id.value : slide.caption);
  const std::vector<std::string> known(captions.begin(), captions.end());
  const std::vector<std::string> forms = {"",       "biopsy with ", "suspected ", "recurrent ",
                                          "early ", "section of ",  "margin of ", "focal "};
  std::vector<std::string> texts;
  for (std::size_t i = 0; texts.size() < static_cast<std::size_t>(count); ++i) {
    const std::string& subject = known[i % known.size()];
    const std::size_t round = i / known.size();
    std::string text = forms[round % forms.size()] + subject;
    if (round >= forms.size())
      text += ", or " + known[(i * 7 + round) % known.size()] + " " + std::to_string(round);
    texts.push_back(std::move(text));
  }
  return texts;
}

/// The answer as a plain loop over the stored vectors gives it.
std::vector<RowHit> scan(const VectorIndex& index, std::span<const float> query) {
  std::vector<RowHit> hits;
  for (std::int64_t row = 0; row < index.rows(); ++row)
    hits.push_back({row, dot(query, index.vector(row))});
  std::stable_sort(hits.begin(), hits.end(),
                   [](const RowHit& a, const RowHit& b) { return a.similarity > b.similarity; });
  return hits;
}

struct Timed {
  double total_ms = 0;
  double encode_ms = 0;
  std::vector<std::string> ids;
};

Result<Timed> ask(HttpClient& client, const std::string& text, std::int64_t k) {
  const Json body = {{"query", {{"text", text}}}, {"k", k}};
  const auto start = std::chrono::steady_clock::now();
  CLIPPATH_TRY(const auto answer, client.post_json("/v1/search", to_text(body)));
  Timed timed;
  timed.total_ms = milliseconds_since(start);
  if (answer.status != 200)
    return fail(ErrorKind::kInternal, "'" + text + "' was answered with " +
                                          std::to_string(answer.status) + ": " + answer.body);
  CLIPPATH_TRY(const Json json, parse_json(answer.body, {std::size_t{16} << 20U}));
  for (const Json& hit : json["hits"]) timed.ids.push_back(hit["id"].get<std::string>());
  timed.encode_ms = json["took_ms"]["encode"].get<double>();
  return timed;
}

Result<void> check_answer(const Timed& timed, const std::string& text,
                          const std::vector<RowHit>& exact, const Snapshot& snapshot,
                          std::int64_t k) {
  const std::size_t expected = std::min(static_cast<std::size_t>(k), exact.size());
  if (timed.ids.size() != expected)
    return fail(ErrorKind::kInternal,
                "'" + text + "' got " + std::to_string(timed.ids.size()) + " hits");
  std::map<std::string, float> similarity_of;
  for (const RowHit& hit : exact)
    similarity_of[snapshot.patches[static_cast<std::size_t>(hit.row)].id.value] = hit.similarity;
  for (std::size_t i = 0; i < expected; ++i) {
    if (std::abs(similarity_of.at(timed.ids[i]) - exact[i].similarity) > kTieTolerance) {
      return fail(ErrorKind::kInternal,
                  "'" + text + "': hit " + std::to_string(i + 1) + " is " + timed.ids[i] +
                      ", the exact scan has " +
                      snapshot.patches[static_cast<std::size_t>(exact[i].row)].id.value);
    }
  }
  return {};
}

/// Asks all texts from several connections at once; the answers come back in the order of the
/// texts.
Result<std::vector<Timed>> ask_all(int port, const std::vector<std::string>& texts, std::int64_t k,
                                   int clients) {
  std::vector<Result<Timed>> answers(texts.size(), fail(ErrorKind::kInternal, "not asked"));
  std::vector<std::thread> threads;
  for (int c = 0; c < clients; ++c) {
    threads.emplace_back([&, c] {
      HttpClient client(port);
      for (std::size_t i = static_cast<std::size_t>(c); i < texts.size();
           i += static_cast<std::size_t>(clients))
        answers[i] = ask(client, texts[i], k);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<Timed> timed;
  for (auto& answer : answers) {
    CLIPPATH_TRY(Timed one, std::move(answer));
    timed.push_back(std::move(one));
  }
  return timed;
}

}  // namespace

Result<Json> run_bench_serve(const BenchServeOptions& options) {
  CLIPPATH_TRY(
      const OpenEngines opened,
      open_engines(
          {options.data, Access::kWrite, "bench serve", {options.dtype, Towers::kBoth}, 32}));
  const QueryEngine& engine = opened.engines->first();
  const Snapshot& snapshot = engine.snapshot();
  if (snapshot.patch_vectors == nullptr || engine.encoder() == nullptr) {
    return fail(ErrorKind::kFailedPrecondition,
                options.data.string() + ": holds no patches; index some first");
  }
  ServerOptions server_options;
  server_options.listen = "127.0.0.1:0";
  server_options.version = program_version();
  server_options.search_threads = static_cast<std::size_t>(options.threads);
  CLIPPATH_TRY(const Decoders decoders, make_decoders(options.threads));
  CLIPPATH_TRY(const auto server, Server::start(server_options, opened.engines, decoders.open_slide,
                                                decoders.decode_picture));

  const std::vector<std::string> texts = make_texts(snapshot, options.queries + kWarmUpQueries);
  const std::vector<std::string> warm_up(texts.end() - kWarmUpQueries, texts.end());
  const std::vector<std::string> measured(texts.begin(), texts.end() - kWarmUpQueries);
  CLIPPATH_TRY_VOID(ask_all(server->port(), warm_up, options.k, 1));
  const auto start = std::chrono::steady_clock::now();
  CLIPPATH_TRY(const auto answers, ask_all(server->port(), measured, options.k, options.clients));
  const double seconds = milliseconds_since(start) / 1000;

  std::vector<double> total;
  std::vector<double> encode;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    CLIPPATH_TRY(const auto vector, engine.encoder()->encode_texts(std::span(&measured[i], 1)));
    CLIPPATH_TRY_VOID(check_answer(answers[i], measured[i],
                                   scan(*snapshot.patch_vectors, vector.row(0)), snapshot,
                                   options.k));
    total.push_back(answers[i].total_ms);
    encode.push_back(answers[i].encode_ms);
  }
  const double encode_share = std::accumulate(encode.begin(), encode.end(), 0.0) /
                              std::accumulate(total.begin(), total.end(), 0.0);
  Json report = {{"benchmark", "serve"},
                 {"machine", describe_machine(engine.encoder()->info())},
                 {"patches", snapshot.patches.size()},
                 {"queries", measured.size()},
                 {"clients", options.clients},
                 {"k", options.k},
                 {"checked_against_exact_scan", measured.size()},
                 {"p50_ms", percentile(total, 0.5)},
                 {"p99_ms", percentile(total, 0.99)},
                 {"max_ms", percentile(total, 1)},
                 {"queries_per_second", static_cast<double>(measured.size()) / seconds},
                 {"encode_p50_ms", percentile(encode, 0.5)},
                 {"encode_share", encode_share}};
  if (!options.paraphrases.empty()) {
    CLIPPATH_TRY(report["paraphrases"], measure_paraphrases(options.paraphrases, engine));
  }
  server->stop();
  return report;
}

}  // namespace clippath::cli
