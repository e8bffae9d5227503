"""Lays the first page of one document over every page of another."""

from io import BytesIO

import pikepdf

LENGTH = 8  # bytes that say how long the mark is, before mark and document


def stamped(payload: bytes) -> bytes:
    """Mark and document, one behind the other, as one document."""
    size = int.from_bytes(payload[:LENGTH], "big")
    mark, content = payload[LENGTH : LENGTH + size], payload[LENGTH + size :]
    answer = BytesIO()
    with pikepdf.open(BytesIO(mark)) as overlay, pikepdf.open(BytesIO(content)) as document:
        for page in document.pages:
            page.add_overlay(overlay.pages[0])
        document.save(answer)
    return answer.getvalue()
