"""The first page of a stored PDF or picture as a small picture, drawn by a job in the bounded child.

Previews lie beside the files under the hash of what they show, so equal bytes are drawn once; they are no record: one
that is lost is drawn again by `promise_preview`.
"""

import os
import tempfile
from pathlib import Path

from certbody.files.models import Quarantine, StoredFile
from certbody.files.states import CLOSED
from certbody.files.storage import FileChanged, private_root, read
from certbody.outbox.models import Job
from certbody.outbox.services import handles, promise_job
from certbody.pdf import process

PREVIEW_JOB = "files.preview"
LONGEST_DRAWING = 20  # seconds
DRAWN = frozenset({"application/pdf", "image/jpeg", "image/png"})


def path_of(stored: StoredFile) -> Path:
    return private_root() / "previews" / stored.sha256[:2] / f"{stored.sha256}.png"


def has_preview(stored: StoredFile) -> bool:
    return stored.content_type in DRAWN and path_of(stored).exists()


def promise_preview(stored: StoredFile) -> None:
    """Promise the picture inside the caller's transaction, unless there is one or the type has none."""
    if stored.content_type in DRAWN and not path_of(stored).exists():
        promise_job(kind=PREVIEW_JOB, obj=stored, case=stored.case)


def draw_preview(job: Job) -> str:
    """Draw the picture of a file; what cannot be drawn keeps the icon of its type and is no fault of anybody."""
    stored = StoredFile.objects.filter(pk=job.object_id).first()
    if stored is None or has_preview(stored) or _is_closed(stored):
        return ""
    try:
        content = process.run("preview", read(stored), seconds=LONGEST_DRAWING)
    except FileChanged:
        return ""  # the nightly check of files tells people
    except process.ChildFailed as failure:
        if failure.reason in {"busy", "own"}:
            raise  # the sweeper comes again
        return ""
    _write(path_of(stored), content)
    return ""


def _is_closed(stored: StoredFile) -> bool:
    """Infected bytes are not drawn, whichever file of theirs asks for it."""
    return Quarantine.objects.filter(file__sha256=stored.sha256, state__in=CLOSED).exists()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def register() -> None:
    handles(PREVIEW_JOB, draw_preview)
