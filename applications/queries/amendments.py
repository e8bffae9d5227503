"""What an amendment changes against the contract that it takes the place of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from applications.fees import QuoteKind
from applications.models import Contract
from applications.queries.arithmetic import figures


@dataclass(frozen=True)
class Change:
    label: str
    old: str
    new: str


def changes_of(contract: Contract) -> list[Change]:
    """The values that differ, in the reader's language; empty for a contract that amends none."""
    before = contract.amends
    if before is None:
        return []
    pairs = [*_facts(before.quoted, contract.quoted), *_amounts(before, contract)]
    return [Change(label, old, new) for label, old, new in pairs if old != new]


def _facts(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    if not old or not new:  # a contract made before facts were stored with it
        return
    in_chinese = (get_language() or "").startswith("zh")
    scope = "scope" if in_chinese else "scope_en"
    yield _("Quoted as"), str(QuoteKind(old["kind"]).label), str(QuoteKind(new["kind"]).label)
    yield _("Headcount"), str(old["headcount"]), str(new["headcount"])
    yield _("Product categories"), str(old["product_categories"]), str(new["product_categories"])
    yield _("Scope"), old[scope], new[scope]
    sites = {site["pk"]: [_site(site, in_chinese), ""] for site in old["sites"]}
    for site in new["sites"]:
        sites.setdefault(site["pk"], ["", ""])[1] = _site(site, in_chinese)
    for before, after in sites.values():
        yield _("Site"), before or _("none"), after or _("left out")


def _site(site: Mapping[str, Any], in_chinese: bool) -> str:
    name = site["name"] if in_chinese or not site["name_en"] else site["name_en"]
    return f"{name} · {site['address']} · {site['headcount']}"


def _amounts(old: Contract, new: Contract) -> Iterator[tuple[str, str, str]]:
    yield _("Person-days"), figures(old.person_days), figures(new.person_days)
    yield _("Adjustment"), figures(old.adjustment), figures(new.adjustment)
    yield _("Fee table of"), _day(old), _day(new)
    yield _("Total (CNY)"), f"{old.total:,.2f}", f"{new.total:,.2f}"


def _day(contract: Contract) -> str:
    return contract.tariff_on.isoformat() if contract.tariff_on else ""
