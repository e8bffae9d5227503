"""Files that arrive in pieces: a connection that breaks costs one piece, a day without the end costs the file.

The bytes lie in the private storage under the id of their row. A piece is written where its offset says and made
durable before the row counts it, so whatever a crash leaves behind the counted end is written over by the next piece.
A form takes a whole file like any other upload: it is checked then, and becomes a document in the same transaction.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import BinaryIO

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certbody import clock
from certbody.accounts.models import User
from certbody.files.checks import CheckedFile, check_beforehand
from certbody.files.models import Upload
from certbody.files.quota import Uploader, check_quota
from certbody.files.storage import ORPHAN_AGE, now_of_the_disk, private_root
from certbody.transactions import whole
from certbody.workflow import NotReady, WrongState

LARGEST_PIECE = 4 * 1024 * 1024
LIFE = timedelta(days=1)
MOST_ON_THEIR_WAY = 40

Permit = Callable[[User, str], Uploader | None]
_purposes: dict[str, Permit] = {}


class WrongOffset(Exception):
    """The piece does not continue what is here; `upload` says where the next one begins."""

    def __init__(self, upload: Upload) -> None:
        super().__init__(f"{upload.pk} goes on at {upload.received}")
        self.upload = upload


class ArrivedFile(UploadedFile):
    """A file that has arrived in pieces, opened for the checks like any other upload."""

    def __init__(self, row: Upload, file: BinaryIO) -> None:
        super().__init__(file, row.name, size=row.size)
        self.row = row


def register_purpose(purpose: str, permit: Permit) -> None:
    """An upper floor names a form that takes such files; `permit` says for whom a user may upload, None for nobody."""
    _purposes[purpose] = permit


def uploader_for(user: User, purpose: str, target: str) -> Uploader | None:
    permit = _purposes.get(purpose)
    return permit(user, target) if permit is not None else None


def begin(uploader: Uploader, *, purpose: str, target: str, name: str, size: int) -> Upload:
    """Make room for a file. Raises ValidationError for one that would be refused anyway, OverQuota, NotReady.

    Files on their way count for the quota, those of colleagues too.
    """
    name = check_beforehand(name, size)
    return whole(lambda: _begin(uploader, purpose=purpose, target=target, name=name, size=size))


def _begin(uploader: Uploader, *, purpose: str, target: str, name: str, size: int) -> Upload:
    User.objects.select_for_update(no_key=True).get(
        pk=uploader.user.pk
    )  # of many at once each counts the others
    if Upload.objects.filter(user=uploader.user).count() >= MOST_ON_THEIR_WAY:
        raise NotReady(
            _("At most %(most)s files can be on their way at once: please save some of them first.")
            % {"most": MOST_ON_THEIR_WAY}
        )
    waiting = Q(user=uploader.user)
    if uploader.organisation is not None:
        waiting |= Q(organisation=uploader.organisation)
    check_quota(uploader, [*Upload.objects.filter(waiting).values_list("size", flat=True), size])
    return Upload.objects.create(
        user=uploader.user,
        organisation=uploader.organisation,
        purpose=purpose,
        target=target,
        name=name,
        size=size,
    )


def receive(upload: Upload, *, offset: int, content: bytes) -> Upload:
    """Add a piece; the same piece once more changes nothing.

    Raises WrongOffset when it does not begin where the file ends or goes beyond its size, Upload.DoesNotExist when the
    file was cancelled meanwhile.
    """
    return whole(lambda: _receive(upload, offset, content))


def _receive(upload: Upload, offset: int, content: bytes) -> Upload:
    row = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    if row.received > _bytes_here(row):  # the disk has lost them: going on would leave a hole of zeros
        raise Upload.DoesNotExist
    end = offset + len(content)
    if offset < row.received and end <= row.received and _read(row, offset, len(content)) == content:
        return row
    if offset != row.received or end > row.size:
        raise WrongOffset(row)
    path = path_of(row)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.ftruncate(handle, offset)
        os.lseek(handle, offset, os.SEEK_SET)
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)
    row.received = end
    row.save(update_fields=["received"])
    return row


def keep(uploader: Uploader, *, purpose: str, target: str, file: CheckedFile) -> Upload:
    """Keep a file that a form sent whole and that passed the checks, so that a fault beside it does not lose it."""
    content = file.read_all()
    row = begin(uploader, purpose=purpose, target=target, name=file.name or "", size=len(content))
    return receive(row, offset=0, content=content)


def waiting_for(user: User, purpose: str, target: str) -> list[Upload]:
    """What a user has sent for a form and not saved yet, whole or not."""
    return list(Upload.objects.filter(user=user, purpose=purpose, target=target))


def opened(row: Upload) -> ArrivedFile:
    return ArrivedFile(row, path_of(row).open("rb"))


def take(rows: Sequence[Upload]) -> None:
    """Use the files up inside the caller's transaction, each once. Raises WrongState when somebody was faster."""
    for row in rows:
        if Upload.objects.filter(pk=row.pk).delete()[0] != 1:
            raise WrongState(_("“%(name)s” has already been saved.") % {"name": row.name})
    _forget_bytes(rows)


def discard(rows: Iterable[Upload]) -> None:
    """Drop files that nobody wants any more; the rows first, the bytes once that is certain."""
    rows = list(rows)
    with transaction.atomic():
        Upload.objects.filter(pk__in=[row.pk for row in rows]).delete()
        _forget_bytes(rows)


def collect_old() -> int:
    """Remove what began more than a day ago, and bytes that no row names; return the number."""
    old = list(Upload.objects.filter(created_at__lte=clock.now() - LIFE))
    discard(old)
    folder = private_root() / "uploads"
    if not folder.exists():
        return len(old)
    removed, now = len(old), now_of_the_disk(private_root())
    known = {str(pk) for pk in Upload.objects.values_list("pk", flat=True)}
    for path in sorted(folder.iterdir()):
        if path.name not in known and now - path.stat().st_mtime > ORPHAN_AGE:
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def path_of(row: Upload) -> Path:
    return private_root() / "uploads" / str(row.pk)


def is_here(row: Upload) -> bool:
    """Whether every byte that was received is still here; a form that arrives twice may have used them up."""
    return _bytes_here(row) >= row.received


def _bytes_here(row: Upload) -> int:
    path = path_of(row)
    return path.stat().st_size if path.exists() else 0


def _read(row: Upload, offset: int, length: int) -> bytes:
    with path_of(row).open("rb") as file:
        file.seek(offset)
        return file.read(length)


def _forget_bytes(rows: Iterable[Upload]) -> None:
    for row in rows:
        transaction.on_commit(partial(path_of(row).unlink, missing_ok=True), robust=True)
