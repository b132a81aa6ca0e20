#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times `clippath index` against python_pipeline.py on the same slides, in turns, and checks which tiles both keep.

Called by index_vs_python.sh, which installs what it needs. Every time is that of a whole process, from its start to its end.
"""
import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
LEAST_OVERLAP = 0.9   # of our stored tiles with our rule recomputed: tiles in both over tiles in either
# We must keep what the Python pipeline keeps, so that our work is not the smaller one.
LEAST_COVERED = 0.95
# What is worth comparing: the same cells, so python_pipeline.py's share of tissue is asked of both. It judges white at full resolution, we at
# the level that is read, where fine white grain is averaged away: .46 there drops what its .5 drops.
STAINED_SAMPLE = 5  # pictures of each slide that StainTools normalises at about a second each; the rest is extrapolated
EQUAL_PX, EQUAL_MIN_TISSUE, EQUAL_MAX_WHITE = 1024, 0.3, 0.46


class Case(NamedTuple):
    name: str
    bar: float      # least ratio python / clippath
    ours: list      # options of clippath index
    theirs: list    # options of python_pipeline.py
    model: Path
    their_clock: str  # what is judged: "process", or a field of python_pipeline.py's own times, which start after its imports
    extent_px: int  # of our tiles; 0: 512 um
    min_tissue: float
    max_white: float


def run(command, folder):
    start = time.perf_counter()
    done = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, command))} failed ({done.returncode}):\n{(done.stderr or done.stdout)[-2000:]}")
    return seconds, done.stdout


def time_ours(args, case, slide, folder):
    data = folder / "data"
    shutil.rmtree(data, ignore_errors=True)
    seconds, _ = run([args.program, "index", slide, "--data", data, "--model", case.model, "--quiet", *case.ours], folder)
    return seconds


def time_theirs(args, case, slide, folder):
    seconds, output = run([args.python, HERE / "python_pipeline.py", slide, *case.theirs], folder)
    stages = json.loads(output.splitlines()[-1])
    return seconds, seconds if case.their_clock == "process" else stages[case.their_clock], stages["kept"]


def stored_tiles(args, folder):
    """Origins and side of what our last run stored: a text query for everything (a bench slide has under 200 tiles)."""
    _, output = run([args.program, "search", "--data", folder / "data", "--text", "tissue", "-k", "200", "--json"], folder)
    rects = [hit["rect"] for hit in json.loads(output)["hits"]]
    assert len(rects) < 200, "more tiles than one answer holds"
    return {(rect["x"], rect["y"]) for rect in rects}, {rect["width"] for rect in rects}


def recompute(args, case, slide, extent, folder):
    mask = ["--mask"] if "--mask" in case.theirs else []
    _, output = run([args.python, HERE / "kept_cells.py", slide, extent, case.min_tissue, case.max_white, *mask], folder)
    return {who: set(map(tuple, cells)) for who, cells in json.loads(output).items()}


def overlap(a, b):
    return len(a & b) / len(a | b) if a | b else 1.0


def check_tiles(args, case, slide, folder, their_count):
    """Our stored ids against the rule recomputed in Python and, where the grid is the same, against the Python pipeline's own cells."""
    ours, extents = stored_tiles(args, folder)
    if len(extents) != 1 or (case.extent_px and extents != {case.extent_px}):
        return [f"tiles of {sorted(extents)} level-0 px were stored"]
    kept = recompute(args, case, slide, extents.pop(), folder)
    faults = []
    own = overlap(ours, kept["clippath"])
    line = f"    tiles: {len(ours)} stored, {len(kept['clippath'])} by the rule recomputed, overlap {own:.3f}"
    if own < LEAST_OVERLAP:
        faults.append(f"stored tiles differ from the rule: overlap {own:.3f}")
    if case.extent_px:
        covered = len(ours & kept["python"]) / max(len(kept["python"]), 1)
        line += (f"; {len(kept['python'])} kept by python_pipeline.py, of which {covered:.3f} are ours too"
                 f" (overlap {overlap(ours, kept['python']):.3f})")
        if covered < LEAST_COVERED:
            faults.append(f"tiles that python_pipeline.py keeps are missing here: {covered:.3f} covered")
        if len(kept["python"]) != their_count:
            faults.append(f"python_pipeline.py says {their_count} kept, recomputed {len(kept['python'])}")
    else:
        line += f"; python_pipeline.py keeps {their_count} of its own grid of 1024 px"
    print(line)
    return faults


