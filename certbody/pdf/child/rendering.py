"""HTML to PDF. WeasyPrint is named only in this file.

The fonts come from the font configuration that the parent writes for this process: our own files and no font
of the machine, so every machine draws the same bytes and a missing glyph stays visible as missing.

What all documents share is made once by `warm`, before the first child is forked: style sheets, fonts, engraved lines.
"""

import zlib
from functools import cache
from pathlib import Path

import engraving
import pydyf
import weasyprint
from weasyprint.document import Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

FOLDER = Path(__file__).parents[1] / "assets"
ASSETS = {f"asset:{path.name}": path for path in FOLDER.glob("*.css")}
WARM = FOLDER / "warm.html"
ENGRAVED = "engraved"  # the name in a document's head that asks for border, rosette and seal
SEAL_PLACE = "seal"  # the element whose place the seal takes
PIXEL = 72 / 96  # of CSS, in points


class StrictFetcher(URLFetcher):
    """Gives out data: addresses and our own style sheets by name (`asset:certificate.css`), nothing else."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=["data"], allow_redirects=False)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if not url.lower().startswith("asset:"):
            return super().fetch(url, headers)
        if url not in ASSETS:
            raise FatalURLFetchingError(f"There is no asset {url}")
        return URLFetcherResponse(url, ASSETS[url].read_bytes(), {"Content-Type": "text/css"})


@cache
def fonts() -> FontConfiguration:
    return FontConfiguration()


@cache
def style_sheet(address: str) -> weasyprint.CSS:
    return weasyprint.CSS(string=ASSETS[address].read_text(encoding="utf-8"), url_fetcher=StrictFetcher())


@cache
def artworks() -> dict[str, engraving.Artwork]:
    return {"Page": engraving.page_artwork(), "Seal": engraving.seal_artwork()}


def pdf_of(html: str) -> bytes:
    """Render one document; equal HTML gives equal bytes: no time, host or random identifier gets in."""
    document = laid_out(html)
    is_engraved = ENGRAVED in document.metadata.custom
    return bytes(document.write_pdf(finisher=engrave if is_engraved else None, pdf_variant="pdf/a-3u"))


def laid_out(html: str) -> Document:
    source = weasyprint.HTML(string=html, base_url=None, url_fetcher=StrictFetcher())
    head = source.etree_element.find("head")
    links = [link for link in head.findall("link") if link.get("href") in ASSETS]
    for link in links:
        head.remove(link)
    sheets = [style_sheet(link.get("href")) for link in links]
    return source.render(font_config=fonts(), stylesheets=sheets, pdf_variant="pdf/a-3u")


def engrave(document: Document, pdf: pydyf.PDF) -> None:
    """Lay the engraved lines under every page, and the seal where the first page keeps a place for it."""
    forms = {name: form_of(artwork, pdf) for name, artwork in artworks().items()}
    for page, number in zip(document.pages, pdf.pages["Kids"][::3], strict=True):
        drawn = pdf.objects[number]
        height = page.height * PIXEL
        content = [placed("Page", 0, height, page.width * PIXEL)]
        if SEAL_PLACE in page.anchors:
            left, top, right, _bottom = (length * PIXEL for length in page.anchors[SEAL_PLACE])
            content.append(placed("Seal", left, height - top, right - left))
        under = pydyf.Stream(content, compress=True)
        pdf.add_object(under)
        drawn["Contents"] = pydyf.Array([under.reference, drawn["Contents"]])
        # the pages of one document share one dictionary of resources
        pdf.objects[int(drawn["Resources"].split()[0])]["XObject"].update(forms)


def form_of(artwork: engraving.Artwork, pdf: pydyf.PDF) -> bytes:
    """Add a drawing as a form XObject, the forms that it draws first; return its reference."""
    parts = {name: form_of(part, pdf) for name, part in artwork.forms.items()}
    extra = pydyf.Dictionary(
        {
            "Type": "/XObject",
            "Subtype": "/Form",
            "BBox": pydyf.Array([round(length * engraving.FINENESS) for length in artwork.box]),
            "Resources": pydyf.Dictionary({"XObject": pydyf.Dictionary(parts)}),
            "Filter": "/FlateDecode",
        }
    )
    form = pydyf.Stream([compressed(artwork.content)], extra)
    pdf.add_object(form)
    return bytes(form.reference)


@cache
def compressed(content: str) -> bytes:
    return zlib.compress(content.encode(), level=9)


def placed(name: str, left: float, top: float, width: float) -> str:
    """The operators that draw an artwork this wide, its left top corner at a point; in points from below."""
    scale = width / engraving.FINENESS / artworks()[name].box[2]
    return f"q {scale:.6f} 0 0 {-scale:.6f} {left:.3f} {top:.3f} cm /{name} Do Q"


def warm() -> None:
    """Draw a document of every kind of box in each language, which chooses the font's tables: no child loads them."""
    sample = WARM.read_text(encoding="utf-8")
    for language in ("en", "zh-hans"):
        pdf_of(sample.replace('lang="en"', f'lang="{language}"'))
