"""Benchmarks work: each gives its JSON line. What they measure is for script/bench; nothing is timed here."""

import json
import subprocess
import sys

import pytest
from django.test import Client

from benchmarks import __main__ as bench
from benchmarks import harness, memory, peer_pages, start
from tests.ground.sources import ROOT

QUICK = ("certificate_cpu", "certificate_size", "score")
KEYS = {"benchmark", "goals", "rounds", "arms", "facts"}


def is_well_formed(line: str) -> bool:
    found = json.loads(line)
    goals = found["goals"]
    return found.keys() == KEYS and bool(goals) and all(bench.row(goal) for goal in goals)


@pytest.mark.parametrize("name", QUICK)
def test_a_benchmark_runs_in_its_smallest_form_and_prints_one_line(name: str) -> None:
    command = [sys.executable, "-m", f"benchmarks.{name}", "--tiny"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert is_well_formed(done.stdout)


@pytest.mark.django_db
def test_the_synthetic_cases_fill_the_pages_that_are_measured() -> None:
    peer_pages.add_cases(1, 21)
    client = Client()
    client.force_login(peer_pages.reviewer())
    found = harness.measure(peer_pages.pages_of(client, "2026-000010"), rounds=1, times=1)
    assert found.keys() == peer_pages.PAGES.keys()
    # each row names the organisation twice: as its link and at its tick box
    assert client.get(peer_pages.PAGES["list"]).text.count("佛山华丰") == 2 * 20


def test_every_benchmark_is_in_the_table_of_script_bench() -> None:
    scripts = {path.stem for path in (ROOT / "benchmarks").glob("*.py") if "def main" in path.read_text()}
    assert scripts - {"__main__"} == set(bench.BENCHMARKS)
    assert all(module.main for module in (memory, start))


def test_a_missed_goal_is_printed_as_missed() -> None:
    goals = [harness.Goal(name="weight", figure=71, limit=70, unit="kB")]
    line = harness.Line(benchmark="weights", goals=goals).as_json()
    assert is_well_formed(line)
    assert bench.row(json.loads(line)["goals"][0]).endswith("MISSED")
