// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace clippath {

/// One file of the web page, as it is served.
struct WebAsset {
  std::string_view path;          ///< "/" is index.html, else "/" and the file's name
  std::string_view content_type;  ///< as in the header, charset included
  std::string_view etag;  ///< as in the header, quotes included; the same for the same bytes
  std::string_view bytes;
};

/// The files of this folder, put into the program when it was built
/// (scripts/cmake/embed_files.cmake). They use nothing from outside, no inline script and no inline
/// style. Thread-safe.
std::span<const WebAsset> web_assets();

}  // namespace clippath
