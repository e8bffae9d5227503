"""What is wrong with a scoring table or a score sheet: by path, in sentences that can be translated."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

ROOT = "$"
_LONGEST_KEY = 80


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for the translators without translating it here: this package knows no Django."""
    return sentence


def path_of(*keys: str | int) -> str:
    """`marks.5.1.1.2.failed`; a key with control characters is escaped, so that a fault fits one line."""
    return ".".join(_segment(str(key)) for key in keys) or ROOT


def _segment(key: str) -> str:
    shown = key if key.isprintable() and key else json.dumps(key)
    return shown if len(shown) <= _LONGEST_KEY else shown[:_LONGEST_KEY] + "…"


@dataclass(frozen=True)
class Fault:
    """One fault. `template % params` is its English sentence; pages translate the template first."""

    path: str
    template: str
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        return self.template % self.params

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}"


class Faults(ValueError):
    """Everything that is wrong, in reading order; `lines` are the faults as text, one a line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.lines))

    @property
    def lines(self) -> list[str]:
        return [str(fault) for fault in self.faults]


class SchemeFaults(Faults):
    """A scoring table that cannot be used."""


class SheetFaults(Faults):
    """A score sheet that cannot be scored."""


def quoted(value: object) -> str:
    """A value from outside as it is shown in a sentence: on one line and never longer than a line."""
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return f"“{text and _segment(text)}”"
