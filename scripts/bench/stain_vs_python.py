#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seconds a picture of StainTools' Vahadane and torchstain's Macenko (NumPy), fit and transform, as JSON.

usage: stain_vs_python.py TARGET PICTURE...   (called by stain_vs_python.sh, which installs what it needs)
"""
import json
import sys
import time

import cv2
import staintools
from torchstain.numpy.normalizers import NumpyMacenkoNormalizer

SIDE_PX = 299


def read(path):
    rgb = cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB)
    return cv2.resize(rgb, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_CUBIC)


def seconds_each(work, pictures):
    start = time.perf_counter()
    for picture in pictures:
        work(picture.copy())
    return (time.perf_counter() - start) / len(pictures)


def main():
    cv2.setNumThreads(1)
    target, pictures = read(sys.argv[1]), [read(path) for path in sys.argv[2:]]
    vahadane = staintools.StainNormalizer(method="vahadane")
    vahadane.fit(target.copy())
    macenko = NumpyMacenkoNormalizer()
    macenko.fit(target)
    print(json.dumps({"vahadane": seconds_each(vahadane.transform, pictures),
                      "macenko": seconds_each(lambda picture: macenko.normalize(picture, stains=False), pictures)}))


if __name__ == "__main__":
    main()
