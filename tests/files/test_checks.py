"""What may be uploaded (items 15, 18, 21; floods are item 17, entities item 20)."""

from io import BytesIO
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import Form
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from certbody.files.checks import REFUSALS, CheckedFile, check_upload, clean_name
from certbody.files.forms import CheckedFileField, uploads_by
from certbody.pdf import process
from tests.files.kit import Sample, active, disguised, honest, samples
from tests.files.making import pdf, picture

KIT = samples()
LARGE = "photograph of 48 megapixels on its side"
ACCEPTED = [what for what in honest() if what != LARGE]
REFUSED = [*disguised(), *active()]  # the excessive ones are those of item 17


def upload(sample: Sample) -> SimpleUploadedFile:
    file = SimpleUploadedFile("x", sample.content, sample.declared_type)
    file._name = sample.name  # as it came, before Django's own cleaning
    return file


def refusal(sample: Sample) -> ValidationError:
    with pytest.raises(ValidationError) as refused:
        check_upload(upload(sample))
    return refused.value


@pytest.mark.parametrize("what", ACCEPTED)
def test_item_15_an_honest_file_is_accepted_under_its_own_type(what):
    checked = check_upload(upload(KIT[what]))
    assert checked.extension in {"pdf", "jpg", "png", "docx", "xlsx"}
    assert checked.content_type != "text/html"
    assert checked.read_all()


@pytest.mark.parametrize("what", REFUSED)
def test_item_15_a_file_that_is_not_what_it_says_is_refused_with_a_sentence(what):
    error = refusal(KIT[what])
    assert error.code == KIT[what].refusal
    assert error.messages[0] == str(REFUSALS[error.code]) % {"name": clean_name(KIT[what].name)}


def test_item_15_the_kit_holds_at_least_thirty_files():
    assert len(KIT) >= 30


def test_item_15_a_picture_is_written_anew_without_what_was_hidden_in_it():
    polyglot = check_upload(upload(KIT["picture with HTML behind it"])).read_all()
    assert b"script" not in polyglot
    assert Image.open(BytesIO(polyglot)).size == (60, 40)


def test_item_15_a_photograph_loses_its_place_and_telephone_and_stands_upright():
    assert Image.open(BytesIO(KIT["photograph with its place"].content)).getexif()
    clean = check_upload(upload(KIT["photograph with its place"])).read_all()
    assert b"Telephone" not in clean
    photograph = Image.open(BytesIO(clean))
    assert not photograph.getexif()
    assert photograph.size == (40, 60)


def test_item_15_what_is_see_through_stays_see_through():
    clean = Image.open(BytesIO(check_upload(upload(KIT["drawing with a hole"])).read_all()))
    assert clean.convert("RGBA").getpixel((5, 5))[3] == 0


def test_item_15_a_large_photograph_of_a_telephone_stands_upright():
    clean = check_upload(upload(KIT[LARGE])).read_all()
    assert Image.open(BytesIO(clean)).size == (6000, 8000)


