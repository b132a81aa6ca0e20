// SPDX-License-Identifier: Apache-2.0
#include "encoder/weights/open_clip_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "encoder/weights/architecture.h"
#include "tests/support/golden_files.h"

namespace clippath {
namespace {

using testing::HasSubstr;

const std::filesystem::path kModels = test::golden_dir() / "models";
const std::filesystem::path kClip = kModels / "openclip-tiny";       // its own towers
const std::filesystem::path kForeign = kModels / "biomedclip-tiny";  // of timm and Hugging Face

Json config_of(const std::filesystem::path& model) {
  return test::read_json(model / "open_clip_config.json");
}

/// Their shapes alone may be looked at.
TensorTable tensors_of(const std::filesystem::path& model) {
  return test::open_golden(model / "open_clip_model.safetensors").tensors();
}

/// What is wrong with these tensors under this configuration; empty if nothing is.
std::string fault_of(const Json& json, const TensorTable& tensors) {
  const auto config = parse_open_clip_config(json, tensors);
  if (!config) return config.error().message;
  const auto checked = check_tensors(tensors, expected_tensors(*config));
  return checked ? std::string() : checked.error().message;
}

bool is_of_vision(const std::string& name) { return name.starts_with("visual."); }

/// As open_clip's CustomTextCLIP names them.
TensorTable with_custom_text(const TensorTable& tensors) {
  TensorTable renamed;
  for (const auto& [name, stored] : tensors) {
    const bool of_text = !is_of_vision(name) && name != kLogitScaleName;
    renamed.emplace(of_text ? "text." + name : name, stored);
  }
  return renamed;
}

TEST(OpenClipConfig, AveragesTheTokensOfATimmTowerUnlessItSaysOtherwise) {
  Json json = config_of(kForeign);
  const TensorTable tensors = tensors_of(kForeign);
  EXPECT_EQ(fault_of(json, tensors), "");
  json["model_cfg"]["vision_cfg"]["timm_pool"] = "token";
  EXPECT_EQ(fault_of(json, tensors), "");
  json["model_cfg"]["vision_cfg"].erase("timm_pool");
  const auto config = parse_open_clip_config(json, tensors);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().kind, ErrorKind::kUnsupported);
  EXPECT_THAT(config.error().message, HasSubstr("model_cfg.vision_cfg.timm_pool: is avg"));
}

TEST(OpenClipConfig, ProjectsABertByTwoProductsUnlessItSaysOtherwise) {
  Json json = config_of(kForeign);
  const TensorTable tensors = tensors_of(kForeign);
  json["model_cfg"]["text_cfg"].erase("hf_proj_type");
  EXPECT_EQ(fault_of(json, tensors), "");
  json["model_cfg"]["text_cfg"]["hf_proj_type"] = "linear";
  EXPECT_THAT(fault_of(json, tensors), HasSubstr("text.proj.weight is missing"));
}

TEST(OpenClipConfig, FindsItsTextTowerWhereTheTensorsAre) {
  Json json = config_of(kClip);
  const TensorTable tensors = tensors_of(kClip);
  EXPECT_EQ(fault_of(json, tensors), "");
  json["model_cfg"]["custom_text"] = true;
  EXPECT_EQ(fault_of(json, with_custom_text(tensors)), "");
  EXPECT_EQ(parse_open_clip_config(json, with_custom_text(tensors))->text->prefix, "text.");
}

TEST(OpenClipConfig, TakesATimmTowerBesideItsTextTowerUnderEitherName) {
  Json json = config_of(kClip);
  json["model_cfg"]["vision_cfg"] = config_of(kForeign)["model_cfg"]["vision_cfg"];
  TensorTable tensors;
  for (const auto& [name, stored] : tensors_of(kForeign)) {
    if (is_of_vision(name)) tensors.emplace(name, stored);
  }
  for (const auto& [name, stored] : tensors_of(kClip)) {
    if (!is_of_vision(name)) tensors.emplace(name, stored);
  }
  tensors["visual.head.proj.weight"].shape = {48, 48};
  EXPECT_EQ(fault_of(json, tensors), "");
  EXPECT_EQ(fault_of(json, with_custom_text(tensors)), "");
}

}  // namespace
}  // namespace clippath
