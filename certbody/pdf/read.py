"""Reads PDFs of our own making back: text, codes, fonts. Files of strangers are left to the child."""

from io import BytesIO

import pikepdf
import pypdfium2
import zxingcpp

from certbody.pdf.child.active import active_content


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page in drawing order."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = []
        for page in document:
            text_page = page.get_textpage()
            pages.append(text_page.get_text_bounded())
            text_page.close()
            page.close()
    finally:
        document.close()
    # the reader marks a hyphen that ends a line with one of two characters of its own
    return [text.replace("\r\n", "\n").replace("\ufffe", "-").replace("\x02", "-") for text in pages]


def text_of(pdf: bytes) -> str:
    return "\n".join(pages_of(pdf))


def qr_codes_of(pdf: bytes) -> list[str]:
    """What the QR codes on all pages say, as a camera reads them from the page drawn at 200 dots an inch."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        found = []
        for page in document:
            image = page.render(scale=200 / 72).to_pil()
            page.close()
            codes = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
            found += [code.text for code in codes if code.valid]
        return found
    finally:
        document.close()


def page_count(pdf: bytes) -> int:
    with pikepdf.open(BytesIO(pdf)) as document:
        return len(document.pages)


def fonts_of(pdf: bytes) -> dict[str, bool]:
    """The fonts that pages use, by name, and whether the font's program travels in the file."""
    fonts: dict[str, bool] = {}
    with pikepdf.open(BytesIO(pdf)) as document:
        for item in document.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/Font" and "/BaseFont" in item:
                name = str(item["/BaseFont"]).lstrip("/")
                fonts[name] = fonts.get(name, False) or _has_program(item)
    return fonts


def _has_program(font: "pikepdf.Object") -> bool:
    if "/DescendantFonts" in font:
        return all(_has_program(descendant) for descendant in font["/DescendantFonts"])
    descriptor = font.get("/FontDescriptor")
    return descriptor is not None and any(
        key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3")
    )


def has_active_content(pdf: bytes) -> bool:
    """True for a PDF that runs, starts or carries something: scripts, launch actions, files, XFA."""
    with pikepdf.open(BytesIO(pdf)) as document:
        return active_content(document) is not None


def addresses_in(pdf: bytes) -> set[str]:
    """Every web address that the PDF links to."""
    addresses = set()
    with pikepdf.open(BytesIO(pdf)) as document:
        for item in document.objects:
            if isinstance(item, pikepdf.Dictionary):
                action = item.get("/A", item)
                if isinstance(action, pikepdf.Dictionary) and "/URI" in action:
                    addresses.add(str(action["/URI"]))
    return addresses
