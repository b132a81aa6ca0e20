// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <set>

#include "clippath/evaluation.h"

namespace clippath {
namespace {

std::string names_of(const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "'" : ", '") + name + "'";
  return text;
}

Result<void> require_split(const std::vector<LabelledPatch>& patches, const std::string& split) {
  std::set<std::string> splits;
  for (const LabelledPatch& one : patches) splits.insert(one.split);
  splits.erase("");
  if (split.empty() || splits.contains(split)) return {};
  return fail(ErrorKind::kInvalidArgument,
              "split '" + split + "': no patch has it; " +
                  (splits.empty() ? "no patch has any" : "there are " + names_of(splits)));
}

}  // namespace

Result<EvaluationSet> make_evaluation_set(const std::vector<LabelledPatch>& patches,
                                          const EvaluationSplits& splits) {
  CLIPPATH_TRY_VOID(require_split(patches, splits.asked));
  CLIPPATH_TRY_VOID(require_split(patches, splits.found));
  EvaluationSet set;
  std::map<std::string, std::size_t> captions;
  std::set<std::string> ids;
  for (const LabelledPatch& one : patches) {
    if (!ids.insert(one.patch.id).second) {
      return fail(ErrorKind::kInvalidArgument, "patch '" + one.patch.id + "' is there twice");
    }
    if (one.caption.empty() != patches.front().caption.empty()) {
      return fail(ErrorKind::kInvalidArgument,
                  "patch '" + one.patch.id + "': " + (one.caption.empty() ? "has no" : "has a") +
                      " caption, unlike the first");
    }
    const auto [caption, added] = captions.emplace(one.caption, captions.size());
    if (added && !one.caption.empty()) set.captions.push_back(one.caption);
    const std::size_t row = set.patches.size();
    set.patches.push_back(one.patch);
    set.patches.back().caption = caption->second;
    const bool asked = splits.asked.empty() || one.split == splits.asked;
    if (asked) set.queries.push_back(row);
    if (splits.found.empty() || one.split == splits.found) set.gallery.push_back(row);
    if (!asked && one.split == splits.training) set.training.push_back(row);
  }
  return set;
}

}  // namespace clippath
