"""What is still missing before a step of an application or contract."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from applications.beginning import reasons_against, situation_of
from applications.completeness import blocked_sentence, missing_in
from applications.models import Application, Contract, Verdict
from applications.review_items import items_of
from applications.sections import desk_url, questions_url
from applications.states import LIVE_CONTRACT, ApplicationKind, ApplicationState
from certbody import clock, facts
from certbody.accounts.models import User
from certbody.workflow import Missing


def may_begin(application: Application, _actor: User | None) -> Iterator[Missing]:
    situation = situation_of(application.case.organisation, application.case.scheme)
    for reason in reasons_against(application.kind, situation):
        yield Missing(reason)


def is_a_transfer(application: Application, _actor: User | None) -> Iterator[Missing]:
    if application.kind != ApplicationKind.TRANSFER:
        yield Missing(_("This application is no transfer."))


def is_complete(application: Application, _actor: User | None) -> list[Missing]:
    return missing_in(application)


def is_answered(application: Application, _actor: User | None) -> Iterator[Missing]:
    unanswered = application.questions.filter(revision=application.revision, answer="").count()
    if unanswered:
        yield Missing(
            _("Questions without an answer: %(count)s.") % {"count": unanswered}, questions_url(application)
        )
    yield from missing_in(application)


def is_reviewed(application: Application, _actor: User | None) -> Iterator[Missing]:
    """Every item of the review is recorded for this submission and fulfilled, and nothing bars the organisation."""
    found = dict(application.review_items.filter(revision=application.revision).values_list("key", "verdict"))
    for item in items_of(application):
        link = f"{desk_url(application)}#item-{item.key}"
        verdict = found.get(item.key)
        if verdict is None:
            yield Missing(_("Not judged yet: %(item)s.") % {"item": item.label}, link)
        elif verdict == Verdict.OPEN:
            yield Missing(_("Still to be clarified: %(item)s.") % {"item": item.label}, link)
        elif verdict != Verdict.FULFILLED:
            yield Missing(_("Not fulfilled: %(item)s.") % {"item": item.label}, link)
    if sentence := blocked_sentence(application.case.organisation):
        yield Missing(sentence)


def capacity_notes(application: Application) -> list[Any]:
    """What the upper floors say about free auditors and experts for this application; shown beside the item."""
    return [note for note in facts.ask("capacity", case=application.case) if note]


def may_be_quoted(contract: Contract, _actor: User | None) -> Iterator[Missing]:
    application = Application.objects.get(pk=contract.application_id)
    if application.state != ApplicationState.ACCEPTED:
        yield Missing(_("The application has not been accepted."), desk_url(application))
    if application.contracts.filter(state__in=LIVE_CONTRACT).exists():
        yield Missing(_("There is a quote or contract for this application already."), desk_url(application))


def has_lines(contract: Contract, _actor: User | None) -> Iterator[Missing]:
    if not contract.lines.exists():
        yield Missing(_("The quote has no lines."))


def may_be_accepted(contract: Contract, _actor: User | None) -> Iterator[Missing]:
    if contract.pdf_id is None:
        yield Missing(_("The document is being printed; please come back in a minute."))
    if contract.valid_until is not None and contract.valid_until < clock.today():
        yield Missing(
            _("The offer was open until %(day)s. Please ask us for a new one.")
            % {"day": contract.valid_until.isoformat()}
        )


def has_scan(contract: Contract, _actor: User | None) -> Iterator[Missing]:
    if contract.signed_scan_id is None:
        yield Missing(_("The client has not uploaded a signed contract."))
