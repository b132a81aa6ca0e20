// SPDX-License-Identifier: Apache-2.0
// The files of a tokenizer; the section "text" is then encoded. In JSON, "@bytes":0 stands for the
// 512 pieces that every byte-level vocabulary has, which would not fit a small input.
#include "clippath/core/check.h"
#include "encoder/tokenizer/unicode.h"
#include "tests/fuzz/sections.h"
#include "tests/fuzz/token_invariants.h"

namespace clippath::fuzz {
namespace {

/// The bytes as GPT-2 spells them, within a word and at its end.
std::string byte_pieces() {
  std::string pieces;
  char32_t next = 0x100;
  int number = 0;
  for (char32_t byte = 0; byte < 256; ++byte) {
    const bool prints = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte != 0xAD);
    std::string spelled = byte == '"' || byte == '\\' ? "\\" : "";
    append_utf8(spelled, prints ? byte : next++);
    for (const char* end : {"", "</w>"}) {
      pieces.append(pieces.empty() ? "\"" : ",\"").append(spelled).append(end).append("\":");
      pieces.append(std::to_string(number++));
    }
  }
  return pieces;
}

void expand_bytes(Sections& sections, const char* name) {
  static const std::string pieces = byte_pieces();
  constexpr std::string_view kShort = "\"@bytes\":0";
  const auto found = sections.find(name);
  if (found == sections.end()) return;
  const std::size_t at = found->second.find(kShort);
  if (at != std::string::npos) found->second.replace(at, kShort.size(), pieces);
}

}  // namespace
}  // namespace clippath::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace clippath;
  static const fuzz::SectionsFolder folder;
  fuzz::Sections sections = fuzz::sections_of(fuzz::text_of(data, size));
  fuzz::expand_bytes(sections, "vocab.json");
  fuzz::expand_bytes(sections, "tokenizer.json");
  folder.write(sections, {"tokenizer_config.json", "vocab.txt", "vocab.json", "merges.txt",
                          "tokenizer.json", "open_clip_config.json"});
  for (const SpecialTokens special : {SpecialTokens::kAsText, SpecialTokens::kMatch}) {
    const auto tokenizer = load_tokenizer(folder.path(), special);
    if (tokenizer) {
      fuzz::check_tokens(**tokenizer, sections["text"], 9);
    } else {
      CLIPPATH_CHECK(!tokenizer.error().message.empty());
    }
  }
  return 0;
}
