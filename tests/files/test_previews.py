"""First pages as pictures: drawn by a job, given out like the file itself, and never in the way of anything."""

from io import BytesIO

import pytest
from django.urls import reverse
from PIL import Image

from applications.models import ApplicationDocument
from applications.transitions import ATTACH
from certbody.files import previews
from certbody.files.checks import CheckedFile
from certbody.files.storage import private_root
from certbody.outbox.models import Job
from certbody.outbox.sweeper import sweep
from certbody.pdf import process
from certbody.pdf.process import ChildFailed
from certbody.workflow import perform
from tests.applications.conftest import signed_in
from tests.files.making import office, pdf, picture
from tests.road.applications import begun_application

pytestmark = pytest.mark.django_db


def attached(owner, content: bytes, extension: str) -> ApplicationDocument:
    draft = begun_application(owner)
    upload = CheckedFile(f"paper.{extension}", content, extension)
    perform(ATTACH, draft, actor=owner, kind="profile", upload=upload)
    return draft.documents.select_related("file").get()


def drawn(content: bytes) -> Image.Image:
    return Image.open(BytesIO(process.run("preview", content, seconds=20)))


@pytest.mark.parametrize(
    "content", [pdf(), picture("JPEG", (3000, 2000)), picture("PNG", (60, 40))], ids=["pdf", "jpg", "png"]
)
def test_the_first_page_becomes_a_small_png(content):
    made = drawn(content)
    assert made.format == "PNG"
    assert max(made.size) <= 1000
    assert made.info == {}


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7\n" + b"x" * 400, b"no picture", b""], ids=["pdf", "text", "empty"]
)
def test_what_cannot_be_drawn_is_refused_by_the_child(content):
    with pytest.raises(ChildFailed) as refused:
        process.run("preview", content, seconds=20)
    assert (refused.value.refused, refused.value.reason) == (True, "damaged")


def test_a_preview_is_drawn_after_the_upload_and_shown_to_both_sides(client_user, reviewer):
    document = attached(client_user, pdf() + b"\n% one of its own\n", "pdf")
    address = reverse("files:preview", args=[document.file_id])
    assert signed_in(client_user).get(address).status_code == 404
    sweep()
    for user in (client_user, reviewer):
        answer = signed_in(user).get(address)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "image/png"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer["Cache-Control"] == "no-store, private"
        assert Image.open(BytesIO(answer.content)).format == "PNG"


def test_item_11_a_stranger_gets_404_for_a_preview_and_whoever_is_not_signed_in_the_door(
    client_user, stranger, auditor, client
):
    document = attached(client_user, picture("PNG", (33, 21)), "png")
    sweep()
    address = reverse("files:preview", args=[document.file_id])
    assert previews.has_preview(document.file)
    for user in (stranger, auditor):
        assert signed_in(user).get(address).status_code == 404
    assert client.get(address)["Location"].startswith("/accounts/login/")
    assert signed_in(client_user).post(address).status_code == 405


def test_a_file_of_office_has_no_preview_but_the_word_for_its_type(client_user):
    document = attached(client_user, office("docx"), "docx")
    assert not Job.objects.filter(kind=previews.PREVIEW_JOB).exists()
    page = signed_in(client_user).get(
        reverse("applications:section", args=[document.application.case.reference, "documents"])
    )
    assert "</svg>DOCX</span>" in page.content.decode()


def test_equal_files_are_drawn_once(client_user):
    document = attached(client_user, picture("PNG", (34, 21)), "png")
    sweep()
    upload = CheckedFile("again.png", picture("PNG", (34, 21)), "png")
    perform(ATTACH, document.application, actor=client_user, kind="manual", upload=upload)
    assert Job.objects.filter(kind=previews.PREVIEW_JOB).count() == 1


def test_a_file_that_cannot_be_drawn_keeps_the_job_from_coming_back(client_user):
    document = attached(client_user, b"%PDF-1.7 that no program reads", "pdf")
    sweep()
    assert Job.objects.get(kind=previews.PREVIEW_JOB).state == "done"
    assert not previews.has_preview(document.file)


def test_a_busy_child_is_asked_again_later(client_user, monkeypatch):
    attached(client_user, picture("PNG", (35, 21)), "png")

    def busy(*_arguments, **_more):
        raise ChildFailed("busy")

    monkeypatch.setattr(process, "run", busy)
    sweep()
    assert Job.objects.get(kind=previews.PREVIEW_JOB).state == "waiting"


def test_previews_lie_outside_what_the_collector_of_orphans_looks_through(client_user):
    document = attached(client_user, picture("PNG", (36, 21)), "png")
    assert previews.path_of(document.file).is_relative_to(private_root() / "previews")
