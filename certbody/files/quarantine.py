"""Files in which malicious software was found after they were taken: closed for everybody, and who is told.

The bytes stay where they are: the trail names them by their hash, and a false alarm must be able to end. What goes is
the picture of the first page, and every way to open the file.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from certbody.accounts.models import User
from certbody.files import previews
from certbody.files.models import Audience, Quarantine, Scan, StoredFile
from certbody.files.states import CLOSED
from certbody.outbox.recipients import Recipient
from certbody.security_log import note
from certbody.workflow import Missing


def quarantine_of(stored: StoredFile) -> Quarantine | None:
    """The quarantine that keeps a file closed; None while it may be opened."""
    return Quarantine.objects.filter(file=stored, state__in=CLOSED).select_related("file", "case").first()


def in_quarantine(path: str = "pk") -> Exists:
    """As a column or a condition of a query: the file to which `path` leads is closed."""
    return Exists(Quarantine.objects.filter(file=OuterRef(path), state__in=CLOSED))


def is_known_infection(sha256: str) -> bool:
    """Whether the scanner's last word on these bytes was that they are infected."""
    return Scan.objects.exclude(infection="").filter(sha256=sha256).exists()


def hold(quarantine: Quarantine, *, actor: User | None) -> dict[str, Any]:
    """Close a file. Its picture goes once that is certain."""
    stored = quarantine.file
    quarantine.save()
    note(
        "infected file found",
        user=None,
        result="ok",
        obj=stored,
        case=stored.case_id,
        sha256=stored.sha256,
        infection=quarantine.infection,
    )
    transaction.on_commit(partial(previews.path_of(stored).unlink, missing_ok=True), robust=True)
    return _facts(quarantine)


def release(quarantine: Quarantine, *, actor: User, reason: str) -> dict[str, Any]:
    """Open a file again that was closed by mistake; `reason` is kept with it."""
    quarantine.release_reason = reason
    quarantine.save(update_fields=["release_reason"])
    previews.promise_preview(quarantine.file)
    return _facts(quarantine)


def keep(quarantine: Quarantine, *, actor: User) -> dict[str, Any]:
    return _facts(quarantine)


def _facts(quarantine: Quarantine) -> dict[str, Any]:
    stored = quarantine.file
    return {
        "file": str(stored.pk),
        "kind": stored.kind,
        "sha256": stored.sha256,
        "infection": quarantine.infection,
    }


def is_clean_by_now(quarantine: Quarantine, _actor: User | None) -> Iterator[Missing]:
    """Guard of the release: the scanner itself has taken its word back."""
    if is_known_infection(quarantine.file.sha256):
        yield Missing(
            _(
                "The virus scanner still finds “%(infection)s” in it. It looks through closed files every night; once "
                "it calls this one clean, the file can be released."
            )
            % {"infection": quarantine.infection}
        )


def told_of(quarantine: Quarantine) -> Iterable[Recipient]:
    """Whoever uploaded the file; where that account or membership has ended, everybody who acts for the client."""
    stored = quarantine.file
    user = stored.uploaded_by
    if user is None:
        return
    if user.is_active and (user.is_staff_member or _acts_for(user, stored)):
        yield user.email, user.language
    elif stored.audience == Audience.CLIENT and stored.organisation_id is not None:
        acting = User.objects.filter(
            is_active=True,
            person__memberships__organisation_id=stored.organisation_id,
            person__memberships__ended_at=None,
        )
        yield from acting.order_by("pk").values_list("email", "language").distinct()


def _acts_for(user: User, stored: StoredFile) -> bool:
    return stored.organisation_id is None or user.organisations.filter(pk=stored.organisation_id).exists()
