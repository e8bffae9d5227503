"""HTML to PDF. WeasyPrint is named only in this file.

The fonts come from the font configuration that the parent writes for this process: our own files and no font
of the machine, so every machine draws the same bytes and a missing glyph stays visible as missing.
"""

from pathlib import Path

import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

ASSETS = {path.name: path for path in (Path(__file__).parents[1] / "assets").iterdir()}
TYPES = {".css": "text/css", ".svg": "image/svg+xml"}


class StrictFetcher(URLFetcher):
    """Gives out data: addresses and our own assets by name (`asset:certificate.css`), nothing else."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=["data"], allow_redirects=False)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        scheme, _, name = url.partition(":")
        if scheme.lower() != "asset":
            return super().fetch(url, headers)
        if name not in ASSETS:
            raise FatalURLFetchingError(f"There is no asset {name}")
        path = ASSETS[name]
        return URLFetcherResponse(url, path.read_bytes(), {"Content-Type": TYPES[path.suffix]})


def pdf_of(html: str) -> bytes:
    """Render one document; equal HTML gives equal bytes: no time, host or random identifier gets in."""
    document = weasyprint.HTML(string=html, base_url=None, url_fetcher=StrictFetcher())
    return bytes(document.write_pdf(font_config=FontConfiguration(), pdf_variant="pdf/a-3u"))
