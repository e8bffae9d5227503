"""Effects of suspending, restoring and withdrawing: the status of today and its history in one transaction."""

from typing import Any

from certbody import clock
from certbody.accounts.models import Authorisation, User
from certbody.accounts.roles import Role
from certbody.workflow import Facts
from certificates.models import Certificate, StatusChange
from certificates.permissions import authorisation_of
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
    facts: dict[str, Any] = {
        "number": certificate.number,
        "ground": ground,
        "effective_on": change.effective_on,
        "change": change.pk,
    }
    if actor and not actor.has_role(Role.HEAD):
        authorisation = authorisation_of(actor, Authorisation.Kind.SUSPEND)
        facts["authorisation"] = authorisation.pk if authorisation else None
    return facts


def suspend(certificate: Certificate, *, actor: User | None, ground: str, reason: str) -> Facts:
    return _change(certificate, actor, CertificateState.SUSPENDED, ground, reason)


def restore(certificate: Certificate, *, actor: User | None, ground: str, reason: str) -> Facts:
    """The last valid day stays what it was."""
    return _change(certificate, actor, CertificateState.VALID, ground, reason)


def withdraw(certificate: Certificate, *, actor: User | None, ground: str, reason: str) -> Facts:
    return _change(certificate, actor, CertificateState.WITHDRAWN, ground, reason)
