#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a model folder with a ViT-B/32 vision tower of random weights, fp32: equal work for a comparison of speed, of no other use.

usage: make_vit_b32.py VOCABULARY OUT
The text tower is a BERT of two narrow layers over the given word pieces, since a VisionTextDualEncoderModel must have one.
"""
import json
import shutil
import sys
from pathlib import Path

import torch
from transformers import BertConfig, CLIPVisionConfig, VisionTextDualEncoderConfig, VisionTextDualEncoderModel


def main():
    vocabulary, out = Path(sys.argv[1]), Path(sys.argv[2])
    pieces = len(vocabulary.read_text(encoding="utf-8").splitlines())
    torch.manual_seed(0)
    vision = CLIPVisionConfig(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, patch_size=32,
                              image_size=224, projection_dim=512)
    text = BertConfig(vocab_size=pieces, hidden_size=128, num_hidden_layers=2, num_attention_heads=2, intermediate_size=512)
    config = VisionTextDualEncoderConfig.from_vision_text_configs(vision, text, projection_dim=512)
    VisionTextDualEncoderModel(config).float().eval().save_pretrained(out)

    shutil.copyfile(vocabulary, out / "vocab.txt")
    write = {
        "tokenizer_config.json": {"tokenizer_class": "BertTokenizer", "do_lower_case": True, "model_max_length": 512},
        "preprocessor_config.json": {
            "image_processor_type": "CLIPImageProcessor", "do_resize": True, "size": {"shortest_edge": 224}, "resample": 3,
            "do_center_crop": True, "crop_size": {"height": 224, "width": 224}, "do_rescale": True, "rescale_factor": 1 / 255,
            "do_normalize": True, "do_convert_rgb": True,
            "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]},
        "clippath.json": {
            "format": 1, "name": "random-vit-b32", "demo": True, "layout": "vision-text-dual-encoder", "text_pooling": "pooler",
            "max_text_tokens": 64, "extent_um": [512], "default_extent_um": 512, "stain": "none", "image_size": 224,
            "licence": "random weights", "training_slides": [], "training_data": "none"},
    }
    for name, content in write.items():
        (out / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
