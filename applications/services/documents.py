"""Versions of documents, and what the reviewer finds on each."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from applications.models import Application, ApplicationDocument, DocumentFinding, DocumentVerdict
from applications.paths import renewal_page
from applications.queries import documents_in_force
from applications.states import ApplicationState
from certbody import clock
from certbody.accounts.models import User
from certbody.desk.services import Audience as For
from certbody.desk.services import close_tasks, open_task
from certbody.files.checks import CheckedFile
from certbody.files.models import Audience
from certbody.files.previews import promise_preview
from certbody.files.storage import store
from certbody.workflow import NotReady, WrongState

# what waits for whoever has to bring a newer version; closed with the version that it speaks of
EXPIRING, EXPIRED, ASKED_AGAIN = "document.expiring", "document.expired", "document.asked_again"
FILE_CLOSED = "document.file_closed"
WAITING_FOR_A_VERSION = (EXPIRING, EXPIRED, ASKED_AGAIN, FILE_CLOSED)


def add(
    application: Application,
    *,
    actor: User,
    kind: str,
    upload: CheckedFile,
    older: ApplicationDocument | None,
    values: Mapping[str, Any],
) -> ApplicationDocument:
    """Store a document; an older version stays, is no longer in force, and nothing waits for it any more."""
    stored = store(
        content=upload,
        name=upload.name or kind,
        kind=kind,
        case=application.case,
        audience=Audience.CLIENT,
        uploaded_by=actor,
    )
    promise_preview(stored)
    document = ApplicationDocument.objects.create(application=application, kind=kind, file=stored, **values)
    if older is not None:
        older.replaced_by = document
        older.save(update_fields=["replaced_by"])
        no_longer_in_force(older)
    return document


def no_longer_in_force(document: ApplicationDocument) -> None:
    close_tasks(kinds=WAITING_FOR_A_VERSION, obj=document)


def judge(
    application: Application,
    *,
    actor: User,
    document: int,
    verdict: str,
    reason: str = "",
    remark: str = "",
) -> dict[str, Any]:
    """Record what the reviewer found on this version; a second record of the same round replaces the first.

    Raises WrongState for a version that is no longer in force, NotReady without a reason.
    """
    row = documents_in_force(application).filter(pk=document).first()
    if row is None:
        raise WrongState(_("There is a newer version of this document; please look at the page again."))
    is_asked_again = verdict == DocumentVerdict.ASK_AGAIN
    if row.is_closed and not is_asked_again:
        raise NotReady(
            _(
                "Malicious software was found in this document, and nobody can read it: it can only be asked for again."
            )
        )
    if is_asked_again and not reason:
        raise NotReady(_("Please say why the document is asked for again."))
    DocumentFinding.objects.update_or_create(
        document=row,
        revision=application.revision,
        defaults={
            "verdict": verdict,
            "reason": reason if is_asked_again else "",
            "remark": remark,
            "person": actor.person,
            "at": clock.now(),
        },
    )
    close_tasks(kinds=[ASKED_AGAIN], obj=row)
    if is_asked_again and application.state == ApplicationState.ACCEPTED:
        # no round of questions follows any more: the client is told of this one document
        open_task(
            kind=ASKED_AGAIN,
            obj=row,
            case=application.case,
            to=For(organisation=application.case.organisation),
            path=renewal_page(application, row),
        )
    return {
        "revision": application.revision,
        "document": row.pk,
        "sha256": row.file.sha256,
        "verdict": verdict,
        "reason": reason if is_asked_again else "",
    }


def renew(
    application: Application,
    *,
    actor: User,
    document: int,
    upload: CheckedFile,
    number: str = "",
    expires_on: date | None = None,
    is_stamped: bool = False,
) -> dict[str, Any]:
    """Bring a newer version of a document after the application was accepted; the reviewed one stays as it was.

    While the application is being reviewed only a document whose file was closed is replaced: the reviewer reads the
    others. Raises WrongState, NotReady.
    """
    older = documents_in_force(application).filter(pk=document).select_related("site").first()
    if older is None:
        raise WrongState(_("The document to be replaced is no longer there; please look at the page again."))
    if application.state == ApplicationState.SUBMITTED and not older.is_closed:
        raise NotReady(
            _(
                "While we review the application, only a document that was closed can be replaced; we ask for others."
            )
        )
    newer = add(
        application,
        actor=actor,
        kind=older.kind,
        upload=upload,
        older=older,
        values={"number": number, "expires_on": expires_on, "site": older.site, "is_stamped": is_stamped},
    )
    return {
        "document": newer.pk,
        "kind": newer.kind,
        "sha256": newer.file.sha256,
        "replaces": older.pk,
        "expires_on": expires_on.isoformat() if expires_on else None,
    }
