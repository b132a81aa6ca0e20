// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "clippath/classify.h"

namespace clippath {
namespace {

constexpr std::size_t kBatch = 32;

std::string fill_template(const std::string& text, const std::string& synonym) {
  std::string filled;
  std::size_t begin = 0;
  for (std::size_t at = text.find(kClassNamePlaceholder); at != std::string::npos;
       at = text.find(kClassNamePlaceholder, begin)) {
    filled += text.substr(begin, at - begin) + synonym;
    begin = at + kClassNamePlaceholder.size();
  }
  return filled + text.substr(begin);
}

std::vector<std::string> prompts_of(const PromptClass& one,
                                    const std::vector<std::string>& templates) {
  std::vector<std::string> prompts;
  for (const std::string& synonym : one.synonyms) {
    for (const std::string& text : templates) prompts.push_back(fill_template(text, synonym));
  }
  return prompts;
}

Result<void> fill_class_vector(const PromptClass& one, const std::vector<std::string>& templates,
                               const Encoder& encoder, const Deadline& deadline,
                               std::span<float> vector) {
  const std::vector<std::string> prompts = prompts_of(one, templates);
  std::vector<double> sum(vector.size());
  for (std::size_t first = 0; first < prompts.size(); first += kBatch) {
    const auto batch = std::span(prompts).subspan(first, std::min(kBatch, prompts.size() - first));
    CLIPPATH_TRY(const EmbeddingMatrix texts, encoder.encode_texts(batch, {.deadline = deadline}));
    for (std::size_t row = 0; row < texts.rows; ++row) {
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += texts.row(row)[i];
    }
    if (deadline.passed()) {
      return fail(ErrorKind::kDeadlineExceeded,
                  "the time for this query was over while its prompts were encoded; give fewer");
    }
  }
  const auto count = static_cast<double>(prompts.size());
  std::transform(sum.begin(), sum.end(), vector.begin(),
                 [count](double value) { return static_cast<float>(value / count); });
  if (normalize(vector)) return {};
  return fail({ErrorKind::kInvalidArgument,
               "classes: the prompts of '" + one.name + "' cancel each other out", "classes"});
}

}  // namespace

Result<ClassVectors> make_class_vectors(const ClassPrompts& prompts, const Encoder& encoder,
                                        const Deadline& deadline) {
  ClassVectors vectors;
  for (const PromptEnsemble& ensemble : prompts.ensembles) {
    EmbeddingMatrix rows =
        EmbeddingMatrix::zeros(ensemble.classes.size(), encoder.info().dimension);
    for (std::size_t i = 0; i < rows.rows; ++i) {
      CLIPPATH_TRY_VOID(fill_class_vector(ensemble.classes[i], ensemble.templates, encoder,
                                          deadline, rows.row(i)));
    }
    vectors.push_back(std::move(rows));
  }
  return vectors;
}

}  // namespace clippath
