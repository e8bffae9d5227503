"""A client tells of a change after its application was accepted; the body takes it up or declines it."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.models import Application, ReportedChange
from applications.queries.reported import open_report
from applications.services.contracts import MAKE_TASK
from applications.services.review import supersede_open_quote
from applications.states import ReportedFact, ReportOutcome
from certbody import clock
from certbody.accounts.models import User
from certbody.desk.services import close_tasks
from certbody.workflow import NotReady, WrongState


def tell(application: Application, *, actor: User, about: Sequence[str], description: str) -> dict[str, Any]:
    """Note what the client says has changed; nothing in application and contract changes yet."""
    report = _write_down(application, actor=actor, about=about, description=description)
    return {"report": report.pk, "about": report.about, "revision": application.revision}


def _write_down(
    application: Application, *, actor: User, about: Sequence[str], description: str, said_by: str = ""
) -> ReportedChange:
    unknown = set(about) - set(ReportedFact.values)
    if unknown:
        raise ValueError(f"no facts of an application: {sorted(unknown)}")
    if not about or not description:
        raise NotReady(_("Please say what has changed, and describe it."))
    return ReportedChange.objects.create(
        application=application,
        description=description,
        told_by=actor,
        said_by=said_by,
        **{f"about_{fact}": True for fact in about},
    )


def take_up(
    application: Application,
    *,
    actor: User,
    report: int | None = None,
    about: Sequence[str] = (),
    description: str = "",
    said_by: str = "",
) -> dict[str, Any]:
    """Let the client change what it told of; with `report`, or with what it said on the telephone and who said it.

    A quote that is still open falls, because it is for other figures. The contract in force stays in force, and the
    revision stays until the client sends the application again. Raises NotReady, WrongState.
    """
    waiting = open_report(application)
    if (waiting.pk if waiting else None) != report:
        raise WrongState(_("What the client told of has changed meanwhile; please look at the page again."))
    if waiting is None:
        if not said_by:
            raise NotReady(_("Please say who of the client told you of the change."))
        waiting = _write_down(application, actor=actor, about=about, description=description, said_by=said_by)
    waiting.outcome = ReportOutcome.TAKEN_UP
    waiting.revision = application.revision
    _settle(waiting, actor)
    contract = supersede_open_quote(application)
    for older in application.contracts.all():
        close_tasks(kinds=[MAKE_TASK], obj=older)
    return {
        "report": waiting.pk,
        "about": waiting.about,
        "was_told_by_client": not waiting.said_by,
        "revision": application.revision,
        "contract": contract.pk if contract else None,
    }


def decline(application: Application, *, actor: User, reason: str) -> dict[str, Any]:
    """Leave application and contract as they are, with a sentence for the client. Raises WrongState."""
    waiting = open_report(application)
    if waiting is None:
        raise WrongState(_("No change waits any more; please look at the page again."))
    waiting.outcome = ReportOutcome.DECLINED
    waiting.answer = reason
    _settle(waiting, actor)
    return {"report": waiting.pk, "about": waiting.about}


def _settle(report: ReportedChange, actor: User) -> None:
    report.settled_by = actor.person
    report.settled_at = clock.now()
    report.save(update_fields=["outcome", "revision", "answer", "settled_by", "settled_at"])
