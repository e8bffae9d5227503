"""A scheme file (TOML, or the canonical JSON of a stored table) becomes a `Scheme`, or faults by path."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from certbody.scheme import checks
from certbody.scheme.faults import ROOT, Fault, SchemeFaults, gettext_noop, path_of
from certbody.scheme.json_text import MAX_BYTES, MAX_DEPTH, NOT_A_NUMBER, read_json, repeated_keys
from certbody.scheme.model import Scheme, SourceStatus, UnknownSchemeError
from certbody.scheme.parameters import read_parameters, read_sources
from certbody.scheme.sections_reader import (
    read_certificate,
    read_documents,
    read_fees,
    read_person_days,
    read_points_status,
    read_standard,
)
from certbody.scheme.table_reader import TableReader, points_of
from certbody.scheme.tree_reader import read_clauses, read_grades, read_level1, read_level2, read_rules

SCHEMA_VERSION = 1
_DATA = Path(__file__).resolve().parent / "data"


def load(text: str) -> Scheme:
    """The scoring table in a TOML or JSON text; `SchemeFaults` names every fault that it has."""
    content = _content(text)
    faults = [*repeated_keys(content)]
    root = TableReader(content, (), faults)
    scheme = _scheme(root, _canonical_text(content))
    faults += _cross_checks(scheme)
    if faults:
        raise SchemeFaults(faults)
    return scheme


def shipped_ids() -> list[str]:
    """The schemes that come with the software."""
    return sorted(path.name.removesuffix(".toml") for path in _DATA.glob("*.toml"))


def shipped_text(scheme_id: str) -> str:
    """The shipped TOML file of a scheme; `UnknownSchemeError` when none comes with the software."""
    if scheme_id not in shipped_ids():
        raise UnknownSchemeError(scheme_id)
    return (_DATA / f"{scheme_id}.toml").read_text(encoding="utf-8")


@cache
def shipped(scheme_id: str) -> Scheme:
    return load(shipped_text(scheme_id))


def with_points(
    table: Scheme | str, points: Mapping[str, Fraction | int | Decimal | str], version: str
) -> str:
    """The canonical text of a new version of a table in which some clauses have other points.

    The points of level 2 follow from their clauses; groups of level 1 stay and must still close, so moving
    points between groups is refused. A figure that changed carries the status `entered`.
    """
    scheme = table if isinstance(table, Scheme) else load(table)
    faults: list[Fault] = []
    entered: dict[str, Fraction] = {}
    for clause_id, value in points.items():
        exact = points_of(value)
        if not scheme.has_clause(clause_id):
            faults.append(Fault(path_of("clause", clause_id), gettext_noop("is not a clause of this table")))
        elif exact is None:
            at = path_of("clause", clause_id, "points")
            faults.append(Fault(at, gettext_noop("must be points above zero, such as 3, 2.5 or 5/2")))
        else:
            entered[clause_id] = exact
    if faults:
        raise SchemeFaults(faults)
    content = json.loads(scheme.canonical)
    content["version"] = version
    _enter_points(content, entered)
    return load(_canonical_text(content)).canonical


def _enter_points(content: dict[str, Any], entered: Mapping[str, Fraction]) -> None:
    sums: dict[str, Fraction] = {}
    for clause in content["clause"]:
        before = Fraction(clause["points"])  # of a table that was loaded: it can be read
        now = entered.get(clause["id"], before)
        sums[clause["parent"]] = sums.get(clause["parent"], Fraction(0)) + now
        if now != before:
            clause |= {"points": now, "points_status": SourceStatus.ENTERED}
    for item in content["level2"]:
        if Fraction(item["points"]) != sums[item["id"]]:
            item |= {"points": sums[item["id"]], "status": SourceStatus.ENTERED}


def _content(text: str) -> dict[str, Any]:
    is_json = text.lstrip("\ufeff \t\r\n").startswith("{")  # what begins like this is an object or no JSON
    read = read_json if is_json else _read_toml
    value: dict[str, Any] | Fault = read(text.removeprefix("\ufeff"))
    if isinstance(value, Fault):
        raise SchemeFaults([value])
    return value


def _read_toml(text: str) -> dict[str, Any] | Fault:
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        return Fault(ROOT, gettext_noop("is larger than %(limit)s bytes"), {"limit": str(MAX_BYTES)})
    too_deep = Fault(ROOT, gettext_noop("is nested deeper than %(limit)s levels"), {"limit": str(MAX_DEPTH)})
    try:
        content = tomllib.loads(text, parse_float=_exact)
    except tomllib.TOMLDecodeError as error:
        return Fault(ROOT, gettext_noop("is not TOML: %(reason)s"), {"reason": str(error)})
    except ValueError:
        # a whole number beyond the interpreter's limit of digits
        return Fault(ROOT, gettext_noop("is not TOML: %(reason)s"), {"reason": "number too long"})
    except RecursionError:
        return too_deep
    return too_deep if _is_deeper_than(content, MAX_DEPTH) else content


def _is_deeper_than(value: Any, levels: int) -> bool:
    if not isinstance(value, dict | list):
        return False
    members = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper_than(member, levels - 1) for member in members)


def _exact(number: str) -> Decimal:
    try:
        return Decimal(number)
    except InvalidOperation:
        return NOT_A_NUMBER


def _canonical_text(content: Mapping[str, Any]) -> str:
    """JSON without blanks, keys in order, numbers exact: whole ones as numbers, others as texts."""
    # a TOML time of day has no canonical form and is refused by the reader of its member
    return json.dumps(
        _canonical(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str
    )


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _canonical(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(member) for member in value]
    if isinstance(value, Decimal):
        return _canonical_decimal(value)
    if isinstance(value, Fraction):
        return value.numerator if value.denominator == 1 else str(value)
    return value.isoformat() if isinstance(value, date) else value


def _canonical_decimal(number: Decimal) -> int | str:
    if not number.is_finite() or abs(number.adjusted()) > 18:
        return str(number)
    return int(number) if number == number.to_integral_value() else format(number.normalize(), "f")


def _scheme(root: TableReader, canonical: str) -> Scheme:
    root.whole("schema_version", least=SCHEMA_VERSION, most=SCHEMA_VERSION)
    has_sources = root.has("scheme_sources")
    scheme = Scheme(
        id=root.text("id"),
        version=root.text("version"),
        standard=read_standard(root.table("standard")),
        level1=read_level1(root),
        level2=read_level2(root),
        clauses=read_clauses(root),
        rules=read_rules(root.table("scoring")),
        grades=read_grades(root),
        parameters=MappingProxyType(read_parameters(root.table("scheme"))),
        parameter_sources=MappingProxyType(read_sources(root.table("scheme_sources")) if has_sources else {}),
        fees=read_fees(root.table("fees")),
        person_days=read_person_days(root.table("person_days")),
        documents=read_documents(root),
        certificate=read_certificate(root.table("certificate")),
        points_status=MappingProxyType(read_points_status(root.table("points_status"))),
        canonical=canonical,
    )
    root.close()
    return scheme


def _cross_checks(scheme: Scheme) -> Iterator[Fault]:
    tree = (scheme.level1, scheme.level2, scheme.clauses)
    yield from checks.check_identity(scheme.id, scheme.version)
    yield from checks.check_tree(*tree)
    yield from checks.check_sums(scheme.standard.code, scheme.rules, *tree)
    yield from checks.check_rules(scheme.rules, scheme.clauses)
    yield from checks.check_grades(scheme.rules, scheme.grades)
    yield from checks.check_unique("document", [document.key for document in scheme.documents])
    yield from checks.check_person_days(scheme.person_days)
