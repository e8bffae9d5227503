"""Finds personal data and traces of the machine in what the public gets: telephone and identity numbers, addresses of
mail, names of people, paths of files."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

MOBILE = re.compile(r"(?<![0-9A-Za-z.])(?:\+?86[- ]?)?(1[3-9]\d{9})(?!\d)")
IDENTITY = re.compile(r"(?<![0-9A-Za-z])([1-9]\d{16}[0-9Xx])(?![0-9A-Za-z])")
MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
PATH = re.compile(
    r"(?<![\w.])/(?:home|root|srv|tmp|usr|var|work|data|opt|dev/shm)/[\w.-]+|[A-Z]:\\\w+|site-packages|\.py\b(?!-)"
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def is_identity_number(text: str) -> bool:
    """Whether 18 characters are a number of a Chinese identity card (GB 11643): a day of birth and its checksum."""
    try:
        datetime.strptime(text[6:14], "%Y%m%d")  # noqa: DTZ007 -- only whether there is such a day
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], WEIGHTS, strict=True))
    return text[17].upper() == "10X98765432"[total % 11]


def leaks_in(text: str, *, names: Iterable[str] = (), allowed: Iterable[str] = ()) -> Iterator[str]:
    """Everything in a text that the public must not get; `allowed` is what the body publishes about itself."""
    for fine in allowed:
        text = text.replace(fine, " ")
    yield from (f"telephone {found}" for found in MOBILE.findall(text))
    yield from (f"identity number {found}" for found in IDENTITY.findall(text) if is_identity_number(found))
    yield from (f"mail {found}" for found in MAIL.findall(text))
    yield from (f"path {found}" for found in PATH.findall(text))
    yield from (f"name {name}" for name in names if name and name in text)
