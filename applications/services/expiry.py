"""Expiry dates of documents, watched from the application to the end of the certificate."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import partial

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from applications.models import Application, ApplicationDocument
from applications.paths import documents_page, renewal_page
from applications.services.documents import EXPIRED, EXPIRING
from applications.states import ApplicationState
from certbody import clock, facts
from certbody.accounts.roles import Role
from certbody.body.settings_catalogue import setting
from certbody.desk.models import Task
from certbody.desk.services import Audience, close_tasks, open_task, register_kind
from certbody.outbox.recipients import client_of
from certbody.outbox.services import promise_message
from certbody.transactions import whole

register_kind(EXPIRING, _("A document expires soon: bring its newer version"))
register_kind(EXPIRED, _("A document has expired: bring its newer version"))
# while the client fills in or the reviewer reads, the application itself says what has expired
WATCHED = (ApplicationState.QUESTIONS, ApplicationState.ACCEPTED)


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
        whole(partial(_tell, document))
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
