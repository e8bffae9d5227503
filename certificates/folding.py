"""One spelling for searching: width, case, traditional characters, spaces and punctuation make no difference."""

import unicodedata

from certbody.simplified import simplified

SHORTEST = 2
LONGEST_QUERY = 60


def fold(text: str) -> str:
    """Folded text: letters and digits only, simplified, lower case. 「華豐 電器」 and 「华丰电器」 are the same."""
    plain = simplified(unicodedata.normalize("NFKC", text)).casefold()
    return "".join(character for character in plain if character.isalnum())


def terms(folded: str) -> list[str]:
    """The pairs of neighbouring characters of a folded text, each once, in their order."""
    return list(dict.fromkeys(folded[at : at + 2] for at in range(len(folded) - 1)))


def fold_names(*names: str) -> str:
    """The folded names of one certificate, a line each, so that no match runs from one name into the next."""
    return "\n".join(dict.fromkeys(folded for name in names if (folded := fold(name))))


def terms_of_names(searchable: str) -> list[str]:
    return list(dict.fromkeys(term for line in searchable.split("\n") for term in terms(line)))
