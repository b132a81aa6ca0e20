# SPDX-License-Identifier: Apache-2.0
"""A hub on loopback for fetch_model_test.py: a git repository by git's own server program, and large files beside it, well and badly behaved."""
import hashlib
import http.server
import os
import re
import subprocess
import threading
import zlib
from pathlib import Path

# Nothing of the user's git: dates and names stand still, so that a commit has one id.
GIT_ENVIRONMENT = {
    "PATH": os.environ["PATH"], "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_DEFAULT_HASH": "sha1",
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_AUTHOR_DATE": "1700000000 +0000",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b", "GIT_COMMITTER_DATE": "1700000000 +0000"}


def digest(data):
    return hashlib.sha256(data).hexdigest()


def pointer_to(data):
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest(data)}\nsize {len(data)}\n".encode()


class Repository:
    """A bare repository at `root`/owner/model, written without a working tree."""

    def __init__(self, root):
        self.root, self.folder = root, Path(root, "owner", "model")
        self.folder.mkdir(parents=True)
        self.git("init", "--quiet", "--bare", "--template=", ".")

    def git(self, *words, given=b""):
        return subprocess.run(["git", *words], cwd=self.folder, env=GIT_ENVIRONMENT | {"HOME": str(self.root)}, input=given, capture_output=True, check=True).stdout

    def blob(self, data):
        return self.git("hash-object", "-w", "--stdin", given=data).decode().strip()

    def commit(self, files, *, modes=None, parent=None, branch="main"):
        """A commit of `files` (name -> bytes, or another object's id); `branch` points at it then."""
        lines = b""
        for name, data in files.items():
            kind, mode = {"040000": "tree", "160000": "commit"}.get((modes or {}).get(name), "blob"), (modes or {}).get(name, "100644")
            lines += f"{mode} {kind} {data if isinstance(data, str) else self.blob(data)}\t{name}\n".encode()
        tree = self.git("mktree", "--missing", given=lines).decode().strip()
        commit = self.git("commit-tree", tree, *(["-p", parent] if parent else []), "-m", "c").decode().strip()
        self.git("update-ref", f"refs/heads/{branch}", commit)
        return commit

    def forge(self, data, other):
        """Stores `other` under the id of `data`."""
        object_id = self.blob(data)
        path = self.folder / "objects" / object_id[:2] / object_id[2:]
        path.chmod(0o644)
        path.write_bytes(zlib.compress(b"blob %d\0" % len(other) + other))


class Hub(http.server.ThreadingHTTPServer):
    """Serves `repository` with git, and `files` by their last name under /resolve/.

    `redirects` (last part of a path -> URL) come first; an answer is cut off after `cut` bytes; without `ranges` one always gets the whole; without `lengths` none says how long it
    is; without `protocol_2` git's server hands out tips only; without `smart` git finds plain files.
    """
    daemon_threads = True

    def __init__(self, repository):
        super().__init__(("127.0.0.1", 0), Handler)
        self.repository, self.files, self.redirects, self.cut = repository, {}, {}, None
        self.ranges = self.lengths = self.protocol_2 = self.smart = True
        self.seen, self.downloads = [], []  # paths; (path, Range) of /resolve/ alone
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path, _, query = self.path.partition("?")
        self.server.seen.append(path)
        name = path.rsplit("/", 1)[-1]
        if name in self.server.redirects:
            self.send_response(302)
            self.send_header("Location", self.server.redirects[name].replace("PORT", str(self.server.server_port)))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif path.startswith("/owner/model/resolve/") or path.startswith("/cdn/"):
            self.server.downloads.append((path, self.headers.get("Range")))
            self.send_large(name)
        elif self.server.smart:
            self.send_git(path, query)
        else:
            self.send_plain(path)

    do_POST = do_GET

    def send_large(self, name):
        if name not in self.server.files:
            self.send_error(404)
            return
        body, begin = self.server.files[name], 0
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and self.server.ranges:
            begin = int(asked[1])
            if begin >= len(body):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        if self.server.lengths:
            self.send_header("Content-Length", str(len(body) - begin))
        self.end_headers()
        self.wfile.write(body[begin:][:self.server.cut])

    def send_git(self, path, query):
        variables = GIT_ENVIRONMENT | {
            "HOME": str(self.server.repository.root), "GIT_PROJECT_ROOT": str(self.server.repository.root), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path,
            "QUERY_STRING": query, "REQUEST_METHOD": self.command, "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", "")}
        if self.server.protocol_2:
            variables["GIT_PROTOCOL"] = self.headers.get("Git-Protocol", "")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = subprocess.run(["git", "http-backend"], env=variables, input=body, capture_output=True, check=True).stdout
        head, _, rest = answer.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(fields.pop("Status", "200").split()[0]))
        for field, value in fields.items():
            self.send_header(field, value)
        self.end_headers()
        self.wfile.write(rest)

    def send_plain(self, path):
        file = Path(self.server.repository.root, path.lstrip("/"))
        if not file.is_file():
            self.send_error(404)
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(file.read_bytes())

    def log_message(self, *_):
        pass
