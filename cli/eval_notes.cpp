// SPDX-License-Identifier: Apache-2.0
#include "cli/eval_notes.h"

#include <algorithm>
#include <optional>

namespace clippath::cli {
namespace {

using Notes = std::vector<std::string>;

std::string note_on_training(const EvalMaterial& material) {
  const auto& trained = material.encoder->info().card.training_slides;
  if (trained.empty()) return "the model does not say which slides it was trained on";
  const EvaluationSet& set = material.set;
  const auto seen = std::ranges::count_if(set.queries, [&](std::size_t query) {
    return std::ranges::find(trained, set.patches[query].slide) != trained.end();
  });
  return std::to_string(seen) + " of " + std::to_string(set.queries.size()) +
         " patches asked about come from slides that the model was trained on: where a figure is "
         "high, it may know the slide, not the diagnosis";
}

/// What the colours learnt some labels from.
void note_colours_of(const EvaluationSet& set, const std::string& labels, std::size_t count,
                     const ScoreMatrix& scores, Notes& notes) {
  if (count == 0) return;
  if (scores.rows == 0) {
    notes.push_back("colours alone: not measured for " + labels +
                    ", there are too few patches or cases, or too many " + labels +
                    ", to learn from; --train-split names some");
    return;
  }
  if (!set.training.empty()) return;
  if (const auto drawn = drawn_in_turns(set, count)) {
    notes.push_back("colours alone: " + labels + " are learnt from at most " +
                    std::to_string(*drawn) + " patches each time, drawn by chance (seed 0)");
  }
}

void note_colours(const EvalMaterial& material, const std::vector<std::string>& classes,
                  const EvalScores& of_colours, Notes& notes) {
  if (material.colours.rows == 0) {
    notes.emplace_back("colours alone: not measured, as asked");
    return;
  }
  const EvaluationSet& set = material.set;
  if (set.training.empty() && of_colours.captions.rows + of_colours.classes.rows > 0) {
    notes.emplace_back(
        "colours alone: learnt from four fifths of the patches asked about, five times; captions "
        "from other patches of the same slide too, as most cases have one of their own; classes "
        "from other cases only, so that where few cases share a class they can fall below chance; "
        "--train-split sets patches apart");
  }
  note_colours_of(set, "captions", set.captions.size(), of_colours.captions, notes);
  note_colours_of(set, "classes", classes.size(), of_colours.classes, notes);
}

void note_captions(const EvalMaterial& material, Notes& notes) {
  if (material.set.captions.empty()) {
    notes.emplace_back(
        "clippath50, clip_benchmark and patch_to_patch by caption: not measured, no patch has a "
        "caption; add a column caption to the table of pairs, or to the manifest or the tables of "
        "patches and slides, and index them again");
  }
  if (material.without_caption > 0) {
    notes.push_back(std::to_string(material.without_caption) +
                    " patches without a caption are left out; a column caption in the manifest "
                    "gives them one");
  }
}

void note_classes(const EvaluationSet& set, const std::vector<std::string>& classes, Notes& notes) {
  if (classes.empty()) notes.emplace_back("zero_shot: not measured, no patch has a class");
  const auto without = std::ranges::count_if(set.queries, [&](std::size_t query) {
    const std::string& name = set.patches[query].class_name;
    return !name.empty() && std::ranges::find(classes, name) == classes.end();
  });
  if (without == 0) return;
  notes.push_back("zero_shot: " + std::to_string(without) +
                  " patches asked about are of a class that has no prompts, and are left out");
}

}  // namespace

Notes eval_notes(const EvalMaterial& material, const std::vector<std::string>& classes,
                 const EvalScores& of_colours) {
  Notes notes = {note_on_training(material)};
  note_colours(material, classes, of_colours, notes);
  note_captions(material, notes);
  note_classes(material.set, classes, notes);
  const bool sites = std::ranges::any_of(material.set.patches,
                                         [](const auto& patch) { return !patch.site.empty(); });
  if (!sites) notes.emplace_back("same site: not measured, no patch has a site");
  return notes;
}

}  // namespace clippath::cli
