#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what formatting does not: forbidden names (with what to use instead), licence lines, ASCII, file sizes, machine paths, documents that are named but not here.

usage: check_style.py [REPOSITORY]
A line that must break a rule says why: `// ci-allow: reason` (`# ci-allow: reason`). Exit 1 if anything is wrong.
"""
import hashlib
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple


class Rule(NamedTuple):
    pattern: str
    instead: str
    allowed_in: tuple = ()  # path prefixes


CPP_RULES = [
    Rule(r"\bstd::(mutex|shared_mutex|recursive_mutex)\b", "Mutex (clippath/core/mutex.h)", ("include/clippath/core/mutex.h",)),
    Rule(r"\bstd::(lock_guard|unique_lock|scoped_lock)\b", "MutexLock (clippath/core/mutex.h)", ("include/clippath/core/mutex.h",)),
    Rule(r"\bstd::condition_variable\b", "ConditionVariable (clippath/core/mutex.h)", ("include/clippath/core/mutex.h",)),
    # With a private constructor only this owns from the start: std::unique_ptr<T> thing(new T(...)).
    Rule(r"^(?!.*\bunique_ptr<.*\(new\b).*\bnew\s+[A-Za-z_:(]", "std::make_unique"),
    Rule(r"\bdelete\b(?!\s*[;,)])|(?<!=)\s\bdelete\s+\w", "std::unique_ptr"),
    Rule(r"\bstd::(cout|cerr|clog)\b|\b(f|v|vf)?printf\s*\(|\bputs\s*\(", "log (clippath/core/log.h), or a Result that the caller prints",
         ("cli/", "tests/", "core/logging/", "include/clippath/core/check.h")),
    Rule(r"\bstd::sto[a-z]+\b|\b(atoi|atol|atof|strto[a-z]+)\s*\(|\bsscanf\s*\(", "std::from_chars", ("tests/",)),
    Rule(r"\bcv::im(read|write|decode|encode)\b", "SlideReader or clippath/core/pictures.h"),
    Rule(r"\bnlohmann::", "Json, parse_json, ObjectReader (core/json/json.h)", ("core/json/",)),
    Rule(r"\.detach\s*\(\)", "a thread joined in its owner's destructor"),
    Rule(r"\b(sleep_for|sleep_until|usleep)\s*\(", "ConditionVariable or BoundedQueue", ("tests/",)),
    Rule(r"\bstd::(basic_)?regex\b", "a hand-written scanner: std::regex recurses on hostile input"),
    Rule(r"catch\s*\([^)]*\)\s*\{\s*\}", "an error that is returned or logged"),
    Rule(r"\busing\s+namespace\b(?!\s+std::(string_view_)?literals)", "the names one by one", ("tests/",)),
    Rule(r"\bstd::(abort|quick_exit|terminate|exit)\s*\(|(?<![\w.>])abort\s*\(\s*\)", "Result, or CLIPPATH_CHECK for a programmer's error",
         ("include/clippath/core/check.h", "cli/")),
    Rule(r"\bassert\s*\(", "CLIPPATH_CHECK: it is always on"),
    Rule(r"\b(s?rand|random_shuffle)\s*\(", "std::mt19937_64 with a seed that is printed"),
    Rule(r"\b(strcpy|strcat|sprintf|gets)\s*\(", "std::string"),
]
ALL_RULES = [
    Rule(r"\b(TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))", "an issue, named as TO" + "DO(#n)", ("scripts/check_style.py",)),
    Rule(r"(?<![\w.$}~/-])/(home|root|work|workspace|Users|mnt)/\w", "a path relative to the repository, or a variable"),
]

CPP = {".cpp", ".h"}
LICENSED = CPP | {".py", ".sh", ".js", ".css", ".mjs"}
ASCII_ONLY = CPP | {".py", ".sh", ".cmake"}  # the page is UTF-8
TEXT = LICENSED | ASCII_ONLY | {".md", ".txt", ".json", ".yaml", ".yml", ".html", ".csv", ".svg", ""}
MAX_BYTES = 200_000
BIG_FILES_IN = ("demo/", "tests/golden/", "docs/images/")
MAX_BIG_BYTES = 60_000_000
NOT_OURS = ("demo/", "tests/golden/", "LICENSE")  # text that is kept as its source has it


def project_files(root):
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True, check=False)
    names = {name.decode() for name in listed.stdout.split(b"\0") if name}
    if listed.returncode != 0:  # an unpacked archive without git
        names = {path.relative_to(root).as_posix() for path in root.rglob("*")}
        names = {name for name in names if name.split("/")[0] not in (".git", "build") and "__pycache__" not in name}
    return sorted(name for name in names if (root / name).is_file() and not (root / name).is_symlink())


def without_comments(text):
    """The same text, comments and the insides of string literals blanked, so that words in them break no rule about code."""
    token = re.compile(r'R"(\w*)\((?:.|\n)*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*(?:.|\n)*?\*/')
    return token.sub(lambda match: re.sub(r"[^\n]", " ", match.group()), text)


def find_breaches(rules, path, text, lines):
    for rule in rules:
        if path.startswith(rule.allowed_in or ("//",)):
            continue
        for match in re.finditer(rule.pattern, text, re.M):
            number = text.count("\n", 0, match.start()) + 1
            if not re.search(r"ci-allow: \S", lines[number - 1]):
                yield f"{path}:{number}: '{match.group().strip()}': use {rule.instead}"


def check_text(path, text):
    suffix = Path(path).suffix
    lines = text.split("\n")
    yield from find_breaches(ALL_RULES, path, text, lines)
    if suffix in CPP:
        # Deleted functions are no deallocations.
        yield from find_breaches(CPP_RULES, path, re.sub(r"=\s*delete\b", "", without_comments(text)), lines)
    if path.startswith(NOT_OURS):
        return
    head = "\n".join(lines[:2]) if lines[0].startswith(("#!", "# shellcheck")) else lines[0]
    if suffix in LICENSED and "SPDX-License-Identifier: Apache-2.0" not in head:
        yield f"{path}:1: the first line (after #!) must be: SPDX-License-Identifier: Apache-2.0"
    for number, line in enumerate(lines, 1):
        if suffix in ASCII_ONLY and not path.startswith("tests/") and not line.isascii():
            yield f"{path}:{number}: not ASCII"
        if line != line.rstrip():
            yield f"{path}:{number}: white space at the end"
        if "\t" in line and suffix in CPP | {".py", ".js", ".css", ".cmake"}:
            yield f"{path}:{number}: a tab; use spaces"
    if text and not text.endswith("\n"):
        yield f"{path}:{len(lines)}: no line break at the end"


def check_documents(root, path, text):
    """A document is named by its path from the root or from the file that names it; addresses of other places are left alone."""
    if path.startswith((*NOT_OURS, "tests/")):
        return
    for number, line in enumerate(text.split("\n"), 1):
        if re.search(r"ci-allow: \S", line):
            continue
        for name in re.findall(r"(?<![\w./:-])[\w./-]+\.md\b", line):
            if not (root / name).is_file() and not (root / path).parent.joinpath(name).is_file():
                yield f"{path}:{number}: there is no document '{name}'"


def check_size(root, path, notice):
    size = (root / path).stat().st_size
    if size <= MAX_BYTES:
        return
    if not path.startswith(BIG_FILES_IN):
        yield f"{path}: {size} bytes; the limit is {MAX_BYTES} outside {', '.join(BIG_FILES_IN)}"
    elif size > MAX_BIG_BYTES:
        yield f"{path}: {size} bytes; the limit is {MAX_BIG_BYTES}"
    elif not path.startswith("docs/"):
        digest = hashlib.sha256((root / path).read_bytes()).hexdigest()
        if not re.search(rf"^.*\b{digest}\s+{re.escape(path)}$", notice, re.M):
            yield f"{path}: files over {MAX_BYTES} bytes are listed in NOTICE with licence and SHA-256; add '{digest}  {path}'"


def check_demo_sums(root):
    """demo/SHA256SUMS covers every file of demo/ but its own notes."""
    sums = root / "demo/SHA256SUMS"
    if not sums.exists():
        return
    expected = {name: digest for digest, name in (line.split("  ", 1) for line in sums.read_text(encoding="utf-8").splitlines())}
    notes = {"SHA256SUMS", "README.md", "PROVENANCE.md"}  # ci-allow: of demo/
    found = {path.relative_to(root / "demo").as_posix() for path in (root / "demo").rglob("*") if path.is_file()} - notes
    for name in sorted(found ^ expected.keys()):
        yield f"demo/{name}: {'not in' if name in found else 'missing, but named in'} demo/SHA256SUMS"
    for name in sorted(found & expected.keys()):
        if hashlib.sha256((root / "demo" / name).read_bytes()).hexdigest() != expected[name]:
            yield f"demo/{name}: its SHA-256 differs from demo/SHA256SUMS"


def main(arguments):
    root = Path(arguments[0] if arguments else Path(__file__).resolve().parent.parent)
    notice = (root / "NOTICE").read_text(encoding="utf-8") if (root / "NOTICE").exists() else ""
    files, wrong = project_files(root), [*check_demo_sums(root)]
    for path in files:
        wrong.extend(check_size(root, path, notice))
        if Path(path).suffix in TEXT and (root / path).stat().st_size <= MAX_BYTES:
            try:
                text = (root / path).read_text(encoding="utf-8")
                wrong.extend([*check_text(path, text), *check_documents(root, path, text)])
            except UnicodeDecodeError:
                wrong.append(f"{path}: not UTF-8")
    for message in wrong:
        print(message)
    print(f"style: {len(files)} files, {len(wrong)} breaches")
    return 1 if wrong or not files else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