def test_item_56_a_picture_keeps_nothing_about_who_took_it_where():
    """Comments, texts, profiles and previews go with the rest: only points are written anew."""
    secret = "Zhang San 13800138000"
    texts = PngInfo()
    texts.add_text("Author", secret)
    texts.add_itxt("Comment", secret)
    exif = Image.Exif()
    exif[0x013B] = secret
    for sample in (
        Sample("a.png", picture("PNG", pnginfo=texts, exif=exif, icc_profile=secret.encode())),
        Sample("a.jpg", picture("JPEG", comment=secret, exif=exif, icc_profile=secret.encode())),
        Sample("b.jpg", KIT["photograph with its place"].content + secret.encode()),
    ):
        assert secret.encode() in sample.content
        clean = check_upload(upload(sample)).read_all()
        assert secret.encode() not in clean
        assert not Image.open(BytesIO(clean)).getexif()
        assert set(Image.open(BytesIO(clean)).info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_item_15_the_type_that_the_browser_declares_counts_for_nothing():
    assert check_upload(upload(KIT["wrong declared type"])).content_type == "application/pdf"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("../../x.pdf", "x.pdf"),
        ("C:\\Users\\x.pdf", "x.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("lpt1.jpg", "_lpt1.jpg"),
        ("😀 报告.pdf", "😀 报告.pdf"),
        ('a"\r\nX: y.pdf', "a' X: y.pdf"),
        ("．．／evil．pdf", "／evil.pdf"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("a.pdf\0.html", "a.pdf.html"),
        ("  . .pdf", "pdf"),
        ("", "file"),
    ],
)
def test_item_18_a_name_keeps_nothing_that_could_lead_somewhere(typed, kept):
    assert clean_name(typed) == kept


def test_item_18_a_name_of_300_characters_keeps_its_ending():
    name = clean_name("长" * 300 + ".pdf")
    assert name == "长" * 116 + ".pdf"


def test_item_21_the_reason_is_said_for_every_kind_of_active_pdf():
    """Each of them is refused above; here it is seen that no kind is missing and that the reasons differ."""
    reasons = {name: sample.refusal for name, sample in active().items() if name.startswith("pdf")}
    assert set(reasons.values()) == {"script", "launch", "attachment", "xfa", "timeout", "encrypted"}
    assert reasons["pdf with a script in compressed objects"] == "script"
    assert b"JavaScript" not in KIT["pdf with a script in compressed objects"].content


class UploadForm(Form):
    """A form that somebody of the body fills in, who has no quota."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        uploads_by(self, user=SimpleNamespace(pk=1, is_staff_member=True), organisation=None)


class OneFile(UploadForm):
    file = CheckedFileField(types=("pdf", "png"))


class SeveralFiles(UploadForm):
    files = CheckedFileField(multiple=True, required=False)


def test_a_form_says_beforehand_what_it_takes():
    html = str(OneFile())
    assert 'accept=".pdf,.png"' in html
    assert "PDF, PNG; at most 20 MB." in html
    assert "multiple" in str(SeveralFiles())


def test_what_a_field_says_follows_the_reader_s_language():
    assert isinstance(CheckedFileField().help_text, Promise)
    assert isinstance(CheckedFileField(multiple=True).help_text, Promise)


@pytest.mark.django_db
def test_a_form_gives_back_a_checked_file():
    form = OneFile({}, {"file": SimpleUploadedFile("licence.pdf", pdf())})
    assert form.is_valid(), form.errors
    assert isinstance(form.cleaned_data["file"], CheckedFile)


@pytest.mark.django_db
def test_a_form_refuses_a_type_that_it_did_not_offer():
    form = OneFile({}, {"file": SimpleUploadedFile("photo.jpg", picture("JPEG"))})
    assert form.errors["file"] == ["“photo.jpg” cannot be accepted here: please upload PDF, PNG."]


@pytest.mark.django_db
def test_every_refused_file_of_several_gets_its_own_sentence():
    uploads = [
        SimpleUploadedFile("good.pdf", pdf()),
        SimpleUploadedFile("bad.pdf", b"MZ"),
        SimpleUploadedFile("page.html", b"<html>"),
    ]
    form = SeveralFiles({}, MultiValueDict({"files": uploads}))
    assert len(form.errors["files"]) == 2
    assert "bad.pdf" in form.errors["files"][0]
    assert "page.html" in form.errors["files"][1]


def test_several_files_may_be_none_unless_one_is_required():
    form = SeveralFiles({}, {})
    assert form.is_valid()
    assert form.cleaned_data["files"] == []
    assert OneFile({}, {}).errors["file"]


def test_more_than_ten_files_at_once_are_refused_as_a_whole():
    uploads = [SimpleUploadedFile(f"{number}.pdf", b"%PDF-") for number in range(11)]
    form = SeveralFiles({}, MultiValueDict({"files": uploads}))
    assert form.errors["files"] == ["Please upload at most 10 files at once."]


def test_item_15_a_cut_picture_is_refused_by_a_process_that_has_drawn_before():
    process.run("render", b"<!doctype html><html lang=en><title>t</title><p>x", seconds=30)
    assert refusal(KIT["truncated png"]).code == "damaged"
