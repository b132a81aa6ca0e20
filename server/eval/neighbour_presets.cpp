// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <memory>

#include "clippath/evaluation.h"
#include "server/eval/figure_maker.h"

namespace clippath {
namespace {

constexpr std::size_t kBiasAt = 5;

/// Something known of each patch, as a number; -1 where it is not known.
struct Attribute {
  std::string name;
  std::vector<std::int64_t> values;

  [[nodiscard]] bool known() const {
    return std::any_of(values.begin(), values.end(), [](std::int64_t v) { return v >= 0; });
  }
  [[nodiscard]] bool same(std::size_t a, std::size_t b) const {
    return values[a] >= 0 && values[a] == values[b];
  }
};

template <class TextOf>
Attribute attribute_of(const EvaluationSet& set, const std::string& name, const TextOf& text_of) {
  std::vector<std::string> texts;
  for (const EvaluationPatch& patch : set.patches) texts.push_back(text_of(patch));
  Attribute attribute{name, numbers_of(texts)};
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (texts[i].empty()) attribute.values[i] = -1;
  }
  return attribute;
}

/// The query's candidates: scores, and which patches they are.
struct Candidates {
  std::vector<double> scores;
  std::vector<std::size_t> patches;
};

Candidates candidates_of(const EvaluationSet& set, std::size_t query,
                         std::span<const double> scores, const Attribute& leave_out) {
  Candidates candidates;
  for (std::size_t i = 0; i < set.gallery.size(); ++i) {
    const std::size_t patch = set.gallery[i];
    if (patch == query || leave_out.same(patch, query)) continue;
    candidates.scores.push_back(scores[i]);
    candidates.patches.push_back(patch);
  }
  return candidates;
}

std::vector<bool> sharing(const Attribute& attribute, const Candidates& candidates,
                          std::size_t query) {
  std::vector<bool> positive;
  for (const std::size_t patch : candidates.patches) {
    positive.push_back(attribute.same(patch, query));
  }
  return positive;
}

bool any(const std::vector<bool>& positive) {
  return std::find(positive.begin(), positive.end(), true) != positive.end();
}

/// One attribute that makes an answer right, under one rule of what is left out.
class Protocol {
 public:
  virtual ~Protocol() = default;
  Protocol(const Protocol&) = delete;
  Protocol& operator=(const Protocol&) = delete;

  Result<void> ask(const EvaluationSet& set, std::size_t query, std::span<const double> scores) {
    const Candidates candidates = candidates_of(set, query, scores, leave_out_);
    const std::vector<bool> positive = sharing(right_, candidates, query);
    if (!any(positive)) return {};
    CLIPPATH_TRY(const RankedRow ranked, RankedRow::make(candidates.scores, positive));
    const RankedRow all_equal = all_equal_row(positive);
    for (std::size_t i = 0; i < measures_.size(); ++i) {
      makers_[i].add(query, measure_row(ranked, all_equal, measures_[i]));
    }
    return ask_more(candidates, query);
  }

  void finish(const EvaluationSet& set, const Bootstrap& bootstrap, std::vector<Figure>& figures) {
    for (FigureMaker& maker : makers_) {
      if (!maker.empty()) figures.push_back(maker.finish(set, bootstrap));
    }
  }

 protected:
  Protocol(const Attribute& right, const Attribute& leave_out)
      : right_(right), leave_out_(leave_out) {}

  virtual Result<void> ask_more(const Candidates& /*candidates*/, std::size_t /*query*/) {
    return {};
  }
  void measure(const EvaluationSet& set, const std::string& preset, const std::string& metric,
               std::size_t k, Measure measure) {
    makers_.emplace_back(head(set, preset, metric, k));
    measures_.push_back(std::move(measure));
  }
  [[nodiscard]] Figure head(const EvaluationSet& set, const std::string& preset,
                            const std::string& metric, std::size_t k) const {
    return {preset,          metric,
            right_.name,     k,
            leave_out_.name, "gallery of " + std::to_string(set.gallery.size()) + " patches"};
  }

