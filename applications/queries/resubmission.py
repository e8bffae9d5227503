"""What a resubmission changed, section by section, and which question each section was asked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from applications.catalogue.kinds import REQUEST_DOCUMENTS
from applications.catalogue.sections import FIELDS, Section
from applications.models import Application, ApplicationDocument, ApplicationSubmission, Question, Site
from certbody.accounts.models import Organisation
from certbody.body.queries import scheme_of
from certbody.scheme.model import Scheme

Content = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """`before` is empty for what is new, `now` for what was taken out."""

    label: str
    before: str
    now: str


@dataclass(frozen=True)
class ChangesOfSection:
    key: str
    label: str
    changes: list[Change]
    questions: list[Question]


@dataclass(frozen=True)
class ChangesSince:
    """What differs between a submission and the one before; `is_known` is false where the older was not kept."""

    revision: int
    is_known: bool
    sections: list[ChangesOfSection]


def changes_in(application: Application, language: str) -> ChangesSince | None:
    """The changes of the present submission; None for a first one."""
    if application.revision < 2:
        return None
    since = application.revision - 1
    kept = {
        row.revision: row.content
        for row in ApplicationSubmission.objects.filter(
            application=application, revision__in=(since, application.revision)
        )
    }
    before, now = kept.get(since), kept.get(application.revision)
    questions = list(application.questions.filter(revision=since))
    is_known = before is not None and now is not None
    changes = _by_section(before or {}, now or {}, scheme_of(application.case), language) if is_known else {}
    sections = [
        ChangesOfSection(
            key=section.value,
            label=str(section.label),
            changes=changes.get(section, []),
            questions=[one for one in questions if one.section == section],
        )
        for section in Section
    ]
    return ChangesSince(since, is_known, [one for one in sections if one.changes or one.questions])


def _by_section(before: Content, now: Content, scheme: Scheme, language: str) -> dict[str, list[Change]]:
    found = {
        section: list(_fields(Application, before["fields"], now["fields"], names))
        for section, names in FIELDS.items()
    }
    organisation = list(_fields(Organisation, before["organisation"], now["organisation"]))
    found[Section.ORGANISATION] = organisation + found.get(Section.ORGANISATION, [])
    found[Section.SITES] = list(_sites(before["sites"], now["sites"]))
    found[Section.DOCUMENTS] = list(_documents(before["documents"], now["documents"], scheme, language))
    found[Section.EXCLUSIONS] = [
        Change(clause, before["exclusions"].get(clause, ""), now["exclusions"].get(clause, ""))
        for clause in sorted(before["exclusions"].keys() | now["exclusions"].keys())
        if before["exclusions"].get(clause) != now["exclusions"].get(clause)
    ]
    return found


def _fields(
    model: type[models.Model], before: Content, now: Content, names: tuple[str, ...] = ()
) -> Iterator[Change]:
    """Fields that both submissions hold and whose values differ."""
    for name in names or now:
        if name in before and name in now and before[name] != now[name]:
            field = model._meta.get_field(name)
            label = str(getattr(field, "verbose_name", name))
            yield Change(_capital(label), _shown(field, before[name]), _shown(field, now[name]))


def _capital(label: str) -> str:
    return label[:1].upper() + label[1:]


def _shown(field: Any, value: Any) -> str:
    if value is None or value == "":
        return pgettext("no value", "nothing")
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    choices = dict(getattr(field, "flatchoices", ()))
    return str(choices.get(value, value))


def _sites(before: Content, now: Content) -> Iterator[Change]:
    for key in sorted(before.keys() | now.keys(), key=int):
        older, newer = before.get(key), now.get(key)
        if newer is None:
            yield Change(older["name"] if older else "", _("Site removed"), "")
        elif older is None:
            yield Change(newer["name"], "", _("Site added"))
        else:
            for change in _fields(Site, older, newer):
                yield Change(f"{newer['name']} · {change.label}", change.before, change.now)


def _documents(before: Content, now: Content, scheme: Scheme, language: str) -> Iterator[Change]:
    """A file that replaces another of its kind stands beside it; others were added or taken out."""
    names = {kind.key: kind.name.in_language(language) for kind in (*REQUEST_DOCUMENTS, *scheme.documents)}
    replaced = _replaced(before, now)
    for key, row in now.items():
        label = names.get(row["kind"], row["kind"])
        if key not in before:
            older = before.get(replaced.get(key, ""), {})
            yield Change(label, _document(older) if older else "", _document(row))
        else:
            yield from (
                Change(f"{label} · {change.label}", change.before, change.now)
                for change in _fields(ApplicationDocument, before[key], row, ("number", "expires_on"))
            )
    taken = before.keys() - now.keys() - set(replaced.values())
    for key in sorted(taken, key=int):
        yield Change(names.get(before[key]["kind"], before[key]["kind"]), _document(before[key]), "")


def _replaced(before: Content, now: Content) -> dict[str, str]:
    """Which document of the earlier submission each new one stands in for, through every version between."""
    gone = sorted(int(key) for key in before.keys() - now.keys())
    rows = dict(
        ApplicationDocument.objects.filter(
            application__in=ApplicationDocument.objects.filter(pk__in=gone).values("application")
        ).values_list("pk", "replaced_by")
    )
    return {str(end): str(pk) for pk in gone if (end := _last(pk, rows.get)) != pk and str(end) in now}


def _last(pk: int, following: Callable[[int], int | None]) -> int:
    while (after := following(pk)) is not None:
        pk = after
    return pk


def _document(row: Content) -> str:
    return " · ".join(filter(None, (row["name"], row["number"], row["expires_on"])))
