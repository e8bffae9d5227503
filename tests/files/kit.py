"""Makes the uploads of the battery, item 15: some honest, most not. Nothing of it is stored in the repository."""

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pikepdf
from PIL import Image

CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}


@dataclass(frozen=True)
class Sample:
    """An upload and what must come of it: `refusal` is the code of the sentence, None means accepted."""

    name: str
    content: bytes
    refusal: str | None = None
    declared_type: str = "application/octet-stream"


def pdf(**catalogue: object) -> bytes:
    """A PDF of one page; keyword arguments become entries of its catalogue."""
    document = pikepdf.new()
    document.add_blank_page()
    for key, value in catalogue.items():
        document.Root[f"/{key}"] = document.make_indirect(value)
    return saved(document)


def saved(document: pikepdf.Pdf, **options: object) -> bytes:
    output = BytesIO()
    document.save(output, deterministic_id="encryption" not in options, **options)
    return output.getvalue()


def script() -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def pdf_in_compressed_objects() -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    document.Root.OpenAction = document.make_indirect(script())
    content = saved(document, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True)
    assert b"JavaScript" not in content  # a search for the word would find nothing
    return content


def pdf_with_attachment() -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    document.attachments["payload.exe"] = b"MZ"
    return saved(document)


def pdf_with_script_in_an_annotation() -> bytes:
    document = pikepdf.new()
    page = document.add_blank_page()
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=script()
    )
    page.Annots = pikepdf.Array([link])
    return saved(document)


def pdf_with_script_at_the_end_of_a_chain(length: int) -> bytes:
    """Each action calls the next one; the last runs a script."""
    action = script()
    for _link in range(length):
        action = pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=pikepdf.Array([0]), Next=action)
    return pdf(OpenAction=action)


def pdf_with_script_in_an_address() -> bytes:
    document = pikepdf.new()
    page = document.add_blank_page()
    act = pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("JavaScript:app.alert(1)"))
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=act)
    page.Annots = pikepdf.Array([link])
    return saved(document)


def pdf_of_many_parts() -> bytes:
    """400,000 empty dictionaries in one array: seconds of work in 1.6 MB."""
    return pdf(Many=pikepdf.Object.parse(b"[" + b"<<>>" * 400_000 + b"]"))


def pdf_with_page_script() -> bytes:
    document = pikepdf.new()
    page = document.add_blank_page()
    page.AA = pikepdf.Dictionary(
        O=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("http://x.example"))
    )
    return saved(document)


def pdf_that_opens_on_its_page() -> bytes:
    document = pikepdf.new()
    page = document.add_blank_page()
    document.Root.OpenAction = pikepdf.Array([page.obj, pikepdf.Name.Fit])
    return saved(document)


def encrypted_pdf(user: str) -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    return saved(document, encryption=pikepdf.Encryption(user=user, owner="owner", R=6))


