"""Reading a score sheet from JSON text: its form here, its sense in `sheet.py`; no fault hides another."""

from collections.abc import Mapping
from typing import Any

from certbody.scheme.faults import ROOT, Fault, SheetFaults, gettext_noop, path_of, quoted
from certbody.scheme.json_text import read_json, repeated_keys
from certbody.scheme.marks import EmptyPopulation, Excluded, Mark, Met, Sampled
from certbody.scheme.model import Goods, Scheme, UnknownSchemeError, UnknownVersionError
from certbody.scheme.sheet import (
    Bonus,
    Resolver,
    Sheet,
    Special,
    everything_excluded,
    mark_faults,
    missing_clauses,
    special_faults,
)

SHEET_KEYS = ("scheme", "version", "goods", "marks", "specials", "bonus")
MARK_KEYS = ("met", "sampled", "failed", "excluded", "population", "note")


def parse_sheet(text: str, resolver: Resolver, scheme_id: str | None = None) -> Sheet:
    """The sheet in a JSON text, on the table that the resolver gives; `SheetFaults` names every fault.

    `scheme_id` is the scheme that the caller expects: a sheet that names another one is at fault, one that
    names none is read as that one.
    """
    value = read_json(text)
    if isinstance(value, Fault):
        raise SheetFaults([value])
    if not isinstance(value, dict):
        raise SheetFaults([Fault(ROOT, gettext_noop("is not an object"))])
    reader = _SheetReader(value)
    sheet = reader.sheet(resolver, scheme_id)
    if sheet is None:
        raise SheetFaults(reader.faults)
    return sheet


