#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Indexes damaged copies of one slide and checks that damage stays where it is.

usage: damaged_slides.py CLIPPATH SLIDE MODEL [--count 200] [--seed 1] [--um 128] [--keep FOLDER]

A third of the copies is cut off at 1..99 % of its length, a third has bytes changed within the compressed tiles, a third has an absurd
number in one tag. The run must end by itself with exit code 3, give every slide a state and, where it is not done, a reason, leave no
worker behind, and let what was readable be found. Prints the counts; exit 1 if anything is not so.
"""
import argparse
import json
import random
import struct
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tiff import SHORT, TILE_BYTE_COUNTS, TILE_OFFSETS, directories_of

ABSURD_TAGS = {256: "width", 257: "height", 258: "bits", 259: "compression", 262: "photometric", 277: "samples", 322: "tile width",
               323: "tile height", TILE_OFFSETS: "tile offsets", TILE_BYTE_COUNTS: "tile byte counts"}
MOST_SECONDS_A_SLIDE = 60


def tiles_of(data):
    """Offset and length of the compressed tiles of all levels."""
    tiles = []
    for directory in directories_of(data):
        if TILE_OFFSETS in directory:
            tiles += zip(directory[TILE_OFFSETS].numbers(data), directory[TILE_BYTE_COUNTS].numbers(data))
    return tiles


def cut_off(data, percent):
    return data[:len(data) * percent // 100]


def flip_bytes(data, tiles, rng):
    """1..20 tiles get 1..64 random bytes each."""
    damaged = bytearray(data)
    for offset, length in rng.sample(tiles, min(len(tiles), rng.randint(1, 20))):
        for _ in range(rng.randint(1, 64)):
            damaged[offset + rng.randrange(length)] = rng.randrange(256)
    return bytes(damaged)


def set_absurd_tag(data, rng):
    damaged = bytearray(data)
    entry = rng.choice([entry for directory in directories_of(data) for tag, entry in directory.items() if tag in ABSURD_TAGS])
    is_short = entry.kind == SHORT
    value = rng.choice([0, 1, 3, 0x7FFF, 0xFFFF] if is_short else [0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x10000000, 70000])
    struct.pack_into("<H" if is_short else "<I", damaged, entry.place, value)
    return bytes(damaged)


def write_damaged(slide, folder, count, seed):
    data = slide.read_bytes()
    tiles = tiles_of(data)
    rng = random.Random(seed)
    for i in range(count):
        kind = ("cut", "flipped", "tag")[i % 3]
        if kind == "cut":
            damaged = cut_off(data, 1 + (i // 3 * 98) // max(1, (count - 1) // 3))
        elif kind == "flipped":
            damaged = flip_bytes(data, tiles, rng)
        else:
            damaged = set_absurd_tag(data, rng)
        (folder / f"{kind}-{i:03d}{slide.suffix}").write_bytes(damaged)


def left_behind(session):
    """Processes of the run's session that are still there."""
    return subprocess.run(["pgrep", "--session", str(session), "clippath"], capture_output=True, check=False).stdout.split()


def search(program, data, slide_id):
    done = subprocess.run([program, "search", "--data", data, "--text", "carcinoma", "--filter", f"slide_id={slide_id}", "-k", "1", "--json"],
                          capture_output=True, check=True)
    return json.loads(done.stdout)["hits"]


def check(report, seconds, exit_code, count, program, data):
    slides = report["slides"]
    states = Counter(slide["state"] for slide in slides)
    wrong = []
    if exit_code != 3:
        wrong.append(f"exit code {exit_code}, expected 3")
    if len(slides) != count:
        wrong.append(f"{len(slides)} slides reported of {count}")
    wrong += [f"{slide['id']}: {slide['state']} without a reason"
              for slide in slides if slide["state"] != "done" and not slide.get("reason")]
    wrong += [f"{slide['id']}: took {slide['seconds']:.0f} s" for slide in slides if slide["seconds"] > MOST_SECONDS_A_SLIDE]
    partial = [slide["id"] for slide in slides if slide["state"] == "partial"]
    for slide_id in partial[:5]:
        hits = search(program, data, slide_id)
        if not hits or not hits[0]["partial_slide"]:
            wrong.append(f"{slide_id}: is partial, but a search in it does not say so")
    if not partial:
        wrong.append("no slide is partial: the damage was too coarse to show anything")
    print(f"{count} damaged slides in {seconds:.1f} s: " + ", ".join(f"{n} {state}" for state, n in sorted(states.items())))
    reasons = Counter(reason_class(slide["reason"]) for slide in slides if slide.get("reason"))
    for reason, n in reasons.most_common():
        print(f"  {n:4d}  {reason}")
    return wrong


def reason_class(reason):
    """A reason without what names one slide or place."""
    for known in ("cannot be opened", "no slide format", "given up", "decoder was ended", "decoder ended", "tiles in a row", "could not be read",
                  "cannot be read", "pyramid levels", "shrink", "possible", "microns per pixel", "smaller than one field", "no tissue", "px; sides"):
        if known in reason:
            return known
    return reason


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("slide", type=Path)
    parser.add_argument("model")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--um", type=float, default=128, help="field of view; small, so that a slide has many tiles")
    parser.add_argument("--keep", type=Path, help="folder for the damaged slides and the data folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        (folder / "slides").mkdir(parents=True, exist_ok=True)
        write_damaged(options.slide, folder / "slides", options.count, options.seed)
        data = str(folder / "data")
        start = time.monotonic()
        run = subprocess.Popen([options.program, "index", str(folder / "slides"), "--data", data, "--model", options.model, "--um", str(options.um),
                               "--missing-mpp", "default=0.5", "--json", "--quiet"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        out, err = run.communicate()
        seconds = time.monotonic() - start
        time.sleep(0.5)
        outlived = left_behind(run.pid)
        if not out:
            print(f"no report; exit code {run.returncode}: {err[-2000:]}")
            return 1
        wrong = check(json.loads(out), seconds, run.returncode, options.count, options.program, data)
    if outlived:
        wrong.append(f"{len(outlived)} processes outlived the run")
    for message in wrong:
        print(f"WRONG: {message}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
