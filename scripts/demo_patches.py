#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Chooses the demo's ready-made patches from a folder of atlas patches, the same ones each time.

usage: demo_patches.py --atlas DIR --model DIR --out DIR [--count 200]

DIR of --atlas holds patches.csv, slides.csv, splits.csv and the pictures. Every slide gets a patch of each field of view that it
has; what is then missing to the count goes round the cases, one patch each, so that no case outweighs the others. Patches that the
model has not been trained on come first. Writes patches.csv, slides.csv and the pictures, one folder a slide.
"""
import argparse
import csv
import hashlib
import json
import shutil
from pathlib import Path

PATCH_COLUMNS = ["file", "slide", "case", "level0_x", "level0_y", "level0_extent", "mpp", "mpp_used", "mpp_source",
                 "tissue_fraction", "white_fraction", "model_split"]
SLIDE_COLUMNS = ["slide", "case", "organ", "caption", "seen_in_training", "licence", "copyright", "source_commit"]
UNSEEN_FIRST = {"val": 0, "train": 1}
# Measured by the pipeline for its own tiles, so the names are taken; the atlas' values are of another rule.
RENAMED = {"mpp_source": "source_of_mpp", "tissue_fraction": "atlas_tissue_fraction", "white_fraction": "atlas_white_fraction"}


def read_table(path):
    with open(path, newline="", encoding="utf-8") as table:
        return list(csv.DictReader(table))


def write_table(path, columns, rows):
    with open(path, "w", newline="", encoding="utf-8") as table:
        writer = csv.DictWriter(table, columns, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def preference(patch):
    """Unseen before seen; then an order that depends on nothing but the name."""
    return UNSEEN_FIRST[patch["model_split"]], hashlib.sha256(patch["file"].encode()).hexdigest()


def choose(patches, count):
    by_slide_and_extent = {}
    for patch in sorted(patches, key=preference):
        by_slide_and_extent.setdefault((patch["slide"], patch["extent_px_at_20x"]), []).append(patch)
    chosen = [group[0] for _, group in sorted(by_slide_and_extent.items())][:count]
    taken = {patch["file"] for patch in chosen}
    per_case = {}
    for patch in chosen:
        per_case[patch["case"]] = per_case.get(patch["case"], 0) + 1
    rest = [patch for patch in sorted(patches, key=preference) if patch["file"] not in taken]
    while len(chosen) < count and rest:
        patch = min(rest, key=lambda p: (per_case[p["case"]], preference(p)))
        rest.remove(patch)
        chosen.append(patch)
        per_case[patch["case"]] += 1
    return sorted(chosen, key=lambda p: (p["slide"], p["file"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--atlas", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200)
    args = parser.parse_args()

    split = {row["file"]: row["split_by_patch"] for row in read_table(args.atlas / "splits.csv")}
    patches = read_table(args.atlas / "patches.csv")
    for patch in patches:
        patch["model_split"] = split[patch["file"]]
    trained_on = set(json.loads((args.model / "clippath.json").read_text(encoding="utf-8"))["training_slides"])

    chosen = choose(patches, args.count)
    for patch in chosen:
        source = args.atlas / patch["file"]
        patch["file"] = f"{patch['slide']}/{source.name}"
        (args.out / patch["slide"]).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, args.out / patch["file"])
        patch.update({new: patch[old] for old, new in RENAMED.items()})
    slides = [row for row in read_table(args.atlas / "slides.csv") if row["slide"] in {p["slide"] for p in chosen}]
    for slide in slides:
        slide["seen_in_training"] = "yes" if slide["slide"] in trained_on else "no"
        slide["source_commit"] = slide["commit"]
    write_table(args.out / "patches.csv", [RENAMED.get(c, c) for c in PATCH_COLUMNS], chosen)
    write_table(args.out / "slides.csv", SLIDE_COLUMNS, sorted(slides, key=lambda s: s["slide"]))


if __name__ == "__main__":
    main()
