// SPDX-License-Identifier: Apache-2.0
#include "server/http/http_message.h"

#include <algorithm>

namespace clippath {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

const std::string* HttpRequest::header(std::string_view name) const {
  for (const HttpHeader& one : headers) {
    if (equal_ignoring_case(one.name, name)) return &one.value;
  }
  return nullptr;
}

std::size_t HttpRequest::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(),
                    [name](const HttpHeader& one) { return equal_ignoring_case(one.name, name); }));
}

}  // namespace clippath
