"""Where the pages of an application and of a contract are, for either side."""

from django.urls import reverse

from applications.models import Application, Contract
from applications.sections import desk_url, portal_url
from certbody.accounts.models import User


def application_page(application: Application, user: User | None) -> str:
    """The reader's page of an application; nobody in particular means the client."""
    return desk_url(application) if user is not None and user.is_staff_member else portal_url(application)


def contract_page(contract: Contract, *, staff: bool) -> str:
    name = "applications:desk_contract" if staff else "applications:contract"
    return reverse(name, args=[contract.number])
