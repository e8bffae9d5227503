"""Items 15, 16, 18, 20 and 21 at every address that takes files: in pieces, the scan of a contract, the review, the bank.

What a file is, is judged once and remembered: each address proves that it asks, and that it keeps nothing of a refusal.
The floods of item 17 stand in their own file.
"""

import csv
import hashlib
import random
import time
from collections.abc import Callable, Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.html import escape

from applications.forms.documents import UploadForm
from applications.kinds import documents_asked
from applications.models import BankLine, BankStatement
from applications.review_items import ITEMS
from applications.services.bank import REASONS
from applications.uploads import PURPOSE, target_of
from certbody import clock
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body.queries import scheme_of
from certbody.files import pieces
from certbody.files.checks import REFUSALS, clean_name
from certbody.files.models import StoredFile, Upload
from certbody.files.quota import Uploader
from certbody.files.storage import private_root
from certbody.pdf import process
from tests.applications.conftest import signed_in
from tests.files.clamd import EICAR, judged
from tests.files.kit import EXTERNAL_ENTITY, LAUGHS, Sample, samples
from tests.files.making import MEGABYTE, picture
from tests.files.sending import begin, send
from tests.files.test_item_17_floods import forget_peak, memory, peak
from tests.road.applications import (
    accepted_application,
    begun_application,
    offered_contract,
    submitted_application,
)
from tests.road.people import make_user

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor == "postgresql", reason="what a file is does not depend on the database"
    ),
]
# seconds of work each, proven by item 17 with the same check
FLOODS = {"xlsx of a million rows", "pdf that unpacks to 600 MB", "photograph of 48 megapixels on its side"}
KIT = {what: sample for what, sample in samples().items() if what not in FLOODS}
# one for every reason to refuse a file, and one of every type that is taken
EACH = dict({one.refusal or one.name[-4:]: (what, one) for what, one in reversed(KIT.items())}.values())
WATCHDOG = 20  # seconds; two and a factor of ten for a busy machine
_judged: dict[tuple[str, str], Any] = {}


@pytest.fixture(autouse=True)
def remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child process judges each content once for all addresses; every other check is made at each of them."""
    ask = process.run

    def run(task: str, payload: bytes, **options: Any) -> bytes:
        key = (task, hashlib.sha256(payload).hexdigest())
        if key not in _judged:
            try:
                _judged[key] = ask(task, payload, **options)
            except process.ChildFailed as failure:
                _judged[key] = failure
        if isinstance(_judged[key], process.ChildFailed):
            raise _judged[key]
        return _judged[key]

    monkeypatch.setattr(process, "run", run)


@pytest.fixture
def nothing_elsewhere() -> Iterator[None]:
    """Whatever names and members say, files are written in three folders of the private storage and nowhere else."""
    beside = Path("/tmp/evil.xml"), private_root().parent / "evil.xml", Path("/etc/cron.d/x")
    yield
    assert {path.name for path in private_root().iterdir()} <= {"sha256", "uploads", "previews"}
    assert not [path for path in beside if path.exists()]


def as_sent(sample: Sample) -> SimpleUploadedFile:
    """As a hostile program sends it, not as Django's own class cleans it."""
    file = SimpleUploadedFile("x", sample.content, sample.declared_type)
    file._name = sample.name
    return file


def sentence_of(sample: Sample) -> str:
    return str(REFUSALS[sample.refusal]) % {"name": clean_name(sample.name)} if sample.refusal else ""


def faults_of(what: str, sample: Sample, status: int, said: str, *, taken: int) -> list[str]:
    """What is wrong with the answer to one sample; `taken` is the status of an accepted one."""
    expected = (422, sentence_of(sample)) if sample.refusal else (taken, "")
    if status == expected[0] and (expected[1] in said or escape(expected[1]) in said):
        return []
    return [f"{what}: {status} instead of {expected}"]


# In pieces


