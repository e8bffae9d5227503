"""Certificates of an organisation as this floor knows them: asked through `facts`, answered by the floor above."""

from dataclasses import dataclass
from datetime import date

from applications.models import Application
from certbody import clock, facts
from certbody.accounts.models import Organisation

STANDING = frozenset({"valid", "suspended"})


@dataclass(frozen=True)
class HeldSite:
    """A site as the certificate prints it."""

    name: str
    name_en: str
    address: str
    address_en: str
    activity: str
    activity_en: str


@dataclass(frozen=True, kw_only=True)
class HeldCertificate:
    """A certificate with what its current edition prints. `state` is the stored one; `expires_on` is inclusive."""

    number: str
    scheme: str
    state: str
    grade: str
    cycle: int
    case_id: int
    name: str
    name_en: str
    address: str
    address_en: str
    scope: str
    scope_en: str
    sites: tuple[HeldSite, ...]
    first_issued_on: date
    expires_on: date
    is_continued: bool = False

    @property
    def is_suspended(self) -> bool:
        return self.state == "suspended"

    @property
    def stands(self) -> bool:
        """Whether it is valid or suspended today and nothing has taken over."""
        return self.state in STANDING and not self.is_continued and self.expires_on >= clock.today()


def certificates_of(organisation: Organisation) -> list[HeldCertificate]:
    """Every issued certificate of an organisation, the newest first."""
    return [
        held for answer in facts.ask("certificates_of", organisation=organisation) for held in answer or ()
    ]


def standing_certificate_of(organisation: Organisation, scheme: str) -> HeldCertificate | None:
    """The certificate that can be renewed or changed now; at most one stands for a scheme."""
    return next(
        (held for held in certificates_of(organisation) if held.scheme == scheme and held.stands), None
    )


def outlook_of(application: Application) -> str:
    """What follows for the certificate that an accepted application changes; empty where its own road goes on."""
    return next(filter(None, facts.ask("outlook", application=application)), "")


def subject_of(application: Application) -> HeldCertificate | None:
    """The certificate that an application renews or changes, however it stands today."""
    return next(filter(None, facts.ask("subject_of", application=application)), None)
