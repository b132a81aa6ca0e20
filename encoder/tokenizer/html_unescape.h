// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace clippath {

/// Replaces character references ("&amp;", "&lt", "&#181;", "&#xB5;") as Python's `html.unescape`
/// does, once. Pure; linear in the length of the text.
std::u32string html_unescape(std::u32string_view text);

}  // namespace clippath
