// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>

#include "clippath/core/geometry.h"

namespace clippath {

/// A name that cannot be mistaken for another kind of name. Slides, cases and reports: 1..128 bytes
/// of `[A-Za-z0-9._-]`, any other byte written as `=XX` (two upper-case hex digits).
template <class Tag>
struct Id {
  std::string value;

  Id() = default;
  explicit Id(std::string v) : value(std::move(v)) {}
  [[nodiscard]] bool empty() const { return value.empty(); }
  friend auto operator<=>(const Id&, const Id&) = default;
};

using SlideId = Id<struct SlideTag>;
using CaseId = Id<struct CaseTag>;
using ReportId = Id<struct ReportTag>;
using PatchId = Id<struct PatchTag>;  ///< `<slide_id>~<level0_x>_<level0_y>_<level0_extent>`, or
                                      ///< `<slide_id>~<file stem>`

/// 32 hex digits: the first 16 bytes of the SHA-256 over weights, tokenizer and preprocessing.
using EncoderId = Id<struct EncoderTag>;

inline constexpr std::size_t kMaxIdBytes = 128;

/// Writes any text as an id: bytes outside `[A-Za-z0-9._-]` become `=XX`. Applied once, at import.
inline std::string escape_id(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string id;
  for (char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '_' || c == '-';
    if (plain) {
      id += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      id += '=';
      id += kHex[byte >> 4U];
      id += kHex[byte & 15U];
    }
  }
  return id;
}

/// The text that escape_id wrote as this id. Bytes that escape_id never writes stay as they are.
inline std::string unescape_id(std::string_view id) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string text;
  const auto digit = [&](std::size_t place) {
    return place < id.size() ? kHex.find(id[place]) : std::string_view::npos;
  };
  for (std::size_t i = 0; i < id.size(); ++i) {
    const std::size_t high = digit(i + 1);
    const std::size_t low = digit(i + 2);
    if (id[i] == '=' && high != std::string_view::npos && low != std::string_view::npos) {
      text += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      text += id[i];
    }
  }
  return text;
}

/// An id as the name of a file or folder: one with a dot in front is written `=2E`, so that no id
/// leads out of its folder or hides.
inline std::string file_name_of(std::string_view id) {
  std::string name(id.starts_with('.') ? "=2E" : "");
  return name.append(id.starts_with('.') ? id.substr(1) : id);
}

/// The id of a patch whose place on the slide is known.
inline PatchId make_patch_id(const SlideId& slide, Level0Point origin, std::int64_t level0_extent) {
  return PatchId(slide.value + "~" + std::to_string(origin.x) + "_" + std::to_string(origin.y) +
                 "_" + std::to_string(level0_extent));
}

/// The slide that a patch's id names.
inline SlideId slide_of(const PatchId& patch) {
  return SlideId(patch.value.substr(0, patch.value.find('~')));
}

/// The id of a ready-made patch without coordinates.
inline PatchId make_patch_id(const SlideId& slide, std::string_view file_stem) {
  return PatchId(slide.value + "~" + escape_id(file_stem));
}

}  // namespace clippath
