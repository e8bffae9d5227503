"""For which forms of this floor files may arrive in pieces, and who may send them."""

from applications import queries
from applications.catalogue.kinds import documents_asked
from applications.models import Application
from applications.states import ApplicationState
from certbody.accounts.models import User
from certbody.body.queries import scheme_of
from certbody.files import pieces
from certbody.files.quota import Uploader

PURPOSE = "application-document"
SEVERAL = "*"  # files whose kinds are still to be said; no key of a kind


def target_of(application: Application, kind: str) -> str:
    return f"{application.pk}:{kind}"


def permit(user: User, target: str) -> Uploader | None:
    """The client whose application takes documents: while it is open, and newer versions later."""
    number, _colon, kind = target.partition(":")
    if user.is_staff_member or not number.isascii() or not number.isdigit() or len(number) > 12:
        return None
    application = queries.visible_to(user).filter(pk=int(number)).first()
    if application is None:
        return None
    if not application.is_writable and not _takes_newer_versions(application, kind):
        return None
    if kind == SEVERAL:
        return Uploader(user, application.case.organisation) if application.is_writable else None
    if kind not in {known.key for known in documents_asked(application, scheme_of(application.case))}:
        return None
    return Uploader(user, application.case.organisation)


def _takes_newer_versions(application: Application, kind: str) -> bool:
    """Of every document once the application is accepted, during the review only of one whose file was closed."""
    if application.state == ApplicationState.SUBMITTED:
        return queries.closed_documents(application).filter(kind=kind).exists()
    return application.state == ApplicationState.ACCEPTED


def register() -> None:
    pieces.register_purpose(PURPOSE, permit)
