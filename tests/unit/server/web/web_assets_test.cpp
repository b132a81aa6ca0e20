// SPDX-License-Identifier: Apache-2.0
#include "server/web/web_assets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace clippath {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const WebAsset* find_asset(std::string_view path) {
  const auto assets = web_assets();
  const auto found = std::find_if(assets.begin(), assets.end(),
                                  [&](const WebAsset& asset) { return asset.path == path; });
  return found == assets.end() ? nullptr : &*found;
}

std::string source_of(const WebAsset& asset) {
  const std::string name = asset.path == "/" ? "/index.html" : std::string(asset.path);
  std::ifstream file(std::string(CLIPPATH_SOURCE_DIR) + "/server/web" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What stands between `before` and the next `after`, each time.
std::vector<std::string> all_between(std::string_view text, std::string_view before,
                                     std::string_view after) {
  std::vector<std::string> found;
  for (std::size_t at = text.find(before); at != std::string_view::npos;
       at = text.find(before, at)) {
    at += before.size();
    found.emplace_back(text.substr(at, text.find(after, at) - at));
  }
  return found;
}

TEST(WebAssets, HoldTheBytesOfTheirFiles) {
  ASSERT_FALSE(web_assets().empty());
  for (const WebAsset& asset : web_assets()) {
    const std::string source = source_of(asset);
    ASSERT_FALSE(source.empty()) << asset.path;
    EXPECT_TRUE(asset.bytes == source) << asset.path;
  }
}

TEST(WebAssets, HaveAnETagOfTheirOwn) {
  std::set<std::string_view> etags;
  for (const WebAsset& asset : web_assets()) {
    EXPECT_EQ(asset.etag.size(), 66U) << asset.path;
    EXPECT_THAT(std::string(asset.etag), StartsWith("\""));
    EXPECT_THAT(std::string(asset.etag), EndsWith("\""));
    EXPECT_TRUE(etags.insert(asset.etag).second) << asset.path;
  }
}

TEST(WebAssets, StateTheirContentType) {
  ASSERT_NE(find_asset("/"), nullptr);
  ASSERT_NE(find_asset("/app.js"), nullptr);
  ASSERT_NE(find_asset("/style.css"), nullptr);
  EXPECT_EQ(find_asset("/")->content_type, "text/html; charset=utf-8");
  EXPECT_EQ(find_asset("/app.js")->content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(find_asset("/style.css")->content_type, "text/css; charset=utf-8");
}

TEST(WebAssets, ReferOnlyToEachOther) {
  for (const WebAsset& asset : web_assets()) {
    for (const std::string& module : all_between(asset.bytes, " from './", "'")) {
      EXPECT_NE(find_asset("/" + module), nullptr) << asset.path << " imports " << module;
    }
    EXPECT_TRUE(all_between(asset.bytes, "url(", ")").empty()) << asset.path;
    for (const std::string& host : all_between(asset.bytes, "://", "\"")) {
      EXPECT_EQ(host, "www.w3.org/2000/svg") << asset.path;
    }
  }
  const std::string_view page = find_asset("/")->bytes;
  for (const char* attribute : {"src=\"", "href=\""}) {
    for (const std::string& path : all_between(page, attribute, "\"")) {
      EXPECT_NE(find_asset(path), nullptr) << path;
    }
  }
}

// The content security policy forbids inline script and style; data is never read as HTML.
TEST(WebAssets, KeepToTheContentSecurityPolicy) {
  const std::string page(find_asset("/")->bytes);
  EXPECT_THAT(page, Not(HasSubstr("style=")));
  EXPECT_THAT(page, Not(HasSubstr("<style")));
  EXPECT_THAT(page, Not(HasSubstr(" onclick=")));
  for (const std::string& script : all_between(page, "<script", "</script>")) {
    EXPECT_THAT(script, EndsWith(">")) << "an inline script";
  }
  for (const WebAsset& asset : web_assets()) {
    const std::string bytes(asset.bytes);
    for (const char* sink : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write",
                             "eval(", "new Function"}) {
      EXPECT_THAT(bytes, Not(HasSubstr(sink))) << asset.path;
    }
  }
}

TEST(WebAssets, SayOnEveryAnswerThatItIsNoDiagnosis) {
  EXPECT_THAT(std::string(find_asset("/results.js")->bytes),
              HasSubstr("Similar-case retrieval, not a diagnosis"));
}

}  // namespace
}  // namespace clippath
