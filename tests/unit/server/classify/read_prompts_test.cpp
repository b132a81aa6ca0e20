// SPDX-License-Identifier: Apache-2.0
#include "server/classify/read_prompts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace clippath {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> names_of(const PromptEnsemble& ensemble) {
  std::vector<std::string> names;
  for (const PromptClass& one : ensemble.classes) names.push_back(one.name);
  return names;
}

TEST(ClassPrompts, ReadsOurFormat) {
  const auto prompts = parse_class_prompts(R"({
    "format": 1, "templates": ["CLASSNAME", "an image of CLASSNAME."],
    "classes": [{"name": "ILC", "synonyms": ["lobular carcinoma", "lobular cancer"]},
                {"name": "kidney"}]})");
  ASSERT_TRUE(prompts) << prompts.error().message;
  ASSERT_EQ(prompts->ensembles.size(), 1U);
  EXPECT_THAT(prompts->ensembles[0].templates, ElementsAre("CLASSNAME", "an image of CLASSNAME."));
  EXPECT_THAT(names_of(prompts->ensembles[0]), ElementsAre("ILC", "kidney"));
  EXPECT_THAT(prompts->classes()[0].synonyms, ElementsAre("lobular carcinoma", "lobular cancer"));
}

TEST(ClassPrompts, PromptsANameOnlyWhereThereAreNoSynonyms) {
  const auto prompts = parse_class_prompts(
      R"({"format": 1, "classes": [{"name": "A", "synonyms": ["x"]}, {"name": "b"}]})");
  ASSERT_TRUE(prompts) << prompts.error().message;
  EXPECT_THAT(prompts->ensembles[0].templates, ElementsAre("CLASSNAME"));
  EXPECT_THAT(prompts->classes()[0].synonyms, ElementsAre("x"));
  EXPECT_THAT(prompts->classes()[1].synonyms, ElementsAre("b"));
}

TEST(ClassPrompts, ReadsOneEnsembleForEachKeyOfMiZero) {
  const auto prompts = parse_class_prompts(R"({
    "0": {"classnames": {"IDC": "ductal", "ILC": "lobular"}, "templates": ["CLASSNAME."]},
    "1": {"classnames": {"ILC": "lobular tumour", "IDC": "ductal tumour"},
          "templates": ["see CLASSNAME", "CLASSNAME here"]}})");
  ASSERT_TRUE(prompts) << prompts.error().message;
  ASSERT_EQ(prompts->ensembles.size(), 2U);
  EXPECT_THAT(names_of(prompts->ensembles[0]), ElementsAre("IDC", "ILC"));
  EXPECT_THAT(names_of(prompts->ensembles[1]), ElementsAre("IDC", "ILC"));
  EXPECT_THAT(prompts->ensembles[1].classes[0].synonyms, ElementsAre("ductal tumour"));
  EXPECT_EQ(prompts->ensembles[1].templates.size(), 2U);
}

TEST(ClassPrompts, ReadsListsOfNamesOfConch) {
  const auto prompts = parse_class_prompts(R"({
    "0": {"classnames": {"IDC": ["ductal", "ductal tumour"], "ILC": ["lobular"]},
          "templates": ["CLASSNAME."]}})");
  ASSERT_TRUE(prompts) << prompts.error().message;
  EXPECT_THAT(prompts->classes()[0].synonyms, ElementsAre("ductal", "ductal tumour"));
  EXPECT_THAT(prompts->classes()[1].synonyms, ElementsAre("lobular"));
}

std::string list_of(std::size_t count, const std::string& item) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + item;
  return "[" + list + "]";
}

std::string classes_of(std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) {
    list += (i == 0 ? R"({"name": ")" : R"(,{"name": ")") + std::to_string(i) + "\"}";
  }
  return "[" + list + "]";
}

std::string own(const std::string& classes, const std::string& rest = "") {
  return R"({"format": 1, "classes": )" + classes + rest + "}";
}

std::string keyed(const std::string& classnames) {
  return R"({"0": {"classnames": )" + classnames + R"(, "templates": ["CLASSNAME"]}})";
}

const std::string kTwo = R"([{"name": "a"}, {"name": "b"}])";

