"""What is still missing before a step of an application or contract."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from applications.catalogue.review_items import items_of
from applications.catalogue.sections import desk_url, questions_url
from applications.fees import LINES, QuoteKind
from applications.models import Application, Contract, Enquiry, Verdict
from applications.models.review import SETTLED
from applications.paths import contract_page, documents_page, replacement_page
from applications.queries import closed_documents
from applications.queries.beginning import reasons_against, situation_of
from applications.queries.completeness import blocked_sentence, missing_in
from applications.queries.documents import open_remarks
from applications.services.review_queue import assignment_of
from applications.states import OPEN_QUOTE, ApplicationKind, ApplicationState, ContractState, LineKey
from certbody import clock, facts
from certbody.accounts.models import User
from certbody.files.quarantine import quarantine_of
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
    for remark in open_remarks(application):
        yield Missing(
            _("We asked for another version of “%(file)s”.") % {"file": remark.document.file.name},
            replacement_page(application, remark.document),
        )


def is_unassigned(application: Application, _actor: User | None) -> Iterator[Missing]:
    assigned = assignment_of(application)
    if assigned is not None:
        yield Missing(
            _("%(person)s reviews this application already; it can be assigned to somebody else.")
            % {"person": assigned.person.name},
            desk_url(application),
        )


def is_reviewed(application: Application, _actor: User | None) -> Iterator[Missing]:
    """Every item of the review is recorded for this submission as a yes, or as not applicable where that is an answer,
    no document is asked for again, and nothing bars the organisation.
    """
    found = dict(application.review_items.filter(revision=application.revision).values_list("key", "verdict"))
    for item in items_of(application):
        link = f"{desk_url(application)}#item-{item.key}"
        verdict = found.get(item.key)
        if verdict is None:
            yield Missing(_("Not judged yet: %(item)s.") % {"item": item.label}, link)
        elif verdict == Verdict.OPEN:
            yield Missing(_("Still to be clarified: %(item)s.") % {"item": item.label}, link)
        elif verdict not in SETTLED:
            yield Missing(_("Not fulfilled: %(item)s.") % {"item": item.label}, link)
    for document in closed_documents(application):
        yield Missing(
            _("The client still has to replace “%(file)s”: malicious software was found in it.")
            % {"file": document.file.name},
            f"{documents_page(application)}#document-{document.pk}",
        )
    for remark in open_remarks(application):
        yield Missing(
            _("The client still has to replace “%(file)s”.") % {"file": remark.document.file.name},
            f"{documents_page(application)}#document-{remark.document_id}",
        )
    if sentence := blocked_sentence(application.case.organisation):
        yield Missing(sentence)


def capacity_notes(application: Application) -> list[Any]:
    """What the upper floors say about free auditors and experts for this application; shown beside the item."""
    return [note for note in facts.ask("capacity", case=application.case) if note]


def may_be_quoted(contract: Contract, _actor: User | None) -> Iterator[Missing]:
    application = Application.objects.get(pk=contract.application_id)
    if application.state != ApplicationState.ACCEPTED:
        yield Missing(_("The application has not been accepted."), desk_url(application))
    live = application.contracts.filter(state__in=(*OPEN_QUOTE, ContractState.ACCEPTED))
    rows = list(live.select_related("application"))
    if any(row.state in OPEN_QUOTE for row in rows):
        yield Missing(_("There is a quote for this application already."), desk_url(application))
    elif any(row.is_current for row in rows) and not contract.amendment_reason:
        yield Missing(
            _("A contract for this application is in force; it can be amended on its page."),
            contract_page(rows[0], staff=True),
        )


def may_be_amended(contract: Contract, _actor: User | None) -> Iterator[Missing]:
    application = Application.objects.get(pk=contract.application_id)
    if application.state != ApplicationState.ACCEPTED:
        yield Missing(
            _("The application is in review again; the amendment follows from it."), desk_url(application)
        )
    if application.contracts.filter(state__in=OPEN_QUOTE).exists():
        yield Missing(_("An amendment is under way already."), desk_url(application))


def has_something_to_adjust(contract: Contract, _actor: User | None) -> Iterator[Missing]:
    if LineKey.PERSON_DAYS not in LINES[contract.kind]:
        yield Missing(_("This kind of application has no person-days that could be adjusted."))


def may_be_offered(contract: Contract, actor: User | None) -> Iterator[Missing]:
    yield from has_lines(contract, actor)
    if contract.waits_for_approval:
        yield Missing(
            _(
                "The adjustment of %(days)s person-days is more than %(percent)s %% of those of the table: the head or "
                "the quality manager has to agree first."
            )
            % {
                "days": f"{contract.adjustment:+.2f}",
                "percent": contract.adjustment_most_percent,
            }
        )


def waits_for_approval(contract: Contract, _actor: User | None) -> Iterator[Missing]:
    if not contract.waits_for_approval:
        yield Missing(_("No adjustment waits for a second person."))


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


def scan_can_be_read(contract: Contract, actor: User | None) -> Iterator[Missing]:
    yield from has_scan(contract, actor)
    scan = contract.signed_scan
    if scan is not None and quarantine_of(scan) is not None:
        yield Missing(
            _(
                "The scan was closed because malicious software was found in it: return it, or wait for a clean one."
            )
        )


def has_figures(enquiry: Enquiry, _actor: User | None) -> Iterator[Missing]:
    if enquiry.headcount is None and enquiry.kind != QuoteKind.DATA_CHANGE:
        yield Missing(_("The headcount is not known yet."))


def has_address(enquiry: Enquiry, _actor: User | None) -> Iterator[Missing]:
    if not enquiry.contact_email:
        yield Missing(_("The contact’s e-mail address is not known."))
    newest = enquiry.quotes.first()
    if newest is not None and newest.valid_until < clock.today():
        yield Missing(_("The quote is no longer valid; work out a new one first."))
