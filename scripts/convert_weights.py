#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns PyTorch weights (.pt, .pth, .bin: pickles, which clippath never reads) into safetensors. Needs torch and safetensors.

usage: convert_weights.py IN OUT.safetensors [--key NAME] [--strip PREFIX]...
  --key NAME      the weights are in this entry of the file ("teacher" in DINO's checkpoints, "state_dict" in open_clip's)
  --strip PREFIX  cut from the front of every name that has it, in the order given ("module.", then "backbone.")
The file is read with weights_only, which builds tensors, plain values and the options of a command line (argparse.Namespace: DINO's checkpoints hold
theirs), and nothing else. Prints the SHA-256 of both files, for the model's card.
"""
import argparse
import contextlib
import hashlib
import pickle
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file


def sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def stripped(name, prefixes):
    for prefix in prefixes:
        name = name.removeprefix(prefix)
    return name


def renamed(weights, prefixes):
    """The weights by their new names, of which no two are equal."""
    origins = {}
    for name in weights:
        new = stripped(name, prefixes)
        other = origins.setdefault(new, name)
        if other != name:
            sys.exit(f"{other} and {name} would both be named {new}: leave out the --strip that makes them equal")
    return {new: weights[name] for new, name in origins.items()}


def load(path):
    # A Namespace runs no code when it is built: its attributes are set, of kinds that are read anyway.
    with torch.serialization.safe_globals([argparse.Namespace]), contextlib.suppress(pickle.UnpicklingError):
        return torch.load(path, map_location="cpu", weights_only=True)
    sys.exit(f"{path}: is damaged, or holds what could run code, which is not read. Where the file was made, save its weights alone: "
             'torch.save(checkpoint["teacher"], NEW), with the entry that they lie in')


def tensors_of(content, key):
    if key and not (isinstance(content, dict) and key in content):
        found = ", ".join(map(str, list(content)[:10])) if isinstance(content, dict) else f"a {type(content).__name__}"
        sys.exit(f"no entry {key}; the file holds {found}")
    weights = content[key] if key else content
    if not isinstance(weights, dict):
        sys.exit(f"the file holds a {type(weights).__name__}, not tensors by name")
    others = [name for name, value in weights.items() if not isinstance(value, torch.Tensor)]
    if others:
        sys.exit(f"not a tensor: {', '.join(map(str, others[:5]))}; name the entry that holds the weights with --key")
    return weights


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--key", help='entry of the file that holds the weights, such as "teacher"')
    parser.add_argument("--strip", action="append", default=[], help='prefix to cut from names, such as "module."')
    args = parser.parse_args()
    weights = renamed(tensors_of(load(args.source), args.key), args.strip)
    # Tensors that share memory would be refused: each gets its own.
    save_file({name: value.clone().contiguous() for name, value in weights.items()}, args.target, metadata={"format": "pt"})
    print(f"{sha256(args.source)}  {args.source}\n{sha256(args.target)}  {args.target}\n{len(weights)} tensors")


if __name__ == "__main__":
    main()
