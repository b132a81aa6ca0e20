#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Judges what encode_vs_python.sh measured. usage: encode_ratios.py RESULTS, one JSON object a type and line"""
import json
import sys

IMAGE_BARS = {"fp32": 1.0, "bf16": 1.3}
PRODUCTS_BAR = 0.65
TEXT_BAR = 2.0
TEXT_AUTO_BAR = 3.0
CLIENTS_BAR = 1.5


def main():
    runs = {run["dtype"]: run for run in map(json.loads, open(sys.argv[1], encoding="utf-8"))}
    auto = runs.pop("auto")["ours"]
    below = []

    def judge(what, ratio, bar):
        print(f"  {what}: {ratio:.2f}, at least {bar} wanted")
        if ratio < bar:
            below.append(what)

    for dtype, run in runs.items():
        images, texts, theirs = run["ours"]["images"], run["ours"]["texts"], run["theirs"]
        print(f"{dtype}: {images['images_per_second']:.1f} pictures/s, its products alone {images['products_alone_images_per_second']:.1f} "
              f"({images['products_alone_gflops']:.0f} GFLOP/s); transformers {theirs['images_per_second']:.1f}")
        for clients in texts:
            print(f"  texts, {clients['clients']} client(s): {clients['texts_per_second']:.0f}/s, p50 {clients['p50_ms']:.1f} ms, p99 {clients['p99_ms']:.1f} ms")
        for clients in run["busy"]["texts"]:
            print(f"  the same with one core kept busy by another process, {clients['clients']} client(s): {clients['texts_per_second']:.0f}/s, "
                  f"p50 {clients['p50_ms']:.1f} ms, p99 {clients['p99_ms']:.1f} ms")
        print(f"  transformers, padded to 77: p50 {theirs['text_p50_ms']:.1f} ms")
        judge(f"{dtype} pictures, batch 32", images["images_per_second"] / theirs["images_per_second"], IMAGE_BARS[dtype])
        judge(f"{dtype} share of its own products", images["share_of_products"], PRODUCTS_BAR)
        judge(f"{dtype} text", theirs["text_p50_ms"] / texts[0]["p50_ms"], TEXT_BAR)
        if dtype == "bf16":
            judge("bf16 two clients against one", texts[1]["texts_per_second"] / texts[0]["texts_per_second"], CLIENTS_BAR)
    chosen = auto["machine"]["dtype"]
    ratio = runs["fp32"]["theirs"]["text_p50_ms"] / auto["texts"][0]["p50_ms"]
    if chosen == "fp32":
        print(f"text with --dtype auto, which is fp32 here, against their fp32: {ratio:.2f}")
    else:
        judge(f"text with --dtype auto, which is {chosen} here, against their fp32", ratio, TEXT_AUTO_BAR)
    for what in below:
        print(f"below the bar: {what}")
    return 1 if below else 0


if __name__ == "__main__":
    sys.exit(main())
