# SPDX-License-Identifier: Apache-2.0
"""Tags of a classic little-endian TIFF, as bytes to be changed."""
import struct
from typing import NamedTuple

WIDTH, TILE_WIDTH, TILE_OFFSETS, TILE_BYTE_COUNTS = 256, 322, 324, 325
SHORT, LONG = 3, 4
TYPE_BYTES = {1: 1, 2: 1, SHORT: 2, LONG: 4, 5: 8, 7: 1}


class Entry(NamedTuple):
    kind: int
    count: int
    place: int  # of the value, or of the offset where that does not fit

    def values(self, data):
        """The bytes of all values."""
        size = TYPE_BYTES[self.kind] * self.count
        at = self.place if size <= 4 else struct.unpack_from("<I", data, self.place)[0]
        return data[at:at + size]

    def numbers(self, data):
        """Values of type SHORT or LONG."""
        return struct.unpack(f"<{self.count}{'H' if self.kind == SHORT else 'I'}", self.values(data))


def directories_of(data):
    """Every directory, {tag: Entry}."""
    assert data[:4] == b"II*\0", "a classic little-endian TIFF is expected"
    (place,) = struct.unpack_from("<I", data, 4)
    while place:
        (count,) = struct.unpack_from("<H", data, place)
        entries = range(place + 2, place + 2 + 12 * count, 12)
        yield {tag: Entry(kind, values, at + 8) for at in entries for tag, kind, values in [struct.unpack_from("<HHI", data, at)]}
        (place,) = struct.unpack_from("<I", data, place + 2 + 12 * count)
