"""Runs the benchmarks one after another, each in a process of its own, prints their table and writes var/bench.json."""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
BENCHMARKS = ("certificate_cpu", "certificate_size", "score", "memory", "start", "peer_pages", "lists")


def line_of(name: str) -> dict[str, Any]:
    command = [sys.executable, "-m", f"benchmarks.{name}"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def row(goal: dict[str, Any]) -> str:
    sign = "≥" if goal["at_least"] else "≤"
    verdict = "met" if goal["met"] else "MISSED"
    return f"{goal['name']:<58} {goal['figure']:>9.2f} {goal['unit']:<3} {sign} {goal['limit']:<6g} {verdict}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    parser.add_argument("name", nargs="?", choices=BENCHMARKS, help="only this one")
    chosen = parser.parse_args().name
    lines = []
    for name in [chosen] if chosen else BENCHMARKS:
        lines.append(line_of(name))
        print("\n".join(map(row, lines[-1]["goals"])), flush=True)
    target = ROOT / "var/bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(lines, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    missed = sum(not goal["met"] for line in lines for goal in line["goals"])
    print(f"{missed} goal(s) missed; every figure is in {target.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
