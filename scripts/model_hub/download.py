# SPDX-License-Identifier: Apache-2.0
"""Downloads a large file whose size and SHA-256 are known; goes on where an earlier try was cut off."""
import hashlib
import http.client
import sys
import urllib.error
import urllib.parse
import urllib.request

from model_hub.refused import Refused

HUB_HOSTS = ("huggingface.co", "hf.co")  # with their subdomains, where large files lie
CHUNK = 1 << 20
TIMEOUT_S = 60


def host_of(url):
    return (urllib.parse.urlsplit(url).hostname or "").lower()


def is_loopback(url):
    return host_of(url) in ("127.0.0.1", "localhost", "::1")


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
        terminal = sys.stderr.isatty()
        step = done * 100 // self.total if terminal else done * 10 // self.total * 10
        if step == self.shown:
            return
        self.shown = step
        print(f"  {self.name}  {step} % of {self.total / 1e6:.1f} MB", end="\r" if terminal and done < self.total else "\n", file=sys.stderr, flush=True)


def continues_at(answer, have):
    """Whether an answer to a request for the rest is that rest."""
    return answer.status == 206 and answer.headers.get("Content-Range", "").startswith(f"bytes {have}-")


def download(opener, url, part, size):
    """Brings `part` to the `size` bytes of the file; goes on where it is."""
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
        progress = Progress(part.name.removesuffix(".part"), size)
        with open(part, "ab" if have else "wb") as file:
            while block := answer.read(CHUNK):
                have += len(block)
                if have > size:
                    raise Refused(f"{url}: is larger than the {size} bytes that the commit states; remove {part} and try again")
                file.write(block)
                progress.show(have)
    if have != size:
        raise Refused(f"{url}: ended after {have} of {size} bytes; run the same command again, it goes on there")


def fetch_file(opener, url, path, size, expected):
    """Fetches a file of `size` bytes and the SHA-256 `expected`, unless it is there."""
    if path.exists():
        found = sha256(path)
        if expected == found:
            print(f"  {path.name}  is there", file=sys.stderr)
            return
        raise Refused(f"{path}: is there with another hash ({found}, expected {expected}); move it away and run again")
    part = path.with_name(path.name + ".part")
    try:
        download(opener, url, part, size)
    except (OSError, ValueError, http.client.HTTPException) as error:  # urllib's errors are OSErrors
        raise Refused(f"{url}: {error}; what has come is kept, run the same command again") from error
    found = sha256(part)
    if expected != found:
        part.unlink()
        raise Refused(f"{path.name}: has the SHA-256 {found}, expected {expected}: removed")
    part.rename(path)