def compare(args, case, slide, folder):
    ours, theirs, judged, count, first_ours = [], [], [], 0, []
    for _ in range(args.repeats):
        # Each timed run follows one of its own side. Else the side that goes second pays for what the first one did to the machine: where a
        # hypervisor takes freed memory back, getting half a GB again costs a process 0.4 s.
        time_theirs(args, case, slide, folder)
        seconds, clock, count = time_theirs(args, case, slide, folder)
        theirs.append(seconds)
        judged.append(clock)
        first_ours.append(time_ours(args, case, slide, folder))
        ours.append(time_ours(args, case, slide, folder))
    faults = check_tiles(args, case, slide, folder, count)
    ratio = statistics.median(judged) / statistics.median(ours)
    print(f"    clippath {statistics.median(ours):6.2f} s {fmt(ours)}   python process {statistics.median(theirs):6.2f} s {fmt(theirs)}"
          f"   judged {statistics.median(judged):6.2f} s {fmt(judged)}")
    print(f"    ratio {ratio:.2f}, at least {case.bar} wanted; our runs right after a python process: {fmt(first_ours)}")
    if ratio < case.bar:
        faults.append(f"ratio {ratio:.2f} is under {case.bar}")
    return [f"({case.name}) {slide.name}: {fault}" for fault in faults]


def fmt(seconds):
    return "[" + " ".join(f"{value:.2f}" for value in seconds) + "]"


def absolute(text):
    """Not resolved: the python of a virtual environment is a link that says which environment it is."""
    return Path(text).absolute()


def has_bf16():
    flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    return " avx512_bf16" in flags or " amx_bf16" in flags


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--program", type=absolute, required=True)
    parser.add_argument("--python", type=absolute, required=True, help="of the environment that has python_pipeline.py's libraries")
    parser.add_argument("--demo-model", type=absolute, required=True)
    parser.add_argument("--vit-b32", type=absolute, required=True)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--cases", default="a,b,c", help="which comparisons")
    parser.add_argument("--dtype", choices=("fp32", "bf16", "auto"), default="auto", help="of (b); auto: bf16 where the processor multiplies it")
    parser.add_argument("slides", type=absolute, nargs="+")
    args = parser.parse_args()

    dtype = ("bf16" if has_bf16() else "fp32") if args.dtype == "auto" else args.dtype
    equal_tiles = ["--level0-px", EQUAL_PX, "--min-tissue", EQUAL_MIN_TISSUE, "--max-white", EQUAL_MAX_WHITE]
    equal_ours = [*equal_tiles, "--dtype", dtype]
    equal_theirs = ["--mask", "--workers", "2", *(["--bf16"] if dtype == "bf16" else [])]
    cases = [
        Case("a", 5.0, [], [], args.demo_model, "process", 0, 0.5, 0.5),
        Case("b", 1.5, equal_ours, equal_theirs, args.vit_b32, "total_without_vahadane", EQUAL_PX, EQUAL_MIN_TISSUE, EQUAL_MAX_WHITE)]
    for scope in ("patch", "slide"):
        stained = [*equal_tiles, "--stain", "vahadane", "--stain-scope", scope]
        cases.append(Case(f"c, {scope}", 20.0, stained, ["--mask", "--workers", "2", "--vahadane", STAINED_SAMPLE], args.demo_model, "total_with_vahadane",
                          EQUAL_PX, EQUAL_MIN_TISSUE, EQUAL_MAX_WHITE))
    stain_title = "with Vahadane, bundled model against the pipeline's own clock, StainTools extrapolated from a few pictures"
    titles = {"c, patch": stain_title, "c, slide": stain_title, "a": "as a user runs it: defaults and the bundled model against python_pipeline.py as it stands (whole processes)",
              "b": f"equal work: 1024 px cells, ViT-B/32 of random weights, {dtype} on both sides, against --mask --workers 2 (its own clock)"}
    print(f"{os.cpu_count()} cores, median of {args.repeats}, in turns, each timed run after an untimed one of its side")
    faults = []
    with tempfile.TemporaryDirectory(prefix="clippath-bench-") as folder:
        for case in (one for one in cases if one.name[0] in args.cases.split(",")):
            print(f"\n({case.name}) {titles[case.name]}")
            for slide in args.slides:
                print(f"  {slide.name}")
                faults += compare(args, case, slide, Path(folder))
    for fault in faults:
        print(f"below the bar: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
