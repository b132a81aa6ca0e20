#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Breaks each rule in a small tree of its own and expects the gate to name it."""
import contextlib
import importlib
import io
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"


def run(gate, files):
    """The gate's exit code and output on a tree of these files ({path: text})."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = importlib.import_module(gate).main([folder])
        return code, output.getvalue()


class Layers(unittest.TestCase):
    def expect_violation(self, path, include, message):
        code, output = run("check_layers", {path: LICENCE + include + "\n"})
        self.assertEqual(code, 1, output)
        self.assertIn(message, output)
        self.assertIn(path + ":2", output)

    def expect_clean(self, path, include):
        code, output = run("check_layers", {path: LICENCE + include + "\n"})
        self.assertEqual(code, 0, output)

    def test_accepts_what_the_table_allows(self):
        self.expect_clean("indexer/tissue/mask.cpp", '#include <vector>\n#include "clippath/slide.h"\n#include "clippath/core/image.h"')
        self.expect_clean("store/vectors/flat.cpp", "#include <faiss/IndexFlat.h>")

    def test_refuses_a_folder_to_the_right(self):
        self.expect_violation("indexer/tiling/grid.cpp", '#include "clippath/search.h"', "server/search")

    def test_refuses_a_library_outside_its_folder(self):
        self.expect_violation("server/search/engine.cpp", "#include <faiss/IndexFlat.h>", "does not belong here")

    def test_refuses_httplib_outside_its_one_file(self):
        self.expect_violation("server/http/routes.cpp", "#include <httplib.h>", "server/http/http_server.cpp")
        self.expect_clean("server/http/http_server.cpp", "#include <httplib.h>")

    def test_refuses_the_private_header_of_another_folder(self):
        self.expect_violation("server/http/slides.cpp", '#include "indexer/slide/slide_scale.h"', "private to indexer/slide")

    def test_refuses_a_folder_without_a_row(self):
        code, output = run("check_layers", {"server/misc/helper.cpp": LICENCE})
        self.assertEqual(code, 1, output)
        self.assertIn("no row", output)

    def test_refuses_to_link_what_is_only_seen(self):
        code, output = run("check_layers", {
            "indexer/manifest/CMakeLists.txt": "clippath_library(manifest SOURCES a.cpp HIDES clippath::tables clippath::records)\n",
            "store/records/CMakeLists.txt": "clippath_library(records SOURCES b.cpp)\n",
            "core/tables/CMakeLists.txt": "clippath_library(tables SOURCES c.cpp)\n",
            "indexer/manifest/a.cpp": LICENCE})
        self.assertEqual(code, 1, output)
        self.assertIn("must not link clippath::records", output)
        self.assertNotIn("must not link clippath::tables", output)


class Style(unittest.TestCase):
    def expect_breach(self, line, message, path="store/folder/a.cpp"):
        code, output = run("check_style", {path: LICENCE + line + "\n"})
        self.assertEqual(code, 1, f"{line!r} passed: {output}")
        self.assertIn(message, output)

    def expect_clean(self, line, path="store/folder/a.cpp"):
        code, output = run("check_style", {path: LICENCE + line + "\n"})
        self.assertEqual(code, 0, output)

    def test_names_what_to_use_instead(self):
        for line, instead in [
                ("std::mutex m;", "Mutex"), ("std::lock_guard<A> l(m);", "MutexLock"), ("auto* p = new Thing();", "make_unique"),
                ("delete p;", "unique_ptr"), ("std::cout << 1;", "log"), ("printf(\"x\");", "log"), ("std::stoi(text);", "from_chars"),
                ("cv::imread(path);", "SlideReader"), ("nlohmann::json j;", "ObjectReader"), ("worker.detach();", "joined"),
                ("std::this_thread::sleep_for(x);", "ConditionVariable"), ("std::regex r;", "scanner"), ("} catch (...) {}", "returned or logged"),
                ("using namespace std;", "one by one"), ("abort();", "CLIPPATH_CHECK"), ("// TO" "DO later", "an issue")]:
            with self.subTest(line):
                self.expect_breach(line, instead)

    def test_leaves_words_in_comments_and_strings_alone(self):
        self.expect_clean('// a new kind of text, std::mutex')
        self.expect_clean('auto text = "delete one of new things";')
        self.expect_clean("Thing(const Thing&) = delete;")
        self.expect_clean("std::unique_ptr<Thing> thing(new Thing(3));")

    def test_lets_a_line_with_a_reason_pass(self):
        self.expect_clean("auto* p = new Thing();  // ci-allow: the library takes ownership")
        self.expect_breach("auto* p = new Thing();  // ci-allow:", "make_unique")

    def test_wants_the_licence_line_first(self):
        code, output = run("check_style", {"cli/a.cpp": "int x;\n"})
        self.assertEqual(code, 1)
        self.assertIn("SPDX", output)

    def test_refuses_machine_paths_tabs_and_other_bytes(self):
        self.expect_breach('auto path = "/ho' 'me/someone/x";', "relative to the repository")
        self.expect_breach("int a;\t", "white space at the end")
        self.expect_breach("int a;  // \u00b5m", "not ASCII")

    def test_knows_every_document_that_is_named(self):
        files = {"docs/tissue.md": "See exit_codes.md and decisions/0001.md.\n", "docs/exit_codes.md": "1\n", "docs/decisions/0001.md": "[2](../tissue.md#2)\n",
                 "cli/a.h": LICENCE + "// docs/tissue.md, https://example.org/other.md\n"}
        self.assertEqual(run("check_style", files)[0], 0)
        self.expect_breach("// as serving.md, section 8, says", "no document 'serving.md'")

    def test_limits_file_sizes(self):
        code, output = run("check_style", {"docs/a.txt": "x" * 200_000 + "\n"})
        self.assertEqual(code, 1)
        self.assertIn("the limit is 200000", output)
        code, output = run("check_style", {"tests/golden/a.bin": "x" * 200_001})
        self.assertEqual(code, 1)
        self.assertIn("listed in NOTICE", output)


if __name__ == "__main__":
    unittest.main()
