"""What may be uploaded: PDF, JPG, PNG, DOCX and XLSX, and only when extension, first bytes and a real parse
agree.

The parse runs in the bounded child process of `certbody.pdf.process`: a hostile file can exhaust that, not
the web.
"""

import hashlib
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import NoReturn

import puremagic
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils.translation import gettext_lazy as _

from certbody.files import scanner
from certbody.files.models import EXTENSIONS
from certbody.pdf import process
from certbody.pdf.glyphs import without_invisible
from certbody.security_log import note

MOST_BYTES = 20 * 1024 * 1024
MOST_BYTES_AT_ONCE = 60 * 1024 * 1024
LONGEST_NAME = 120
LONGEST_CHECK = 10  # seconds
ACCEPTED = ("pdf", "jpg", "png", "docx", "xlsx")
RESERVED_NAMES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
)
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_END = b"PK\x05\x06"


@dataclass(frozen=True)
class FileType:
    """How a type is recognised; puremagic calls every package of Office by the same few names."""

    task: str
    first_bytes: bytes
    magic: frozenset[str]


OFFICE = FileType(
    "office", b"PK\x03\x04", frozenset({".docx", ".xlsx", ".pptx", ".zip", ".jar", ".odt", ".ods"})
)
TYPES = {
    "pdf": FileType("pdf", b"%PDF-", frozenset({".pdf"})),
    "jpg": FileType("image", b"\xff\xd8\xff", frozenset({".jpg", ".jpeg", ".jfif"})),
    "png": FileType("image", b"\x89PNG\r\n\x1a\n", frozenset({".png"})),
    "docx": OFFICE,
    "xlsx": OFFICE,
}
REFUSALS = {
    "empty": _("“%(name)s” is empty."),
    "size": _("“%(name)s” is larger than 20 MB."),
    "extension": _("“%(name)s” cannot be accepted: please upload a PDF, JPG, PNG, DOCX or XLSX file."),
    "content": _(
        "The content of “%(name)s” is not what its ending says: please save it anew in the right format."
    ),
    "damaged": _("“%(name)s” is damaged and cannot be opened: please save it anew and try again."),
    "encrypted": _("“%(name)s” is protected by a password: please upload it without protection."),
    "script": _(
        "“%(name)s” runs a script or acts by itself when it is opened: please print it to a new PDF."
    ),
    "launch": _(
        "“%(name)s” starts other programs, opens other files or sends data: please print it to a new PDF."
    ),
    "attachment": _(
        "“%(name)s” carries other files inside: please upload those on their own and take them out of this one."
    ),
    "xfa": _("“%(name)s” is a dynamic form (XFA): please print it to a new PDF."),
    "macros": _("“%(name)s” contains macros or programs: please save it without them, as DOCX or XLSX."),
    "remote": _(
        "“%(name)s” fetches parts from another place when it is opened: please save them inside the document."
    ),
    "entities": _("“%(name)s” holds definitions that no office program writes: please save it anew."),
    "pages": _("“%(name)s” has more than 1,000 pages: please upload only those that are needed."),
    "pixels": _("The picture “%(name)s” has too many points: please make it smaller than 50 megapixels."),
    "bomb": _("“%(name)s” unpacks to far too much: please upload a smaller file."),
    "path": _("“%(name)s” holds unsafe paths: please save it anew."),
    "busy": _("Too many files are being checked at this moment: please upload “%(name)s” again in a minute."),
    "own": _(
        "Another file of yours is being checked at this moment: please upload “%(name)s” again when that is done."
    ),
    "infected": _(
        "“%(name)s” carries malicious software: it was not taken. Please check your computer and upload a clean file."
    ),
    "scanner": _(
        "“%(name)s” could not be checked for malicious software, because our scanner does not answer. It was not "
        "taken; please try again in a few minutes."
    ),
    "timeout": _("“%(name)s” is too complicated to check: please upload a simpler file."),
}


# refusals that say nothing about the file: the same one may pass a minute later
PASSING = frozenset({"busy", "own", "scanner", "quota"})


