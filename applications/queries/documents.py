"""The documents of an application: the checklist by situation, their versions, what the reviewer remarked on them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from applications.catalogue.kinds import documents_asked
from applications.models import Application, ApplicationDocument, DocumentFinding, DocumentVerdict
from applications.paths import replacement_page
from applications.queries import and_whether_closed, closed_documents
from applications.queries.completeness import Contents, is_required, sites_without_proof
from applications.states import CLOSED, ApplicationState
from certbody import clock
from certbody.body.queries import scheme_of
from certbody.files.models import EXTENSIONS, StoredFile
from certbody.files.previews import has_preview
from certbody.scheme.model import DocumentKind, DocumentNeed

# states in which a remark has reached the client: while the review goes on it is still the reviewer's draft
TOLD = frozenset({ApplicationState.QUESTIONS, ApplicationState.ACCEPTED})


class Situation(models.TextChoices):
    """When a document of the checklist is asked for, in the words of the client."""

    ALWAYS = DocumentNeed.ALWAYS.value, gettext_lazy("Always needed")
    IF_MULTI_SITE = DocumentNeed.IF_MULTI_SITE.value, gettext_lazy("With several sites")
    IF_APPLICABLE = DocumentNeed.IF_APPLICABLE.value, gettext_lazy("If your trade needs permits")
    BEFORE_STAGE2 = DocumentNeed.BEFORE_STAGE2.value, gettext_lazy("Before the on-site audit")
    OPTIONAL = DocumentNeed.OPTIONAL.value, gettext_lazy("If you have it")


@dataclass(frozen=True)
class Preview:
    """What stands for a file beside its name: its first page, or the word for its type."""

    file: StoredFile
    has_picture: bool

    @property
    def url(self) -> str:
        return reverse("files:preview", args=[self.file.pk])

    @property
    def type_name(self) -> str:
        return EXTENSIONS.get(self.file.content_type, "").upper()


@dataclass
class Line:
    """A document in force with what came before it and what was found on each version."""

    document: ApplicationDocument
    finding: DocumentFinding | None
    earlier: Sequence[tuple[ApplicationDocument, DocumentFinding | None]] = ()
    lacks_day: bool = False  # the kind expires and nobody has said when

    @property
    def asked_again(self) -> DocumentFinding | None:
        """The remark that only another version answers, once the client has been told of it."""
        is_told = self.document.application.state in TOLD
        return self.finding if is_told and self._is_asked_again else None

    @property
    def _is_asked_again(self) -> bool:
        return self.finding is not None and self.finding.verdict == DocumentVerdict.ASK_AGAIN

    @property
    def has_expired(self) -> bool:
        return self.days_left is not None and self.days_left < 0

    @property
    def replacement_url(self) -> str:
        return replacement_page(self.document.application, self.document)

    @property
    def preview(self) -> Preview:
        return Preview(self.document.file, has_preview(self.document.file))

    @property
    def is_newer_than_seen(self) -> bool:
        """True when an earlier version was judged and this one was not."""
        return self.finding is None and any(finding for _document, finding in self.earlier)

    @property
    def days_left(self) -> int | None:
        """Days until it expires; negative afterwards, None when it never does."""
        day: date | None = self.document.expires_on
        return (day - clock.today()).days if day is not None else None


@dataclass
class Entry:
    """One kind of the checklist."""

    kind: DocumentKind
    name: str
    is_required: bool
    lines: list[Line] = field(default_factory=list)
    sites_without: Sequence[str] = ()

    @property
    def has_closed(self) -> bool:
        """True when the file of one of its documents is closed and a clean copy is needed."""
        return any(line.document.is_closed for line in self.lines)

    @property
    def is_missing(self) -> bool:
        return self.is_required and not self.lines

    @property
    def is_at_fault(self) -> bool:
        """Whether something is there already and does not do as it is."""
        faults = (line.asked_again or line.has_expired or line.lacks_day for line in self.lines)
        return self.has_closed or bool(self.sites_without) or any(faults)


@dataclass(frozen=True)
class Group:
    """The kinds of one situation, and why they are asked for."""

    situation: Situation
    why: str | Promise
    entries: Sequence[Entry]


def checklist(contents: Contents, language: str) -> list[Group]:
    """Every kind of document that is asked, grouped by when it is asked for; groups without a kind are left out."""
    lines = lines_of(contents.application)
    entries = [_entry(contents, kind, language, lines) for kind in contents.documents_asked]
    groups = (
        Group(
            situation,
            _why(situation, len(contents.sites)),
            [entry for entry in entries if entry.kind.required.value == situation.value],
        )
        for situation in Situation
    )
    return [group for group in groups if group.entries]


def _entry(contents: Contents, kind: DocumentKind, language: str, lines: Sequence[Line]) -> Entry:
    return Entry(
        kind=kind,
        name=kind.name.in_language(language),
        is_required=is_required(kind, len(contents.sites)),
        lines=[
            replace(line, lacks_day=kind.expires and line.document.expires_on is None)
            for line in lines
            if line.document.kind == kind.key
        ],
        sites_without=[site.name for site in sites_without_proof(contents, kind)],
    )


def _why(situation: Situation, sites: int) -> str:
    if situation == Situation.ALWAYS:
        return _("The application cannot be reviewed without them.")
    if situation == Situation.IF_MULTI_SITE:
        if sites > 1:
            return _(
                "You entered %(sites)s sites: bring one list with the proof of all, or the licence of each site."
            ) % {"sites": sites}
        return _("You entered one site, so nothing is needed here.")
    if situation == Situation.IF_APPLICABLE:
        return _(
            "Only where the law asks for a permit, a qualification or a compulsory certificate for your goods."
        )
    if situation == Situation.BEFORE_STAGE2:
        return _("Not needed to apply; the auditors look through them before they visit you.")
    return _("Nothing is held against you without them; the auditors take them into account.")


def lines_of(application: Application) -> list[Line]:
    """The documents in force, each with its versions, newest first, and the latest finding on each version."""
    documents = application.documents.select_related("file", "site").order_by("kind", "pk")
    rows = list(and_whether_closed(documents))
    findings = {row.document_id: row for row in findings_of(application)}
    replaced = {row.replaced_by_id: row for row in rows if row.replaced_by_id is not None}
    return [
        Line(
            document=row,
            finding=findings.get(row.pk),
            earlier=[(older, findings.get(older.pk)) for older in _chain(row, replaced)],
        )
        for row in rows
        if row.replaced_by_id is None and row.removed_at is None
    ]


def _chain(
    row: ApplicationDocument, replaced: Mapping[int, ApplicationDocument]
) -> Iterator[ApplicationDocument]:
    older = replaced.get(row.pk)
    while older is not None:
        yield older
        older = replaced.get(older.pk)


def findings_of(application: Application) -> "models.QuerySet[DocumentFinding]":
    """Every finding on the application's documents, older ones first."""
    return (
        DocumentFinding.objects.filter(document__application=application)
        .select_related("person")
        .order_by("pk")
    )


