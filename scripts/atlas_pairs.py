#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Joins the tables of the atlas patches (patches.csv, slides.csv, splits.csv) to one that `clippath eval --pairs` reads.

usage: atlas_pairs.py ATLAS [EXTENT] > pairs.csv
The class of a patch is the organ of its slide; the split is the one by patch, which the bundled model was trained and chosen on.
EXTENT keeps the patches of one width, in pixels at 20x: 1024 or 3072.
"""
import csv
import sys
from pathlib import Path


def rows_by(path, key):
    with path.open(newline="", encoding="utf-8") as table:
        return {row[key]: row for row in csv.DictReader(table)}


def main(arguments):
    if len(arguments) not in (1, 2):
        sys.exit(__doc__)
    atlas = Path(arguments[0])
    extent = arguments[1] if len(arguments) == 2 else None
    patches = rows_by(atlas / "patches.csv", "file")
    extents = {patch["extent_px_at_20x"] for patch in patches.values()}
    if extent is not None and extent not in extents:
        sys.exit(f"no patch is {extent} wide; there are {', '.join(sorted(extents))}")
    slides = rows_by(atlas / "slides.csv", "slide")
    splits = rows_by(atlas / "splits.csv", "file")
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["file", "caption", "case", "slide", "class", "split"])
    for name, patch in patches.items():
        if extent not in (None, patch["extent_px_at_20x"]):
            continue
        slide = slides[patch["slide"]]
        out.writerow([name, slide["caption"], slide["case"], slide["slide"], slide["organ"], splits[name]["split_by_patch"]])


if __name__ == "__main__":
    main(sys.argv[1:])