TEST(ClassPrompts, NamesTheFieldThatIsWrong) {
  const std::string long_text(kMaxPromptBytes + 1, 'a');
  const std::pair<std::string, std::string> cases[] = {
      {"classes", R"({"format": 1})"},
      {"classes", own("{}")},
      {"classes", own("[]")},
      {"classes", own(R"([{"name": "a"}])")},
      {"classes", own(R"([{"name": "a"}, {"name": "a"}])")},
      {"classes", own(classes_of(kMaxPromptClasses + 1))},
      {"classes[1]", own(R"([{"name": "a"}, 1])")},
      {"classes[1].name", own(R"([{"name": "a"}, {}])")},
      {"classes[1].name", own(R"([{"name": "a"}, {"name": " "}])")},
      {"classes[1].name", own(R"([{"name": "a"}, {"name": "\u001b[2J"}])")},
      {"classes[1].name", own(R"([{"name": "a"}, {"name": ")" + long_text + "\"}]")},
      {"classes[0].synonyms", own(R"([{"name": "a", "synonyms": []}, {"name": "b"}])")},
      {"classes[0].synonyms", own(R"([{"name": "a", "synonyms": "b"}, {"name": "b"}])")},
      {"classes[0].synonyms", own(R"([{"name": "a", "synonyms": [1]}, {"name": "b"}])")},
      {"classes[0].synonyms[1]", own(R"([{"name": "a", "synonyms": ["x", ""]}, {"name": "b"}])")},
      {"classes[0].synonyms",
       own(R"([{"name": "a", "synonyms": )" + list_of(kMaxPromptSynonyms + 1, R"("x")") +
           R"(}, {"name": "b"}])")},
      {"classes[0].weight", own(R"([{"name": "a", "weight": 2}, {"name": "b"}])")},
      {"templates", own(kTwo, R"(, "templates": [])")},
      {"templates", own(kTwo, R"(, "templates": "CLASSNAME")")},
      {"templates", own(kTwo, R"(, "templates": null)")},
      {"templates[1]", own(kTwo, R"(, "templates": ["CLASSNAME", "an image"])")},
      {"templates",
       own(kTwo, R"(, "templates": )" + list_of(kMaxPromptTemplates + 1, R"("CLASSNAME")"))},
      {"format", R"({"format": 2, "classes": )" + kTwo + "}"},
      {"format", R"({"classes": )" + kTwo + "}"},
      {"notes", own(kTwo, R"(, "notes": "x")")},
      {"", "{}"},
      {"", "[]"},
      {"0", R"({"0": 1})"},
      {"0.classnames", R"({"0": {"templates": ["CLASSNAME"]}})"},
      {"0.templates", R"({"0": {"classnames": {"a": "x", "b": "y"}}})"},
      {"0.more",
       R"({"0": {"classnames": {"a": "x", "b": "y"}, "templates": ["CLASSNAME"], "more": 1}})"},
      {"0.classnames", keyed(R"(["a", "b"])")},
      {"0.classnames", keyed(R"({"a": "x"})")},
      {"0.classnames.a", keyed(R"({"a": 1, "b": "y"})")},
      {"0.classnames.a", keyed(R"({"a": [], "b": "y"})")},
      {"0.classnames.a[1]", keyed(R"({"a": ["x", ""], "b": "y"})")},
      {"1.classnames", R"({"0": {"classnames": {"a": "x", "b": "y"}, "templates": ["CLASSNAME"]},
                           "1": {"classnames": {"a": "x", "c": "y"}, "templates": ["CLASSNAME"]}})"},
  };
  for (const auto& [field, text] : cases) {
    const auto prompts = parse_class_prompts(text);
    ASSERT_FALSE(prompts) << text.substr(0, 300);
    EXPECT_EQ(prompts.error().field, field) << prompts.error().message;
    EXPECT_EQ(prompts.error().kind, ErrorKind::kInvalidArgument);
  }
}

TEST(ClassPrompts, TakesAsManyAsTheLimitsSay) {
  EXPECT_TRUE(parse_class_prompts(own(classes_of(kMaxPromptClasses))));
  EXPECT_TRUE(parse_class_prompts(
      own(kTwo, R"(, "templates": )" + list_of(kMaxPromptTemplates, R"("CLASSNAME")"))));
}

TEST(ClassPrompts, RefusesMorePromptsThanItsCallerAllows) {
  const Json document = parse_json(R"({"classes": )" + kTwo + R"(, "templates": )" +
                                   list_of(4, R"("CLASSNAME")") + "}")
                            .value();
  ObjectReader enough(document, "");
  read_classes(enough, 8);
  EXPECT_TRUE(enough.finish());
  ObjectReader too_few(document, "");
  read_classes(too_few, 7);
  const auto refused = too_few.finish();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().limit, "7 prompts");
  EXPECT_THAT(refused.error().message, HasSubstr("8 prompts"));
}

TEST(ClassPrompts, TemplatesNeedThePlaceholder) {
  EXPECT_TRUE(check_templates({"CLASSNAME", "see CLASSNAME and CLASSNAME"}, "--template"));
  const auto refused = check_templates({"CLASSNAME", "an image"}, "--template");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("--template[1]: must hold CLASSNAME"));
}

TEST(ClassPrompts, RefusesAFileThatIsTooLarge) {
  const auto prompts = parse_class_prompts(std::string(kMaxPromptFileBytes + 1, ' '));
  ASSERT_FALSE(prompts);
  EXPECT_EQ(prompts.error().kind, ErrorKind::kTooLarge);
}

}  // namespace
}  // namespace clippath