def arrived(uploader: Uploader, draft: Any, sample: Sample) -> Upload:
    """A sample that came in three pieces, past everything that is judged before the first of them."""
    target = target_of(draft, "profile")
    size, third = len(sample.content), max(len(sample.content) // 3, 1)
    row = pieces.begin(uploader, purpose=PURPOSE, target=target, name=sample.name, size=size)
    for offset in range(0, size, third):
        row = pieces.receive(row, offset=offset, content=sample.content[offset : offset + third])
    return row


def test_items_15_20_21_the_whole_kit_in_pieces(client_user, nothing_elsewhere):
    """Each is refused with its sentence before the first piece or by the form, and of a refused one nothing is left."""
    draft, faults = begun_application(client_user), []
    uploader = Uploader(client_user, draft.case.organisation)
    kind = next(one for one in documents_asked(draft, scheme_of(draft.case)) if one.key == "profile")
    about = {"actor": client_user, "application": draft, "kind": kind}
    for what, sample in KIT.items():
        said: list[str] = []
        try:
            sent = {"upload_arrived": [str(arrived(uploader, draft, sample).pk)]}
            form = UploadForm(MultiValueDict(sent), MultiValueDict(), **about)
            said = [] if form.is_valid() else list(form.errors["upload"])
            form.files_field.settle()
        except ValidationError as refusal:
            said = refusal.messages
        faults += [f"{what}: {said}"] if said != [sentence_of(sample)] * bool(sample.refusal) else []
        faults += [f"{what} is left"] if Upload.objects.exists() and sample.refusal else []
        Upload.objects.all().delete()
    assert faults == []


def test_items_15_20_21_in_pieces_by_a_browser_one_for_every_reason(client_user, nothing_elsewhere):
    draft, browser, faults = begun_application(client_user), signed_in(client_user), []
    for what, sample in EACH.items():
        status, said = through_pieces(browser, draft, sample)
        faults += faults_of(what, sample, status, said, taken=302)
    assert faults == []
    assert StoredFile.objects.count() == sum(one.refusal is None for one in EACH.values())
    assert not Upload.objects.exists()


def through_pieces(browser: Client, draft: Any, sample: Sample) -> tuple[int, str]:
    """Send a sample as `uploads.js` does, refused at the first word or by the form."""
    begun = begin(browser, draft, name=sample.name, size=len(sample.content))
    if begun.status_code != 201:
        return begun.status_code, begun.json()["error"]
    pk = begun.json()["id"]
    assert send(browser, pk, sample.content).status_code == 200
    address = reverse("applications:document", args=[draft.case.reference, "profile"])
    answer = browser.post(address, {"upload_arrived": [pk]})
    return answer.status_code, answer.content.decode()


def test_item_18_hostile_names_of_files_in_pieces_lead_nowhere_and_split_no_header(
    client_user, nothing_elsewhere
):
    draft, browser = begun_application(client_user), signed_in(client_user)
    names = ["../../x.png", "C:\\x\\con.png", "长" * 300 + ".png", "🚩.png", 'a"\r\nX-Evil: y.png', "a．．/b.png"]
    for name in names:
        status, said = through_pieces(browser, draft, Sample(name, picture("PNG")))
        assert status == 302, (name, said)
    for stored in StoredFile.objects.all():
        answer = browser.get(stored.get_absolute_url())
        assert answer.status_code == 200
        assert "X-Evil" not in answer.headers
        assert answer.headers["Content-Disposition"].startswith("attachment; filename")
        assert not set("/\\\r\n") & set(stored.name)
        assert len(stored.name) <= 120
        assert stored.path.startswith("sha256/")
    assert StoredFile.objects.count() == len(names)


def test_item_16_what_is_on_its_way_has_no_address_that_gives_it_out(client_user, stranger, reviewer):
    draft, browser = begun_application(client_user), signed_in(client_user)
    begun = begin(browser, draft, name="plan.png", size=9).json()
    content = b"<script>x"
    assert send(browser, begun["id"], content).status_code == 200
    row = Upload.objects.get()
    state = browser.get(reverse("files:upload", args=[row.pk]))
    assert (state.headers["Content-Type"], b"script" in state.content) == ("application/json", False)
    for user in (client_user, stranger, reviewer):
        for address in (
            f"/files/{row.pk}/",
            f"/files/{row.pk}/preview/",
            f"/media/uploads/{row.pk}",
            f"/files/uploads/{row.pk}/piece/",
            pieces.path_of(row).as_posix(),
        ):
            assert signed_in(user).get(address).status_code in {404, 405}
    for user in (stranger, reviewer):
        assert signed_in(user).get(reverse("files:upload", args=[row.pk])).status_code == 404


# The scan of a contract, the picture of a check, a document of stage 1: forms that take a file whole


def kit_at(post: Callable[[SimpleUploadedFile], Any], *, types: tuple[str, ...]) -> list[str]:
    """The faults of an address that takes files of these types."""
    faults = []
    for what, sample in EACH.items():
        answer = post(as_sent(sample))
        ending = clean_name(sample.name).rpartition(".")[2].lower().replace("jpeg", "jpg")
        if sample.refusal is None and ending not in types:
            wrong = answer.status_code != 422 or "cannot be accepted here" not in answer.content.decode()
            faults += [f"{what}: {answer.status_code}, taken as {ending}"] if wrong else []
        else:
            faults += faults_of(what, sample, answer.status_code, answer.content.decode(), taken=302)
    return faults


def test_items_15_18_20_21_the_kit_as_the_signed_scan_of_a_contract(client_user, nothing_elsewhere):
    officer = make_user(Role.CONTRACTS)
    contract = offered_contract(accepted_application(client_user), officer)
    browser, before = signed_in(client_user), set(StoredFile.objects.values_list("pk", flat=True))
    facts = {"signatory": "王伟", "signed_on": clock.today().isoformat()}
    address = f"/steps/contract/{contract.pk}/upload_scan/"
    assert kit_at(lambda file: browser.post(address, facts | {"upload": file}), types=("pdf", "jpg", "png")) == []
    new = StoredFile.objects.exclude(pk__in=before)
    assert {stored.content_type for stored in new} == {"application/pdf", "image/jpeg", "image/png"}
    contract.refresh_from_db()
    for who in (client_user, officer):
        answer = signed_in(who).get(contract.signed_scan.get_absolute_url())
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["Content-Disposition"].startswith("attachment")
    assert signed_in(make_user()).get(contract.signed_scan.get_absolute_url()).status_code == 404


def test_items_15_18_20_21_the_kit_as_the_picture_of_a_check_of_the_review(
    client_user, reviewer, nothing_elsewhere
):
    application, browser = submitted_application(client_user), signed_in(reviewer)
    key = next(item.key for item in ITEMS if item.needs_day)
    address = reverse("applications:desk_item", args=[application.case.reference, key])
    facts = {f"{key}-verdict": "open", f"{key}-note": "auszug"}
    before, every = StoredFile.objects.count(), ("pdf", "jpg", "png", "docx", "xlsx")
    assert kit_at(lambda file: browser.post(address, facts | {f"{key}-file": file}), types=every) == []
    assert StoredFile.objects.count() - before == sum(one.refusal is None for one in EACH.values())


# The statement of the bank


@pytest.fixture
def finance(db: None) -> User:
    return make_user(Role.FINANCE)


def workbook(**parts: bytes) -> bytes:
    """A sound statement; keyword arguments take the place of its parts."""
    book = openpyxl.Workbook()
    book.active.append(["交易日期", "对方户名", "贷方发生额"])
    book.active.append(["2026-11-20", "甲公司", "1.00"])
    sound, changed = BytesIO(), BytesIO()
    book.save(sound)
    named = {f"xl/{name.replace('__', '/')}.xml": content for name, content in parts.items()}
    with ZipFile(sound) as source, ZipFile(changed, "w", ZIP_DEFLATED) as package:
        types = source.read(CONTENT_TYPES).replace(b"</Types>", SHARED_STRINGS + b"</Types>")
        for member in source.namelist():
            if member not in {*named, CONTENT_TYPES}:
                package.writestr(member, source.read(member))
        for member, content in (named | {CONTENT_TYPES: types}).items():
            package.writestr(member, content)
    return changed.getvalue()


CONTENT_TYPES = "[Content_Types].xml"
SHARED_STRINGS = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    b'spreadsheetml.sharedStrings+xml"/>'
)


