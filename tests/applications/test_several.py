"""Several documents at once: the files arrive first, each is given its kind, and all become documents or none does."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from applications.catalogue.file_words import FILE_WORDS
from applications.queries.file_names import guessed_kind
from applications.queries.uploads import SEVERAL
from applications.transitions import SUBMIT
from certbody.body.queries import scheme_of
from certbody.files.models import StoredFile, Upload
from certbody.workflow import perform
from tests.applications.conftest import signed_in
from tests.files.sending import sent
from tests.road.applications import begun_application, complete_application
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


def photograph(seed: int) -> bytes:
    content = BytesIO()
    Image.new("RGB", (20 + seed, 20), "white").save(content, "PNG")
    return content.getvalue()


@pytest.fixture
def draft(client_user):
    return begun_application(client_user)


@pytest.fixture
def browser(client_user):
    return signed_in(client_user)


def address_of(draft):
    return reverse("applications:documents_several", args=[draft.case.reference])


def arrived(browser, draft, *names):
    return [
        sent(browser, draft, photograph(seed), name=name, kind=SEVERAL) for seed, name in enumerate(names)
    ]


def kinds_of(rows, *kinds):
    return {f"kind_{row.pk}": kind for row, kind in zip(rows, kinds, strict=True)}


def test_twelve_files_become_documents_of_the_kinds_that_were_said(
    browser, draft, django_capture_on_commit_callbacks
):
    keys = [key for key in FILE_WORDS if key not in {"permits", "sites"}][:12]
    rows = arrived(browser, draft, *(f"{number}.png" for number in range(12)))
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(address_of(draft), kinds_of(rows, *keys), follow=True)
    assert "12 documents are uploaded." in answer.content.decode()
    found = dict(draft.documents.values_list("file__name", "kind"))
    assert found == {f"{number}.png": key for number, key in enumerate(keys)}
    assert not Upload.objects.exists()


def test_a_clear_name_is_offered_as_a_guess_that_says_so_and_an_unclear_one_is_not(browser, draft):
    clear, unclear = arrived(browser, draft, "营业执照.png", "扫描件001.png")
    page = browser.get(address_of(draft))
    form = page.context["form"]
    assert form[f"kind_{clear.pk}"].value() == "legal_status"
    assert form[f"kind_{unclear.pk}"].value() == ""
    assert page.content.decode().count("Taken from the name of the file: please check it.") == 1
    assert not draft.documents.exists()


def test_a_file_without_a_kind_keeps_everything_from_being_taken_and_nothing_chosen_is_lost(browser, draft):
    rows = arrived(browser, draft, "a.png", "b.png")
    answer = browser.post(address_of(draft), kinds_of(rows, "profile", ""))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Please choose what “b.png” is." in page
    assert answer.context["form"][f"kind_{rows[0].pk}"].value() == "profile"
    assert not draft.documents.exists()
    assert Upload.objects.count() == 2


def test_files_that_arrive_on_a_page_that_asks_already_are_asked_about_with_our_guess_and_no_fault(
    browser, draft
):
    [early] = arrived(browser, draft, "a.png")
    late = sent(browser, draft, photograph(5), name="营业执照.png", kind=SEVERAL)
    answer = browser.post(address_of(draft), kinds_of([early], "profile"))
    form, page = answer.context["form"], answer.content.decode()
    assert "Further files have arrived: please say what they are too." in page
    assert "Please choose what" not in page
    assert form[f"kind_{early.pk}"].value() == "profile"
    assert form[f"kind_{late.pk}"].value() == "legal_status"
    assert not draft.documents.exists()


def test_without_a_script_the_files_are_kept_and_the_page_asks_what_they_are(browser, draft):
    files = [SimpleUploadedFile(f"{number}.png", photograph(number)) for number in range(3)]
    answer = browser.post(address_of(draft), {"upload": files}, follow=True)
    assert "What are these 3 files?" in answer.content.decode()
    rows = list(Upload.objects.order_by("pk"))
    assert browser.post(address_of(draft), kinds_of(rows, "profile", "manual", "staff")).status_code == 302
    assert draft.documents.count() == 3


def test_a_kind_that_ends_on_a_day_needs_the_day(browser, draft):
    [row] = arrived(browser, draft, "licence.png")
    said = kinds_of([row], "permits")
    refused = browser.post(address_of(draft), said)
    assert refused.status_code == 422
    assert "Please enter until when “licence.png” is valid." in refused.content.decode()
    day = {f"expires_on_{row.pk}": "2020-01-01"}
    assert "This document has expired" in browser.post(address_of(draft), said | day).content.decode()
    day = {f"expires_on_{row.pk}": "2099-01-01"}
    assert browser.post(address_of(draft), said | day).status_code == 302
    assert draft.documents.get().expires_on.isoformat() == "2099-01-01"


def test_a_file_may_wait_for_later_and_another_be_dropped(browser, draft, django_capture_on_commit_callbacks):
    rows = arrived(browser, draft, "now.png", "later.png", "never.png")
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(address_of(draft), kinds_of(rows, "profile", "-later", "-drop"))
    assert [row.file.name for row in draft.documents.all()] == ["now.png"]
    assert [row.name for row in Upload.objects.all()] == ["later.png"]


def test_a_file_that_is_not_what_its_name_says_is_named_and_the_others_stay(browser, draft):
    good, bad = (
        sent(browser, draft, photograph(1), name="good.png", kind=SEVERAL),
        sent(browser, draft, b"not a picture at all", name="bad.png", kind=SEVERAL),
    )
    answer = browser.post(address_of(draft), kinds_of([good, bad], "profile", "manual"))
    assert answer.status_code == 422
    assert "bad.png" in answer.content.decode()
    assert not draft.documents.exists()
    assert [row.name for row in Upload.objects.all()] == ["good.png"]
    assert answer.context["form"][f"kind_{good.pk}"].value() == "profile"


def test_with_several_sites_a_licence_is_that_of_one_site_or_of_all_and_nobody_guesses_which(
    browser, client_user
):
    draft = complete_application(client_user)
    draft.sites.create(name="分公司", address="广州市天河区1号")
    [row] = arrived(browser, draft, "多场所清单.png")
    form = browser.get(address_of(draft)).context["form"]
    assert form[f"kind_{row.pk}"].value() == ""
    branch = draft.sites.get(name="分公司")
    browser.post(address_of(draft), kinds_of([row], f"sites:{branch.pk}"))
    assert draft.documents.get(kind="sites").site == branch


def test_a_second_arrival_of_the_page_adds_nothing(browser, draft):
    rows = arrived(browser, draft, "a.png")
    said = kinds_of(rows, "profile") | {"submission": "7f4f5c5e-6f4e-4d0f-9d5a-0a4a5f3f9b11"}
    first, second = (browser.post(address_of(draft), said) for _arrival in range(2))
    assert first["Location"] == second["Location"]
    assert draft.documents.count() == 1


def test_the_page_says_that_nothing_was_chosen(browser, draft):
    answer = browser.post(address_of(draft), {})
    assert answer.status_code == 422
    assert "Please choose at least one file." in answer.content.decode()


def test_only_reading_and_sending_are_possible(browser, draft):
    assert browser.put(address_of(draft)).status_code == 405


def test_a_stranger_finds_nothing_and_staff_are_led_to_the_desk(draft, stranger, reviewer):
    assert signed_in(stranger).get(address_of(draft)).status_code == 404
    assert signed_in(reviewer).get(address_of(draft))["Location"] == "/desk/"


def test_after_the_submission_nothing_is_taken(browser, client_user):
    application = complete_application(client_user)
    rows = arrived(browser, application, "a.png")
    number = application.documents.count()
    perform(SUBMIT, application, actor=client_user)
    assert browser.get(address_of(application)).status_code == 302
    answer = browser.post(address_of(application), kinds_of(rows, "profile"))
    assert answer.status_code == 409
    assert application.documents.count() == number


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("營業執照_副本.pdf", "legal_status"),
        ("Business-Licence 2026.PDF", "legal_status"),
        ("ＭＡＮＵＡＬ.docx", "manual"),
        ("legal_status.pdf", "legal_status"),
        ("manually-scanned.pdf", ""),
        ("IMG_2041.jpg", ""),
        ("售后服务手册与网点清单.pdf", ""),
    ],
)
def test_a_name_is_a_guess_only_where_it_speaks_of_one_kind(name, kind, client_user):
    asked = scheme_of(begun_application(client_user).case).documents
    assert guessed_kind(name, asked) == kind


def test_every_word_belongs_to_a_kind_of_the_shipped_table(client_user):
    keys = {kind.key for kind in scheme_of(begun_application(make_user()).case).documents}
    assert set(FILE_WORDS) <= keys


def test_a_submitted_application_takes_no_files_by_this_way_either(client_user, browser):
    application = complete_application(client_user)
    perform(SUBMIT, application, actor=client_user)
    before = StoredFile.objects.count()
    upload = SimpleUploadedFile("营业执照.png", photograph(1), "image/png")
    answer = browser.post(address_of(application), {"upload": [upload]})
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/portal/applications/{application.case.reference}/check/"
    assert not Upload.objects.exists()
    assert StoredFile.objects.count() == before
