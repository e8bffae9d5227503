"""Reading JSON from outside: bounded in size and depth, numbers exact, repeated keys remembered."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from certbody.scheme.faults import ROOT, Fault, gettext_noop, path_of

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_DIGITS = 64
NOT_A_NUMBER = Decimal("NaN")

# the closing quote is optional: else an endless text of escaped quotes is scanned again from each of them
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]|\\u[dD][89a-fA-F]")


class Members(dict[str, Any]):
    """The members of one JSON object; `repeated` names the keys that were given more than once."""

    repeated: tuple[str, ...] = ()


def decoded(content: bytes) -> str | Fault:
    """UTF-8 text (a byte-order mark is dropped) of at most 1 MB."""
    if len(content) > MAX_BYTES:
        return _too_large()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return Fault(ROOT, gettext_noop("is not UTF-8 text"))


def read_json(text: str) -> Any | Fault:
    """The value of a JSON text, or the one fault that keeps it from being read.

    Numbers are `int`, or `Decimal` when they have a fraction or an exponent; more than 64 digits are not a
    number. NaN and Infinity are no JSON. Half a surrogate pair is refused: it has no UTF-8 form.
    """
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return _too_large()
    if _depth(text) > MAX_DEPTH:
        return Fault(ROOT, gettext_noop("is nested deeper than %(limit)s levels"), {"limit": str(MAX_DEPTH)})
    try:
        value = json.loads(
            text,
            object_pairs_hook=_members,
            parse_int=_whole,
            parse_float=_exact,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        where = {"line": str(error.lineno), "column": str(error.colno)}
        return Fault(ROOT, gettext_noop("is not JSON (line %(line)s, column %(column)s)"), where)
    except _NoJsonError as error:
        return Fault(ROOT, gettext_noop("is not JSON (%(word)s is no JSON value)"), {"word": str(error)})
    if _HALF_CHARACTER.search(text) and not _is_storable(value):
        return Fault(ROOT, gettext_noop("is not UTF-8 text"))
    return value


def repeated_keys(value: Any, *path: str | int) -> Iterator[Fault]:
    """A fault for every key that one object gives more than once."""
    if isinstance(value, Members):
        for key in value.repeated:
            yield Fault(path_of(*path, key), gettext_noop("is given more than once"))
    if isinstance(value, dict):
        for key, member in value.items():
            yield from repeated_keys(member, *path, key)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from repeated_keys(member, *path, index)


class _NoJsonError(ValueError):
    pass


def _too_large() -> Fault:
    return Fault(ROOT, gettext_noop("is larger than %(limit)s bytes"), {"limit": str(MAX_BYTES)})


def _is_storable(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True


def _depth(text: str) -> int:
    depth = deepest = 0
    for match in _STRING_OR_BRACKET.finditer(text):
        if match[0] in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif match[0] in "]}":
            depth -= 1
    return deepest


def _members(pairs: list[tuple[str, Any]]) -> Members:
    members = Members(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        repeated: dict[str, None] = {}
        for key, _value in pairs:
            if key in seen:
                repeated[key] = None
            seen.add(key)
        members.repeated = tuple(repeated)
    return members


def _whole(digits: str) -> int | Decimal:
    return int(digits) if len(digits) <= MAX_DIGITS else NOT_A_NUMBER


def _exact(number: str) -> Decimal:
    try:
        return Decimal(number) if len(number) <= MAX_DIGITS else NOT_A_NUMBER
    except InvalidOperation:
        return NOT_A_NUMBER


def _refuse_constant(word: str) -> NoReturn:
    raise _NoJsonError(word)
