from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ApplicationState(models.TextChoices):
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted, in review")
    QUESTIONS = "questions", _("questions to the client")
    ACCEPTED = "accepted", pgettext_lazy("application", "accepted")
    DECLINED = "declined", _("declined")
    WITHDRAWN = "withdrawn", _("withdrawn by the client")


class ContractState(models.TextChoices):
    DRAFT = "draft", _("draft")
    OFFERED = "offered", _("offered")
    ACCEPTED = "accepted", _("accepted by the client")
    VOID = "void", _("void")
    SUPERSEDED = "superseded", _("superseded")


# An application that the client may still write in.
WRITABLE = frozenset({ApplicationState.DRAFT, ApplicationState.QUESTIONS})
# An application on which nothing more can happen.
CLOSED = frozenset({ApplicationState.DECLINED, ApplicationState.WITHDRAWN})
# At most one contract of an application is in one of these.
LIVE_CONTRACT = (ContractState.DRAFT, ContractState.OFFERED, ContractState.ACCEPTED)

_APPLICATION_FOR_CLIENT = {
    ApplicationState.DRAFT: _("you are filling it in"),
    ApplicationState.SUBMITTED: _("we are reviewing it"),
    ApplicationState.QUESTIONS: _("we have questions for you"),
    ApplicationState.ACCEPTED: pgettext_lazy("application", "accepted"),
    ApplicationState.DECLINED: _("not accepted"),
    ApplicationState.WITHDRAWN: _("withdrawn by you"),
}
_CONTRACT_FOR_CLIENT = {
    ContractState.DRAFT: _("in preparation"),
    ContractState.OFFERED: _("waiting for your acceptance"),
    ContractState.ACCEPTED: _("accepted by you"),
    ContractState.VOID: _("no longer open"),
    ContractState.SUPERSEDED: _("replaced by a later contract"),
}
_TONES: dict[str, str] = {
    ApplicationState.DRAFT: "neutral",
    ApplicationState.SUBMITTED: "info",
    ApplicationState.QUESTIONS: "warn",
    ApplicationState.ACCEPTED: "good",
    ApplicationState.DECLINED: "bad",
    ApplicationState.WITHDRAWN: "neutral",
    ContractState.OFFERED: "info",
    ContractState.VOID: "neutral",
    ContractState.SUPERSEDED: "neutral",
}


def client_label(state: str) -> str | Promise:
    """The word for an application's state in the client's pages."""
    return _APPLICATION_FOR_CLIENT[ApplicationState(state)]


def contract_client_label(state: str) -> str | Promise:
    """The word for a contract's state in the client's pages."""
    return _CONTRACT_FOR_CLIENT[ContractState(state)]


def tone(state: str) -> str:
    """The colour of a state beside its word."""
    return _TONES[state]
