# SPDX-License-Identifier: Apache-2.0
"""The files of one commit of a model hub.

A repository of the hub is one of git. The id of a commit is a hash over its tree and so over every file in it; of a large file the tree holds a pointer, with its
size and SHA-256 (Git LFS). `git` computes the ids of what it receives itself, so a file that is read from the objects of a pinned commit is the file that was
pinned, whatever server it came from. This rests on SHA-1, which git guards against the known collisions.
"""
import os
import re
import resource
import subprocess
import tempfile
from typing import NamedTuple

from model_hub.download import is_loopback
from model_hub.refused import Refused

POINTER_START = b"version https://git-lfs"
POINTER = re.compile(rb"version https://git-lfs\.github\.com/spec/v1\noid sha256:([0-9a-f]{64})\nsize ([1-9][0-9]{0,14})\n")
REGULAR = ("100644", "100755")
MAX_FILE_BYTES = 64 << 20
MAX_COMMIT_BYTES = 512 << 20  # of one file that git writes; objects come as one file (unpackLimit)
MAX_COMMITS = 10_000  # of each branch
MAX_SECONDS = 1800
MAX_SAID_BYTES = 4096  # of what git says, from its end; a server can make it say more than memory holds
SETTINGS = ("http.followRedirects=false", "http.lowSpeedLimit=1000", "http.lowSpeedTime=60", "fetch.fsckObjects=true", "fetch.unpackLimit=1", "gc.auto=0",
            "init.defaultBranch=none")
KEPT_VARIABLES = ("PATH", "TMPDIR", "http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


class Entry(NamedTuple):
    mode: str
    kind: str
    object_id: str


class Pointer(NamedTuple):
    """What stands for a large file in the tree."""
    sha256: str
    size: int


def printable(text):
    """What a server wrote, without what would move a terminal's cursor."""
    return "".join(c for c in text if c.isprintable())[:500]


def last_words(file):
    """The last two lines that were written to it, without the rest in memory: git says what went wrong, then in which step."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - MAX_SAID_BYTES))
    return "; ".join(printable(line) for line in file.read().decode(errors="replace").strip().splitlines()[-2:])


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_COMMIT_BYTES, MAX_COMMIT_BYTES))


class PinnedCommit:
    """Use with `with`: the objects lie in a temporary folder."""

    def __init__(self, url, revision):
        self.url, self.revision = url, revision
        self.folder = tempfile.TemporaryDirectory(prefix="clippath-commit-")

    def __enter__(self):
        try:
            self.git("init", "--quiet", "--bare", "--template=", ".")
            self.fetch()
            self.entries = self.list_root()
        except BaseException:
            self.folder.cleanup()
            raise
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def environment(self):
        """No setting of the user or the machine changes what is fetched, and nothing is asked."""
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        if is_loopback(self.url):  # a proxy has no business with a server of this machine
            kept["no_proxy"] = "*"
        if "SSL_CERT_FILE" in os.environ:  # as Python reads it; git has a name of its own
            kept["GIT_SSL_CAINFO"] = os.environ["SSL_CERT_FILE"]
        return {**kept, "HOME": self.folder.name, "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0", "GIT_DEFAULT_HASH": "sha1",
                "GIT_ALLOW_PROTOCOL": "http" if is_loopback(self.url) else "https"}

    def git(self, *words, may_fail=False):
        """What a git command writes; None where it fails and may."""
        settings = [word for setting in SETTINGS for word in ("-c", setting)]
        with tempfile.TemporaryFile(dir=self.folder.name) as said:
            try:
                done = subprocess.run(["git", *settings, *words], cwd=self.folder.name, env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said,
                                      check=False, preexec_fn=limit_files, timeout=MAX_SECONDS)
            except FileNotFoundError as error:
                raise Refused("git was not found: this program reads the pinned commit with it; install git and run again") from error
            except subprocess.TimeoutExpired as error:
                raise Refused(f"{self.url}: git {words[0]} took more than {MAX_SECONDS} s") from error
            if done.returncode == 0:
                return done.stdout
            if may_fail:
                return None
            raise Refused(f"{self.url}: git {words[0]}: {last_words(said) or f'ended with {done.returncode}'}")

    def fetch(self):
        if self.git("fetch", "--quiet", "--no-tags", "--depth", "1", self.url, self.revision, may_fail=True) is not None:
            return
        # Not every server gives a commit by its id; all commits of a hub's repository are small.
        self.git("fetch", "--quiet", "--no-tags", "--depth", str(MAX_COMMITS), self.url, "+refs/heads/*:refs/heads/*")
        if self.git("cat-file", "-e", self.revision + "^{commit}", may_fail=True) is None:
            raise Refused(f"{self.url}: has no commit {self.revision} on any branch, so what was pinned is gone from there; try another --endpoint")

    def list_root(self):
        entries = {}
        for line in self.git("ls-tree", "-z", self.revision).split(b"\0")[:-1]:
            described, name = line.split(b"\t", 1)
            entries[name.decode(errors="replace")] = Entry(*described.decode().split())
        return entries

    def object_of(self, name):
        """The bytes of a regular file at the root of the commit: its own, or those of its pointer."""
        entry = self.entries.get(name)
        if entry is None:
            raise Refused(f"{self.url}: the commit {self.revision} has no {name}; it has {printable(', '.join(sorted(self.entries)))}")
        if entry.mode not in REGULAR:
            raise Refused(f"{self.url}: {name} is no regular file (mode {entry.mode})")
        size = int(self.git("cat-file", "-s", entry.object_id))
        if size > MAX_FILE_BYTES:
            raise Refused(f"{self.url}: {name} has {size} bytes, more than {MAX_FILE_BYTES}")
        return self.git("cat-file", "blob", entry.object_id)

    def read(self, name):
        """The bytes of a file that lies in the commit itself."""
        content = self.object_of(name)
        if content.startswith(POINTER_START):
            raise Refused(f"{self.url}: {name} is a pointer of Git LFS in the commit {self.revision}; it belongs to the weights of the lock file")
        return content

    def pointer(self, name):
        found = POINTER.fullmatch(self.object_of(name))
        if not found:
            raise Refused(f"{self.url}: {name} is no pointer of Git LFS in the commit {self.revision}")
        return Pointer(found[1].decode(), int(found[2]))
