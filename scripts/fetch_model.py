#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Downloads a model of others at a pinned revision, checks every file by its SHA-256 and turns its weights into safetensors.

usage: fetch_model.py plip|quiltnet|biomedclip --out DIR [--record] [--lock FILE] [--endpoint URL] [--python PROGRAM]
  --record         a file without a hash in the lock file is taken as it comes, once; its hash is printed and written there. Without it such a model is refused
  --lock FILE      revisions and hashes (default: models.lock.json beside this program)
  --endpoint URL   the hub, or a mirror of it (default: $HF_ENDPOINT, else Hugging Face's)
  --python PROGRAM runs convert_weights.py, so it needs torch and safetensors (default: this one)
A download that was cut off goes on where it was. A redirect is followed within the endpoint's host and to hosts of the hub, never to another scheme. Exit code 0: the folder is
complete; 1: something failed; 2: wrong usage, or hashes are missing. `clippath` itself never downloads anything.
"""
import argparse
import hashlib
import http.client
import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

HUB = "https://huggingface.co"
HUB_HOSTS = ("huggingface.co", "hf.co")  # with their subdomains, where large files lie
LOCK = Path(__file__).resolve().parent / "models.lock.json"
CONVERTER = Path(__file__).resolve().parent / "convert_weights.py"
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
SHA256 = re.compile(r"[0-9a-f]{64}")
CHUNK = 1 << 20
MAX_BYTES = 8 << 30
TIMEOUT_S = 60


class Refused(Exception):
    """What the user is told; `code` is the exit code."""

    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


def check_entry(name, entry):
    """A lock file decides what is written where, so nothing in it may lead out of the folder."""
    if not re.fullmatch(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+", entry["repository"]) or ".." in entry["repository"]:
        raise Refused(f"{name}: repository {entry['repository']!r} is not OWNER/NAME", 2)
    if not re.fullmatch(r"[0-9a-f]{40}", entry["revision"]):
        raise Refused(f"{name}: revision {entry['revision']!r} is not a whole commit hash: a branch is no pin", 2)
    convert = entry.get("convert", {})
    for file in [*entry["files"], *convert.values()]:
        if not NAME.fullmatch(file):
            raise Refused(f"{name}: file name {file!r} is refused: letters, digits, '.', '_' and '-', within the folder", 2)
    if convert and convert["from"] not in entry["files"]:
        raise Refused(f"{name}: convert.from {convert['from']!r} is not one of its files", 2)
    for file, digest in entry["files"].items():
        if digest is not None and not SHA256.fullmatch(digest):
            raise Refused(f"{name}: {file}: {digest!r} is not a SHA-256 in hex", 2)


def read_lock(path, name):
    try:
        lock = json.loads(path.read_text(encoding="utf-8"))
        entry = lock["models"][name]
        check_entry(name, entry)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused(f"{path}: cannot be used: {error!r}", 2) from error
    return lock, entry


def host_of(url):
    return (urllib.parse.urlsplit(url).hostname or "").lower()


def is_loopback(url):
    return host_of(url) in ("127.0.0.1", "localhost", "::1")


def check_endpoint(url):
    scheme = urllib.parse.urlsplit(url).scheme
    if scheme == "https" or (scheme == "http" and is_loopback(url)):
        return url.rstrip("/")
    raise Refused(f"--endpoint {url}: must be https, or http of this machine", 2)


class Redirects(urllib.request.HTTPRedirectHandler):
    """Stays with the scheme of the endpoint, and with its host or the hub's: what is refused here would be found by its hash only when there is one."""

    def __init__(self, endpoint):
        self.endpoint = endpoint

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if urllib.parse.urlsplit(newurl).scheme != urllib.parse.urlsplit(self.endpoint).scheme:
            raise Refused(f"{req.full_url}: is redirected to another scheme, {newurl}: refused")
        host = host_of(newurl)
        of_hub = any(host == hub or host.endswith("." + hub) for hub in HUB_HOSTS)
        if host != host_of(self.endpoint) and not of_hub:
            raise Refused(f"{req.full_url}: is redirected to another host, {host}: refused")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def opener_of(endpoint):
    handlers = [Redirects(endpoint)]
    if is_loopback(endpoint):  # a proxy has no business with a server of this machine
        handlers.append(urllib.request.ProxyHandler({}))
    return urllib.request.build_opener(*handlers)


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(CHUNK):
            digest.update(block)
    return digest.hexdigest()


class Progress:
    """A line that changes on a terminal, else one line for each tenth."""

    def __init__(self, name, total):
        self.name, self.total, self.shown = name, total, -1

    def show(self, done):
        if not self.total:
            return
        terminal = sys.stderr.isatty()
        step = done * 100 // self.total if terminal else done * 10 // self.total * 10
        if step == self.shown:
            return
        self.shown = step
        print(f"  {self.name}  {step} % of {self.total / 1e6:.1f} MB", end="\r" if terminal and done < self.total else "\n", file=sys.stderr, flush=True)


def continues_at(answer, have):
    """Whether an answer to a request for the rest is that rest."""
    return answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")


def download(opener, url, part):
    """Brings `part` to the end of the file; goes on where it is."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        answer = opener.open(request, timeout=TIMEOUT_S)
    except urllib.error.HTTPError as error:
        if error.code != 416:
            raise
        # More is there than the server has, or all of it: from the beginning, the hash decides.
        part.unlink()
        have, answer = 0, opener.open(urllib.request.Request(url), timeout=TIMEOUT_S)
    with answer:
        if have and not continues_at(answer, have):
            if answer.status != 200:
                raise Refused(f"{url}: answered {answer.status} to a request for its rest; remove {part} and try again")
            have = 0
        length = answer.headers.get("Content-Length", "")
        total = have + int(length) if length.isdigit() else 0
        progress = Progress(part.name.removesuffix(".part"), total)
        with open(part, "ab" if have else "wb") as file:
            while block := answer.read(CHUNK):
                have += len(block)
                if have > MAX_BYTES:
                    raise Refused(f"{url}: is larger than {MAX_BYTES} bytes")
                file.write(block)
                progress.show(have)
    if total and have != total:
        raise Refused(f"{url}: ended after {have} of {total} bytes; run the same command again, it goes on there")


def fetch_file(opener, url, path, expected):
    """Fetches one file unless it is there. Its hash."""
    if path.exists():
        found = sha256(path)
        if expected in (None, found):
            print(f"  {path.name}  is there", file=sys.stderr)
            return found
        raise Refused(f"{path}: is there with another hash ({found}, expected {expected}); move it away and run again")
    part = path.with_name(path.name + ".part")
    try:
        download(opener, url, part)
    except (OSError, ValueError, http.client.HTTPException) as error:  # urllib's errors are OSErrors
        raise Refused(f"{url}: {error}; what has come is kept, run the same command again") from error
    found = sha256(part)
    if expected not in (None, found):
        part.unlink()
        raise Refused(f"{path.name}: has the SHA-256 {found}, expected {expected}: removed")
    part.rename(path)
    return found


def write_lock(path, lock):
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(json.dumps(lock, indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)


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
    lock, entry = read_lock(arguments.lock, arguments.model)
    unknown = [file for file, digest in entry["files"].items() if digest is None]
    if unknown and not arguments.record:
        raise Refused(f"{arguments.lock}: {arguments.model}: no hash is known of {', '.join(unknown)}. --record takes these files as they come now, "
                      "prints their hashes and writes them into the lock file; compare them with another source, keep the file, and later runs are held to it", 2)
    print(f"{entry['repository']} at {entry['revision']}\nlicence: {entry['licence']}", file=sys.stderr)
    if "note" in entry:
        print(f"note: {entry['note']}", file=sys.stderr)
    arguments.out.mkdir(parents=True, exist_ok=True)
    opener = opener_of(endpoint)
    for file, expected in entry["files"].items():
        url = f"{endpoint}/{entry['repository']}/resolve/{entry['revision']}/{file}"
        found = fetch_file(opener, url, arguments.out / file, expected)
        print(f"{found}  {file}{'  recorded' if expected is None else ''}")
        if expected is None:
            entry["files"][file] = found
            write_lock(arguments.lock, lock)
    if "convert" in entry:
        convert(arguments.python, arguments.out, entry["convert"])
    print(f"{arguments.out} is complete. Next: clippath model convert {arguments.out} --out NEW --golden", file=sys.stderr)


def main(words=None):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0], epilog=__doc__.split("\n\n", 1)[1], formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="plip, quiltnet or biomedclip: an entry of the lock file")
    parser.add_argument("--out", type=Path, required=True, help="folder; made if need be")
    parser.add_argument("--record", action="store_true", help="trust files without a known hash once, and write it down")
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
