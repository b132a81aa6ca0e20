# cmake -DOUTPUT=assets.cpp "-DFILES=/path=file;..." -P embed_files.cmake
#
# Writes a .cpp that defines clippath::web_assets() (server/web/web_assets.h). Each file is given with the path that it is served under;
# its ETag is its SHA-256. What did not change is not written again, so that nothing is compiled for it.
set(types_html "text/html; charset=utf-8")
set(types_js "text/javascript; charset=utf-8")
set(types_css "text/css; charset=utf-8")
set(types_svg "image/svg+xml")

set(arrays "")
set(entries "")
set(count 0)
foreach(pair IN LISTS FILES)
  string(REGEX MATCH "^([^=]+)=(.+)$" matched "${pair}")
  set(path "${CMAKE_MATCH_1}")
  set(file "${CMAKE_MATCH_2}")
  cmake_path(GET file EXTENSION LAST_ONLY extension)
  string(SUBSTRING "${extension}" 1 -1 extension)
  if(NOT DEFINED types_${extension})
    message(FATAL_ERROR "${file}: no content type is known for .${extension}; add it to embed_files.cmake")
  endif()
  file(SHA256 "${file}" digest)
  file(READ "${file}" hex HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  # Lines that a person's editor can open.
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes "${bytes}")
  string(APPEND arrays "constexpr unsigned char kFile${count}[] = {\n${bytes}};\n\n")
  string(APPEND entries "    WebAsset{\"${path}\", \"${types_${extension}}\", \"\\\"${digest}\\\"\", text(kFile${count})},\n")
  math(EXPR count "${count} + 1")
endforeach()

file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT [=[
// Made by scripts/cmake/embed_files.cmake.
#include <array>

#include "server/web/web_assets.h"

namespace clippath {
namespace {

template <std::size_t size>
std::string_view text(const unsigned char (&bytes)[size]) {
  return {reinterpret_cast<const char*>(bytes), size};
}

@arrays@}  // namespace

std::span<const WebAsset> web_assets() {
  static const std::array kAssets = {
@entries@  };
  return kAssets;
}

}  // namespace clippath
]=])
