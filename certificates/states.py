from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PanelState(models.TextChoices):
    OPEN = "open", _("voting")
    CLOSED = "closed", _("closed")


class DecisionState(models.TextChoices):
    PROPOSED = "proposed", _("proposed")
    TAKEN = "taken", _("awaits the signature")
    SIGNED = "signed", _("signed")
    RETURNED = "returned", _("returned to the committee")


class CertificateState(models.TextChoices):
    """What is stored; expired and upcoming follow from the dates."""

    RESERVED = "reserved", _("being issued")
    VALID = "valid", _("valid")
    SUSPENDED = "suspended", _("suspended")
    WITHDRAWN = "withdrawn", _("withdrawn")
    CANCELLED = "cancelled", _("cancelled")
    SUPERSEDED = "superseded", _("superseded")
    VOID = "void", _("void")


PUBLIC_STATES = (
    CertificateState.VALID,
    CertificateState.SUSPENDED,
    CertificateState.WITHDRAWN,
    CertificateState.CANCELLED,
    CertificateState.SUPERSEDED,
)

STANDING_STATES = (CertificateState.VALID, CertificateState.SUSPENDED)


class LetterState(models.TextChoices):
    ASKED = "asked", _("being made")
    MADE = "made", _("made")


class EditionState(models.TextChoices):
    RESERVED = "reserved", _("being issued")
    CURRENT = "current", _("current")
    SUPERSEDED = "superseded", _("superseded")
    VOID = "void", _("void")


class PublicStatus(models.TextChoices):
    """The public words about a certificate on a day."""

    NOT_ISSUED = "not_issued", _("not yet issued on this day")
    UPCOMING = "upcoming", _("not yet in force")
    VALID = "valid", _("valid")
    SUSPENDED = "suspended", _("suspended")
    WITHDRAWN = "withdrawn", _("withdrawn")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("expired")
    SUPERSEDED = "superseded", _("superseded by another certificate")

    @property
    def tone(self) -> str:
        return _TONES[self]

    @property
    def has_ended(self) -> bool:
        """Whether the certificate no longer certifies anything and no visit is due any more."""
        return self in _ENDED


_TONES = {
    PublicStatus.NOT_ISSUED: "neutral",
    PublicStatus.UPCOMING: "info",
    PublicStatus.VALID: "good",
    PublicStatus.SUSPENDED: "warn",
    PublicStatus.WITHDRAWN: "bad",
    PublicStatus.CANCELLED: "bad",
    PublicStatus.EXPIRED: "bad",
    PublicStatus.SUPERSEDED: "neutral",
}


_ENDED = frozenset(
    {PublicStatus.WITHDRAWN, PublicStatus.CANCELLED, PublicStatus.EXPIRED, PublicStatus.SUPERSEDED}
)


# what a list can be narrowed to: the stored states, and what follows from the dates
STATES_OF_A_LIST = dict(CertificateState.choices) | {PublicStatus.EXPIRED.value: PublicStatus.EXPIRED.label}


class Outcome(models.TextChoices):
    """What a motion asks for and a decision says."""

    GRANT = "grant", _("grant")
    REFUSE = "refuse", pgettext_lazy("decision", "refuse")
    MAINTAIN = "maintain", _("maintain")
    RAISE = "raise", _("raise the grade")
    LOWER = "lower", _("lower the grade")
    REDUCE = "reduce", _("reduce the scope")
    SUSPEND = "suspend", _("suspend")
    RESTORE = "restore", _("restore")
    WITHDRAW = "withdraw", _("withdraw")


class Grade(models.TextChoices):
    """The grades that a certificate can carry, from the lowest to the highest (GB/T 27922-2011)."""

    QUALIFIED = "qualified", _("Qualified")
    STAR3 = "star3", _("Three stars")
    STAR4 = "star4", _("Four stars")
    STAR5 = "star5", _("Five stars")

    @property
    def rank(self) -> int:
        return list(Grade).index(self)


def grades_up_to(computed: str) -> list[Grade]:
    """The grades that may be granted on a computed one, the computed first; none for a failed evaluation."""
    if computed not in Grade.values:
        return []
    return [grade for grade in reversed(Grade) if grade.rank <= Grade(computed).rank]


class Capacity(models.TextChoices):
    MEMBER = "member", _("member")
    CHAIR = "chair", _("chair")


class Choice(models.TextChoices):
    FOR = "for", _("in favour")
    AGAINST = "against", _("against")
    ABSTAIN = "abstain", _("abstention")


class Majority(models.TextChoices):
    """Share of the votes in favour among the votes cast for or against; an abstention is not a vote cast."""

    MORE_THAN_HALF = "more_than_half", _("more than half of the votes cast")
    TWO_THIRDS = "two_thirds", _("two thirds of the votes cast")
    ALL = "all", _("all votes cast")


class StatusGround(models.TextChoices):
    """Why the status of a certificate changed; the public sees the ground, never the reason."""

    ISSUED = "issued", _("issued")
    REQUIREMENTS = "requirements", _("the requirements are no longer met")
    SURVEILLANCE = "surveillance", _("surveillance did not take place in time")
    MARK = "mark", _("certificate or mark was misused")
    CHANGE = "change", _("a change was not reported")
    FRAUD = "fraud", _("fraud or false information")
    CONTRACT = "contract", _("duties of the contract were not met")
    REQUEST = "request", _("the holder asked for it")
    UNRESOLVED = "unresolved", _("the suspension ended without a remedy")
    REMEDIED = "remedied", _("the cause was remedied and verified")
    UNFOUNDED = "unfounded", _("the suspension proved unfounded")


SUSPENSION_GROUNDS = (
    StatusGround.REQUIREMENTS,
    StatusGround.SURVEILLANCE,
    StatusGround.MARK,
    StatusGround.CHANGE,
    StatusGround.CONTRACT,
    StatusGround.REQUEST,
)
RESTORATION_GROUNDS = (StatusGround.REMEDIED, StatusGround.UNFOUNDED)
WITHDRAWAL_GROUNDS = (
    StatusGround.UNRESOLVED,
    StatusGround.REQUIREMENTS,
    StatusGround.MARK,
    StatusGround.CONTRACT,
    StatusGround.FRAUD,
)


class CycleKind(models.TextChoices):
    SURVEILLANCE = "surveillance", _("surveillance visit")
    RECERTIFICATION = "recertification", _("recertification")


class Language(models.TextChoices):
    """The languages in which a certificate is printed."""

    CHINESE = "zh-hans", "简体中文"
    ENGLISH = "en", "English"


def client_label(state: str) -> str | Promise:
    """What the client reads for a state of the certificate."""
    return CertificateState(state).label
