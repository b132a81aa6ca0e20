#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a CLIPModel of the size of ViT-B/32 with random weights: the time of an encoder does not depend on what its weights are.

usage: make_clip_b32.py VOCABULARY_FOLDER OUT
VOCABULARY_FOLDER holds vocab.json and merges.txt of CLIP.
"""
import json
import shutil
import sys
from pathlib import Path

import torch
from transformers import CLIPConfig, CLIPModel


def main():
    vocabulary, out = Path(sys.argv[1]), Path(sys.argv[2])
    torch.manual_seed(0)
    CLIPModel(CLIPConfig()).float().eval().save_pretrained(out)
    for name in ("vocab.json", "merges.txt"):
        shutil.copyfile(vocabulary / name, out / name)
    write = {
        "tokenizer_config.json": {"tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "pad_token": "<|endoftext|>",
                                  "bos_token": "<|startoftext|>", "eos_token": "<|endoftext|>", "unk_token": "<|endoftext|>"},
        "preprocessor_config.json": {
            "image_processor_type": "CLIPImageProcessor", "do_resize": True, "size": {"shortest_edge": 224}, "resample": 3,
            "do_center_crop": True, "crop_size": {"height": 224, "width": 224}, "do_rescale": True, "rescale_factor": 1 / 255,
            "do_normalize": True, "do_convert_rgb": True,
            "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]},
    }
    for name, content in write.items():
        (out / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
