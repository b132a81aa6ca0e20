#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/fetch_model.py against a hub on loopback that behaves well and badly."""
import contextlib
import hashlib
import http.server
import io
import json
import re
import sys
import tempfile
import threading
import unittest
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))
import fetch_model  # noqa: E402

REVISION = "0123456789abcdef0123456789abcdef01234567"
CONFIG, WEIGHTS = b'{"model_type": "clip"}', bytes(range(256)) * 40


class Hub(http.server.BaseHTTPRequestHandler):
    """Serves `files` by name; `redirects` come first; cuts an answer off after `cut` bytes."""
    files, redirects, cut, ranges = {}, {}, None, True
    seen = []

    def do_GET(self):
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

    def log_message(self, *_):
        pass


def digest(data):
    return hashlib.sha256(data).hexdigest()


class Fetch(unittest.TestCase):
    def setUp(self):
        Hub.files, Hub.redirects, Hub.cut, Hub.ranges, Hub.seen = {"config.json": CONFIG, "weights.bin": WEIGHTS}, {}, None, True, []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hub)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out, self.lock = Path(folder.name, "model"), Path(folder.name, "lock.json")
        self.entry = {"repository": "owner/model", "revision": REVISION, "licence": "MIT of its owner",
                      "files": {"config.json": digest(CONFIG), "weights.bin": digest(WEIGHTS)}}

    def run_it(self, code, *more):
        self.lock.write_text(json.dumps({"format": 1, "models": {"tiny": self.entry}}))
        endpoint = f"http://127.0.0.1:{self.server.server_port}"
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            found = fetch_model.main(["tiny", "--out", str(self.out), "--lock", str(self.lock), "--endpoint", endpoint, *more])
        self.assertEqual(found, code, err.getvalue())
        return out.getvalue() + err.getvalue()

    def names(self):
        return sorted(path.name for path in self.out.iterdir()) if self.out.exists() else []

    def test_fetches_the_pinned_revision_and_says_what_the_licence_is(self):
        said = self.run_it(0)
        self.assertEqual((self.out / "weights.bin").read_bytes(), WEIGHTS)
        self.assertEqual(self.names(), ["config.json", "weights.bin"])
        self.assertEqual([path for path, _ in Hub.seen], [f"/owner/model/resolve/{REVISION}/{name}" for name in ("config.json", "weights.bin")])
        for part in ("MIT of its owner", REVISION, digest(WEIGHTS), "100 % of"):
            self.assertIn(part, said)

    def test_a_second_run_downloads_nothing(self):
        self.run_it(0)
        Hub.seen = []
        self.run_it(0)
        self.assertEqual(Hub.seen, [])

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
        self.assertIn("another hash", self.run_it(1))
        self.assertEqual((self.out / "config.json").read_bytes(), b"{}")

    def test_a_file_without_a_hash_is_refused_until_it_is_recorded(self):
        self.entry["files"]["config.json"] = None
        said = self.run_it(2)
        self.assertIn("no hash is known of config.json", said)
        self.assertEqual((Hub.seen, self.names()), ([], []))
        said = self.run_it(0, "--record")
        self.assertIn(f"{digest(CONFIG)}  config.json  recorded", said)
        recorded = json.loads(self.lock.read_text())["models"]["tiny"]
        self.assertEqual(recorded["files"], {"config.json": digest(CONFIG), "weights.bin": digest(WEIGHTS)})
        self.assertEqual(recorded["licence"], "MIT of its owner")

    def test_recording_does_not_excuse_a_wrong_hash(self):
        self.entry["files"] = {"config.json": None, "weights.bin": "0" * 64}
        self.assertIn("removed", self.run_it(1, "--record"))

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
        redirects = fetch_model.Redirects("https://huggingface.co")
        request = fetch_model.urllib.request.Request("https://huggingface.co/a")
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
            self.entry["files"] = {name: digest(CONFIG)}
            self.assertIn("is refused", self.run_it(2))
        self.entry["files"] = {"weights.bin": digest(WEIGHTS)}
        self.entry["convert"] = {"from": "weights.bin", "to": "../model.safetensors"}
        self.assertIn("is refused", self.run_it(2))
        self.assertEqual(Hub.seen, [])

    def test_refuses_a_branch_as_a_revision_and_an_odd_repository(self):
        self.entry["revision"] = "main"
        self.assertIn("no pin", self.run_it(2))
        self.entry.update(revision=REVISION, repository="owner/../model")
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
            self.assertIsNotNone(entry["files"][entry["convert"]["from"]], f"{name}: its weights are not pinned")


if __name__ == "__main__":
    unittest.main()