class _SheetReader:
    def __init__(self, members: Mapping[str, Any]) -> None:
        self.members = members
        self.faults: list[Fault] = list(repeated_keys(members))

    def fault(self, template: str, *path: str | int, **params: str) -> None:
        self.faults.append(Fault(path_of(*path), template, params))

    def sheet(self, resolver: Resolver, scheme_id: str | None) -> Sheet | None:
        """The sheet, or None when there are faults."""
        self._unknown_keys(self.members, SHEET_KEYS)
        table = self._table(resolver, scheme_id)
        goods, specials, bonus = self._goods(), self._specials(), self._bonus()
        given = self._given_marks()
        marks = {key: mark for key, raw in given.items() if (mark := self._mark(key, raw)) is not None}
        if table is None:
            return None
        scheme, status = table
        self._check(scheme, given, marks, goods)
        self.faults += special_faults(scheme, specials, bonus)
        if self.faults:
            return None
        sound = tuple(special for special in specials if special is not None)
        return Sheet(scheme, status, marks, goods or Goods.TANGIBLE, sound, bonus)

    def _check(
        self, scheme: Scheme, given: Mapping[str, Any], marks: Mapping[str, Mark], goods: Goods | None
    ) -> None:
        if not isinstance(self.members.get("marks"), dict):
            return
        for clause_id in given:
            if clause_id not in marks and not scheme.has_clause(clause_id):
                self.fault(gettext_noop("is not a clause of this scheme"), "marks", clause_id)
        self.faults += mark_faults(scheme, marks, goods)
        self.faults += missing_clauses(scheme, given)
        self.faults += everything_excluded(scheme, marks)

    def _table(self, resolver: Resolver, expected: str | None) -> tuple[Scheme, str] | None:
        named, version = expected, None
        if "scheme" in self.members:
            named = self._text(self.members["scheme"], "scheme")
        elif expected is None:
            self.fault(gettext_noop("is missing"), "scheme")
        if "version" in self.members:
            version = self._text(self.members["version"], "version")
            if version is None:
                return None
        if named is None:
            return None
        if expected is not None and named != expected:
            self.fault(gettext_noop("is not the scheme that was asked for"), "scheme")
        try:
            return resolver(named, version)
        except UnknownSchemeError:
            self.fault(gettext_noop("%(value)s is unknown"), "scheme", value=quoted(named))
        except UnknownVersionError:
            self.fault(gettext_noop("%(value)s is unknown"), "version", value=quoted(version))
        return None

    def _goods(self) -> Goods | None:
        given = self.members.get("goods", str(Goods.TANGIBLE))
        if isinstance(given, str) and given in list(Goods):
            return Goods(given)
        known = ", ".join(Goods)
        self.fault(
            gettext_noop("is %(value)s, not one of: %(known)s"), "goods", value=quoted(given), known=known
        )
        return None

    def _given_marks(self) -> Mapping[str, Any]:
        given = self.members.get("marks")
        if isinstance(given, dict):
            return given
        self.fault(
            gettext_noop("must be an object") if "marks" in self.members else gettext_noop("is missing"),
            "marks",
        )
        return {}

    def _mark(self, clause_id: str, raw: Any) -> Mark | None:
        """The mark, with a harmless value for a member that is at fault, so that its sense is checked too."""
        if not isinstance(raw, dict):
            self.fault(gettext_noop("must be an object"), "marks", clause_id)
            return None
        self._unknown_keys(raw, MARK_KEYS, "marks", clause_id)
        match sorted(key for key in raw if key in MARK_KEYS):
            case ["met"]:
                return Met(self._flag(raw, clause_id))
            case ["failed", "sampled"]:
                failed = self._count(raw, clause_id, "failed", harmless=0)
                return Sampled(self._count(raw, clause_id, "sampled", harmless=max(failed, 1)), failed)
            case ["excluded"]:
                return Excluded(self._reason(raw, clause_id, "excluded"))
            case ["met", "note", "population"]:
                if self._count(raw, clause_id, "population", harmless=0) != 0:
                    wanted = gettext_noop("can only be 0; what is there is sampled")
                    self.fault(wanted, "marks", clause_id, "population")
                return EmptyPopulation(self._flag(raw, clause_id), self._reason(raw, clause_id, "note"))
            case keys:
                self._incomplete(keys, clause_id)
                return None

    def _incomplete(self, keys: list[str], clause_id: str) -> None:
        """Name what is missing when it is clear which form was meant, else the four forms."""
        if keys in (["sampled"], ["failed"]):
            missing = {"sampled", "failed"} - set(keys)
        elif "population" in keys and {"population", "met", "note"} > set(keys):
            missing = {"met", "note"} - set(keys)
        else:
            wanted = gettext_noop(
                "must be exactly one of: met; sampled and failed; excluded; population 0 with met and note"
            )
            self.fault(wanted, "marks", clause_id)
            return
        for key in sorted(missing):
            self.fault(gettext_noop("is missing"), "marks", clause_id, key)

    def _specials(self) -> list[Special | None]:
        given = self.members.get("specials", [])
        if not isinstance(given, list):
            self.fault(gettext_noop("must be a list"), "specials")
            return []
        return [self._special(index, raw) for index, raw in enumerate(given)]

    def _special(self, index: int, raw: Any) -> Special | None:
        if not isinstance(raw, dict):
            self.fault(gettext_noop("must be an object"), "specials", index)
            return None
        self._unknown_keys(raw, ("ground", "note"), "specials", index)
        note = self._note(raw, "specials", index)
        if "ground" not in raw:
            self.fault(gettext_noop("is missing"), "specials", index, "ground")
            return None
        ground = self._text(raw["ground"], "specials", index, "ground")
        return None if ground is None else Special(ground, note)

    def _bonus(self) -> Bonus | None:
        if "bonus" not in self.members:
            return None
        given = self.members["bonus"]
        if not isinstance(given, dict):
            self.fault(gettext_noop("must be exactly one object"), "bonus")
            return None
        self._unknown_keys(given, ("note",), "bonus")
        return Bonus(self._note(given, "bonus"))

    def _note(self, members: Mapping[str, Any], *path: str | int) -> str:
        return self._text(members.get("note", ""), *path, "note") or ""

    def _text(self, value: Any, *path: str | int) -> str | None:
        if isinstance(value, str):
            return value
        self.fault(gettext_noop("must be a text"), *path)
        return None

    def _reason(self, raw: Mapping[str, Any], clause_id: str, key: str) -> str:
        reason = self._text(raw[key], "marks", clause_id, key)
        return "-" if reason is None else reason

    def _flag(self, raw: Mapping[str, Any], clause_id: str) -> bool:
        if not isinstance(raw["met"], bool):
            self.fault(gettext_noop("must be true or false"), "marks", clause_id, "met")
        return raw["met"] is True

    def _count(self, raw: Mapping[str, Any], clause_id: str, key: str, *, harmless: int) -> int:
        count = raw[key]
        if isinstance(count, int) and not isinstance(count, bool):
            return count
        self.fault(gettext_noop("must be a whole number"), "marks", clause_id, key)
        return harmless

    def _unknown_keys(self, members: Mapping[str, Any], known: tuple[str, ...], *path: str | int) -> None:
        for key in members:
            if key not in known:
                self.fault(gettext_noop("is an unknown key"), *path, key)
