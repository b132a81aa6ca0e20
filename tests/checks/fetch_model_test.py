#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/fetch_model.py against a hub on loopback, with git's own server, that behaves well and badly."""
import contextlib
import hashlib
import http.server
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import tracemalloc
import unittest
import unittest.mock
import zlib
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))
import fetch_model  # noqa: E402
from model_hub import commit as commit_of_hub  # noqa: E402
from model_hub import download  # noqa: E402

# The hub's side: nothing of the caller's surroundings that git heeds.
NOBODY = {**{name: value for name, value in os.environ.items() if not name.startswith("GIT_")}, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
          "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.invalid", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.invalid"}
ABSENT = "0123456789abcdef0123456789abcdef01234567"
CONFIG, WEIGHTS = b'{"model_type": "clip"}', bytes(range(256)) * 40


class Hub(http.server.BaseHTTPRequestHandler):
    """Serves git repositories below `root`, and `files` by name; `redirects` come first; cuts an answer off after `cut` bytes."""
    root, files, redirects, cut, ranges = None, {}, {}, None, True
    seen = []  # of all but git's requests

    def do_GET(self):
        if "/info/refs" in self.path:
            self.serve_git(b"")
            return
        name = self.path.rsplit("/", 1)[-1]
        Hub.seen.append((self.path, self.headers.get("Range")))
        if name in Hub.redirects:
            self.send_response(302)
            self.send_header("Location", Hub.redirects[name].replace("PORT", str(self.server.server_port)))
            self.end_headers()
            return
        if name not in Hub.files:
            self.send_error(404)
            return
        body, begin = Hub.files[name], 0
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked and Hub.ranges:
            begin = int(asked[1])
            if begin >= len(body):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(body) - 1}/{len(body)}")
        else:
            self.send_response(200)
        rest = body[begin:]
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[:Hub.cut])

    def do_POST(self):
        self.serve_git(self.rfile.read(int(self.headers["Content-Length"])))

    def serve_git(self, body):
        path, _, query = self.path.partition("?")
        variables = {"GIT_PROJECT_ROOT": Hub.root, "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": self.command,
                     "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)), "REMOTE_ADDR": "127.0.0.1",
                     "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""), "GIT_PROTOCOL": self.headers.get("Git-Protocol", "")}
        done = subprocess.run(["git", "http-backend"], input=body, env={**NOBODY, **variables}, capture_output=True, check=False)
        head, _, answer = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def digest(data):
    return hashlib.sha256(data).hexdigest()


def pointer_to(data):
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest(data)}\nsize {len(data)}\n".encode()


