#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Joins the tables of the atlas patches (patches.csv, slides.csv, splits.csv) to one that `clippath eval --pairs` reads.

usage: atlas_pairs.py ATLAS > pairs.csv
The class of a patch is the organ of its slide; the split is the one by patch, which the bundled model was trained and chosen on.
"""
import csv
import sys
from pathlib import Path


def rows_by(path, key):
    with path.open(newline="", encoding="utf-8") as table:
        return {row[key]: row for row in csv.DictReader(table)}


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    atlas = Path(arguments[0])
    slides = rows_by(atlas / "slides.csv", "slide")
    splits = rows_by(atlas / "splits.csv", "file")
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["file", "caption", "case", "slide", "class", "split"])
    for name, patch in rows_by(atlas / "patches.csv", "file").items():
        slide = slides[patch["slide"]]
        out.writerow([name, slide["caption"], slide["case"], slide["slide"], slide["organ"], splits[name]["split_by_patch"]])


if __name__ == "__main__":
    main(sys.argv[1:])
