#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times transformers' CLIPModel as a user would run it; prints JSON.

usage: encode_vs_python.py MODEL TEXTS DTYPE BATCH THREADS
Pictures: a batch of ready pixel values. Texts: one at a time, tokenised and padded to 77, as the model's own example does.
"""
import json
import statistics
import sys
import time

import torch
from transformers import CLIPModel, CLIPTokenizerFast

REPEATS = 9


def seconds_of(work, repeats):
    work()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return times


def main():
    folder, texts, dtype, batch, threads = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
    torch.set_num_threads(threads)
    kind = torch.bfloat16 if dtype == "bf16" else torch.float32
    model = CLIPModel.from_pretrained(folder, dtype=kind).eval()
    tokenizer = CLIPTokenizerFast.from_pretrained(folder)
    phrases = [line for line in open(texts, encoding="utf-8").read().splitlines() if line][:200]
    pixels = torch.randn(batch, 3, 224, 224, dtype=kind)
    with torch.inference_mode():
        images = statistics.median(seconds_of(lambda: model.get_image_features(pixel_values=pixels), REPEATS))
        latencies = []
        for phrase in phrases:
            def encode(phrase=phrase):
                model.get_text_features(**tokenizer([phrase], padding="max_length", max_length=77, truncation=True, return_tensors="pt"))
            latencies.append(statistics.median(seconds_of(encode, 3)))
    print(json.dumps({"images_per_second": batch / images, "text_p50_ms": 1000 * statistics.median(latencies)}))


if __name__ == "__main__":
    main()
