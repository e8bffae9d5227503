import warnings
from io import BytesIO

from PIL import Image, ImageFile, ImageOps
from refusals import Refused

# the largest photographs of telephones have 50 million points when the flood of a forged header has billions
MOST_PIXELS = 50_000_000
SAVED = {"JPEG": {"quality": 90}, "PNG": {}}


def inspect(content: bytes) -> bytes:
    """Decode a JPEG or PNG completely and write it anew: no metadata, no appended bytes, upright."""
    ImageFile.LOAD_TRUNCATED_IMAGES = (
        False  # WeasyPrint, loaded beside us, says otherwise when it is imported
    )
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        with Image.open(BytesIO(content), formats=["JPEG", "PNG"]) as image:
            form = "PNG" if image.format == "PNG" else "JPEG"
            picture = ImageOps.exif_transpose(image)
            picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused("pixels") from None
    except (OSError, SyntaxError, ValueError):
        raise Refused("damaged") from None
    if "transparency" in picture.info:
        picture = picture.convert("RGBA")  # what is see-through in a palette stands in the metadata
    if form == "JPEG" and picture.mode not in {"L", "RGB"}:
        picture = picture.convert("RGB")
    picture.info.clear()
    output = BytesIO()
    picture.save(output, format=form, **SAVED[form])
    return output.getvalue()
