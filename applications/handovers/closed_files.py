"""What follows for applications and contracts when malicious software is found in a stored file, and when it was none.

The engine closes the file, tells whoever uploaded it and the quality manager; here the client and those who judge the
document get the task that leads to a clean copy.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.models import Application, ApplicationDocument, Contract
from applications.paths import contract_page, documents_page, renewal_page, replacement_page
from applications.services.documents import FILE_CLOSED
from applications.services.review_queue import audience_of
from applications.states import CLOSED, ApplicationState, ContractState
from applications.transitions.tasks import TO_ACCEPT
from certbody import facts
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.desk.services import Audience, close_tasks, open_for, open_task, register_kind
from certbody.files.models import Quarantine, StoredFile
from certbody.trail.models import Event
from certbody.workflow import follow

SCAN_CLOSED = "contract.scan_closed"

register_kind(FILE_CLOSED, _("Malicious software was found in a document: a clean copy is needed"))
register_kind(
    SCAN_CLOSED, _("Malicious software was found in the scan of a contract in force: scan the paper again")
)


def documents_of(stored: StoredFile) -> list[ApplicationDocument]:
    """The documents in force that this file is."""
    rows = ApplicationDocument.objects.filter(file=stored, replaced_by=None, removed_at=None)
    return list(rows.select_related("application__case__organisation"))


def when_closed(quarantine: Quarantine, _actor: User | None, _event: Event) -> None:
    """Client and reviewer are led to a clean copy; of a contract the client, once it is in force its officers."""
    for document in documents_of(quarantine.file):
        application = document.application
        if application.state not in CLOSED:
            for audience, path in _concerned(document, application):
                open_task(kind=FILE_CLOSED, obj=document, case=application.case, to=audience, path=path)
    for contract in Contract.objects.filter(signed_scan=quarantine.file).select_related("case"):
        if contract.state == ContractState.OFFERED:
            open_for(TO_ACCEPT, contract, contract.case)
        elif contract.state == ContractState.ACCEPTED:
            officers, page = Audience(role=Role.CONTRACTS), contract_page(contract, staff=True)
            open_task(kind=SCAN_CLOSED, obj=contract, case=contract.case, to=officers, path=page)


def _concerned(document: ApplicationDocument, application: Application) -> list[tuple[Audience, str]]:
    client = Audience(organisation=application.case.organisation), renewal_page(application, document)
    if application.state == ApplicationState.DRAFT:
        return [client]
    return [client, (audience_of(application), f"{documents_page(application)}#document-{document.pk}")]


def when_released(quarantine: Quarantine, _actor: User | None, _event: Event) -> None:
    """It was a false alarm: nobody waits for a clean copy any more."""
    for document in documents_of(quarantine.file):
        close_tasks(kinds=[FILE_CLOSED], obj=document)
    when_dealt_with(quarantine, _actor, _event)


def when_dealt_with(quarantine: Quarantine, _actor: User | None, _event: Event) -> None:
    """The quality manager has seen to it: a contract in force has its paper, and no step of its own ends the task."""
    for contract in Contract.objects.filter(signed_scan=quarantine.file):
        close_tasks(kinds=[SCAN_CLOSED], obj=contract)


def when_ended(application: Application, _actor: User | None, _event: Event) -> None:
    for document in application.documents.all():
        close_tasks(kinds=[FILE_CLOSED], obj=document)


def replacement(file: StoredFile, user: User) -> str:
    """Where this client brings a clean copy of a file; empty where there is no such page."""
    if user.is_staff_member:
        return ""
    for document in documents_of(file):
        application = document.application
        if application.state not in CLOSED:
            return replacement_page(application, document)
    contract = Contract.objects.filter(signed_scan=file, state=ContractState.OFFERED).first()
    return contract_page(contract, staff=False) if contract is not None else ""


def register() -> None:
    """Called once the models are loaded; repeating it changes nothing."""
    handovers: dict[str, Any] = {
        "file.quarantined": when_closed,
        "file.released": when_released,
        "file.kept_closed": when_dealt_with,
        "application.declined": when_ended,
        "application.withdrawn": when_ended,
    }
    for event, follow_up in handovers.items():
        follow(event, follow_up)
    facts.answer("replacement", replacement)
