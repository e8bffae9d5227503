from io import BytesIO

import pikepdf
from active import TOO_DEEP, TOO_MANY, active_content
from refusals import Refused

MOST_PAGES = 1000
CODES = {
    TOO_DEEP: "timeout",
    TOO_MANY: "timeout",
    "/XFA": "xfa",
    **dict.fromkeys(
        ("/Launch", "/ImportData", "/SubmitForm", "/GoToR", "/GoToE", "/Rendition", "/RichMediaExecute"),
        "launch",
    ),
    **dict.fromkeys(
        (
            "/EmbeddedFiles",
            "/EmbeddedFile",
            "/EF",
            "/RichMedia",
            "/RichMediaContent",
            "/Movie",
            "/Sound",
            "/Screen",
            "/3D",
        ),
        "attachment",
    ),
}


def inspect(content: bytes) -> bytes:
    """Accept a PDF of 1 to 1,000 pages that opens without a password and holds nothing active; its bytes stay."""
    try:
        with pikepdf.open(BytesIO(content)) as document:
            # an owner's password alone opens the file but keeps readers from copying evidence
            if document.is_encrypted:
                raise Refused("encrypted")
            if not document.pages:
                raise Refused("damaged")
            if len(document.pages) > MOST_PAGES:
                raise Refused("pages")
            if found := active_content(document):
                raise Refused(CODES.get(found, "script"))
    except pikepdf.PasswordError:
        raise Refused("encrypted") from None
    except pikepdf.PdfError:
        raise Refused("damaged") from None
    return b""
