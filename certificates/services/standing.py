"""Effects of suspending, restoring and withdrawing: the status of today and its history in one transaction."""

from certbody import clock
from certbody.accounts.models import User
from certbody.workflow import Facts
from certificates.models import Certificate, StatusChange
from certificates.states import CertificateState


def _change(certificate: Certificate, actor: User | None, status: str, ground: str, reason: str) -> Facts:
    change = StatusChange.objects.create(
        certificate=certificate,
        status=status,
        ground=ground,
        reason=reason,
        effective_on=clock.today(),
        person=actor.person if actor else None,
        at=clock.now(),
    )
    return {
        "number": certificate.number,
        "ground": ground,
        "effective_on": change.effective_on,
        "change": change.pk,
    }


def suspend(certificate: Certificate, *, actor: User | None, ground: str, reason: str) -> Facts:
    return _change(certificate, actor, CertificateState.SUSPENDED, ground, reason)


def restore(certificate: Certificate, *, actor: User | None, ground: str, reason: str) -> Facts:
    """The last valid day stays what it was."""
    return _change(certificate, actor, CertificateState.VALID, ground, reason)


def withdraw(certificate: Certificate, *, actor: User | None, ground: str, reason: str) -> Facts:
    return _change(certificate, actor, CertificateState.WITHDRAWN, ground, reason)
