"""Real files that people upload: a business licence as a PDF, screenshots as PNG, photographs as JPEG."""

from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload

from certificates.demo.papers import papers

SCHEME = "gbt27922-2011"


def licence() -> FilePayload:
    return {
        "name": "business-licence.pdf",
        "mimeType": "application/pdf",
        "buffer": papers(SCHEME)["legal_status"].read_all(),
    }


def screenshot(name: str) -> FilePayload:
    return {"name": f"{name}.png", "mimeType": "image/png", "buffer": _picture("PNG", name)}


def photograph(name: str) -> FilePayload:
    return {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": _picture("JPEG", name)}


@cache
def _picture(kind: str, text: str) -> bytes:
    image = Image.new("RGB", (640, 480), "#f7f8fa")
    drawing = ImageDraw.Draw(image)
    for line in range(60, 440, 40):
        drawing.line((40, line, 600, line), fill="#12355b", width=2)
    drawing.text((48, 36), text, fill="#12355b")
    content = BytesIO()
    image.save(content, kind)
    return content.getvalue()
