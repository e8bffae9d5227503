"""Which document of the checklist a file is, as far as its name says so; the client confirms it."""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath

from applications.catalogue.file_words import FILE_WORDS
from certbody.scheme.model import DocumentKind
from certbody.simplified import simplified

SEPARATORS = re.compile(r"[\s_\-.·、，,()（）]+")


def guessed_kind(name: str, kinds: Sequence[DocumentKind]) -> str:
    """The key of the one kind that the name of a file speaks of; empty for none, and for several."""
    words = _plain(PurePosixPath(name).stem)
    spoken_of = {kind.key for kind in kinds if any(_is_in(term, words) for term in _terms(kind))}
    return spoken_of.pop() if len(spoken_of) == 1 else ""


def _terms(kind: DocumentKind) -> list[str]:
    return [_plain(kind.key), _plain(kind.name.in_language("zh-hans")), *FILE_WORDS.get(kind.key, ())]


def _plain(text: str) -> str:
    """Width, case, separators and traditional characters make no difference."""
    return SEPARATORS.sub(" ", simplified(unicodedata.normalize("NFKC", text)).casefold()).strip()


def _is_in(term: str, words: str) -> bool:
    """Latin letters count as whole words only: “manual” is not in “manually”."""
    if term.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(term)}(?![a-z0-9])", words) is not None
    return term in words
