"""What stands in the way of a change that a client tells of after its application was accepted."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from applications.models import Application, Contract
from applications.paths import contract_page
from applications.queries import contract_in_force
from applications.queries.reported import open_report
from applications.states import OPEN_QUOTE, ContractState
from certbody import clock
from certbody.accounts.models import User
from certbody.workflow import Missing


def may_be_told(application: Application, actor: User | None) -> Iterator[Missing]:
    waiting = open_report(application)
    if waiting is not None:
        yield Missing(
            _("You told us of a change on %(day)s already; we look at it.")
            % {"day": waiting.told_at.astimezone(clock.BODY_ZONE).date().isoformat()}
        )
    yield from no_amendment_is_open(application, actor)


def no_amendment_is_open(application: Application, actor: User | None) -> Iterator[Missing]:
    """One change at a time: what is being amended is accepted or taken back first."""
    amendment = _open_amendment(application)
    if amendment is None:
        return
    is_staff = actor is not None and actor.is_staff_member
    if amendment.state == ContractState.OFFERED or is_staff:
        yield Missing(
            _("The amendment %(number)s is under way: it is accepted or taken back first.")
            % {"number": amendment.number},
            contract_page(amendment, staff=is_staff),
        )
    else:
        yield Missing(_("An amendment of your contract is being made; you will get it to accept first."))


def _open_amendment(application: Application) -> Contract | None:
    return application.contracts.filter(state__in=OPEN_QUOTE, amends__isnull=False).first()


def a_change_waits(application: Application, _actor: User | None) -> Iterator[Missing]:
    if open_report(application) is None:
        yield Missing(_("No change waits for an answer."))


def no_contract_in_force(application: Application, _actor: User | None) -> Iterator[Missing]:
    """A change that is reviewed cannot end the application that a contract rests on."""
    contract = contract_in_force(application.case).first()
    if contract is not None:
        yield Missing(
            _(
                "Contract %(number)s is in force, so the application can be neither declined nor withdrawn: what was "
                "changed is put back instead, and the application sent again."
            )
            % {"number": contract.number}
        )
