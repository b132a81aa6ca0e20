# SPDX-License-Identifier: Apache-2.0
"""Prints how many tests ran, by outcome, and the slowest, from a JUnit file of ctest. Exit 1 if none passed or one failed."""
import sys
import xml.etree.ElementTree as ElementTree

cases = list(ElementTree.parse(sys.argv[1]).getroot().iter("testcase"))
counts = {"passed": 0, "failed": 0, "skipped": 0}
for case in cases:
    status = case.get("status")
    outcome = "passed" if status == "run" else "failed" if status == "fail" else "skipped"
    counts[outcome] += 1
    if outcome != "passed":
        print(f"  {outcome}: {case.get('name')}")
print("tests: " + ", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
for case in sorted(cases, key=lambda c: -float(c.get("time") or 0))[:5]:
    print(f"  {float(case.get('time') or 0):6.1f} s  {case.get('name')}")
sys.exit(0 if counts["passed"] and not counts["failed"] else 1)
