import warnings
from io import BytesIO

import pypdfium2
from pictures import MOST_PIXELS
from PIL import Image, ImageFile
from refusals import Refused

LONGEST_SIDE = 1000  # points of the picture: enough to read a licence's large print beside a form


def first_page(content: bytes) -> bytes:
    """The first page of a PDF, or a picture, as a small PNG without any metadata."""
    picture = _page(content) if content.startswith(b"%PDF-") else _picture(content)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    output = BytesIO()
    (picture if picture.mode in {"L", "RGB", "RGBA"} else picture.convert("RGB")).save(output, "PNG")
    return output.getvalue()


def _page(content: bytes) -> Image.Image:
    try:
        document = pypdfium2.PdfDocument(content)
        page = document[0]
        width, height = page.get_size()
        image: Image.Image = page.render(scale=LONGEST_SIDE / max(width, height, 1)).to_pil()
    except (pypdfium2.PdfiumError, ValueError):
        raise Refused("damaged") from None
    return image


def _picture(content: bytes) -> Image.Image:
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(BytesIO(content), formats=["JPEG", "PNG"]) as image:
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            picture = image.copy()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, OSError, SyntaxError, ValueError):
        raise Refused("damaged") from None
    picture.info.clear()
    return picture
