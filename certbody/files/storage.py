"""The private storage: bytes lie under their SHA-256 outside every web root and are read only after a check.

Order of writing: temporary file, fsync, rename, fsync of the directory; the
row comes after the bytes, so a crash leaves at most a file that no row names, never a row without its file.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.core.files.uploadedfile import UploadedFile

from certbody import clock
from certbody.accounts.models import Organisation, User
from certbody.cases.models import Case
from certbody.files.checks import CheckedFile, check_upload, clean_name
from certbody.files.models import EXTENSIONS, Audience, Scan, StoredFile, content_path
from certbody.files.quota import Uploader, check_quota
from certbody.security_log import note

ORPHAN_AGE = 3600  # seconds; far longer than any transaction between the bytes and their row
CONTENT_TYPES = {extension: content_type for content_type, extension in EXTENSIONS.items()}


class FileChanged(Exception):
    """The stored bytes are gone or are not those that were handed in; `fault` is missing or changed."""

    def __init__(self, stored: StoredFile, fault: str) -> None:
        super().__init__(f"{stored.pk} {stored.name}: {fault}")
        self.stored = stored
        self.fault = fault


def private_root() -> Path:
    storage = storages["private"]
    if not isinstance(storage, FileSystemStorage):
        raise TypeError("The private storage keeps its promises on a file system only")
    return Path(storage.location)


def write_content(content: bytes, extension: str) -> str:
    """Make bytes durable under their SHA-256 and return it; writing the same bytes again is harmless."""
    sha256 = hashlib.sha256(content).hexdigest()
    target = private_root() / content_path(sha256, extension)
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and _digest(target) == sha256:
        os.utime(target)  # young again, so that no collector takes it before the new row names it
        return sha256
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    for directory in (target.parent, target.parent.parent):
        _sync_directory(directory)
    return sha256


def store(
    *,
    content: bytes | UploadedFile,
    name: str,
    kind: str,
    case: Case | None = None,
    organisation: Organisation | None = None,
    audience: str = Audience.STAFF,
    uploaded_by: User | None = None,
    evidence_date: date | None = None,
) -> StoredFile:
    """Store a document and return its row.

    Raises ValidationError for an upload that is not acceptable, OverQuota for one beyond what a client may hand in.

    Bytes are of our own making and stored as they are; an upload that no form has checked yet is checked
    here. A file of a case belongs to the case's organisation.
    """
    organisation = organisation or (case.organisation if case else None)
    if isinstance(content, UploadedFile) and uploaded_by is not None:
        check_quota(Uploader(uploaded_by, organisation), [content.size or 0])
    if isinstance(content, UploadedFile) and not isinstance(content, CheckedFile):
        content = check_upload(content)
    if isinstance(content, CheckedFile):
        data, name = content.read_all(), _name_with(content.extension, name or content.name or "")
    else:
        data, name = content, clean_name(name)
    extension = (
        content.extension if isinstance(content, CheckedFile) else Path(name).suffix.lstrip(".").lower()
    )
    content_type = CONTENT_TYPES.get(extension, "application/octet-stream")
    sha256 = write_content(data, EXTENSIONS.get(content_type, "bin"))
    if isinstance(content, CheckedFile) and content.was_scanned:
        Scan.objects.get_or_create(sha256=sha256, defaults={"scanned_at": clock.now()})
    return StoredFile.objects.create(
        case=case,
        organisation=organisation,
        kind=kind,
        audience=audience,
        name=name,
        content_type=content_type,
        size=len(data),
        sha256=sha256,
        uploaded_by=uploaded_by,
        evidence_date=evidence_date,
    )


def _name_with(extension: str, name: str) -> str:
    name = clean_name(name)
    suffix = Path(name).suffix.lstrip(".").lower().replace("jpeg", "jpg")
    return name if suffix == extension else clean_name(f"{name}.{extension}")


def read(stored: StoredFile) -> bytes:
    """The bytes of a file, if they still are what was stored. Raises FileChanged."""
    path = private_root() / stored.path
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        fault = "missing"
    else:
        if hashlib.sha256(content).hexdigest() == stored.sha256:
            return content
        fault = "changed"
    note("file damaged", user=None, result="failed", obj=stored, case=stored.case_id, fault=fault)
    raise FileChanged(stored, fault)


def faults() -> Iterator[FileChanged]:
    """Every stored file whose bytes are gone or changed, in the order of the rows: the nightly check."""
    for stored in StoredFile.objects.iterator(chunk_size=500):
        try:
            read(stored)
        except FileChanged as change:
            yield change


def collect_orphans() -> int:
    """Remove files older than an hour that no row names, and return their number."""
    removed = 0
    root = private_root() / "sha256"
    now = now_of_the_disk(root)
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        for path in sorted(folder.iterdir()):
            named = not path.name.startswith(".") and StoredFile.objects.filter(sha256=path.stem).exists()
            if not named and now - path.stat().st_mtime > ORPHAN_AGE:
                path.unlink()
                removed += 1
    return removed


def clear_temporary() -> int:
    """Remove what a killed process left of uploads and of their checks, older than an hour; return the number."""
    removed = 0
    root = Path(settings.FILE_UPLOAD_TEMP_DIR)
    now = now_of_the_disk(root)
    for path in sorted(root.iterdir()):
        with suppress(FileNotFoundError):  # an upload that is under way has ended meanwhile
            if now - path.stat().st_mtime > ORPHAN_AGE:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
                removed += 1
    return removed


def now_of_the_disk(folder: Path) -> float:
    """Ages of files are told by the clock that dates them: the product's own may stand on another day."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder) as probe:
        return os.fstat(probe.fileno()).st_mtime


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
