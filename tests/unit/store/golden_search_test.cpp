// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <string>

#include "clippath/core/files.h"
#include "clippath/vectors.h"
#include "core/json/json.h"
#include "store/records/half.h"

namespace clippath {
namespace {

const std::filesystem::path kFolder =
    std::filesystem::path(CLIPPATH_SOURCE_DIR) / "tests" / "golden" / "search";
constexpr std::int64_t kTop = 20;

template <class T>
std::vector<T> read_numbers(const std::string& name) {
  const auto bytes = read_file(kFolder / name, 1U << 20U);
  EXPECT_TRUE(bytes);
  std::vector<T> numbers(bytes->size() / sizeof(T));
  std::memcpy(numbers.data(), bytes->data(), numbers.size() * sizeof(T));
  return numbers;
}

TEST(GoldenSearch, FindsWhatAnIndependentExactSearchFinds) {
  JsonLimits limits;
  limits.max_elements = 10'000;
  const auto expected = parse_json(*read_text_file(kFolder / "expected.json", 1U << 20U), limits);
  ASSERT_TRUE(expected) << expected.error().message;
  const auto dimension = (*expected)["dimension"].get<std::size_t>();
  EmbeddingMatrix vectors =
      EmbeddingMatrix::zeros((*expected)["rows"].get<std::size_t>(), dimension);
  const auto halves = read_numbers<std::uint16_t>("vectors.f16");
  ASSERT_EQ(halves.size(), vectors.values.size());
  for (std::size_t i = 0; i < halves.size(); ++i) vectors.values[i] = float_from_half(halves[i]);
  const auto query_values = read_numbers<float>("queries.f32");
  const auto index = make_flat_index(vectors);
  ASSERT_TRUE(index);

  for (const auto& [name, filter] : (*expected)["filters"].items()) {
    SCOPED_TRACE(name);
    RowSet allowed(static_cast<std::int64_t>(vectors.rows));
    for (const Json& row : filter["rows"]) allowed.insert(row.get<std::int64_t>());
    std::size_t found = 0;
    std::size_t wanted = 0;
    for (std::size_t q = 0; q < filter["ids"].size(); ++q) {
      const std::span<const float> query(query_values.data() + q * dimension, dimension);
      const auto hits = (*index)->search(query, kTop, &allowed);
      ASSERT_TRUE(hits) << hits.error().message;
      const Json& ids = filter["ids"][q];
      ASSERT_EQ(hits->size(), ids.size()) << "short lists are neither padded nor cut";
      const auto best = ids.get<std::set<std::int64_t>>();
      for (std::size_t i = 0; i < hits->size(); ++i) {
        EXPECT_TRUE(allowed.contains((*hits)[i].row));
        EXPECT_NEAR((*hits)[i].similarity, filter["similarities"][q][i].get<float>(), 2e-3);
        found += best.contains((*hits)[i].row) ? 1U : 0U;
      }
      wanted += best.size();
    }
    EXPECT_GE(static_cast<double>(found), 0.99 * static_cast<double>(wanted));
  }
}

}  // namespace
}  // namespace clippath
