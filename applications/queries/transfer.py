"""The gate of a transfer: only a valid, unsuspended certificate whose last reports and open findings are seen.

A rule of practice (docs/decisions/0017). Whoever does not pass it is certified initially; nothing typed is lost on
that way.
"""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from applications.models import TransferredCertificate
from applications.queries.contents import Contents
from applications.states import DeclaredState
from certbody import clock


def obstacles(row: TransferredCertificate | None) -> Iterator[str]:
    """Why the certificate of the other body cannot be transferred at all; nothing while it may still be possible."""
    if row is None:
        return
    if row.declared_state and row.declared_state != DeclaredState.VALID:
        yield _(
            "Only a certificate that is valid and not suspended can be transferred; this one is declared as "
            "“%(state)s”. The way is an initial certification."
        ) % {"state": row.get_declared_state_display()}
    if row.expires_on is not None and row.expires_on < clock.today():
        yield _(
            "The certificate of the other body ended on %(day)s; it can no longer be transferred. The way is an "
            "initial certification."
        ) % {"day": row.expires_on.isoformat()}


def transfer_gaps(contents: Contents) -> Iterator[str]:
    """What is missing or contradictory in the section about the certificate of the other body."""
    row = contents.transferred or TransferredCertificate(application=contents.application)
    yield from obstacles(row)
    for is_missing, sentence in (
        (not row.issuer, _("The certification body that issued the certificate is missing.")),
        (not row.issuer_approval, _("The approval number of the other body is missing.")),
        (not row.number, _("The number of the certificate is missing.")),
        (not row.grade, _("The grade of the certificate is missing.")),
        (row.issued_on is None, _("The day of issue is missing.")),
        (row.expires_on is None, _("The last valid day of the certificate is missing.")),
        (not row.declared_state, _("It is missing how the certificate stands today.")),
        (row.last_audit_on is None, _("The day of the last audit is missing.")),
        (row.has_open_findings is None, _("It is missing whether findings of the other body are open.")),
        (not row.reason, _("The reason of the transfer is missing.")),
    ):
        if is_missing:
            yield sentence
    yield from _contradictions(row)


def _contradictions(row: TransferredCertificate) -> Iterator[str]:
    if row.last_audit_on is not None and row.expires_on is not None and row.last_audit_on > row.expires_on:
        yield _("The last audit lies after the last valid day of the certificate.")
