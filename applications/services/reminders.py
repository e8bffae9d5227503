"""Reminders that staff sends to the client by hand: at most one a day about one thing."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.models import Application, Contract
from applications.queries.reported import change_under_way
from certbody import clock
from certbody.accounts.models import User
from certbody.trail.queries import happened_today
from certbody.workflow import Missing

APPLICATION_REMINDED = "application.client_reminded"
CONTRACT_REMINDED = "contract.client_reminded"
_ONCE_A_DAY = Missing(_("The client was reminded today already; the next reminder can go out tomorrow."))


def may_remind_of_questions(application: Application, _actor: User | None) -> Iterator[Missing]:
    if change_under_way(application) is not None:
        yield Missing(_("Nothing was asked: the client changes the application at its own wish."))
    if happened_today(application, APPLICATION_REMINDED):
        yield _ONCE_A_DAY


def may_remind_of_offer(contract: Contract, _actor: User | None) -> Iterator[Missing]:
    """Only of an offer that the client has, can still accept, and has not answered on paper."""
    if contract.pdf_id is None:
        yield Missing(_("The contract is being printed; the client has not been told of it yet."))
    if contract.valid_until is not None and contract.valid_until < clock.today():
        yield Missing(
            _("The offer was open until %(day)s and can no longer be accepted.")
            % {"day": contract.valid_until.isoformat()}
        )
    if contract.signed_scan_id is not None:
        yield Missing(_("The client has uploaded the signed contract; it waits for your check."))
    if happened_today(contract, CONTRACT_REMINDED):
        yield _ONCE_A_DAY


def remind_of_questions(application: Application, *, actor: User) -> dict[str, Any]:
    """Write to the client once more about the questions that wait for an answer."""
    asked = application.questions.filter(revision=application.revision)
    return {
        "revision": application.revision,
        "questions": list(asked.filter(answered_at=None).order_by("pk").values_list("pk", flat=True)),
    }


def remind_of_offer(contract: Contract, *, actor: User) -> dict[str, Any]:
    """Write to the client once more about the offer that waits for acceptance."""
    return {"number": contract.number, "valid_until": contract.valid_until}
