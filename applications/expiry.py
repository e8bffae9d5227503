"""Expiry dates of documents, watched from the application to the end of the certificate."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applications.kinds import documents_asked
from applications.models import Application, ApplicationDocument
from applications.paths import documents_page, renewal_page, replacement_page
from applications.services.documents import EXPIRED, EXPIRING
from applications.states import ApplicationState
from certbody import clock, facts
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body.queries import scheme_of
from certbody.body.settings_catalogue import setting
from certbody.cases.models import Case
from certbody.desk.models import Task
from certbody.desk.services import Audience, close_tasks, open_task, register_kind
from certbody.outbox.recipients import client_of
from certbody.outbox.services import promise_message
from certbody.transactions import whole
from certbody.web.panels import Panel

register_kind(EXPIRING, _("A document expires soon: bring its newer version"))
register_kind(EXPIRED, _("A document has expired: bring its newer version"))
MOST_SHOWN = 20
# while the client fills in or the reviewer reads, the application itself says what has expired
WATCHED = (ApplicationState.QUESTIONS, ApplicationState.ACCEPTED)


@dataclass(frozen=True)
class Expiring:
    """A document that ends soon or has ended, as the client's home shows it."""

    document: ApplicationDocument
    name: str
    url: str

    @property
    def has_expired(self) -> bool:
        day: date | None = self.document.expires_on
        return day is not None and day < clock.today()


def first_day_of_warning() -> date:
    """Documents that end on or before this day are spoken of today."""
    return clock.today() + timedelta(days=int(setting("document_expiry_days")))


def ending_documents(applications: QuerySet[Application]) -> Iterator[ApplicationDocument]:
    """Documents in force that end soon or have ended, of cases that go on or whose certificate stands."""
    rows = (
        ApplicationDocument.objects.filter(
            application__in=applications.filter(state__in=WATCHED),
            replaced_by=None,
            removed_at=None,
            expires_on__lte=first_day_of_warning(),
        )
        .select_related("application__case__organisation__customer_service_owner", "file")
        .order_by("expires_on", "pk")
    )
    ended: dict[int, bool] = {}
    for row in rows.iterator(chunk_size=500):
        case = row.application.case
        if case.pk not in ended:
            ended[case.pk] = any(facts.ask("has_ended", case=case))
        if not ended[case.pk]:
            yield row


def watch() -> int:
    """Tell client and body of every document that ends soon or has ended, each once; return how many end.

    The task before the day makes room for the one after it; both close with a newer version (`no_longer_in_force`) and
    when the case has ended.
    """
    spoken_of = set()
    for document in list(ending_documents(Application.objects.all())):
        whole(lambda row=document: _tell(row))
        spoken_of.add(str(document.pk))
    _close_others(spoken_of)
    return len(spoken_of)


def _tell(document: ApplicationDocument) -> None:
    application, day = document.application, document.expires_on
    if day is None:
        raise ValueError("a document without a last day does not expire")
    kind = EXPIRED if day < clock.today() else EXPIRING
    if kind == EXPIRED:
        close_tasks(kinds=[EXPIRING], obj=document)
    for audience, path in _audiences(document, application):
        open_task(kind=kind, obj=document, case=application.case, to=audience, path=path, due_on=day)
    for address, language in client_of(application):
        promise_message(
            kind=kind,
            obj=document,
            case=application.case,
            recipient=address,
            language=language,
            context={"path": renewal_page(application, document), "day": day.isoformat()},
            due_on=day,
        )


def _audiences(document: ApplicationDocument, application: Application) -> Iterable[tuple[Audience, str]]:
    """The client, and at the body the organisation's customer-service owner or else the contract officers."""
    organisation = application.case.organisation
    owner = organisation.customer_service_owner
    yield Audience(organisation=organisation), renewal_page(application, document)
    at_the_body = Audience(person=owner) if owner is not None else Audience(role=Role.CONTRACTS)
    yield at_the_body, f"{documents_page(application)}#document-{document.pk}"


def _close_others(spoken_of: set[str]) -> None:
    """Tasks about documents whose case has ended meanwhile, or whose day was corrected, wait for nobody."""
    stale = Task.objects.filter(kind__in=[EXPIRING, EXPIRED], closed_at=None).exclude(object_id__in=spoken_of)
    stale.update(closed_at=clock.now())


def documents_expiring(user: User, case: Case | None = None) -> Panel | None:
    """On the client's home: which documents end soon or have ended, with the way to the newer version."""
    language = get_language() or "en"
    applications = Application.objects.filter(case__organisation__in=user.organisations.values("pk"))
    names: dict[int, dict[str, str]] = {}
    rows = []
    for document in islice(ending_documents(applications), MOST_SHOWN):
        case = document.application.case
        if case.pk not in names:
            asked = documents_asked(document.application, scheme_of(case))
            names[case.pk] = {kind.key: kind.name.in_language(language) for kind in asked}
        name = names[case.pk].get(document.kind, document.kind)
        rows.append(Expiring(document, name, replacement_page(document.application, document)))
    if not rows:
        return None
    return Panel(_("Documents that expire"), "applications/panels/expiring.html", {"rows": rows})
