#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the programs cannot do, because they do not hold the code for it.

usage: binaries_test.py CLIPPATH CLIPPATH-WORKER
Label and macro pictures may show a patient's name: no program can read one. Slides and pictures are decoded in the
worker alone.
"""
import subprocess
import sys
import unittest

CLIPPATH, WORKER = sys.argv[1:3]


def imports(program):
    """Names that the program takes from shared libraries."""
    listing = subprocess.run(["nm", "--dynamic", "--undefined-only", program], capture_output=True, text=True, check=True).stdout
    return {line.split()[-1].split("@")[0] for line in listing.splitlines()}


class Binaries(unittest.TestCase):
    def test_no_program_reads_associated_pictures(self):
        for program in (CLIPPATH, WORKER):
            names = {name for name in imports(program) if "associated_image" in name}
            self.assertEqual(names, set(), program)

    def test_slides_and_pictures_are_decoded_in_the_worker_alone(self):
        decoders = ("openslide_open", "openslide_read_region", "tjDecompress2", "tjDecompressHeader3", "spng_decode_image", "spng_get_ihdr")
        self.assertEqual({name for name in imports(CLIPPATH) if name in decoders}, set())
        worker = imports(WORKER)
        self.assertIn("openslide_read_region", worker)
        self.assertIn("spng_decode_image", worker)
        self.assertTrue({"tjDecompress2", "tj3Decompress8"} & worker)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