  const Attribute& right_;
  const Attribute& leave_out_;
  std::vector<FigureMaker> makers_;  ///< as many as measures, then those of ask_more
  std::vector<Measure> measures_;
};

class Neighbours final : public Protocol {
 public:
  Neighbours(const EvaluationSet& set, const Attribute& right, const Attribute& leave_out,
             const EvaluationOptions& options)
      : Protocol(right, leave_out), options_(options) {
    for (const std::size_t k : {1, 3, 5}) {
      measure(set, "patch_to_patch", "hit@" + std::to_string(k), k,
              [k](const RankedRow& row, TieRule ties) { return row.hit_at(k, ties); });
    }
    measure(set, "patch_to_patch", "map", 0,
            [](const RankedRow& row, TieRule ties) { return row.average_precision(ties); });
    for (const std::size_t k : options.votes) {
      makers_.emplace_back(head(set, "patch_to_patch", "mmv@" + std::to_string(k), k));
    }
  }

 private:
  Result<void> ask_more(const Candidates& candidates, std::size_t query) override {
    std::vector<std::int64_t> labels;
    for (const std::size_t patch : candidates.patches) labels.push_back(right_.values[patch]);
    for (std::size_t i = 0; i < options_.votes.size(); ++i) {
      const auto vote = [&](TieRule ties) {
        return majority_vote(candidates.scores, labels, right_.values[query], options_.votes[i],
                             options_.vote_ties, ties);
      };
      CLIPPATH_TRY(const double optimistic, vote(TieRule::kOptimistic));
      CLIPPATH_TRY(const double pessimistic, vote(TieRule::kPessimistic));
      CLIPPATH_TRY(const double expected, vote(TieRule::kExpected));
      makers_[measures_.size() + i].add(query, {optimistic, pessimistic, expected, std::nullopt});
    }
    return {};
  }

  const EvaluationOptions& options_;
};

class Bias final : public Protocol {
 public:
  Bias(const EvaluationSet& set, const Attribute& shared, const Attribute& leave_out)
      : Protocol(shared, leave_out) {
    measure(set, "bias", "same_" + shared.name + "@" + std::to_string(kBiasAt), kBiasAt,
            [](const RankedRow& row, TieRule ties) {
              return row.recall_at(kBiasAt, ties) * static_cast<double>(row.positives()) /
                     static_cast<double>(kBiasAt);
            });
  }
};

std::vector<double> gallery_scores(const EvaluationSet& set, const EmbeddingMatrix& vectors,
                                   std::size_t query) {
  std::vector<double> scores;
  const auto asked = vectors.row(query);
  for (const std::size_t patch : set.gallery) {
    const auto found = vectors.row(patch);
    double sum = 0;
    for (std::size_t i = 0; i < asked.size(); ++i) {
      sum += static_cast<double>(asked[i]) * static_cast<double>(found[i]);
    }
    scores.push_back(sum);
  }
  return scores;
}

}  // namespace

Result<std::vector<Figure>> evaluate_neighbours(const EvaluationSet& set,
                                                const EmbeddingMatrix& vectors,
                                                const EvaluationOptions& options) {
  const Attribute tile = attribute_of(set, "tile", [](const auto& patch) { return patch.id; });
  const Attribute slide = attribute_of(set, "slide", [](const auto& patch) { return patch.slide; });
  const Attribute patient =
      attribute_of(set, "case", [](const auto& patch) { return patch.case_id; });
  const Attribute site = attribute_of(set, "site", [](const auto& patch) { return patch.site; });
  const Attribute caption = attribute_of(set, "caption", [&](const auto& patch) {
    return set.captions.empty() ? std::string() : set.captions[patch.caption];
  });
  const Attribute class_name =
      attribute_of(set, "class", [](const auto& patch) { return patch.class_name; });

  std::vector<std::unique_ptr<Protocol>> protocols;
  for (const Attribute* right : {&caption, &class_name}) {
    for (const Attribute* leave_out : {&tile, &slide, &patient, &site}) {
      if (!right->known() || !leave_out->known()) continue;
      protocols.push_back(std::make_unique<Neighbours>(set, *right, *leave_out, options));
    }
  }
  const std::array<std::pair<const Attribute*, const Attribute*>, 3> shared = {
      {{&slide, &tile}, {&patient, &slide}, {&site, &patient}}};
  for (const auto& [attribute, leave_out] : shared) {
    if (attribute->known())
      protocols.push_back(std::make_unique<Bias>(set, *attribute, *leave_out));
  }

  for (const std::size_t query : set.queries) {
    const auto scores = gallery_scores(set, vectors, query);
    for (const auto& protocol : protocols) {
      auto asked = protocol->ask(set, query, scores);
      if (!asked) return fail(asked.error().within("patch " + set.patches[query].id));
    }
  }
  std::vector<Figure> figures;
  for (const auto& protocol : protocols) protocol->finish(set, options.bootstrap, figures);
  return figures;
}

}  // namespace clippath
