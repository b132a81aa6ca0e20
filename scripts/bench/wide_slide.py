#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a wide slide of a narrow one: its level 0, repeated side by side.

usage: wide_slide.py SLIDE OUT [--repeat 32]

The compressed tiles are stored once and named many times, so the file is small; a reader has to decode every one. SLIDE is a classic
little-endian TIFF with tiles, such as an SVS below 4 GB. Columns of tiles that lie partly beyond its right edge are left out.
"""
import argparse
import struct
import sys
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


def main():
    parser = argparse.ArgumentParser(description="Repeats level 0 of a slide side by side.")
    parser.add_argument("slide", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--repeat", type=int, default=32)
    options = parser.parse_args()
    options.out.write_bytes(widen(options.slide.read_bytes(), options.repeat))


if __name__ == "__main__":
    main()
