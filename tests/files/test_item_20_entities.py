"""Item 20: what reads XML of strangers expands no entity, opens no file and asks nobody."""

import select
import socket
from collections.abc import Iterator
from io import BytesIO
from zipfile import ZipFile

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from certbody.files.checks import check_upload
from tests.files.kit import LAUGHS
from tests.files.making import office


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A door on this machine that notices whoever knocks."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield door


def is_asked(door: socket.socket) -> bool:
    return bool(select.select([door], [], [], 0)[0])


def hostile(address: str) -> dict[str, bytes]:
    entity = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{address}">]><d>&x;</d>'
    return {
        "an entity of the network": entity.encode(),
        "an entity of the disk": entity.replace(address, "file:///etc/passwd").encode(),
        "a parameter entity": f'<!DOCTYPE d [<!ENTITY % x SYSTEM "{address}"> %x;]><d/>'.encode(),
        "a declaration elsewhere": f'<!DOCTYPE d SYSTEM "{address}"><d/>'.encode(),
        "letters of two bytes": ('<?xml version="1.0" encoding="UTF-16"?>' + entity).encode("utf-16"),
        "laughs": LAUGHS.encode(),
    }


@pytest.mark.parametrize("what", hostile(""))
@pytest.mark.parametrize(
    "part", ["main", "word/styles.xml", "word/_rels/document.xml.rels", "word/drawing.vml"]
)
def test_item_20_a_package_with_declarations_is_refused_and_nobody_is_asked(what, part, listener):
    content = hostile(f"http://127.0.0.1:{listener.getsockname()[1]}/x")[what]
    package = BytesIO(office("docx", main=content) if part == "main" else office("docx"))
    if part != "main":
        with ZipFile(package, "a") as members:
            members.writestr(part, content)
    with pytest.raises(ValidationError) as refusal:
        check_upload(SimpleUploadedFile("manual.docx", package.getvalue()))
    assert refusal.value.code == "entities"
    assert not is_asked(listener)


def test_item_20_negative_control_the_door_notices_who_knocks(listener):
    with socket.create_connection(listener.getsockname()):
        assert is_asked(listener)


def test_item_20_our_own_reader_of_sheets_opens_nothing_either(tmp_path):
    """openpyxl reads sheets of our own making only; should it ever be given a stranger's, an entity stays empty."""
    (tmp_path / "secret").write_text("13800138000")
    sheet, changed = BytesIO(), BytesIO()
    book = openpyxl.Workbook()
    book.active["A1"] = "plain"
    book.save(sheet)
    entity = f'<!DOCTYPE d [<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">]>'.encode()
    with ZipFile(sheet) as sound, ZipFile(changed, "w") as package:
        for member in sound.infolist():
            content = sound.read(member)
            if member.filename == "xl/sharedStrings.xml":
                content = entity + content[content.index(b"<sst") :].replace(b"plain", b"plain &x;")
            package.writestr(member.filename, content)
    try:
        read = str(openpyxl.load_workbook(changed).active["A1"].value)
    except (ValueError, SyntaxError, KeyError) as refusal:
        read = str(refusal)
    assert "13800138000" not in read
