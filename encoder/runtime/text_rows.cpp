// SPDX-License-Identifier: Apache-2.0
#include "encoder/runtime/text_rows.h"

#include <algorithm>

#include "clippath/text_windows.h"
#include "encoder/runtime/call_time.h"

namespace clippath {
namespace {

constexpr std::size_t kWindowsAtOnce = 32;

/// The text that a window belongs to, and its part in that text's row.
struct Share {
  std::size_t text = 0;
  double weight = 1;
};

EmbeddingMatrix weighted_means(const EmbeddingMatrix& rows, const std::vector<Share>& shares,
                               std::size_t texts) {
  std::vector<double> sums(texts * rows.dimension);
  std::vector<double> weights(texts);
  for (std::size_t i = 0; i < rows.rows; ++i) {
    const auto row = rows.row(i);
    double* const sum = sums.data() + shares[i].text * rows.dimension;
    for (std::size_t d = 0; d < row.size(); ++d) {
      sum[d] += shares[i].weight * static_cast<double>(row[d]);
    }
    weights[shares[i].text] += shares[i].weight;
  }
  EmbeddingMatrix means = EmbeddingMatrix::zeros(texts, rows.dimension);
  for (std::size_t i = 0; i < means.values.size(); ++i) {
    means.values[i] = static_cast<float>(sums[i] / std::max(1.0, weights[i / rows.dimension]));
  }
  return means;
}

/// Fills the rows of a batch.
Result<void> encode(std::span<const std::size_t> batch,
                    const std::vector<std::vector<std::int64_t>>& ids, const TextTower& tower,
                    EmbeddingMatrix& rows) {
  std::vector<std::vector<std::int64_t>> of_batch;
  for (const std::size_t i : batch) of_batch.push_back(ids[i]);
  CLIPPATH_TRY(const EmbeddingMatrix encoded, tower(of_batch));
  for (std::size_t i = 0; i < batch.size(); ++i) {
    std::copy(encoded.row(i).begin(), encoded.row(i).end(), rows.row(batch[i]).begin());
  }
  return {};
}

}  // namespace

/// Of all texts, one behind the other.
struct TextRows::Windows {
  std::vector<std::vector<std::int64_t>> ids;
  std::vector<Share> shares;
};

TextRows::TextRows(std::unique_ptr<const Tokenizer> tokenizer, std::size_t max_tokens,
                   std::size_t dimension, LongText long_texts, std::size_t cached_windows)
    : tokenizer_(std::move(tokenizer)),
      max_tokens_(max_tokens),
      dimension_(dimension),
      in_windows_(long_texts == LongText::kWindows && max_tokens >= kLeastWindowTokens),
      cache_(cached_windows) {}

Result<EmbeddingMatrix> TextRows::project(std::span<const std::string> texts,
                                          const EncodeCall& call, const TextTower& tower) const {
  const Windows windows = windows_of(texts);
  EmbeddingMatrix rows = EmbeddingMatrix::zeros(windows.ids.size(), dimension_);
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < rows.rows; ++i) {
    if (!call.from_cache || !cache_.find(windows.ids[i], rows.row(i))) missing.push_back(i);
  }
  for (std::size_t first = 0; first < missing.size(); first += kWindowsAtOnce) {
    const auto batch =
        std::span(missing).subspan(first, std::min(kWindowsAtOnce, missing.size() - first));
    CLIPPATH_TRY_VOID(check_time(call));
    CLIPPATH_TRY_VOID(encode(batch, windows.ids, tower, rows));
    if (!call.from_cache) continue;
    for (const std::size_t i : batch) cache_.keep(windows.ids[i], rows.row(i));
  }
  return weighted_means(rows, windows.shares, texts.size());
}

TextRows::Windows TextRows::windows_of(std::span<const std::string> texts) const {
  Windows windows;
  for (std::size_t i = 0; i < texts.size(); ++i) add_windows(i, texts[i], windows);
  return windows;
}

void TextRows::add_windows(std::size_t text_number, const std::string& text,
                           Windows& windows) const {
  // With room for one token more it shows whether the text is longer.
  std::vector<std::int64_t> ids =
      tokenizer_->encode(text, in_windows_ ? max_tokens_ + 1 : max_tokens_);
  if (ids.size() <= max_tokens_) {
    windows.ids.push_back(std::move(ids));
    windows.shares.push_back({text_number});
    return;
  }
  for (TextWindow& window : split_windows(text, *tokenizer_, max_tokens_)) {
    windows.ids.push_back(std::move(window.ids));
    windows.shares.push_back({text_number, static_cast<double>(window.weight)});
  }
}

}  // namespace clippath
