#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Indexes a slide and one made of it that is many times as wide, and compares time and memory.

usage: wide_slide.py CLIPPATH SLIDE MODEL [--repeat 12] [--level0-px 300] [--stain vahadane] [--keep FILE]

The wide slide is SLIDE, side by side, on every level. Its compressed tiles are stored once and named many times, so the file is small; a
reader has to decode every one. SLIDE is a classic little-endian TIFF, such as an SVS below 4 GB, whose levels are whole tiles wide.
Prints patches a second of both (clippath bench index, which checks every vector) and the peak memory of the largest process of an index run,
with its stain normalised by slide.
"""
import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

from tiff import LONG, TILE_BYTE_COUNTS, TILE_OFFSETS, TILE_WIDTH, WIDTH, directories_of


def longs(*values):
    return LONG, len(values), struct.pack(f"<{len(values)}I", *values)


def widened(data, directory, times):
    """The values of a level's tags with the tiles of each row `times` side by side."""
    width, tile_width = directory[WIDTH].numbers(data)[0], directory[TILE_WIDTH].numbers(data)[0]
    across = width // tile_width
    if across * tile_width != width:
        sys.exit(f"wide_slide.py: a level of the slide is {width} px wide, which is no whole number of its tiles of {tile_width} px")
    values = {WIDTH: longs(width * times)}
    for tag in (TILE_OFFSETS, TILE_BYTE_COUNTS):
        tiles = directory[tag].numbers(data)
        rows = [tiles[i:i + across] for i in range(0, len(tiles), across)]
        values[tag] = longs(*(value for row in rows for value in row * times))
    return values


def append_directory(out, tags, link):
    """Writes it behind everything else and its place to `link`; gives the place of its own link."""
    entries = b""
    for tag, (kind, count, values) in sorted(tags.items()):
        place = values.ljust(4, b"\0")
        if len(values) > 4:
            out += b"\0" * (len(out) % 2)
            place = struct.pack("<I", len(out))
            out += values
        entries += struct.pack("<HHI", tag, kind, count) + place
    out += b"\0" * (len(out) % 2)
    struct.pack_into("<I", out, link, len(out))
    out += struct.pack("<H", len(tags)) + entries + struct.pack("<I", 0)
    return len(out) - 4


def widen(data, times):
    out, link = bytearray(data), 4
    for directory in directories_of(data):
        values = {tag: (entry.kind, entry.count, entry.values(data)) for tag, entry in directory.items()}
        if TILE_OFFSETS in directory:
            values |= widened(data, directory, times)
        link = append_directory(out, values, link)
    return out


def bench(program, slide, model, level0_px):
    command = [program, "bench", "index", slide, "--model", model, "--level0-px", str(level0_px), "--repeats", "3", "--json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def peak_mb(program, slide, model, level0_px, stain):
    """Of the largest process of an index run."""
    with tempfile.TemporaryDirectory() as data:
        command = [program, "index", slide, "--data", data, "--model", model, "--level0-px", str(level0_px), "--stain", stain, "--quiet"]
        with subprocess.Popen(command) as process:
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"wide_slide.py: {slide}: the index run ended with {process.returncode}")
    return usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description="Compares a slide with one made of it that is many times as wide.")
    parser.add_argument("clippath")
    parser.add_argument("slide", type=Path)
    parser.add_argument("model")
    parser.add_argument("--repeat", type=int, default=12)
    parser.add_argument("--level0-px", type=int, default=300)
    parser.add_argument("--stain", default="vahadane", help="of the run whose memory is measured")
    parser.add_argument("--keep", type=Path, help="where the wide slide stays")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wide = options.keep or Path(folder) / "wide.svs"
        wide.write_bytes(widen(options.slide.read_bytes(), options.repeat))
        for name, slide in (("as it is", options.slide), (f"{options.repeat} times as wide", wide)):
            found = bench(options.clippath, slide, options.model, options.level0_px)
            rates = ", ".join(f"{part} {found[part]['patches_per_second']:.0f}/s" for part in ("decode", "encode", "index"))
            memory = peak_mb(options.clippath, slide, options.model, options.level0_px, options.stain)
            print(f"{name}: {found['patches']} patches of {options.level0_px} px, {rates}, share of bound {found['share_of_bound']:.2f}, peak {memory:.0f} MB")


if __name__ == "__main__":
    main()
