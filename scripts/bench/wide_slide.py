#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Indexes a slide and one made of it that is many times as wide, and compares time and memory.

usage: wide_slide.py CLIPPATH SLIDE MODEL [--repeat 12] [--level0-px 300] [--keep FILE]

The wide slide is level 0 of SLIDE, side by side. Its compressed tiles are stored once and named many times, so the file is small; a reader
has to decode every one. SLIDE is a classic little-endian TIFF with tiles, such as an SVS below 4 GB; columns of tiles that lie partly
beyond its right edge are left out. Prints patches a second of both (clippath bench index, which checks every vector) and the peak memory of
the largest process of an index run.
"""
import argparse
import json
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

WIDTH, TILE_WIDTH, TILE_OFFSETS, TILE_BYTE_COUNTS = 256, 322, 324, 325
SHORT, LONG = 3, 4
TYPE_BYTES = {1: 1, 2: 1, SHORT: 2, LONG: 4, 5: 8, 7: 1}
NUMBER = {SHORT: "H", LONG: "I"}


def read_directory(data):
    """The first directory: {tag: (type, count, bytes of the values)}."""
    if data[:4] != b"II*\0":
        sys.exit("wide_slide.py: needs a classic little-endian TIFF")
    (place,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, place)
    directory = {}
    for i in range(count):
        tag, kind, values = struct.unpack_from("<HHI", data, place + 2 + 12 * i)
        size = TYPE_BYTES[kind] * values
        at = place + 10 + 12 * i if size <= 4 else struct.unpack_from("<I", data, place + 10 + 12 * i)[0]
        directory[tag] = (kind, values, data[at : at + size])
    return directory


def numbers(directory, tag):
    kind, count, values = directory[tag]
    return struct.unpack(f"<{count}{NUMBER[kind]}", values)


def longs(*values):
    return LONG, len(values), struct.pack(f"<{len(values)}I", *values)


def repeated(directory, tag, across, whole, times):
    """The tiles of each row, without those that are cut off, `times` side by side."""
    tiles = numbers(directory, tag)
    rows = [tiles[i : i + whole] for i in range(0, len(tiles), across)]
    return longs(*(value for row in rows for value in row * times))


def widen(data, times):
    directory = read_directory(data)
    width, tile_width = numbers(directory, WIDTH)[0], numbers(directory, TILE_WIDTH)[0]
    across, whole = -(-width // tile_width), width // tile_width
    for tag in (TILE_OFFSETS, TILE_BYTE_COUNTS):
        directory[tag] = repeated(directory, tag, across, whole, times)
    directory[WIDTH] = longs(whole * tile_width * times)
    out = bytearray(data)
    entries = b""
    for tag, (kind, count, values) in sorted(directory.items()):
        if len(values) > 4:
            out += b"\0" * (len(out) % 2)
            place = struct.pack("<I", len(out))
            out += values
        else:
            place = values.ljust(4, b"\0")
        entries += struct.pack("<HHI", tag, kind, count) + place
    out += b"\0" * (len(out) % 2)
    struct.pack_into("<I", out, 4, len(out))
    return out + struct.pack("<H", len(directory)) + entries + struct.pack("<I", 0)


def bench(program, slide, model, level0_px):
    command = [program, "bench", "index", slide, "--model", model, "--level0-px", str(level0_px), "--repeats", "3", "--json"]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def peak_mb(program, slide, model, level0_px):
    """Of the largest process of an index run."""
    with tempfile.TemporaryDirectory() as data:
        command = [program, "index", slide, "--data", data, "--model", model, "--level0-px", str(level0_px), "--quiet"]
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
    parser.add_argument("--keep", type=Path, help="where the wide slide stays")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        wide = options.keep or Path(folder) / "wide.svs"
        wide.write_bytes(widen(options.slide.read_bytes(), options.repeat))
        for name, slide in (("as it is", options.slide), (f"{options.repeat} times as wide", wide)):
            found = bench(options.clippath, slide, options.model, options.level0_px)
            rates = ", ".join(f"{part} {found[part]['patches_per_second']:.0f}/s" for part in ("decode", "encode", "index"))
            memory = peak_mb(options.clippath, slide, options.model, options.level0_px)
            print(f"{name}: {found['patches']} patches of {options.level0_px} px, {rates}, share of bound {found['share_of_bound']:.2f}, peak {memory:.0f} MB")


if __name__ == "__main__":
    main()
