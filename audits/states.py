from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Sentence = str | Promise


class AuditState(models.TextChoices):
    PLANNED = "planned", _("being planned")
    CONFIRMED = "confirmed", _("plan confirmed")
    STAGE1 = "stage1", _("stage 1")
    NOT_READY = "not_ready", _("not ready for stage 2")
    STAGE2 = "stage2", _("stage 2")
    SCORED = "scored", _("scored")
    CLOSED = "closed", pgettext_lazy("audit", "closed")


# The score of the audit stands.
FINISHED = (AuditState.SCORED, AuditState.CLOSED)


class ReportState(models.TextChoices):
    """`reopened` only follows `released`; a returned report is a draft of the next version."""

    DRAFT = "draft", pgettext_lazy("report", "being written")
    SIGNED_OFF = "signed_off", _("signed off")
    RELEASED = "released", _("released")
    REOPENED = "reopened", pgettext_lazy("report", "reopened")


class FindingState(models.TextChoices):
    OPEN = "open", pgettext_lazy("finding", "open")
    ANSWERED = "answered", _("answered")
    VERIFIED = "verified", _("verified")
    REOPENED = "reopened", pgettext_lazy("finding", "returned")
    DISPUTED = "disputed", _("disputed")


_CLIENT_LABELS: dict[str, Sentence] = {
    AuditState.PLANNED: _("The audit is being planned"),
    AuditState.CONFIRMED: _("The plan is confirmed"),
    AuditState.STAGE1: _("Stage 1: your documents are being looked at"),
    AuditState.NOT_READY: _("Stage 1: not ready yet for the on-site audit"),
    AuditState.STAGE2: _("Stage 2: the on-site audit"),
    AuditState.SCORED: _("The audit report is being prepared"),
    AuditState.CLOSED: _("The audit is complete"),
}

_CLIENT_FINDING_LABELS: dict[str, Sentence] = {
    FindingState.OPEN: _("Waits for your answer"),
    FindingState.ANSWERED: _("The auditors check your answer"),
    FindingState.VERIFIED: _("Closed"),
    FindingState.REOPENED: _("Returned: please answer again"),
    FindingState.DISPUTED: _("Disputed"),
}

TONES: dict[str, str] = {
    AuditState.PLANNED: "neutral",
    AuditState.CONFIRMED: "info",
    AuditState.STAGE1: "info",
    AuditState.NOT_READY: "warn",
    AuditState.STAGE2: "info",
    AuditState.SCORED: "info",
    AuditState.CLOSED: "good",
    ReportState.DRAFT: "neutral",
    ReportState.SIGNED_OFF: "info",
    ReportState.RELEASED: "good",
    ReportState.REOPENED: "warn",
    FindingState.OPEN: "warn",
    FindingState.ANSWERED: "info",
    FindingState.VERIFIED: "good",
    FindingState.DISPUTED: "bad",
}


def client_label(state: str) -> Sentence:
    """What the client reads for a state of the audit."""
    return _CLIENT_LABELS[state]


def client_finding_label(state: str) -> Sentence:
    """What the client reads for a state of a finding."""
    return _CLIENT_FINDING_LABELS[state]
