"""What the visitors of a body saw, and the checker that compares it with what the body holds afterwards.

An answer that never came is `info`: nobody knows, so the work may be there once or not at all. An acknowledged one is
there exactly once.
"""

import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

Result = str  # ok, fail or info


@dataclass
class Entry:
    key: int
    began: float
    ended: float
    result: Result


@dataclass
class History:
    entries: list[Entry] = field(default_factory=list)

    def note(self, key: int, began: float, result: Result) -> None:
        self.entries.append(Entry(key, began, time.monotonic(), result))

    def results_of(self, key: int) -> set[Result]:
        return {entry.result for entry in self.entries if entry.key == key}


@dataclass(frozen=True)
class Verdict:
    acknowledged: int
    unknown: int
    lost: tuple[int, ...]
    doubled: tuple[int, ...]
    unasked: tuple[int, ...]

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.unasked)


def judge(history: History, found: Mapping[int, int]) -> Verdict:
    """Compare with how often each key is there: acknowledged means once, refused never, unknown at most once."""
    keys = {entry.key for entry in history.entries}
    acknowledged = {key for key in keys if "ok" in history.results_of(key)}
    refused = {key for key in keys if history.results_of(key) == {"fail"}}
    count = Counter(found)
    return Verdict(
        acknowledged=len(acknowledged),
        unknown=len(keys - acknowledged - refused),
        lost=tuple(sorted(key for key in acknowledged if count[key] == 0)),
        doubled=tuple(sorted(key for key in count if count[key] > 1)),
        unasked=tuple(sorted(key for key in count if count[key] and (key in refused or key not in keys))),
    )


def print_figures(item: int, **figures: object) -> None:
    """The money line: one JSON object a test, for the release note."""
    print(json.dumps({"item": item, **figures}))  # noqa: T201
