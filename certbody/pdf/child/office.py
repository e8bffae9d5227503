"""DOCX and XLSX: a look into the package without unpacking it to a disk and without resolving anything."""

import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from stat import S_ISLNK
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from refusals import Refused

MOST_MEMBERS = 3000
MOST_BYTES = 150 * 1024 * 1024
MOST_ELEMENTS = 1_000_000
HIGHEST_RATIO = 200
RATIO_COUNTS_FROM = 1024 * 1024
MAIN_PARTS = {
    "word/document.xml": b"docx",
    "xl/workbook.xml": b"xlsx",
}
MACRO_PARTS = ("vbaproject.bin", "vbadata.xml")
ACTIVE_FOLDERS = ("activex", "macrosheets")
ACTIVE_RELATIONSHIPS = ("/oleobject", "/vbaproject", "/control", "/activexcontrolbinary")
ACTIVE_CONTENT_TYPES = ("macroenabled", "vbaproject", "oleobject", "activex")
PROGRAMS = (
    ".exe",
    ".dll",
    ".com",
    ".scr",
    ".bat",
    ".cmd",
    ".ps1",
    ".js",
    ".vbs",
    ".hta",
    ".jar",
    ".msi",
    ".lnk",
)
# a template, picture or frame behind an address is fetched when the file is opened
HARMLESS_EXTERNAL = ("/hyperlink",)
PACKAGE = b"PK\x03\x04"
PROGRAM_STARTS = (b"MZ", b"\x7fELF")
ARCHIVE_STARTS = (PACKAGE, b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf", b"\xd0\xcf\x11\xe0")


@dataclass
class Allowance:
    """What a package and the packages inside it may hold together."""

    members: int = MOST_MEMBERS
    content: int = MOST_BYTES
    elements: int = MOST_ELEMENTS

    def spend(self, *, members: int = 0, content: int = 0, elements: int = 0) -> None:
        self.members -= members
        self.content -= content
        self.elements -= elements
        if min(self.members, self.content, self.elements) < 0:
            raise Refused("bomb")


def inspect(content: bytes) -> bytes:
    """Return b"docx" or b"xlsx" for a sound package without macros, remote parts and document type
    declarations.

    It may hold such packages itself, the tables behind its charts, but those hold none.
    """
    return kind_of(content, Allowance(), is_outermost=True)


def kind_of(content: bytes, allowance: Allowance, *, is_outermost: bool) -> bytes:
    try:
        with ZipFile(BytesIO(content)) as package:
            members = package.infolist()
            check_members(members, allowance)
            names = [member.filename for member in members]
            kinds = [kind for part, kind in MAIN_PARTS.items() if part in names]
            if "[Content_Types].xml" not in names or len(kinds) != 1:
                raise Refused("damaged")
            for member in members:
                if member.filename.lower().endswith((".xml", ".rels", ".vml")):
                    check_part(package, member, allowance)
                else:
                    check_start(package, member, allowance, may_hold_packages=is_outermost)
            if package.testzip() is not None:
                raise Refused("damaged")
    except (BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error):
        raise Refused("damaged") from None
    return kinds[0]


def check_start(package: ZipFile, member: ZipInfo, allowance: Allowance, *, may_hold_packages: bool) -> None:
    """Judge a member that is no XML by its first bytes, whatever it is called."""
    with package.open(member) as part:
        start = part.read(8)
    if start.startswith(PROGRAM_STARTS):
        raise Refused("macros")
    if not start.startswith(ARCHIVE_STARTS):
        return
    kind = PurePosixPath(member.filename.lower()).suffix.lstrip(".").encode()
    if not (may_hold_packages and start.startswith(PACKAGE) and kind in MAIN_PARTS.values()):
        raise Refused("attachment")
    if kind_of(package.read(member), allowance, is_outermost=False) != kind:
        raise Refused("attachment")


def check_members(members: list[ZipInfo], allowance: Allowance) -> None:
    """Judge the list of contents before a single byte is unpacked."""
    allowance.spend(members=len(members), content=sum(member.file_size for member in members))
    if len({member.filename.lower() for member in members}) != len(members):
        raise Refused("damaged")
    for member in members:
        ratio = member.file_size / max(member.compress_size, 1)
        if member.file_size > RATIO_COUNTS_FROM and ratio > HIGHEST_RATIO:
            raise Refused("bomb")
        path = PurePosixPath(member.filename)
        leaves = path.is_absolute() or ".." in path.parts or "\\" in member.filename or ":" in member.filename
        if leaves or S_ISLNK(member.external_attr >> 16):
            raise Refused("path")
        if member.flag_bits & 1:
            raise Refused("encrypted")
        lower = PurePosixPath(member.filename.lower())
        if lower.name in MACRO_PARTS or any(part in ACTIVE_FOLDERS for part in lower.parts):
            raise Refused("macros")
        if lower.name.endswith(PROGRAMS):
            raise Refused("macros")
        if lower.name.startswith("oleobject"):
            raise Refused("attachment")


def check_part(package: ZipFile, member: ZipInfo, allowance: Allowance) -> None:
    """Parse one XML part; a declaration of a type or an entity is refused before it can expand or fetch."""
    parser = expat.ParserCreate()
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def refuse_declaration(*_: object) -> None:
        raise Refused("entities")

    def judge(name: str, attributes: dict[str, str]) -> None:
        allowance.spend(elements=1)
        content_type = attributes.get("ContentType", "").lower()
        if any(word in content_type for word in ACTIVE_CONTENT_TYPES):
            raise Refused("macros")
        if name.rpartition(":")[2] != "Relationship":
            return
        kind = attributes.get("Type", "")
        if kind.lower().endswith(ACTIVE_RELATIONSHIPS):
            raise Refused("attachment" if kind.lower().endswith("/oleobject") else "macros")
        is_external = attributes.get("TargetMode", "").lower() == "external"
        if is_external and not kind.endswith(HARMLESS_EXTERNAL):
            raise Refused("remote")

    parser.StartDoctypeDeclHandler = refuse_declaration
    parser.EntityDeclHandler = refuse_declaration
    parser.StartElementHandler = judge
    try:
        with package.open(member) as part:
            parser.ParseFile(part)
    except expat.ExpatError:
        # old drawing parts may hold HTML that is not well formed; nothing reads them here
        if not member.filename.lower().endswith(".vml"):
            raise Refused("damaged") from None