def picture(form: str, size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    output = BytesIO()
    Image.new("RGB", size, "#B8862D").save(output, form, **options)
    return output.getvalue()


def photograph_with_place() -> bytes:
    exif = Image.Exif()
    exif[0x0110] = "Telephone of Zhang San"
    exif[0x0112] = 6  # lies on its side
    exif.get_ifd(0x8825)[2] = (39.0, 54.0, 20.0)
    return picture("JPEG", exif=exif)


def png_of(width: int, height: int) -> bytes:
    """A sound PNG of black points; megabytes of points in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"\0" * ((width + 7) // 8 + 1) * height, 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def office(kind: str, *, main: str = "<document/>", **parts: bytes | str) -> bytes:
    """An Office package; keyword arguments become further members with `__` read as a slash and `_` as a dot."""
    output = BytesIO()
    with ZipFile(output, "w", ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", f'<Types xmlns="{CONTENT_TYPES}"/>')
        package.writestr(MAIN[kind], main)
        for name, content in parts.items():
            package.writestr(name.replace("__", "/").replace("_", "."), content)
    return output.getvalue()


def office_with_member(name: str, *, link: bool = False) -> bytes:
    output = BytesIO(office("docx"))
    with ZipFile(output, "a", ZIP_DEFLATED) as package:
        member = ZipInfo(name)
        if link:
            member.external_attr = 0o120777 << 16
        package.writestr(member, "/etc/passwd")
    return output.getvalue()


def archive(name: str = "page.html", content: bytes = b"<script>alert(1)</script>") -> bytes:
    output = BytesIO()
    with ZipFile(output, "w", ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return output.getvalue()


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
        "wrong declared type": Sample("licence.pdf", pdf(), declared_type="text/html"),
        "picture with HTML behind it": Sample("logo.png", picture("PNG") + HTML),
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
        "gif with an archive": Sample("photo.jpg", picture("GIF") + archive(), "content"),
        "pdf with an archive": Sample("licence.pdf", pdf() + archive(), "content"),
        "junk before the pdf": Sample("licence.pdf", HTML + pdf(), "content"),
        "jpg as png": Sample("photo.png", picture("JPEG"), "content"),
        "double ending": Sample("a.pdf.html", pdf(), "extension"),
        "NUL in the name": Sample("a.pdf\0.html", pdf(), "extension"),
        "name turned round": Sample("licence\u202efdp.exe", PROGRAM, "extension"),
        "no ending": Sample("licence", pdf(), "extension"),
        "empty": Sample("licence.pdf", b"", "empty"),
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
    launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))
    form = pikepdf.Dictionary(XFA=pikepdf.String("<xdp/>"), Fields=pikepdf.Array())
    names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=pikepdf.Array(["a", script()])))
    return {
        "pdf with an opening script": Sample("a.pdf", pdf(OpenAction=script()), "active"),
        "pdf that starts a program": Sample("a.pdf", pdf(OpenAction=launch), "active"),
        "pdf with named scripts": Sample("a.pdf", pdf(Names=names), "active"),
        "pdf with an XFA form": Sample("a.pdf", pdf(AcroForm=form), "active"),
        "pdf with a script in compressed objects": Sample("a.pdf", pdf_in_compressed_objects(), "active"),
        "pdf with an embedded file": Sample("a.pdf", pdf_with_attachment(), "active"),
        "pdf with a script behind a link": Sample("a.pdf", pdf_with_script_in_an_annotation(), "active"),
        "pdf that asks the network by itself": Sample("a.pdf", pdf_with_page_script(), "active"),
        "pdf with a script 40 actions away": Sample(
            "a.pdf", pdf_with_script_at_the_end_of_a_chain(40), "active"
        ),
        "pdf with a script 60 actions away": Sample(
            "a.pdf", pdf_with_script_at_the_end_of_a_chain(60), "active"
        ),
        "pdf with a script as an address": Sample("a.pdf", pdf_with_script_in_an_address(), "active"),
        "pdf of 400000 parts": Sample("a.pdf", pdf_of_many_parts(), "active"),
        "pdf with a password": Sample("a.pdf", encrypted_pdf("secret"), "encrypted"),
        "pdf with an owner's password": Sample("a.pdf", encrypted_pdf(""), "encrypted"),
        "docx with macros": Sample("a.docx", office("docx", word__vbaProject_bin=b"x"), "active"),
        "docx with an object under another name": Sample(
            "a.docx", office("docx", word___rels__document_xml_rels=OBJECT_RELATIONSHIP), "active"
        ),
        "docx that is declared to run macros": Sample(
            "a.docx", office("docx", word__styles_xml=MACRO_CONTENT_TYPE), "active"
        ),
        "docx with a program": Sample("a.docx", office_with_member("word/media/setup.exe"), "active"),
        "docx with a remote template": Sample(
            "a.docx", office("docx", word___rels__settings_xml_rels=EXTERNAL_TEMPLATE), "active"
        ),
        "docx with an external entity": Sample("a.docx", office("docx", main=EXTERNAL_ENTITY), "active"),
        "xlsx with a billion laughs": Sample("a.xlsx", office("xlsx", main=LAUGHS), "active"),
    }


def excessive() -> dict[str, Sample]:
    return {
        "more than 20 MB": Sample("a.pdf", pdf() + b"\n" * (20 * 1024 * 1024), "size"),
        "14000 by 14000 points": Sample("a.png", png_of(14_000, 14_000), "pixels"),
        "10000 by 10000 points": Sample("a.png", png_of(10_000, 10_000), "pixels"),
        "200 MB in a docx": Sample("a.docx", office("docx", word__a_xml=b"\0" * 200_000_000), "bomb"),
        "member outside the package": Sample("a.docx", office_with_member("../../evil.xml"), "path"),
        "member with an absolute path": Sample("a.docx", office_with_member("/etc/cron.d/x"), "path"),
        "link as a member": Sample("a.docx", office_with_member("word/link", link=True), "path"),
    }
