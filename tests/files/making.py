"""Makes PDFs, pictures and Office packages of every kind, honest and not; nothing of it lies in the repository."""

import struct
import zlib
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pikepdf
from PIL import Image

MEGABYTE = 1024 * 1024
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}


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


def launch() -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe"))


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


def pdf_with_a_link(action: pikepdf.Dictionary) -> bytes:
    """A link on the page that does something when it is pressed."""
    document = pikepdf.new()
    page = document.add_blank_page()
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)
    page.Annots = pikepdf.Array([link])
    return saved(document)


def pdf_with_script_at_the_end_of_a_chain(length: int) -> bytes:
    """Each action calls the next one; the last runs a script."""
    action = script()
    for _link in range(length):
        action = pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=pikepdf.Array([0]), Next=action)
    return pdf(OpenAction=action)


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


def pdf_of_5000_pages() -> bytes:
    document = pikepdf.new()
    for _page in range(5_000):
        document.add_blank_page()
    return saved(document)


def pdf_that_unpacks_to_600_mb() -> bytes:
    """A compressed table of objects: whoever opens the file unpacks it at once."""
    size = 600 * MEGABYTE
    pieces = [b"\x78\x01", _zeros_packed(MEGABYTE) * 600, b"\x03\x00", b"\0\0\0\0"]
    packed = b"".join(pieces)
    table = (
        b"1 0 obj\n<</Type/XRef/Size 3/W[1 2 1]/Root 2 0 R/Filter/FlateDecode"
        b"/Index[0 %d]/Length %d>>\nstream\n%s\nendstream\nendobj\n" % (size // 4, len(packed), packed)
    )
    return b"%PDF-1.5\n" + table + b"startxref\n9\n%%EOF\n"


def _zeros_packed(size: int) -> bytes:
    """Zeros as a piece of a deflate stream that can be repeated, so that nothing large is ever packed."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(b"\0" * size) + packer.flush(zlib.Z_FULL_FLUSH)


def encrypted_pdf(user: str) -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    return saved(document, encryption=pikepdf.Encryption(user=user, owner="owner", R=6))


def picture(form: str, size: tuple[int, int] = (60, 40), *, mode: str = "RGB", **options: object) -> bytes:
    output = BytesIO()
    Image.new(mode, size, "#B8862D" if mode == "RGB" else 7).save(output, form, **options)
    return output.getvalue()


def photograph_with_place() -> bytes:
    exif = Image.Exif()
    exif[0x0110] = "Telephone of Zhang San"
    exif[0x0112] = 6  # lies on its side
    exif.get_ifd(0x8825)[2] = (39.0, 54.0, 20.0)
    return picture("JPEG", exif=exif)


def large_photograph_on_its_side() -> bytes:
    """48 megapixels, as telephones take them."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return picture("JPEG", (8000, 6000), exif=exif)


def palette_with_a_hole() -> bytes:
    """A drawing on a see-through ground, as office programs save it."""
    output = BytesIO()
    Image.new("P", (60, 40), 0).save(output, "PNG", transparency=0)
    return output.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A sound PNG of black points; megabytes of points in a few kilobytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress(b"\0" * ((width + 7) // 8 + 1) * height, 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def office(kind: str, *, main: str | bytes = "<document/>", **parts: bytes | str) -> bytes:
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


def office_in_office(times: int) -> bytes:
    """A document inside a document inside a document."""
    content = office("xlsx")
    for _time in range(times):
        content = office("docx", word__embeddings__table_xlsx=content)
        content = content if _time == times - 1 else office("xlsx", xl__embeddings__text_docx=content)
    return content


def nested_archives(depth: int) -> bytes:
    """Like 42.zip: archives that hold sixteen archives each."""
    content = archive("0", b"\0" * 4_000_000)
    for _level in range(depth):
        output = BytesIO()
        with ZipFile(output, "w", ZIP_DEFLATED) as package:
            for number in range(16):
                package.writestr(f"{number}.zip", content)
        content = output.getvalue()
    return content


def office_of_10000_members() -> bytes:
    output = BytesIO(office("docx"))
    with ZipFile(output, "a") as package:
        for number in range(10_000):
            package.writestr(f"word/media/{number}.txt", b"x")
    return output.getvalue()


def sheet_of_a_million_rows() -> bytes:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n * 7}</v></c></row>' for n in range(1, 1_000_001))
    output = BytesIO(office("xlsx"))
    with ZipFile(output, "a", ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{rows}</sheetData></worksheet>")
    return output.getvalue()


def archive(name: str = "page.html", content: bytes = b"<script>alert(1)</script>") -> bytes:
    output = BytesIO()
    with ZipFile(output, "w", ZIP_DEFLATED) as package:
        package.writestr(name, content)
    return output.getvalue()
