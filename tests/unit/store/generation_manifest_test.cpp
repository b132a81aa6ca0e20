// SPDX-License-Identifier: Apache-2.0
#include "store/generation/generation_manifest.h"

#include <gtest/gtest.h>

#include "core/json/json.h"
#include "tests/unit/store/test_rows.h"

namespace clippath {
namespace {

GenerationManifest example() {
  GenerationManifest manifest;
  manifest.collection = Collection::kReports;
  manifest.generation = 42;
  manifest.encoder = test::kTestEncoder;
  manifest.dimension = 256;
  manifest.rows = 1234;
  manifest.sequence = 99;
  manifest.ids_hash = 0x00ff00ff12345678;
  manifest.vectors = {"vectors.faiss", "SQfp16", 631'000, std::string(64, 'b')};
  return manifest;
}

TEST(GenerationManifest, GivesBackEveryField) {
  const GenerationManifest manifest = example();
  const auto decoded = decode_manifest(encode_manifest(manifest));
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(decoded->collection, manifest.collection);
  EXPECT_EQ(decoded->generation, manifest.generation);
  EXPECT_EQ(decoded->encoder, manifest.encoder);
  EXPECT_EQ(decoded->dimension, manifest.dimension);
  EXPECT_EQ(decoded->rows, manifest.rows);
  EXPECT_EQ(decoded->sequence, manifest.sequence);
  EXPECT_EQ(decoded->ids_hash, manifest.ids_hash);
  EXPECT_EQ(decoded->vectors.size_bytes, manifest.vectors.size_bytes);
  EXPECT_EQ(decoded->vectors.sha256, manifest.vectors.sha256);
}

TEST(GenerationManifest, RefusesWhatThisProgramWouldNotHaveWritten) {
  const Json good = *parse_json(encode_manifest(example()));
  const auto with = [&](const char* key, const Json& value) {
    Json json = good;
    json[key] = value;
    return to_text(json);
  };
  Json path = good["files"];
  path[0]["name"] = "../../records/CURRENT";
  Json type = good["files"];
  type[0]["type"] = "IVF1024,SQfp16";
  Json two = good["files"];
  two.push_back(two[0]);
  for (const std::string& text : {std::string(),
                                  std::string("{}"),
                                  with("format", 2),
                                  with("collection", "slides"),
                                  with("generation", 0),
                                  with("generation", -1),
                                  with("dim", 0),
                                  with("dim", 1e9),
                                  with("metric", "l2"),
                                  with("rows", 0),
                                  with("rows", -5),
                                  with("rows", 1e300),
                                  with("ids_hash", "xyz"),
                                  with("ids_hash", "12345"),
                                  with("unknown", 1),
                                  with("files", path),
                                  with("files", type),
                                  with("files", two),
                                  with("files", Json::array()),
                                  with("files", Json::object()),
                                  with("seq_last", -1),
                                  with("encoder_id", 7)}) {
    const auto decoded = decode_manifest(text);
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error().kind, ErrorKind::kCorruption);
  }
}

TEST(IdsHash, ChangesWithOrderAndWithTheBorderBetweenIds) {
  const auto hash = [](const std::vector<std::string>& ids) {
    IdsHash hash_of_ids;
    for (const std::string& id : ids) hash_of_ids.add(id);
    return hash_of_ids.value();
  };
  EXPECT_EQ(hash({"a", "b"}), hash({"a", "b"}));
  EXPECT_NE(hash({"a", "b"}), hash({"b", "a"}));
  EXPECT_NE(hash({"ab", "c"}), hash({"a", "bc"}));
  EXPECT_NE(hash({"a"}), hash({"a", ""}));
}

}  // namespace
}  // namespace clippath