class Repository:
    """The hub's side of a model."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main", ".")

    def git(self, *words):
        return subprocess.run(["git", *words], cwd=self.folder, env=NOBODY, capture_output=True, check=True).stdout.decode().strip()

    def commit(self, **files):
        """A commit with these files more; its id."""
        for name, content in files.items():
            (self.folder / name.replace("__", ".")).write_bytes(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "files")
        return self.git("rev-parse", "HEAD")


class Fetch(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out, self.lock = Path(folder.name, "model"), Path(folder.name, "lock.json")
        self.repository = Repository(Path(folder.name, "hub", "owner", "model"))
        revision = self.repository.commit(config__json=CONFIG, weights__bin=pointer_to(WEIGHTS), readme__txt=b"no part of it")
        Hub.root, Hub.files, Hub.redirects, Hub.cut, Hub.ranges, Hub.seen = str(Path(folder.name, "hub")), {"weights.bin": WEIGHTS}, {}, None, True, []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.entry = {"repository": "owner/model", "revision": revision, "licence": "MIT of its owner", "files": ["config.json"],
                      "weights": {"weights.bin": digest(WEIGHTS)}}

    def run_it(self, code, *more):
        self.lock.write_text(json.dumps({"format": 2, "models": {"tiny": self.entry}}))
        endpoint = f"http://127.0.0.1:{self.server.server_port}"
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            found = fetch_model.main(["tiny", "--out", str(self.out), "--lock", str(self.lock), "--endpoint", endpoint, *more])
        self.assertEqual(found, code, err.getvalue())
        return out.getvalue() + err.getvalue()

    def names(self):
        return sorted(path.name for path in self.out.iterdir()) if self.out.exists() else []

    def test_fetches_the_pinned_commit_and_says_what_the_licence_is(self):
        pinned = self.entry["revision"]
        self.repository.commit(config__json=b"a later one")
        said = self.run_it(0)
        self.assertEqual((self.out / "config.json").read_bytes(), CONFIG)
        self.assertEqual((self.out / "weights.bin").read_bytes(), WEIGHTS)
        self.assertEqual(self.names(), ["config.json", "weights.bin"])
        self.assertEqual([path for path, _ in Hub.seen], [f"/owner/model/resolve/{pinned}/weights.bin"])
        for part in ("MIT of its owner", pinned, "100 % of"):
            self.assertIn(part, said)

    def test_a_second_run_downloads_no_weights(self):
        self.run_it(0)
        Hub.seen = []
        self.run_it(0)
        self.assertEqual(Hub.seen, [])

    def test_finds_the_commit_on_a_branch_where_the_server_gives_none_by_its_id(self):
        fetch = commit_of_hub.PinnedCommit.git

        def refusing(commit, *words, **more):
            return None if self.entry["revision"] in words and "fetch" in words else fetch(commit, *words, **more)

        self.repository.commit(config__json=b"a later one")
        with unittest.mock.patch.object(commit_of_hub.PinnedCommit, "git", refusing):
            self.run_it(0)
            self.assertEqual((self.out / "config.json").read_bytes(), CONFIG)
            self.entry["revision"] = ABSENT
            self.assertIn(f"has no commit {ABSENT} on any branch", self.run_it(1))

    def test_says_that_the_commit_is_not_there(self):
        self.entry["revision"] = ABSENT
        self.assertIn(f"has no commit {ABSENT} on any branch", self.run_it(1))
        self.entry["repository"] = "owner/other"
        self.assertIn("owner/other: git fetch: ", self.run_it(1))
        self.assertEqual(self.names(), [])

    def test_refuses_a_file_that_is_not_the_one_of_the_commit(self):
        before, after = zlib.compress(CONFIG), zlib.compress(CONFIG.replace(b"clip", b"evil"))
        self.assertEqual(len(before), len(after))
        self.repository.git("repack", "--quiet", "-a", "-d")
        (pack,) = (self.repository.folder / ".git" / "objects" / "pack").glob("*.pack")
        pack.chmod(0o644)
        content = pack.read_bytes()
        self.assertEqual(content.count(before), 1)
        pack.write_bytes(content.replace(before, after))  # git sends what is packed as it is
        changed = self.repository.git("rev-parse", "HEAD:config.json")
        self.assertIn(f"did not receive expected object {changed}; ", self.run_it(1))
        self.assertEqual(self.names(), [])

    def test_refuses_weights_that_the_lock_file_does_not_know(self):
        other = WEIGHTS[::-1]
        Hub.files["weights.bin"] = other
        self.entry["revision"] = self.repository.commit(weights__bin=pointer_to(other))
        self.assertIn(f"has the SHA-256 {digest(other)} in the commit", self.run_it(1))
        self.assertEqual((Hub.seen, self.names()), ([], ["config.json"]))

    def test_refuses_weights_that_are_no_pointer(self):
        self.entry["revision"] = self.repository.commit(weights__bin=WEIGHTS)
        self.assertIn("no pointer of Git LFS", self.run_it(1))

    def test_names_what_the_commit_has_where_a_file_is_missing(self):
        self.entry["files"].append("vocab.json")
        self.assertIn("has no vocab.json; it has config.json, readme.txt, weights.bin", self.run_it(1))

    def test_refuses_a_link_and_a_folder(self):
        (self.repository.folder / "config.json").unlink()
        (self.repository.folder / "config.json").symlink_to("/etc/hostname")
        self.entry["revision"] = self.repository.commit()
        self.assertIn("config.json is no regular file (mode 120000)", self.run_it(1))
        (self.repository.folder / "config.json").unlink()
        (self.repository.folder / "config.json").mkdir()
        (self.repository.folder / "config.json" / "inner").write_bytes(CONFIG)
        self.entry["revision"] = self.repository.commit()
        self.assertIn("config.json is no regular file (mode 040000)", self.run_it(1))

    def test_refuses_a_file_that_is_too_large(self):
        with unittest.mock.patch.object(commit_of_hub, "MAX_FILE_BYTES", len(CONFIG) - 1):
            self.assertIn(f"config.json has {len(CONFIG)} bytes, more than", self.run_it(1))

    def test_follows_no_pointer_that_the_lock_file_takes_for_a_small_file(self):
        self.entry["revision"] = self.repository.commit(config__json=pointer_to(CONFIG))
        self.assertIn("config.json is a pointer of Git LFS", self.run_it(1))
        self.assertEqual(self.names(), [])

    def test_bounds_what_git_writes(self):
        self.entry["revision"] = self.repository.commit(config__json=CONFIG, **{f"other{i}": os.urandom(30_000) for i in range(8)})
        with unittest.mock.patch.object(commit_of_hub, "MAX_COMMIT_BYTES", 100_000):
            self.run_it(1)
        self.run_it(0)

    def test_keeps_the_end_alone_of_what_git_says(self):
        git = self.lock.with_name("git")
        git.write_text("#!/bin/sh\nhead -c 8000000 /dev/zero | tr '\\0' '\\n' >&2\necho 'fatal: the cause\nfatal: the step' >&2\nexit 1\n")
        git.chmod(0o755)
        with unittest.mock.patch.dict(os.environ, PATH=f"{git.parent}:{os.environ['PATH']}"):
            tracemalloc.start()
            self.addCleanup(tracemalloc.stop)
            self.assertIn("git init: fatal: the cause; fatal: the step", self.run_it(1))
        self.assertLess(tracemalloc.get_traced_memory()[1], 2_000_000)

    def test_gives_up_on_a_server_that_never_ends(self):
        with unittest.mock.patch.object(commit_of_hub, "MAX_SECONDS", 0.001):
            self.assertIn("took more than", self.run_it(1))

    def test_prints_nothing_that_moves_the_cursor(self):
        self.assertEqual(commit_of_hub.printable("a\x1b[2J\rb\u202e"), "a[2Jb")

    def test_refuses_another_format_of_the_lock_file(self):
        self.lock.write_text(json.dumps({"format": 1, "models": {"tiny": self.entry}}))
        with contextlib.redirect_stderr(io.StringIO()) as said:
            self.assertEqual(fetch_model.main(["tiny", "--out", str(self.out), "--lock", str(self.lock)]), 2)
        self.assertIn("has the format 1", said.getvalue())

    def test_says_that_git_is_missing(self):
        with unittest.mock.patch.dict(os.environ, PATH="/nowhere"):
            self.assertIn("install git", self.run_it(1))

    def test_heeds_no_settings_of_the_user(self):
        settings = self.lock.with_name("gitconfig")
        settings.write_text('[url "http://127.0.0.1:1/"]\n\tinsteadOf = http://127.0.0.1\n')
        here = {"GIT_CONFIG_GLOBAL": str(settings), "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "protocol.allow", "GIT_CONFIG_VALUE_0": "never",
                "GIT_DIR": "/nowhere", "GIT_ALLOW_PROTOCOL": "ssh"}
        with unittest.mock.patch.dict(os.environ, here):
            self.assertIn("is complete", self.run_it(0))

    def test_goes_on_where_a_download_was_cut_off(self):
        Hub.cut = 4000
        self.assertIn("ended after 4000 of 10240 bytes", self.run_it(1))
        self.assertEqual(self.names(), ["config.json", "weights.bin.part"])
        Hub.cut, Hub.seen = None, []
        self.run_it(0)
        self.assertEqual([asked for _, asked in Hub.seen], ["bytes=4000-"])
        self.assertEqual((self.out / "weights.bin").read_bytes(), WEIGHTS)

    def test_begins_again_where_the_server_knows_no_ranges(self):
        self.out.mkdir()
        (self.out / "weights.bin.part").write_bytes(b"something else")
        Hub.ranges = False
        self.run_it(0)
        self.assertEqual((self.out / "weights.bin").read_bytes(), WEIGHTS)

    def test_begins_again_where_more_is_there_than_the_server_has(self):
        self.out.mkdir()
        (self.out / "weights.bin.part").write_bytes(WEIGHTS + b"more")
        self.run_it(0)
        self.assertEqual((self.out / "weights.bin").read_bytes(), WEIGHTS)

    def test_removes_a_file_with_another_hash(self):
        Hub.files["weights.bin"] = WEIGHTS[:-1] + b"x"
        said = self.run_it(1)
        self.assertIn(f"weights.bin: has the SHA-256 {digest(Hub.files['weights.bin'])}, expected {digest(WEIGHTS)}", said)
        self.assertEqual(self.names(), ["config.json"])

    def test_does_not_go_on_with_a_part_of_something_else(self):
        self.out.mkdir()
        (self.out / "weights.bin.part").write_bytes(b"x" * 100)
        self.assertIn("removed", self.run_it(1))
        self.run_it(0)

    def test_leaves_a_file_of_the_user_alone(self):
        self.out.mkdir()
        (self.out / "config.json").write_bytes(b"{}")
        self.assertIn("another content", self.run_it(1))
        self.assertEqual((self.out / "config.json").read_bytes(), b"{}")
        (self.out / "config.json").unlink()
        (self.out / "weights.bin").write_bytes(b"mine")
        self.assertIn("another hash", self.run_it(1))
        self.assertEqual((self.out / "weights.bin").read_bytes(), b"mine")

    def test_refuses_weights_of_another_size(self):
        Hub.files["weights.bin"] = WEIGHTS + b"x"
        self.assertIn("larger than the 10240 bytes", self.run_it(1))
        (self.out / "weights.bin.part").unlink()
        Hub.files["weights.bin"] = WEIGHTS[:-1]
        self.assertIn("ended after 10239 of 10240 bytes", self.run_it(1))
        self.assertNotIn("weights.bin", self.names())

    def test_follows_a_redirect_within_the_host(self):
        Hub.files["elsewhere"] = WEIGHTS
        Hub.redirects["weights.bin"] = "http://127.0.0.1:PORT/cdn/elsewhere"
        self.run_it(0)
        self.assertEqual((self.out / "weights.bin").read_bytes(), WEIGHTS)

    def test_refuses_a_redirect_to_another_host(self):
        Hub.files["elsewhere"] = WEIGHTS
        for host in ("localhost:PORT", "huggingface.co.evil.invalid", "evilhf.co"):
            Hub.redirects["weights.bin"] = f"http://{host}/elsewhere"
            self.assertIn("another host", self.run_it(1))
            self.assertNotIn("weights.bin", self.names())

    def test_lets_the_hub_send_to_its_own_hosts(self):
        redirects = download.Redirects("https://huggingface.co")
        request = download.urllib.request.Request("https://huggingface.co/a")
        for url in ("https://cdn-lfs.hf.co/x", "https://cdn-lfs.huggingface.co/x", "https://huggingface.co/x"):
            self.assertEqual(redirects.redirect_request(request, None, 302, "", {}, url).full_url, url)
        with self.assertRaisesRegex(fetch_model.Refused, "another scheme"):
            redirects.redirect_request(request, None, 302, "", {}, "http://huggingface.co/x")

    def test_refuses_a_redirect_to_another_scheme(self):
        for url in ("https://127.0.0.1:PORT/elsewhere", "ftp://127.0.0.1/elsewhere"):
            Hub.redirects["weights.bin"] = url
            self.assertIn("another scheme", self.run_it(1))
        Hub.redirects["weights.bin"] = "file:///etc/hostname"
        self.run_it(1)
        self.assertNotIn("weights.bin", self.names())

    def test_refuses_names_that_lead_out_of_the_folder(self):
        for name in ("../x", "/etc/x", "a/b", "..", ".hidden", "a\\b", "", "x\n"):
            self.entry["files"] = [name]
            self.assertIn("is refused", self.run_it(2))
            self.entry.update(files=[], weights={name: digest(WEIGHTS)})
            self.assertIn("is refused", self.run_it(2))
        self.entry["weights"] = {"weights.bin": digest(WEIGHTS)}
        self.entry["convert"] = {"from": "weights.bin", "to": "../model.safetensors"}
        self.assertIn("is refused", self.run_it(2))
        self.assertEqual(Hub.seen, [])

    def test_refuses_a_branch_as_a_revision_and_an_odd_repository(self):
        self.entry["revision"] = "main"
        self.assertIn("no pin", self.run_it(2))
        self.entry.update(revision=ABSENT, repository="owner/../model")
        self.assertIn("is not OWNER/NAME", self.run_it(2))

    def test_refuses_plain_http_of_another_machine(self):
        with contextlib.redirect_stderr(io.StringIO()) as said:
            self.assertEqual(fetch_model.main(["plip", "--out", str(self.out), "--endpoint", "http://example.invalid"]), 2)
        self.assertIn("must be https", said.getvalue())

    def test_converts_pickles_once(self):
        self.entry["convert"] = {"from": "weights.bin", "to": "model.safetensors"}
        python = self.lock.with_name("python")
        python.write_text('#!/bin/sh\ncase $1 in */scripts/convert_weights.py) cp "$2" "$3";; *) exit 1;; esac\n')
        python.chmod(0o755)
        self.run_it(0, "--python", str(python))
        self.assertEqual((self.out / "model.safetensors").read_bytes(), WEIGHTS)
        python.write_text("#!/bin/sh\nexit 1\n")
        self.run_it(0, "--python", str(python))

    def test_says_how_to_convert_what_could_not_be(self):
        self.entry["convert"] = {"from": "weights.bin", "to": "model.safetensors"}
        self.assertIn("--python", self.run_it(1, "--python", "/bin/false"))
        self.assertEqual(self.names(), ["config.json", "weights.bin"])


class LockFile(unittest.TestCase):
    def test_every_entry_of_the_lock_file_can_be_used(self):
        models = json.loads(fetch_model.LOCK.read_text())["models"]
        self.assertEqual(sorted(models), ["biomedclip", "plip", "quiltnet"])
        for name, entry in models.items():
            fetch_model.check_entry(name, entry)
            self.assertIn(entry["convert"]["from"], entry["weights"])


if __name__ == "__main__":
    unittest.main()
