"""What every benchmark does alike: arms in turn, processor time with the children, one JSON line.

A benchmark calls `measure` with its arms, compares their outputs before that, and gives what it found to `print_line`.
Times are milliseconds of processor time (user and system) of this process and of every process below it.
"""

import argparse
import atexit
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

TICK = 1 / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, kw_only=True)
class Goal:
    """One figure against the goal that docs/performance.md names; `unit` is `×`, `ms`, `kB`, `MB` or `s`."""

    name: str
    figure: float
    limit: float
    unit: str
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        return self.figure >= self.limit if self.at_least else self.figure <= self.limit


@dataclass(kw_only=True)
class Line:
    """The JSON line of a benchmark."""

    benchmark: str
    goals: list[Goal]
    rounds: int = 1
    arms: dict[str, dict[str, float]] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> str:
        goals = [asdict(goal) | {"figure": round(goal.figure, 3), "met": goal.is_met} for goal in self.goals]
        return json.dumps(asdict(self) | {"goals": goals}, ensure_ascii=False)


def print_line(line: Line) -> None:
    print(line.as_json(), flush=True)


def options(description: str | None) -> argparse.Namespace:
    """`--tiny` shows in a second or two that a benchmark works; its figures mean nothing."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--tiny", action="store_true", help="the smallest run; its figures mean nothing")
    return parser.parse_args()


def start_django(**environment: str) -> None:
    """Start the product in a throw-away body of its own, as a user would run it."""
    home = tempfile.mkdtemp(prefix="certbody-bench-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ |= {"CERTBODY_HOME": home, "CERTBODY_DEMO": "0", "DJANGO_SETTINGS_MODULE": "certbody.settings"}
    os.environ |= environment
    import django

    django.setup()
    from certbody.body.preparation import compile_messages

    compile_messages()


def processor_seconds() -> float:
    """Processor time of this process and of all below it, those that have ended included."""
    children = os.times()
    below = sum(_seconds_of(pid) for pid in processes_below(os.getpid()))
    return time.process_time() + children.children_user + children.children_system + below


def processor_seconds_of(root: int) -> float:
    """Processor time of another process, of all below it and of those that have ended."""
    return sum(_seconds_of(pid) for pid in [root, *processes_below(root)])


def processes_below(root: int) -> list[int]:
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            fields = _fields(int(folder.name))
            if fields:
                parents[int(folder.name)] = int(fields[1])
    found, last = [], [root]
    while last := [pid for pid, parent in parents.items() if parent in last]:
        found += last
    return found


def _seconds_of(pid: int) -> float:
    return sum(map(int, _fields(pid)[11:15])) * TICK  # user and system, its own and of its ended children


def _fields(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on; none for a process that has gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def measure(arms: dict[str, Callable[[], object]], *, rounds: int, times: int) -> dict[str, dict[str, float]]:
    """Run the arms in turn, `times` calls a round; min and median of the milliseconds a call."""
    samples: dict[str, list[float]] = {name: [] for name in arms}
    for call in arms.values():
        call()
    for _round in range(rounds):
        for name, call in arms.items():
            before = processor_seconds()
            for _time in range(times):
                call()
            samples[name].append((processor_seconds() - before) * 1000 / times)
    return {name: summary(found) for name, found in samples.items()}


def summary(milliseconds: list[float]) -> dict[str, float]:
    return {"min_ms": round(min(milliseconds), 4), "median_ms": round(median(milliseconds), 4)}
