"""Copies of documents that no longer hold: each page says so, and so does the name.

The stored bytes and their hash stay what they are; the mark is laid over the pages of the copy that is given out.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from certbody import facts
from certbody.files.models import StoredFile
from certbody.pdf.render import stamp_pdf


@dataclass(frozen=True)
class Mark:
    """Why a document no longer holds, in one word of each language, with the number that took its place if one did."""

    chinese: str
    english: str
    on: date | None = None
    instead: str = ""

    def named(self, name: str) -> str:
        path = Path(name)
        return f"{path.stem}-{self.chinese}-{self.english}{path.suffix}"


def mark_of(stored: StoredFile) -> Mark | None:
    """What an upper floor says about a document of its own making; None while it holds."""
    return next(filter(None, facts.ask("mark_of_file", file=stored)), None)


def marked_copy(content: bytes, mark: Mark) -> bytes:
    """The document with the mark across every page. Raises RenderFailed."""
    return stamp_pdf("pdf/mark.html", {"mark": mark}, content=content)
