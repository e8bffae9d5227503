"""Where the pages of an application and of a contract are, for either side."""

from django.urls import reverse

from applications.catalogue.sections import desk_url, portal_url
from applications.models import Application, ApplicationDocument, Contract
from certbody.accounts.models import User


def application_page(application: Application, user: User | None) -> str:
    """The reader's page of an application; nobody in particular means the client."""
    return desk_url(application) if user is not None and user.is_staff_member else portal_url(application)


def contract_page(contract: Contract, *, staff: bool) -> str:
    name = "applications:desk_contract" if staff else "applications:contract"
    return reverse(name, args=[contract.number])


def renewal_page(application: Application, document: ApplicationDocument) -> str:
    """Where the client brings a newer version of a document once the application is accepted."""
    return reverse("applications:document_renew", args=[application.case.reference, document.pk])


def replacement_page(application: Application, document: ApplicationDocument) -> str:
    """Where the client brings a newer version: in the application while it is open, later on a page of its own."""
    if not application.is_writable:
        return renewal_page(application, document)
    page = reverse("applications:document", args=[application.case.reference, document.kind])
    return f"{page}?replaces={document.pk}"


def documents_page(application: Application) -> str:
    """The desk page on which the reviewer looks through the documents."""
    return reverse("applications:desk_documents", args=[application.case.reference])
