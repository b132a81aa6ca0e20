#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Classifies every slide of a running server by class prompts and counts how often the class is what a field of the slide says.

usage: zero_shot.py URL PROMPTS [--field organ] [--top-j 10]
PROMPTS is a file of our own format; a class counts as right where its name equals the slide's field. Slides with another value, or none,
are left out. Prints slides, right ones, accuracy, balanced accuracy (mean recall of the classes) and chance (1 / classes).
"""
import argparse
import collections
import json
import urllib.request


def ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"} if data else {})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def slides_of(url):
    slides, total = [], 1
    while len(slides) < total:
        page = ask(f"{url}/v1/slides?limit=1000&offset={len(slides)}")
        slides, total = slides + page["slides"], page["total"]
    return slides


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("prompts")
    parser.add_argument("--field", default="organ")
    parser.add_argument("--top-j", type=int, default=10)
    args = parser.parse_args()
    with open(args.prompts, encoding="utf-8") as file:
        prompts = json.load(file)
    del prompts["format"]
    names = {one["name"] for one in prompts["classes"]}
    right, seen = collections.Counter(), collections.Counter()
    for slide in slides_of(args.url):
        truth = slide["fields"].get(args.field)
        if truth not in names or slide["patches"] == 0:
            continue
        answer = ask(args.url + "/v1/classify", {"slide_id": slide["id"], "top_j": args.top_j, **prompts})
        seen[truth] += 1
        right[truth] += answer["classes"][0]["name"] == truth
    recalls = [right[name] / count for name, count in seen.items()]
    slides, hits = seen.total(), right.total()
    print(f"slides {slides}, right {hits}, accuracy {hits / slides:.3f}, balanced accuracy {sum(recalls) / len(recalls):.3f}, "
          f"chance {1 / len(names):.3f}")
    for name, count in sorted(seen.items()):
        print(f"  {name:<14} {right[name]} of {count}")


if __name__ == "__main__":
    main()
