from io import BytesIO

import pikepdf
from active import active_content
from refusals import Refused


def inspect(content: bytes) -> bytes:
    """Accept a PDF that opens without a password, has a page and holds nothing active; its bytes stay."""
    try:
        with pikepdf.open(BytesIO(content)) as document:
            # an owner's password alone opens the file but keeps readers from copying evidence
            if document.is_encrypted:
                raise Refused("encrypted")
            if not document.pages:
                raise Refused("damaged")
            if active_content(document) is not None:
                raise Refused("active")
    except pikepdf.PasswordError:
        raise Refused("encrypted") from None
    except pikepdf.PdfError:
        raise Refused("damaged") from None
    return b""
