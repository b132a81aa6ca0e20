// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace clippath {

/// schemas/openapi.yaml, embedded when the program is built.
std::string_view openapi_document();

}  // namespace clippath
