#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks a server that holds the demo by text, by patch and by report, prints the hits and checks them.

usage: demo_check.py http://127.0.0.1:PORT DEMO_FOLDER
Exit 1 if an answer is empty or not the expected one.
"""
import csv
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

# A proxy of the environment has no business with a server of this machine.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
PATCH_OF = "kidneyoncocytoma"
TEXT, TEXT_CASE = "signet ring cell carcinoma of the stomach", "signet-ring-cell-carcinoma"
REPORT_CASE = "fat-necrosis"


def ask(url, body, content_type):
    request = urllib.request.Request(url, data=body, headers={"Content-Type": content_type})
    try:
        with OPENER.open(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        sys.exit(f"error: {url} answered {error.code}: {error.read(2000).decode(errors='replace')}")


def search(address, **request):
    return ask(address + "/v1/search", json.dumps(request).encode(), "application/json")["hits"]


def search_by_picture(address, file, **parameters):
    return ask(f"{address}/v1/search/image?{urllib.parse.urlencode(parameters)}", file.read_bytes(), "image/jpeg")["hits"]


def print_hits(question, hits):
    print(f"\n{question}")
    for rank, hit in enumerate(hits, 1):
        print(f"  {rank}  {hit['similarity']:.3f}  {hit.get('case_id', ''):32.32}  {hit.get('caption', ''):44.44}  {hit['id']}")


def demo_patch(demo, case):
    """A ready-made patch of the case and its id."""
    with open(demo / "patches/patches.csv", newline="", encoding="utf-8") as table:
        row = next(row for row in csv.DictReader(table) if row["case"] == case)
    return demo / "patches" / row["file"], f"{row['slide']}~{row['level0_x']}_{row['level0_y']}_{row['level0_extent']}"


def main():
    address, demo = sys.argv[1].rstrip("/"), Path(sys.argv[2])
    file, patch_id = demo_patch(demo, PATCH_OF)
    wrong = []

    def expect(question, hits, truth, what):
        print_hits(question, hits)
        if not hits or not truth(hits):
            wrong.append(f"{question}: {what}")

    expect(f'text "{TEXT}" in patches', search(address, query={"text": TEXT}, **{"in": "patches"}, k=5),
           lambda hits: hits[0]["case_id"] == TEXT_CASE, f"the first hit is not of case {TEXT_CASE}")
    expect(f"picture {file.name} in patches", search_by_picture(address, file, k=5, **{"in": "patches"}),
           lambda hits: hits[0]["id"] == patch_id and hits[0]["similarity"] >= 0.99, "the patch does not find itself first")
    expect(f"patch {patch_id} in reports", search(address, query={"patch_id": patch_id}, **{"in": "reports"}, k=5, exclude="none"),
           lambda hits: any(hit["case_id"] == PATCH_OF for hit in hits), f"no report of case {PATCH_OF}")
    expect(f"report demo-{REPORT_CASE} in patches",
           search(address, query={"report_id": f"demo-{REPORT_CASE}"}, **{"in": "patches"}, k=5, exclude="none"),
           lambda hits: any(hit["case_id"] == REPORT_CASE for hit in hits), f"no patch of case {REPORT_CASE}")

    print()
    for message in wrong:
        print(f"wrong: {message}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
