#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes what open_clip's tokenizer takes from Python as tables in C++: the character references of HTML 5, which code points decide whether a sigma ends a word, and the letters and numbers that
the package `regex` knows though Unicode 14 does not.

usage: make_python_tables.py html_references|letter_ranges | clang-format-14 > NAME.cpp      (Python 3.11: Unicode 14; regex 2026.11.19: Unicode 17)
"""
import html
import html.entities
import sys
import unicodedata

import regex

HEAD = """// SPDX-License-Identifier: Apache-2.0
// Written by make_python_tables.py; do not edit.
#include "encoder/tokenizer/{name}.h"

#include <array>

namespace clippath {{
namespace {{
"""


def print_table(type_name, name, rows):
    print(f"\nconstexpr std::array<{type_name}, {len(rows)}> {name} = {{{{")
    for row in rows:
        print(f"    {{{row}}},")
    print("}};")


def named_rows():
    for name, text in sorted(html.entities.html5.items()):
        codes = [f"0x{ord(c):X}" for c in text] + ["0"]
        yield f'"{name}", {codes[0]}, {codes[1]}'


def replaced_rows():
    removed = dict.fromkeys(html._invalid_codepoints, "")  # ci-allow: Python's own lists have no public name
    for number, text in sorted({**removed, **html._invalid_charrefs}.items()):
        yield f"0x{number:X}, 0x{ord(text):X}" if text else f"0x{number:X}, 0"


def ranges(holds):
    first = None
    for code in range(sys.maxunicode + 2):
        inside = code <= sys.maxunicode and not 0xD800 <= code <= 0xDFFF and holds(chr(code))
        if inside and first is None:
            first = code
        elif not inside and first is not None:
            yield f"0x{first:X}, 0x{code - 1:X}"
            first = None


def ends_word(before):
    return (before + "\u03a3").lower().endswith("\u03c2")


def is_cased(character):
    return ends_word("1" + character)


def is_case_ignorable(character):
    return ends_word("A" + character) and not is_cased(character)


def is_later(expression):
    found = regex.compile(expression)
    return lambda character: unicodedata.category(character) == "Cn" and found.fullmatch(character)


TABLES = {
    "html_references": [("NamedReference", "kNamedReferences", "named_references", named_rows),
                        ("NumberedReference", "kReplacedReferences", "replaced_references", replaced_rows)],
    "letter_ranges": [("CodeRange", "kCased", "cased_ranges", lambda: ranges(is_cased)),
                      ("CodeRange", "kCaseIgnorable", "case_ignorable_ranges", lambda: ranges(is_case_ignorable)),
                      ("CodeRange", "kLaterLetters", "later_letter_ranges", lambda: ranges(is_later(r"\p{L}"))),
                      ("CodeRange", "kLaterNumbers", "later_number_ranges", lambda: ranges(is_later(r"\p{N}")))],
}

file = sys.argv[1]
print(HEAD.format(name=file), end="")
for type_name, name, function, rows in TABLES[file]:
    print_table(type_name, name, list(rows()))
print("\n}  // namespace\n")
for type_name, name, function, rows in TABLES[file]:
    print(f"std::span<const {type_name}> {function}() {{ return {name}; }}")
print("\n}  // namespace clippath")
