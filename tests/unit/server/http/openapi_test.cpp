// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>
#include <sstream>
#include <string>

#include "clippath/core/error.h"
#include "clippath/core/files.h"
#include "server/http/openapi.h"
#include "server/http/routes.h"

namespace clippath {
namespace {

/// "GET /v1/slides" and, for its query, "GET /v1/slides?limit". Reads the parts of YAML that the
/// document uses: paths at two spaces, methods at four, inline parameters `{ name: x, in: query`.
std::set<std::string> described() {
  std::set<std::string> found;
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
    if (line == "    get:" || line == "    post:") found.insert(method + " " + path);
    const std::size_t name = line.find("- { name: ");
    if (name != std::string::npos && line.find("in: query") != std::string::npos) {
      const std::string rest = line.substr(name + 10);
      found.insert(method + " " + path + "?" + rest.substr(0, rest.find(',')));
    }
  }
  return found;
}

std::set<std::string> served() {
  std::set<std::string> found;
  for (const Route& route : routes()) {
    const std::string name = std::string(route.method) + " " + std::string(route.pattern);
    found.insert(name);
    for (std::string_view parameter : route.parameters) {
      found.insert(name + "?" + std::string(parameter));
    }
  }
  return found;
}

TEST(OpenApi, DescribesEveryRouteAndParameterAndNoOther) { EXPECT_EQ(described(), served()); }

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
