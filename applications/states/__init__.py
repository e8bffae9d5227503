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
# At most one contract of an application is in one of these, and at most one is accepted.
OPEN_QUOTE = (ContractState.DRAFT, ContractState.OFFERED)

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
    "logged": "info",
    "quoted": "warn",
    "applied": "good",
    "closed": "neutral",
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


class ApplicationKind(models.TextChoices):
    """What the client applies for; the case's own kind follows from it (`CaseKind`)."""

    INITIAL = "initial", _("initial certification")
    RECERTIFICATION = "recertification", _("recertification")
    SCOPE_CHANGE = "scope_change", _("change of scope")
    DATA_CHANGE = "data_change", _("change of name, address or sites")
    UPGRADE = "upgrade", _("higher grade")
    TRANSFER = "transfer", _("transfer from another certification body")


class AdjustmentCode(models.TextChoices):
    """Why person-days are added to those of the table, or taken off; the record of the programme names the ground."""

    TRADE = "trade", _("trade")
    COMPLEXITY = "complexity", _("complexity of the service")
    SITES = "sites", _("number or kind of sites")
    COMBINED = "combined", _("combined with another audit")
    KNOWN = "known", _("results of earlier audits")
    OTHER = "other", _("other reason")


class Wish(models.TextChoices):
    """Who wants the contract amended."""

    CLIENT = "client", _("the client")
    BODY = "body", _("the certification body")
    REVIEW = "review", _("another review of the application")


class ReportedFact(models.TextChoices):
    """What a client can say has changed since its application was accepted."""

    HEADCOUNT = "headcount", _("headcount")
    SITES = "sites", _("sites")
    SCOPE = "scope", _("goods or scope")
    OTHER = "other", pgettext_lazy("what has changed", "something else")


class ReportOutcome(models.TextChoices):
    """How a change that a client told of was settled."""

    TAKEN_UP = "taken_up", _("taken up")
    DECLINED = "declined", pgettext_lazy("reported change", "declined")


class EnquiryState(models.TextChoices):
    LOGGED = "logged", pgettext_lazy("enquiry", "logged")
    QUOTED = "quoted", pgettext_lazy("enquiry", "quoted")
    APPLIED = "applied", pgettext_lazy("enquiry", "became an application")
    CLOSED = "closed", pgettext_lazy("enquiry", "closed")


class Channel(models.TextChoices):
    """How an enquiry reached the body."""

    PHONE = "phone", _("telephone")
    MAIL = "mail", _("e-mail")
    VISIT = "visit", _("visit")
    ONLINE = "online", _("website or messenger")
    RECOMMENDED = "recommended", _("recommended by somebody")
    EVENT = "event", _("fair or meeting")


class Agent(models.TextChoices):
    """Who helped the client with the application; it is disclosed, never a reason to refuse."""

    NONE = "none", _("nobody")
    AGENT = "agent", _("an agent")
    CONSULTANT = "consultant", _("a consultant")


class SiteKind(models.TextChoices):
    """Service-management staff is counted by head office, branch and outlet (clause 5.1.2.2)."""

    HEAD_OFFICE = "head_office", _("head office")
    BRANCH = "branch", _("branch")
    OUTLET = "outlet", _("outlet")


class WishedGrade(models.TextChoices):
    """The grades that a client can ask for, from the lowest to the highest (GB/T 27922-2011)."""

    QUALIFIED = "qualified", _("Qualified")
    STAR3 = "star3", _("Three stars")
    STAR4 = "star4", _("Four stars")
    STAR5 = "star5", _("Five stars")

    @property
    def rank(self) -> int:
        return list(WishedGrade).index(self)


class ScopeEffect(models.TextChoices):
    """What a change of scope does; a suspended certificate can only be narrowed."""

    EXTENDED = "extended", _("It covers more than now")
    REDUCED = "reduced", _("It covers less than now")
    REWORDED = "reworded", _("It covers the same, in other words")


class DeclaredState(models.TextChoices):
    """How a certificate of another body stands, as the client declares it and the reviewer checks it."""

    VALID = "valid", pgettext_lazy("certificate of another body", "valid")
    SUSPENDED = "suspended", pgettext_lazy("certificate of another body", "suspended")
    WITHDRAWN = "withdrawn", pgettext_lazy("certificate of another body", "withdrawn")
    CANCELLED = "cancelled", pgettext_lazy("certificate of another body", "cancelled")
    EXPIRED = "expired", pgettext_lazy("certificate of another body", "expired")


class LineKey(models.TextChoices):
    """All that a quote can charge; the database knows no other line (ISO/IEC 17065 4.2.6).

    There is none for training or consulting, and none with a free text.
    """

    APPLICATION = "application"
    REGISTRATION = "registration"
    PERSON_DAYS = "person_days"
    ANNUAL = "annual"
    REISSUE = "reissue"
