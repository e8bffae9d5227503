"""Documents that end soon or have ended, on the client's home."""

from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applications.catalogue.kinds import documents_asked
from applications.models import Application, ApplicationDocument
from applications.paths import replacement_page
from applications.services.expiry import ending_documents
from certbody import clock
from certbody.accounts.models import User
from certbody.body.queries import scheme_of
from certbody.cases.models import Case
from certbody.web.panels import Panel

MOST_SHOWN = 20


@dataclass(frozen=True)
class Expiring:
    """A document that ends soon or has ended, as the client's home shows it."""

    document: ApplicationDocument
    name: str
    url: str

    @property
    def has_expired(self) -> bool:
        day: date | None = self.document.expires_on
        return day is not None and day < clock.today()


def documents_expiring(user: User, case: Case | None = None) -> Panel | None:
    """On the client's home: which documents end soon or have ended, with the way to the newer version."""
    language = get_language() or "en"
    applications = Application.objects.filter(case__organisation__in=user.organisations.values("pk"))
    names: dict[int, dict[str, str]] = {}
    rows = []
    for document in islice(ending_documents(applications), MOST_SHOWN):
        case = document.application.case
        if case.pk not in names:
            asked = documents_asked(document.application, scheme_of(case))
            names[case.pk] = {kind.key: kind.name.in_language(language) for kind in asked}
        name = names[case.pk].get(document.kind, document.kind)
        rows.append(Expiring(document, name, replacement_page(document.application, document)))
    if not rows:
        return None
    return Panel(_("Documents that expire"), "applications/panels/expiring.html", {"rows": rows})