class CheckedFile(SimpleUploadedFile):
    """An upload that has passed every check; name and content type are ours, a picture is written anew.

    `was_scanned` says that the virus scanner was among the checks.
    """

    def __init__(self, name: str, content: bytes, extension: str) -> None:
        content_types = {known: content_type for content_type, known in EXTENSIONS.items()}
        super().__init__(name, content, content_types[extension])
        self.extension = extension
        self.was_scanned = False

    def read_all(self) -> bytes:
        self.seek(0)
        return bytes(self.read())


def clean_name(name: str) -> str:
    """A name that is safe to show and to offer for saving: no path, nothing invisible, not too long."""
    name = unicodedata.normalize("NFC", without_invisible(name)).replace("．", ".").replace("\\", "/")
    name = " ".join(PurePosixPath(name).name.replace('"', "'").split()).strip(". ")
    path = PurePosixPath(name or "file")
    stem, suffix = path.stem, path.suffix[:10]
    if stem.partition(".")[0].lower() in RESERVED_NAMES:
        stem = f"_{stem}"
    return stem[: LONGEST_NAME - len(suffix)].rstrip(". ") + suffix


def check_upload(upload: UploadedFile, *, party: str = "") -> CheckedFile:
    """Return the upload as it may be stored. Raises ValidationError with a sentence that says what to do.

    `party` is whose upload it is: of one party one file is checked at a time.
    """
    name = check_beforehand(upload.name or "", upload.size)
    extension = extension_of(name)
    upload.seek(0)
    content = upload.read(MOST_BYTES + 1)
    if not content:
        refuse("empty", name)
    if len(content) > MOST_BYTES:
        refuse("size", name)
    check_first_bytes(content, extension, name)
    try:
        answer = process.run(TYPES[extension].task, content, seconds=LONGEST_CHECK, party=party)
    except process.ChildFailed as failure:
        refuse(refusal_of(failure), name)
    if TYPES[extension] is OFFICE and answer.decode() != extension:
        refuse("content", name)
    check_for_infection(content, name, party)
    if TYPES[extension].task == "image":
        content = answer
    checked = CheckedFile(name, content, extension)
    checked.was_scanned = scanner.is_configured()
    return checked


def check_beforehand(name: str, size: int | None) -> str:
    """The name as it may be stored; refuses what name and size alone condemn, before a byte is sent."""
    name = clean_name(name)
    if size is not None and size > MOST_BYTES:
        refuse("size", name)
    if extension_of(name) not in TYPES:
        refuse("extension", name)
    if size == 0:
        refuse("empty", name)
    return name


def extension_of(name: str) -> str:
    return PurePosixPath(name).suffix.lstrip(".").lower().replace("jpeg", "jpg")


def check_for_infection(content: bytes, name: str, party: str) -> None:
    """Ask the scanner, if there is one, about the bytes as they came; without its clear word nothing passes."""
    if not scanner.is_configured():
        return
    facts = {"party": party, "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    try:
        infection = scanner.infection_in(content)
    except scanner.ScannerDown:
        note("virus scanner down", user=None, result="failed", **facts)
        refuse("scanner", name)
    if infection:
        note("infected file refused", user=None, result="refused", infection=infection[:100], **facts)
        refuse("infected", name)


def check_first_bytes(content: bytes, extension: str, name: str) -> None:
    expected = TYPES[extension]
    if expected is OFFICE and content.startswith(OLD_OFFICE):
        refuse("encrypted", name)
    if not content.startswith(expected.first_bytes):
        refuse("content", name)
    guesses = {match.extension for match in puremagic.magic_string(content)}
    if not guesses & expected.magic:
        refuse("content", name)
    # a PDF that is an archive as well shows another face to every program that opens it
    if extension == "pdf" and ZIP_END in content[-66_000:]:
        refuse("content", name)


def refusal_of(failure: process.ChildFailed) -> str:
    if failure.refused:
        return failure.reason
    return {"timeout": "timeout", "memory": "timeout", "busy": "busy", "own": "own"}.get(
        failure.reason, "damaged"
    )


def refuse(code: str, name: str) -> NoReturn:
    raise ValidationError(REFUSALS[code], code=code, params={"name": name})
