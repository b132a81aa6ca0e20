#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Downloads a model of others at a pinned commit, checks every file against it and turns the weights into safetensors.

usage: fetch_model.py plip|quiltnet|biomedclip --out DIR [--lock FILE] [--endpoint URL] [--python PROGRAM]
  --lock FILE      commits, and SHA-256 of weights (default: models.lock.json beside this program)
  --endpoint URL   the hub, or a mirror of it (default: $HF_ENDPOINT, else Hugging Face's)
  --python PROGRAM runs convert_weights.py, so it needs torch and safetensors (default: this one)
Needs git: the id of the pinned commit is a hash over all its files, and git checks it. A download that was cut off goes on where it was. A redirect is followed
within the endpoint's host and to hosts of the hub, never to another scheme. Exit code 0: the folder is complete; 1: something failed; 2: wrong usage.
`clippath` itself never downloads anything.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import urllib.parse
from pathlib import Path

from model_hub.commit import PinnedCommit
from model_hub.download import fetch_file, is_loopback, opener_of
from model_hub.refused import Refused

HUB = "https://huggingface.co"
LOCK = Path(__file__).resolve().parent / "models.lock.json"
CONVERTER = Path(__file__).resolve().parent / "convert_weights.py"
FORMAT = 2  # of the lock file
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
SHA256 = re.compile(r"[0-9a-f]{64}")


def check_entry(name, entry):
    """A lock file decides what is written where, so nothing in it may lead out of the folder."""
    if not re.fullmatch(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+", entry["repository"]) or ".." in entry["repository"]:
        raise Refused(f"{name}: repository {entry['repository']!r} is not OWNER/NAME", 2)
    if not re.fullmatch(r"[0-9a-f]{40}", entry["revision"]):
        raise Refused(f"{name}: revision {entry['revision']!r} is not a whole commit id: a branch is no pin", 2)
    convert = entry.get("convert", {})
    for file in [*entry["files"], *entry["weights"], *convert.values()]:
        if not NAME.fullmatch(file):
            raise Refused(f"{name}: file name {file!r} is refused: letters, digits, '.', '_' and '-', within the folder", 2)
    if convert and convert["from"] not in entry["weights"]:
        raise Refused(f"{name}: convert.from {convert['from']!r} is not one of its weights", 2)
    for file, digest in entry["weights"].items():
        if not SHA256.fullmatch(digest):
            raise Refused(f"{name}: {file}: {digest!r} is not a SHA-256 in hex", 2)


def read_lock(path, name):
    try:
        lock = json.loads(path.read_text(encoding="utf-8"))
        if lock["format"] != FORMAT:
            raise Refused(f"{path}: has the format {lock['format']!r}, this program reads {FORMAT}", 2)
        entry = lock["models"][name]
        check_entry(name, entry)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(f"{path}: cannot be used: {error!r}", 2) from error
    return entry


def check_endpoint(url):
    scheme = urllib.parse.urlsplit(url).scheme
    if scheme == "https" or (scheme == "http" and is_loopback(url)):
        return url.rstrip("/")
    raise Refused(f"--endpoint {url}: must be https, or http of this machine", 2)


def take_file(commit, name, out):
    """Writes a file of the commit, unless it is there."""
    content, path = commit.read(name), out / name
    if path.exists():
        if path.read_bytes() != content:
            raise Refused(f"{path}: is there with another content than the commit has; move it away and run again")
        print(f"  {name}  is there", file=sys.stderr)
        return
    part = path.with_name(name + ".part")
    part.write_bytes(content)
    part.rename(path)


def take_weights(commit, opener, name, expected, out):
    """Downloads weights that the commit points to."""
    pointer = commit.pointer(name)
    if pointer.sha256 != expected:
        raise Refused(f"{commit.url}: {name} has the SHA-256 {pointer.sha256} in the commit {commit.revision}, expected {expected}")
    fetch_file(opener, f"{commit.url}/resolve/{commit.revision}/{name}", out / name, pointer.size, expected)


def convert(python, out, names):
    source, target = out / names["from"], out / names["to"]
    if target.exists():
        print(f"  {target.name}  is there", file=sys.stderr)
        return
    partial = target.with_name(target.name + ".part")
    done = subprocess.run([python, CONVERTER, source, partial], check=False)
    if done.returncode != 0:
        partial.unlink(missing_ok=True)
        raise Refused(f"{source}: was fetched and checked, but not converted. With a Python that has torch and safetensors: "
                      f"convert_weights.py {source} {target}, or this command again with --python")
    partial.rename(target)


def fetch(arguments):
    endpoint = check_endpoint(arguments.endpoint)
    entry = read_lock(arguments.lock, arguments.model)
    print(f"{entry['repository']} at {entry['revision']}\nlicence: {entry['licence']}", file=sys.stderr)
    if "note" in entry:
        print(f"note: {entry['note']}", file=sys.stderr)
    arguments.out.mkdir(parents=True, exist_ok=True)
    with PinnedCommit(f"{endpoint}/{entry['repository']}", entry["revision"]) as commit:
        for name in entry["files"]:
            take_file(commit, name, arguments.out)
            print(name)
        for name, expected in entry["weights"].items():
            take_weights(commit, opener_of(endpoint), name, expected, arguments.out)
            print(name)
    if "convert" in entry:
        convert(arguments.python, arguments.out, entry["convert"])
    print(f"{arguments.out} is complete. Next: clippath model convert {arguments.out} --out NEW --golden", file=sys.stderr)


def main(words=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0], epilog=__doc__.split("\n\n", 1)[1], formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="plip, quiltnet or biomedclip: an entry of the lock file")
    parser.add_argument("--out", type=Path, required=True, help="folder; made if need be")
    parser.add_argument("--lock", type=Path, default=LOCK)
    parser.add_argument("--endpoint", default=os.environ.get("HF_ENDPOINT") or HUB)
    parser.add_argument("--python", default=sys.executable)
    arguments = parser.parse_args(words)
    try:
        fetch(arguments)
    except (Refused, OSError) as error:
        print(f"fetch_model.py: {error}", file=sys.stderr)
        return getattr(error, "code", 1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