def open_remarks(application: Application) -> list[DocumentFinding]:
    """Remarks that only another version of the document answers: the last word on a version that is still in force."""
    rows = findings_of(application).filter(document__replaced_by=None, document__removed_at=None)
    latest = {
        row.document_id: row for row in rows.select_related("document__file", "document__site", "person")
    }
    return [row for row in latest.values() if row.verdict == DocumentVerdict.ASK_AGAIN]


def names_of_kinds(application: Application) -> dict[str, str]:
    """The names of all kinds of document that the application is asked for, in the language of the page."""
    language = get_language() or "en"
    asked = documents_asked(application, scheme_of(application.case))
    return {kind.key: kind.name.in_language(language) for kind in asked}


def remarks_for_client(application: Application) -> list[dict[str, Any]]:
    """The open remarks that the client has been told of, each with the page on which it is answered."""
    if application.state not in TOLD:
        return []
    names, remarks = names_of_kinds(application), open_remarks(application)
    return [
        {
            "finding": row,
            "name": names.get(row.document.kind, ""),
            "url": replacement_page(application, row.document),
        }
        for row in remarks
    ]


def closed_for_client(application: Application) -> list[dict[str, Any]]:
    """Documents in whose file malicious software was found, each with the page on which a clean copy is brought."""
    if application.state in CLOSED:
        return []
    asked = documents_asked(application, scheme_of(application.case))
    names = {kind.key: kind.name.in_language(get_language() or "en") for kind in asked}
    return [
        {
            "name": names.get(row.kind, row.kind),
            "file": row.file.name,
            "url": replacement_page(application, row),
        }
        for row in closed_documents(application)
    ]


def documents_to_renew(application: Application, language: str) -> list[dict[str, Any]]:
    """The documents of an accepted application, each with the page on which its newer version is brought."""
    if application.state != ApplicationState.ACCEPTED:
        return []
    asked = documents_asked(application, scheme_of(application.case))
    names = {kind.key: kind.name.in_language(language) for kind in asked}
    return [
        {
            "line": line,
            "name": names.get(line.document.kind, line.document.kind),
            "url": replacement_page(application, line.document),
        }
        for line in lines_of(application)
    ]
