#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which cells of a slide the two pipelines should keep, recomputed without either, as JSON: {"python": [[x, y]..], "clippath": [..]}.

usage: kept_cells.py SLIDE EXTENT MIN_TISSUE MAX_WHITE [--mask]
EXTENT is a cell's side in level-0 pixels; MIN_TISSUE and MAX_WHITE are clippath's. "python" follows python_pipeline.py (with --mask, its
thumbnail step too); "clippath" follows the rules that include/clippath/tissue.h and tiling.h state: Otsu on a thumbnail near 8 um a pixel,
then the share of white pixels of the tile as it is read: from the coarsest level that need not be enlarged for the encoder.
"""
import argparse
import json
import math

import cv2
import numpy as np
import openslide
from PIL import Image

WHITE, THEIR_MAX_WHITE = 225, 0.5
ENCODER_PX = 224


def otsu(gray):
    level, _ = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    return min(max(level, WHITE - 25), WHITE)


def on_white(rgba):
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("RGB")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("slide")
    parser.add_argument("extent", type=int)
    parser.add_argument("min_tissue", type=float)
    parser.add_argument("max_white", type=float)
    parser.add_argument("--mask", action="store_true")
    args = parser.parse_args()
    slide, side = openslide.OpenSlide(args.slide), args.extent
    width, height = slide.dimensions
    cells = [(x, y) for y in range(0, height - side + 1, side) for x in range(0, width - side + 1, side)]

    mpp = float(slide.properties.get(openslide.PROPERTY_NAME_MPP_X, 0.5))
    factor = max(8 / mpp, max(width, height) / 4096)
    small = slide.get_thumbnail((math.ceil(width / factor), math.ceil(height / factor)))
    own_gray = np.asarray(small.convert("L"))
    own_mask, own_scale = own_gray <= otsu(own_gray), own_gray.shape[1] / width
    their_gray = cv2.cvtColor(np.asarray(slide.get_thumbnail((1024, 1024))), cv2.COLOR_RGB2GRAY)
    their_mask, their_scale = their_gray <= otsu(their_gray), their_gray.shape[1] / width

    level = max(i for i, downsample in enumerate(slide.level_downsamples) if i == 0 or side / downsample >= ENCODER_PX)
    read_px = math.ceil(side / slide.level_downsamples[level])

    def white_of(gray):
        return (gray > WHITE).mean()

    def tissue(mask, scale, x, y):
        return mask[int(y * scale):int((y + side) * scale) + 1, int(x * scale):int((x + side) * scale) + 1].mean()

    kept = {"python": [], "clippath": []}
    for x, y in cells:
        by_them = not args.mask or tissue(their_mask, their_scale, x, y) >= 0.3
        by_us = tissue(own_mask, own_scale, x, y) >= args.min_tissue
        if not (by_them or by_us):
            continue
        if by_them:
            tile = on_white(slide.read_region((x, y), 0, (side, side)))
            if white_of(cv2.cvtColor(np.asarray(tile), cv2.COLOR_RGB2GRAY)) < THEIR_MAX_WHITE:
                kept["python"].append([x, y])
        if by_us:
            tile = on_white(slide.read_region((x, y), level, (read_px, read_px)))
            if white_of(np.asarray(tile.convert("L"))) <= args.max_white:
                kept["clippath"].append([x, y])
    print(json.dumps(kept))


if __name__ == "__main__":
    main()
