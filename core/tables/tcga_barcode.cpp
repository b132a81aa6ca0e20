// SPDX-License-Identifier: Apache-2.0
#include "clippath/core/tcga_barcode.h"

namespace clippath {

std::string tcga_case_of(std::string_view name) {
  constexpr std::string_view kPattern = "TCGA-XX-XXXX";
  if (name.size() < kPattern.size()) return {};
  if (name.size() > kPattern.size() && name[kPattern.size()] != '-' &&
      name[kPattern.size()] != '.' && name[kPattern.size()] != '_') {
    return {};
  }
  std::string barcode;
  for (std::size_t i = 0; i < kPattern.size(); ++i) {
    const char c =
        name[i] >= 'a' && name[i] <= 'z' ? static_cast<char>(name[i] - 'a' + 'A') : name[i];
    const bool alphanumeric = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (kPattern[i] == 'X' ? !alphanumeric : c != kPattern[i]) return {};
    barcode += c;
  }
  return barcode;
}

CaseId default_case(std::string_view name, const std::string& id) {
  const std::string barcode = tcga_case_of(name);
  return CaseId(barcode.empty() ? id : barcode);
}

std::string tcga_site_of(std::string_view name) {
  const std::string barcode = tcga_case_of(name);
  return barcode.empty() ? barcode : barcode.substr(std::string_view("TCGA-").size(), 2);
}

}  // namespace clippath
