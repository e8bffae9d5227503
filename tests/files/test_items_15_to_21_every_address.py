"""Items 15, 16, 18, 20 and 21 at every address that takes files: in pieces, the scan of a contract, the review.

What a file is, is judged once and remembered: each address proves that it asks, and that it keeps nothing of a refusal.
The floods of item 17 stand in their own file.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.html import escape

from applications.catalogue.kinds import documents_asked
from applications.catalogue.review_items import ITEMS
from applications.forms.documents import UploadForm
from applications.queries.uploads import PURPOSE, target_of
from certbody import clock
from certbody.accounts.roles import Role
from certbody.body.queries import scheme_of
from certbody.files import pieces
from certbody.files.checks import REFUSALS, clean_name
from certbody.files.models import StoredFile, Upload
from certbody.files.quota import Uploader
from certbody.files.storage import private_root
from certbody.pdf import process
from tests.applications.conftest import signed_in
from tests.files.kit import Sample, samples
from tests.files.making import picture
from tests.files.sending import begin, send
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
    """Whatever names and members say, files are written in the folders of the private storage and nowhere else."""
    folders = {path.name for path in private_root().iterdir()} | {"sha256", "uploads", "previews"}
    beside = private_root().parent / "evil.xml", Path("/etc/cron.d/x")
    yield
    assert {path.name for path in private_root().iterdir()} <= folders
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
    names = [
        "../../x.png",
        "C:\\x\\con.png",
        "长" * 300 + ".png",
        "🚩.png",
        'a"\r\nX-Evil: y.png',
        "a．．/b.png",
    ]
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
    assert (
        kit_at(lambda file: browser.post(address, facts | {"upload": file}), types=("pdf", "jpg", "png"))
        == []
    )
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
