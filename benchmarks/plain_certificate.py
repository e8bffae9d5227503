"""The same certificate drawn the plain way: one call of WeasyPrint, drawings as SVG, the font of the system."""

from itertools import starmap
from pathlib import Path
from typing import Any

import segno
import weasyprint
from django.template.loader import render_to_string
from django.utils import translation

from certbody.pdf.certificate import TEMPLATE, certificate_context
from certbody.pdf.child import engraving
from certbody.pdf.child.engraving import GOLD, HEIGHT, INK, TINT, WIDTH
from certbody.pdf.child.engraving import Path as Line

ASSETS = Path(engraving.__file__).parents[1] / "assets"
SYSTEM_FONT = "Noto Serif CJK SC"
BACKGROUND = """
@page { background:
  url("{border}") -27mm -33mm / 210mm 297mm no-repeat,
  url("{rosette}") 18mm 62mm / 120mm 120mm no-repeat; }
#seal { background: url("{seal}") 0 0 / 36mm 36mm no-repeat; }
"""


def curve(line: Line) -> str:
    pieces = " ".join("C" + " ".join(starmap("{:.2f} {:.2f}".format, piece)) for piece in line.pieces)
    return "M{:.2f} {:.2f}".format(*line.start) + pieces + "Z"


def stroke(colour: str, weight: float, path: str) -> str:
    return f'<path fill="none" stroke="{colour}" stroke-width="{weight}" d="{path}"/>'


def frame(inset: float, radius: float, weight: float, colour: str) -> str:
    size = f'width="{WIDTH - 2 * inset}" height="{HEIGHT - 2 * inset}" rx="{radius}"'
    return f'<rect x="{inset}" y="{inset}" {size} fill="none" stroke="{colour}" stroke-width="{weight}"/>'


def rosette(inner: float, outer: float, petals: int, count: int, colour: str, weight: float) -> str:
    strand = engraving.rosette_strand(inner, outer, petals)
    path = stroke(colour, weight, curve(engraving.smooth_path(strand, petals * 4)))
    turns = (f'<g transform="rotate({360 * turn / count / petals})">{path}</g>' for turn in range(count))
    return "".join(turns)


def drawing(width: float, height: float, content: str, *, centred: bool = False) -> str:
    corner = f"{-width / 2} {-height / 2}" if centred else "0 0"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
        f'viewBox="{corner} {width} {height}">{content}</svg>'
    )


def drawings() -> dict[str, str]:
    braid = "".join(curve(engraving.smooth_path(strand, 320)) for strand in engraving.border_strands())
    star = "M" + "L".join(starmap("{:.2f} {:.2f}".format, engraving.star(4.6))) + "Z"
    frames = frame(7.5, 5, 0.5, INK) + frame(16.9, 2, 0.35, INK) + frame(17.9, 1.4, 0.15, GOLD)
    behind = rosette(34, 58, 18, 6, TINT, 0.22) + rosette(12, 34, 12, 4, TINT, 0.22)
    ring = (
        f'<circle r="13.6" fill="none" stroke="{GOLD}" stroke-width="0.3"/><path fill="{GOLD}" d="{star}"/>'
    )
    return {
        "border": drawing(WIDTH, HEIGHT, frames + stroke(INK, 0.16, braid)),
        "rosette": drawing(120, 120, behind, centred=True),
        "seal": drawing(40, 40, rosette(14.6, 19.4, 30, 4, GOLD, 0.18) + ring, centred=True),
    }


class PlainPrinter:
    """Holds the style sheets and drawings in a folder, as a first attempt at printing a certificate would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        background = BACKGROUND.replace("{", "{{").replace("}", "}}")
        for name, svg in drawings().items():
            (folder / f"{name}.svg").write_text(svg)
            background = background.replace("{{" + name + "}}", (folder / f"{name}.svg").as_uri())
        background = background.replace("{{", "{").replace("}}", "}")
        for name in ("base.css", "certificate.css"):
            style = (ASSETS / name).read_text().replace("Noto Serif SC", SYSTEM_FONT)
            (folder / name).write_text(style + (background if name == "certificate.css" else ""))

    def html_of(self, manifest: dict[str, Any], language: str) -> str:
        code = segno.make(manifest["check_url"], error="m", micro=False)
        qr = code.svg_data_uri(border=4, dark="#000000", light=None, omitsize=True)
        context = certificate_context(manifest, language) | {"language": language, "qr": qr}
        with translation.override(language):
            html = render_to_string(TEMPLATE, context)
        return html.replace("asset:", f"{self.folder.as_uri()}/")

    def pdf_of(self, manifest: dict[str, Any], language: str) -> bytes:
        return bytes(weasyprint.HTML(string=self.html_of(manifest, language)).write_pdf())
