// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "clippath/core/ids.h"

namespace clippath {

/// The 12-character TCGA patient barcode that a name begins with (`TCGA-CR-7395`), else empty.
std::string tcga_case_of(std::string_view name);
/// The case of something that names none: the barcode that `name` begins with, else `id`.
CaseId default_case(std::string_view name, const std::string& id);
/// The tissue source site of such a barcode (`CR`: who collected the tissue), else empty.
std::string tcga_site_of(std::string_view name);

}  // namespace clippath
