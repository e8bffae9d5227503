"""Reads `steps.toml`: who may take which step."""

import tomllib
from pathlib import Path

ROWS: dict[str, dict[str, str]] = tomllib.loads(Path(__file__).with_name("steps.toml").read_text("utf-8"))


def who(row: str) -> set[str]:
    return set(row.split())
