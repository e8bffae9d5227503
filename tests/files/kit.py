"""The uploads of the battery, item 15: some honest, most not. Nothing of it is stored in the repository."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pikepdf
from PIL import Image

from tests.files.making import (
    archive,
    encrypted_pdf,
    large_photograph_on_its_side,
    launch,
    nested_archives,
    office,
    office_in_office,
    office_of_10000_members,
    office_with_member,
    palette_with_a_hole,
    pdf,
    pdf_in_compressed_objects,
    pdf_of_5000_pages,
    pdf_of_many_parts,
    pdf_that_opens_on_its_page,
    pdf_that_unpacks_to_600_mb,
    pdf_with_a_link,
    pdf_with_attachment,
    pdf_with_page_script,
    pdf_with_script_at_the_end_of_a_chain,
    photograph_with_place,
    picture,
    png_of,
    script,
    sheet_of_a_million_rows,
)


@cache
def _once(make: Callable[[], bytes]) -> bytes:
    return make()


@dataclass(frozen=True)
class Sample:
    """An upload and what must come of it: `refusal` is the code of the sentence, None means accepted."""

    name: str
    made: bytes | Callable[[], bytes]
    refusal: str | None = None
    declared_type: str = "application/octet-stream"

    @property
    def content(self) -> bytes:
        """The bytes; large ones are made when somebody asks for them."""
        return self.made if isinstance(self.made, bytes) else _once(self.made)


OBJECT_RELATIONSHIP = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/oleObject" '
    'Target="embeddings/picture1.bin"/></Relationships>'
)
MACRO_CONTENT_TYPE = (
    '<Types><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'
)
EXTERNAL_TEMPLATE = (
    '<Relationships><Relationship TargetMode="External" Target="http://x.example/a.dotm" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate"/></Relationships>'
)
HYPERLINK = EXTERNAL_TEMPLATE.replace("attachedTemplate", "hyperlink")
EXTERNAL_ENTITY = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>'
LAUGHS = (
    '<!DOCTYPE d [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(10))
    + "]><d>&k;</d>"
)
HTML = b"<html><script>alert(1)</script></html>"
PROGRAM = b"MZ\x90\x00" + b"\0" * 200 + b"This program cannot be run in DOS mode"
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000


def samples() -> dict[str, Sample]:
    return honest() | disguised() | active() | excessive()


def honest() -> dict[str, Sample]:
    return {
        "pdf": Sample("licence.pdf", pdf()),
        "pdf that opens on its first page": Sample("manual.pdf", pdf_that_opens_on_its_page()),
        "upper case": Sample("LICENCE.PDF", pdf()),
        "jpg": Sample("shop.jpg", picture("JPEG")),
        "jpeg": Sample("shop.jpeg", picture("JPEG")),
        "photograph with its place": Sample("hotline.jpg", photograph_with_place()),
        "two pictures in one jpg": Sample(
            "telephone.jpg", picture("MPO", save_all=True, append_images=[Image.new("RGB", (60, 40))])
        ),
        "png": Sample("chart.png", picture("PNG")),
        "docx": Sample("manual.docx", office("docx", word___rels__document_xml_rels=HYPERLINK)),
        "xlsx": Sample("staff.xlsx", office("xlsx")),
        "photograph of 48 megapixels on its side": Sample("shop.jpg", large_photograph_on_its_side),
        "drawing with a hole": Sample("seal.png", palette_with_a_hole()),
        "picture for printing": Sample("poster.jpg", picture("JPEG", mode="CMYK")),
        "docx with the table behind its chart": Sample("manual.docx", office_in_office(1)),
        "wrong declared type": Sample("licence.pdf", pdf(), declared_type="text/html"),
        "picture with HTML behind it": Sample("logo.png", picture("PNG") + HTML),
        "photograph with an archive behind it": Sample("shop.jpg", picture("JPEG") + archive("a.class")),
        "Chinese name": Sample("营业执照（副本）.pdf", pdf()),
    }


def disguised() -> dict[str, Sample]:
    return {
        "program as pdf": Sample("invoice.pdf", PROGRAM, "content"),
        "html as jpg": Sample("photo.jpg", HTML, "content"),
        "html": Sample("page.html", HTML, "extension"),
        "drawing": Sample(
            "logo.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "extension"
        ),
        "drawing as png": Sample("logo.png", b'<svg xmlns="http://www.w3.org/2000/svg"/>', "content"),
        "gif with an archive (GIFAR)": Sample("photo.jpg", picture("GIF") + archive(), "content"),
        "pdf with an archive": Sample("licence.pdf", pdf() + archive(), "content"),
        "junk before the pdf": Sample("licence.pdf", HTML + pdf(), "content"),
        "jpg as png": Sample("photo.png", picture("JPEG"), "content"),
        "double ending": Sample("a.pdf.html", pdf(), "extension"),
        "NUL in the name": Sample("a.pdf\0.html", pdf(), "extension"),
        "name turned round": Sample("licence\u202efdp.exe", PROGRAM, "extension"),
        "program of another system as docx": Sample("manual.docx", b"\x7fELF" + PROGRAM, "content"),
        "pdf as docx": Sample("manual.docx", pdf(), "content"),
        "name of 300 characters": Sample("长" * 300 + ".pdf.exe", pdf(), "extension"),
        "no ending": Sample("licence", pdf(), "extension"),
        "empty": Sample("licence.pdf", b"", "empty"),
        "empty picture": Sample("photo.jpg", b"", "empty"),
        "xlsx as docx": Sample("manual.docx", office("xlsx"), "content"),
        "archive as docx": Sample("manual.docx", archive(), "damaged"),
        "docx without content": Sample("manual.docx", archive("[Content_Types].xml", b"<Types/>"), "damaged"),
        "old document as docx": Sample("manual.docx", OLD_OFFICE, "encrypted"),
        "truncated jpg": Sample("photo.jpg", picture("JPEG", (400, 400))[:900], "damaged"),
        "truncated png": Sample("photo.png", picture("PNG", (400, 400))[:60], "damaged"),
        "truncated docx": Sample("manual.docx", office("docx")[:200], "damaged"),
        "first bytes of a pdf only": Sample("licence.pdf", b"%PDF-1.7\n" + b"x" * 400, "damaged"),
    }


def active() -> dict[str, Sample]:
    address = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("JavaScript:app.alert(1)"))
    form = pikepdf.Dictionary(XFA=pikepdf.String("<xdp/>"), Fields=pikepdf.Array())
    names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["a", script()])))
    return {
        "pdf with an opening script": Sample("a.pdf", pdf(OpenAction=script()), "script"),
        "pdf that starts a program": Sample("a.pdf", pdf(OpenAction=launch()), "script"),
        "pdf with named scripts": Sample("a.pdf", pdf(Names=names), "script"),
        "pdf with an XFA form": Sample("a.pdf", pdf(AcroForm=form), "xfa"),
        "pdf with a script in compressed objects": Sample("a.pdf", pdf_in_compressed_objects(), "script"),
        "pdf with an embedded file": Sample("a.pdf", pdf_with_attachment(), "attachment"),
        "pdf with a program behind a link": Sample("a.pdf", pdf_with_a_link(launch()), "launch"),
        "pdf with a script behind a link": Sample("a.pdf", pdf_with_a_link(script()), "script"),
        "pdf that asks the network by itself": Sample("a.pdf", pdf_with_page_script(), "script"),
        "pdf with a script 30 actions away": Sample(
            "a.pdf", pdf_with_script_at_the_end_of_a_chain(30), "script"
        ),
        "pdf with a script 60 actions away": Sample(
            "a.pdf", pdf_with_script_at_the_end_of_a_chain(60), "timeout"
        ),
        "pdf with a script as an address": Sample("a.pdf", pdf_with_a_link(address), "script"),
        "pdf of 400000 parts": Sample("a.pdf", pdf_of_many_parts, "timeout"),
        "pdf with a password": Sample("a.pdf", encrypted_pdf("secret"), "encrypted"),
        "pdf with an owner's password": Sample("a.pdf", encrypted_pdf(""), "encrypted"),
        "docx with macros": Sample("a.docx", office("docx", word__vbaProject_bin=b"x"), "macros"),
        "docx with an object under another name": Sample(
            "a.docx", office("docx", word___rels__document_xml_rels=OBJECT_RELATIONSHIP), "attachment"
        ),
        "docx that is declared to run macros": Sample(
            "a.docx", office("docx", word__styles_xml=MACRO_CONTENT_TYPE), "macros"
        ),
        "docm with the ending of a docx": Sample(
            "a.docx", office("docx", word__vbaData_xml="<x/>", word__styles_xml=MACRO_CONTENT_TYPE), "macros"
        ),
        "xlsx with old macros": Sample(
            "a.xlsx", office("xlsx", xl__macrosheets__sheet1_xml="<x/>"), "macros"
        ),
        "docx with a program called a picture": Sample(
            "a.docx", office("docx", word__media__image1_png=PROGRAM), "macros"
        ),
        "docx with an old document called a picture": Sample(
            "a.docx", office("docx", word__media__image1_png=OLD_OFFICE), "attachment"
        ),
        "docx with an archive": Sample("a.docx", office("docx", word__media__a_zip=archive()), "attachment"),
        "docx with a docx with a docx": Sample("a.docx", office_in_office(2), "attachment"),
        "docx with a program": Sample("a.docx", office_with_member("word/media/setup.exe"), "macros"),
        "docx with a remote template": Sample(
            "a.docx", office("docx", word___rels__settings_xml_rels=EXTERNAL_TEMPLATE), "remote"
        ),
        "docx with an external entity": Sample("a.docx", office("docx", main=EXTERNAL_ENTITY), "entities"),
        "xlsx with a billion laughs": Sample("a.xlsx", office("xlsx", main=LAUGHS), "entities"),
    }


def excessive() -> dict[str, Sample]:
    return {
        "more than 20 MB": Sample("a.pdf", pdf() + b"\n" * (20 * 1024 * 1024), "size"),
        "14000 by 14000 points": Sample("a.png", lambda: png_of(14_000, 14_000), "pixels"),
        "10000 by 10000 points": Sample("a.png", lambda: png_of(10_000, 10_000), "pixels"),
        "docx of 10000 members": Sample("a.docx", office_of_10000_members, "bomb"),
        "200 MB in a docx": Sample("a.docx", lambda: office("docx", word__a_xml=b"\0" * 200_000_000), "bomb"),
        "archives in archives in a docx": Sample(
            "a.docx", lambda: office("docx", word__a_zip=nested_archives(3)), "attachment"
        ),
        "xlsx of a million rows": Sample("a.xlsx", sheet_of_a_million_rows, "bomb"),
        "pdf of 5000 pages": Sample("a.pdf", pdf_of_5000_pages, "pages"),
        "pdf that unpacks to 600 MB": Sample("a.pdf", pdf_that_unpacks_to_600_mb, "damaged"),
        "member outside the package": Sample("a.docx", office_with_member("../../evil.xml"), "path"),
        "member with an absolute path": Sample("a.docx", office_with_member("/etc/cron.d/x"), "path"),
        "link as a member": Sample("a.docx", office_with_member("word/link", link=True), "path"),
    }