def sheet(rows: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<worksheet xmlns="{space}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def strings(text: str) -> bytes:
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return f'<sst xmlns="{space}"><si><t>{text}</t></si></sst>'.encode()


def a_million_rows() -> bytes:
    return workbook(worksheets__sheet1=sheet("<row><c><v>7</v></c></row>" * 1_000_000))


def a_string_of_140_mb() -> bytes:
    return workbook(sharedStrings=strings("x" * (140 * MEGABYTE)))


def letters_of_30_mb() -> bytes:
    """Packed no closer than honest tables are, so that only its size gives it away."""
    noise = random.Random(27922)
    return workbook(sharedStrings=strings("".join(f"{noise.random():.9f}" + "x" * 700 for _cell in range(42_000))))


def hostile_statements() -> dict[str, tuple[str, bytes | Callable[[], bytes]]]:
    head = "交易日期,对方户名,贷方发生额\n"
    return {
        "a million rows": ("a.xlsx", a_million_rows),
        "a string of 140 MB": ("a.xlsx", a_string_of_140_mb),
        "letters of 30 MB": ("a.xlsx", letters_of_30_mb),
        "an external entity": ("a.xlsx", workbook(sharedStrings=EXTERNAL_ENTITY.encode())),
        "a billion laughs": ("a.xlsx", workbook(workbook=LAUGHS.encode())),
        "a billion laughs in the sheet": ("a.xlsx", workbook(worksheets__sheet1=LAUGHS.encode())),
        "a table in another format": ("a.csv", workbook()),
        "a table that is a program": ("a.csv", b"MZ\x90\x00" + b"\0" * 200),
        "a table with a NUL": ("a.csv", head.encode() + b"2026-11-20,\0,1\n"),
        "a table of a million rows": ("a.csv", (head + "1,2,3\n" * 300_000).encode()),
        "a table of empty rows": ("a.csv", b"\n" * 1_900_000),
        "a table whose cell never ends": ("a.csv", (head + '"' + "x" * 1_000_000).encode()),
        "letters of nobody": ("a.csv", b"\xff\xff\xff\x81"),
        "more than 2 MB": ("a.csv", b"1,2,3\n" * 400_000),
        "a page": ("a.html", b"<script>alert(1)</script>"),
        "a name turned round": ("a\u202evsc.exe", b"MZ"),
        "nothing": ("a.csv", b""),
    }


def upload_statement(browser: Client, name: str, content: bytes) -> Any:
    file = SimpleUploadedFile("x", content)
    file._name = name
    return browser.post(reverse("applications:desk_payments"), {"file": file})


STATEMENTS = hostile_statements()


@pytest.mark.parametrize("what", STATEMENTS)
def test_items_17_18_20_a_hostile_statement_is_refused_in_seconds_and_takes_no_memory(what, finance):
    name, made = STATEMENTS[what]
    content, browser = made() if callable(made) else made, signed_in(finance)
    assert upload_statement(browser, "first.doc", b"x").status_code == 422  # templates are loaded by now
    forget_peak()
    before, began = memory(), time.monotonic()
    answer = upload_statement(browser, name, content)
    assert time.monotonic() - began < WATCHDOG
    assert peak() - before < 200 * MEGABYTE
    assert answer.status_code == 422
    said = [str(sentence) for sentence in (*REASONS.values(), "Please upload the statement as CSV or XLSX.")]
    said += [str(sentence) % {"name": clean_name(name)} for sentence in REFUSALS.values()]
    page = answer.content.decode()
    assert any(sentence in page or escape(sentence) in page for sentence in said)
    assert not BankStatement.objects.exists()


def test_items_15_21_the_kit_as_a_statement_of_the_bank_is_refused_and_nothing_is_stored(
    finance, nothing_elsewhere
):
    browser, faults = signed_in(finance), []
    for what, sample in (EACH | {what: one for what, one in KIT.items() if "xlsx" in one.name}).items():
        answer = browser.post(reverse("applications:desk_payments"), {"file": as_sent(sample)})
        faults += [what] if answer.status_code != 422 else []
    assert faults == []
    assert (BankStatement.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_item_18_what_a_statement_says_stays_text(finance):
    text, cells = StringIO(), ["=cmd|' /C calc'!A1", "<script>alert(1)</script>", "{{ 7 }}", "a\u202eb"]
    writer = csv.writer(text)
    writer.writerow(["交易日期", "对方户名", "贷方发生额", "摘要"])
    writer.writerows([["2026-11-20", cell, "1.00", cell] for cell in cells])
    browser = signed_in(finance)
    answer = upload_statement(browser, "../../a\u202e．．\\b.csv", text.getvalue().encode())
    assert answer.status_code == 302
    page = browser.get(answer["Location"]).content.decode()
    assert "<script>alert(1)" not in page
    assert "{{ 7 }}" in page
    statement = BankStatement.objects.get()
    assert not set("/\\\r\n") & set(statement.name)
    columns = {"header": 0, "on": 0, "payer": 1, "amount": 2, "purpose": 3, "direction": "", "reference": ""}
    assert browser.post(answer["Location"], columns).status_code == 302
    assert "\u202e" not in "".join(BankLine.objects.values_list("payer", flat=True))
    assert "<script>alert(1)" not in browser.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_item_19_a_statement_is_looked_through_by_the_scanner_too(scanning, finance, name):
    with scanning(judged):
        content = workbook() if name == "a.xlsx" else "交易日期,对方户名,贷方发生额\n".encode()
        answer = upload_statement(signed_in(finance), name, content + EICAR)
    assert answer.status_code == 422
    assert "carries malicious software" in answer.content.decode()
    assert not BankStatement.objects.exists()
