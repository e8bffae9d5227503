"""Which printed facts of a certificate an application will change: the present value beside the wished one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from applications.models import Site
from applications.queries.contents import Contents
from applications.queries.held import HeldCertificate, HeldSite
from applications.states import ApplicationKind, ScopeEffect, WishedGrade

K = ApplicationKind


@dataclass(frozen=True)
class Line:
    """One printed fact; `wished` is what it would be after the change, the same where nothing is asked."""

    label: str
    present: str
    wished: str

    @property
    def is_changed(self) -> bool:
        return self.present != self.wished


@dataclass(frozen=True)
class Comparison:
    """The lines of a certificate and what the public register shows after the change."""

    number: str
    lines: tuple[Line, ...]
    register: tuple[str, ...]

    @property
    def changed(self) -> list[Line]:
        return [line for line in self.lines if line.is_changed]


def comparison_of(contents: Contents) -> Comparison | None:
    """None where the application rests on no certificate."""
    held = contents.held
    if held is None:
        return None
    wished = _wished(contents, held)
    lines = tuple(Line(label, present, wished.get(name, present)) for name, label, present in _present(held))
    return Comparison(held.number, lines, tuple(_register(contents, held)))


def _present(held: HeldCertificate) -> Iterator[tuple[str, str, str]]:
    yield "name", _("Name"), held.name
    yield "name_en", _("Name in English"), held.name_en
    yield "address", _("Registered address"), held.address
    yield "address_en", _("Registered address in English"), held.address_en
    yield "scope", _("Scope in Chinese"), held.scope
    yield "scope_en", _("Scope in English"), held.scope_en
    yield "sites", _("Sites"), _sites_in_words(held.sites)
    yield "grade", _("Grade"), grade_label(held.grade)
    yield "expires_on", _("Last valid day"), held.expires_on.isoformat()


def _wished(contents: Contents, held: HeldCertificate) -> dict[str, str]:
    """Only what this kind of application can change."""
    application, change = contents.application, contents.change
    match application.kind:
        case K.DATA_CHANGE:
            row: dict[str, Any] = {
                name: getattr(change, name, "") or getattr(held, name)
                for name in ("name", "name_en", "address", "address_en")
            }
            return row | {"sites": _sites_in_words(contents.sites)}
        case K.SCOPE_CHANGE:
            return {"scope": application.scope, "scope_en": application.scope_en}
        case K.UPGRADE:
            grade = change.grade if change else ""
            return {"grade": grade_label(grade or held.grade)}
        case K.RECERTIFICATION:
            organisation = application.case.organisation
            return {
                "name": organisation.name,
                "name_en": organisation.name_en,
                "address": organisation.registered_address,
                "address_en": organisation.registered_address_en,
                "scope": application.scope,
                "scope_en": application.scope_en,
                "sites": _sites_in_words(contents.sites),
                "grade": _("as the new evaluation gives it"),
                "expires_on": _("three years after the present last day"),
            }
    return {}


def grade_label(grade: str) -> str:
    return str(WishedGrade(grade).label) if grade in WishedGrade.values else grade


def _sites_in_words(sites: Iterable[Site | HeldSite]) -> str:
    return pgettext("between sites", "; ").join(sorted(f"{site.name}, {site.address}" for site in sites))


def _register(contents: Contents, held: HeldCertificate) -> Iterator[str]:
    """What readers of the public register and the regulator's report will see."""
    facts = {
        "number": held.number,
        "day": held.expires_on.isoformat(),
        "first": held.first_issued_on.isoformat(),
    }
    if contents.application.kind == K.RECERTIFICATION:
        yield (
            _(
                "Certificate %(number)s stays as it is until %(day)s. The new certificate has a number of its own, "
                "begins the day after and keeps the day of the first issue, %(first)s."
            )
            % facts
        )
        yield _("The register links the two numbers; the regulator is told of the new certificate.")
        return
    yield (
        _(
            "Number %(number)s and the last valid day %(day)s stay. Until a new edition is issued, the certificate "
            "and the register show the present values."
        )
        % facts
    )
    yield _(
        "From the day of the new edition the register shows the changed values and the number of the edition; earlier "
        "editions are no longer current. The regulator is told of the change."
    )


def standing_gaps(held: HeldCertificate | None) -> Iterator[str]:
    """What keeps a certificate from being renewed or changed since the application began."""
    if held is None or not held.stands:
        yield _(
            "The certificate that this application rests on no longer stands; please withdraw the application and "
            "begin an initial certification."
        )


def change_gaps(contents: Contents) -> Iterator[str]:
    """What is missing in the section that says what is to change."""
    comparison, change, held = comparison_of(contents), contents.change, contents.held
    kind = contents.application.kind
    if held is None or comparison is None or not held.stands:
        yield from standing_gaps(held)
        return
    if kind == K.UPGRADE:
        yield from _grade_gaps(change.grade if change else "", held)
    elif not comparison.changed:
        yield _("Nothing differs from certificate %(number)s yet.") % {"number": held.number}
    if kind == K.SCOPE_CHANGE:
        effect = change.scope_effect if change else ""
        if not effect:
            yield _("It is missing whether the new scope covers more, less or the same.")
        elif held.is_suspended and effect == ScopeEffect.EXTENDED:
            yield _("While the certificate is suspended, its scope cannot be extended.")
    if kind == K.DATA_CHANGE and (change is None or change.changed_on is None):
        yield _("The day since when the change is in force is missing.")
    if change is None or not change.reason:
        yield _("The reason of the change is missing.")


def _grade_gaps(grade: str, held: HeldCertificate) -> Iterator[str]:
    if not grade:
        yield _("The wished grade is missing.")
    elif held.grade in WishedGrade.values and WishedGrade(grade).rank <= WishedGrade(held.grade).rank:
        yield _("The certificate has this grade or a higher one already: %(grade)s.") % {
            "grade": grade_label(held.grade)
        }
    if held.is_suspended:
        yield _("While the certificate is suspended, no higher grade is possible.")
