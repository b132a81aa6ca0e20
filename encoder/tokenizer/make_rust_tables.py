#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks the library `tokenizers` about every code point and writes its answer, as tables in C++, where it differs from Unicode 14 or from Unicode 17,
between which lies that of utf8proc (2.8: Unicode 15).

Its parts are of different ages: categories of BERT from Unicode 8, normal forms and marks from 9, letters and numbers of expressions from 16, lower case from 17.

usage: make_rust_tables.py | clang-format-14 > rust_ranges.cpp      (Python 3.11: Unicode 14; tokenizers 0.23.3; regex 2026.11.19: Unicode 17)
"""
import sys
import unicodedata

import regex
from tokenizers import Regex, normalizers, pre_tokenizers

HEAD = """// SPDX-License-Identifier: Apache-2.0
// Written by make_rust_tables.py; do not edit.
#include "encoder/tokenizer/rust_ranges.h"

#include <array>

namespace clippath {
namespace {
"""
CODES = [code for code in range(sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]
BERT = {"clean_text": False, "handle_chinese_chars": False, "strip_accents": False, "lowercase": False}
CLEAN = normalizers.BertNormalizer(**{**BERT, "clean_text": True})
NO_ACCENTS = normalizers.BertNormalizer(**{**BERT, "strip_accents": True})
NO_MARKS, LOWER, NFD = normalizers.StripAccents(), normalizers.Lowercase(), normalizers.NFD()
BERT_WORDS = pre_tokenizers.BertPreTokenizer()
LETTER, NUMBER = (normalizers.Replace(Regex(expression), "!") for expression in (r"\p{L}", r"\p{N}"))
DOT_ABOVE, OVERLAY = "\u0301", "\u0334"  # classes 230 and 1


def is_removed(normalizer):
    return lambda character: normalizer.normalize_str(f"0{character}0") == "00"


def is_replaced(normalizer):
    return lambda character: character != "!" and normalizer.normalize_str(f".{character}.") == ".!."


def is_ordered(character):
    """Whether canonical order moves it: in front of a mark of the highest common class, or behind one of the lowest."""
    return any(NFD.normalize_str(pair) != pair for pair in (DOT_ABOVE + character, character + OVERLAY))


def older_has_class(character):
    return unicodedata.combining(character) != 0


def older_decomposes(character):
    return unicodedata.normalize("NFD", character) != character


def is_older(*categories):
    return lambda character: unicodedata.category(character).startswith(categories)


def is_newer(expression):
    return regex.compile(expression).fullmatch


def rows(theirs, older, newer, skipped=lambda character: False):
    """Ranges of the code points where the library's answer is another than that of either version, with the library's."""
    found = []
    for code in CODES:
        character = chr(code)
        if skipped(character):
            continue
        answer = bool(theirs(character))
        if answer == bool(older(character)) == bool(newer(character)):
            continue
        if found and found[-1][1] == code - 1 and found[-1][2] == answer:
            found[-1][1] = code
        else:
            found.append([code, code, answer])
    return [f"0x{first:X}, 0x{last:X}, {str(answer).lower()}" for first, last, answer in found]


def lower_rows():
    found = []
    for code in CODES:
        low = LOWER.normalize_str(chr(code))
        if low == chr(code).lower():
            continue
        if found and found[-1][1] == code - 1 and ord(low) - found[-1][2] == code - found[-1][0]:
            found[-1][1] = code
        else:
            found.append([code, code, ord(low)])
    return [f"0x{first:X}, 0x{last:X}, 0x{low:X}" for first, last, low in found]


def is_untouched(character):
    """What the library's removal of controls treats apart from their categories."""
    return character in "\0\t\n\r\ufffd"


def decomposes_newer(character):
    return regex.fullmatch(r"\p{dt=canonical}", character) or "\uac00" <= character <= "\ud7a3"


def is_ascii(character):
    return character < "\x80"


TABLES = [
    ("ChangedRange", "kControls", "rust_controls",
     lambda: rows(is_removed(CLEAN), is_older("Cc", "Cf", "Co"), is_newer(r"[\p{Cc}\p{Cf}\p{Co}]"), is_untouched)),
    ("ChangedRange", "kPunctuation", "rust_punctuation",
     lambda: rows(lambda character: len(BERT_WORDS.pre_tokenize_str(f"a{character}b")) == 3, is_older("P"), is_newer(r"\p{P}"), is_ascii)),
    ("ChangedRange", "kNonspacingMarks", "rust_nonspacing_marks",
     lambda: rows(is_removed(NO_ACCENTS), is_older("Mn"), is_newer(r"\p{Mn}"), older_decomposes)),
    ("ChangedRange", "kMarks", "rust_marks", lambda: rows(is_removed(NO_MARKS), is_older("M"), is_newer(r"\p{M}"))),
    ("ChangedRange", "kLetters", "rust_letters", lambda: rows(is_replaced(LETTER), is_older("L"), is_newer(r"\p{L}"))),
    ("ChangedRange", "kNumbers", "rust_numbers", lambda: rows(is_replaced(NUMBER), is_older("N"), is_newer(r"\p{N}"))),
    ("ChangedRange", "kOrdered", "rust_ordered", lambda: rows(is_ordered, older_has_class, is_newer(r"\P{ccc=0}"), older_decomposes)),
    ("ChangedRange", "kDecomposed", "rust_decomposed",
     lambda: rows(lambda character: NFD.normalize_str(character) != character, older_decomposes, decomposes_newer)),
    ("LowerRange", "kLower", "rust_lower", lower_rows),
]

print(HEAD, end="")
for type_name, name, _, make_rows in TABLES:
    lines = make_rows()
    print(f"\nconstexpr std::array<{type_name}, {len(lines)}> {name} = {{{{")
    for line in lines:
        print(f"    {{{line}}},")
    print("}};")
print("\n}  // namespace\n")
for type_name, name, function, _ in TABLES:
    print(f"std::span<const {type_name}> {function}() {{ return {name}; }}")
print("\n}  // namespace clippath")
