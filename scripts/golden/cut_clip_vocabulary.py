#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the golden models clip-tiny and openclip-tiny small: of 49,408 token vectors only those stay that their inputs use, under new numbers in the same order.

usage: cut_clip_vocabulary.py CLIP_TINY OPENCLIP_TINY OUT
Outputs do not change: a token's vector is all that a model knows of it, and the end of a text keeps the largest number.
"""
import json
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file


def cut(weights, name, kept):
    weights[name] = np.ascontiguousarray(weights[name][kept])


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def main():
    clip, open_clip, out = (Path(argument) for argument in sys.argv[1:])
    inputs = load_file(clip / "inputs.safetensors")
    names = ["input_ids", "input_ids_pad0"]
    kept = np.unique(np.concatenate([inputs[name].ravel() for name in names]))
    for name in names:
        inputs[name] = np.searchsorted(kept, inputs[name]).astype(np.int64)

    folder = out / "clip-tiny"
    folder.mkdir(parents=True, exist_ok=True)
    save_file(inputs, folder / "inputs.safetensors")
    save_file(load_file(clip / "outputs.safetensors"), folder / "outputs.safetensors")
    weights = load_file(clip / "model.safetensors")
    cut(weights, "text_model.embeddings.token_embedding.weight", kept)
    save_file(weights, folder / "model.safetensors")
    config = json.loads((clip / "config.json").read_text(encoding="utf-8"))
    text = config["text_config"]
    text["vocab_size"] = len(kept)
    for key in ("bos_token_id", "eos_token_id", "pad_token_id"):
        text[key] = int(np.searchsorted(kept, text[key]))
    write_json(folder / "config.json", config)

    folder = out / "openclip-tiny"
    folder.mkdir(parents=True, exist_ok=True)
    weights = load_file(open_clip / "open_clip_model.safetensors")
    cut(weights, "token_embedding.weight", kept)
    save_file(weights, folder / "open_clip_model.safetensors")
    config = json.loads((open_clip / "open_clip_config.json").read_text(encoding="utf-8"))
    config["model_cfg"]["text_cfg"]["vocab_size"] = len(kept)
    write_json(folder / "open_clip_config.json", config)
    (folder / "quick_gelu_off.json").write_bytes((open_clip / "quick_gelu_off.json").read_bytes())
    print(f"{len(kept)} of the token vectors stay")


if __name__ == "__main__":
    main()
