// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <sstream>
#include <string>

#include "clippath/core/error.h"
#include "clippath/core/files.h"
#include "clippath/encoder.h"
#include "server/http/openapi.h"
#include "server/http/routes.h"

namespace clippath {
namespace {

/// "GET /v1/slides" and, for its query, "GET /v1/slides?limit", each with the statuses listed there
/// (of a parameter: none). Reads the parts of YAML that the document uses: paths at two spaces,
/// methods at four, inline parameters `{ name: x, in: query`, statuses at eight.
std::map<std::string, std::set<std::string>> described() {
  std::map<std::string, std::set<std::string>> found;
  std::istringstream lines{std::string(openapi_document())};
  bool in_paths = false;
  std::string path;
  std::string method;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line[0] != ' ') in_paths = line == "paths:";
    if (!in_paths) continue;
    if (line.starts_with("  /")) path = line.substr(2, line.rfind(':') - 2);
    if (line == "    get:") method = "GET";
    if (line == "    post:") method = "POST";
    if (line == "    get:" || line == "    post:") found[method + " " + path];
    if (line.starts_with("        \"")) found[method + " " + path].insert(line.substr(9, 3));
    const std::size_t name = line.find("- { name: ");
    if (name != std::string::npos && line.find("in: query") != std::string::npos) {
      const std::string rest = line.substr(name + 10);
      found[method + " " + path + "?" + rest.substr(0, rest.find(','))];
    }
  }
  return found;
}

std::string name_of(const Route& route) {
  return std::string(route.method) + " " + std::string(route.pattern);
}

std::set<std::string> served() {
  std::set<std::string> found;
  for (const Route& route : routes()) {
    const std::string name = name_of(route);
    found.insert(name);
    for (std::string_view parameter : route.parameters) {
      found.insert(name + "?" + std::string(parameter));
    }
  }
  return found;
}

TEST(OpenApi, DescribesEveryRouteAndParameterAndNoOther) {
  std::set<std::string> names;
  for (const auto& [name, statuses] : described()) names.insert(name);
  EXPECT_EQ(names, served());
}

TEST(OpenApi, SaysWhereAnIdMayBeUnknown) {
  const auto statuses = described();
  for (const Route& route : routes()) {
    // Every body may name a slide, a patch or a report.
    const bool takes_id =
        route.body != BodyKind::kNone || route.pattern.find('{') != std::string_view::npos;
    EXPECT_EQ(statuses.at(name_of(route)).contains("404"), takes_id) << name_of(route);
  }
}

TEST(OpenApi, ListsEveryDtype) {
  std::string words;
  for (int i = 0; i <= static_cast<int>(Dtype::kFp16); ++i) {
    words += (i == 0 ? "" : ", ") + std::string(to_string(static_cast<Dtype>(i)));
  }
  EXPECT_NE(openapi_document().find("dtype: { enum: [" + words + "] }"), std::string::npos);
}

TEST(OpenApi, ListsEveryErrorCode) {
  const std::string document(openapi_document());
  for (int i = 0; i <= static_cast<int>(ErrorKind::kOutOfSpace); ++i) {
    const std::string code(to_string(static_cast<ErrorKind>(i)));
    EXPECT_NE(document.find("- " + code + "\n"), std::string::npos) << code;
  }
}

TEST(OpenApi, IsTheFileInSchemas) {
  const auto file = read_text_file(CLIPPATH_SOURCE_DIR "/schemas/openapi.yaml", 1 << 20);
  ASSERT_TRUE(file);
  EXPECT_EQ(*file, openapi_document());
}

}  // namespace
}  // namespace clippath
