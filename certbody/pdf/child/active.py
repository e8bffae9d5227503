"""Finds what runs, starts or travels in a PDF, also in compressed objects where searching words is blind."""

from collections.abc import Iterator

import pikepdf

ACTIVE_KEYS = frozenset(
    {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent", "/Launch"}
)
ACTIVE_TYPES = frozenset({"/EmbeddedFile", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"})
ACTIVE_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/ImportData",
        "/SubmitForm",
        "/GoToR",
        "/GoToE",
        "/Rendition",
        "/Movie",
        "/Sound",
        "/RichMediaExecute",
        "/GoTo3DView",
    }
)
HARMLESS_AUTOMATIC_ACTIONS = frozenset({"/GoTo", "/Named"})
DEPTH = 40
MOST_DICTIONARIES = 200_000
LONGEST_ARRAY = 100_000
TOO_DEEP, TOO_MANY = "nested too deep", "too many parts"


class TooDeep(Exception):
    """What lies deeper is not looked at, so nothing can be said of it."""


class TooMany(Exception):
    """There is more than anybody can look at in the time of a request."""


def active_content(document: pikepdf.Pdf) -> str | None:
    """The first active element by its PDF name, or what kept us from looking everywhere; None for a quiet document.

    An opening action that only turns to a page is what every word processor writes and is let pass.
    """
    seen = 0
    try:
        for item in document.objects:
            for dictionary in _dictionaries(item, DEPTH):
                if found := _active_in(dictionary):
                    return found
                seen += 1
                if seen > MOST_DICTIONARIES:
                    return TOO_MANY
    except TooDeep:
        return TOO_DEEP
    except TooMany:
        return TOO_MANY
    return None


def _dictionaries(item: object, depth: int) -> Iterator[pikepdf.Object]:
    if not isinstance(item, pikepdf.Object):
        return
    if depth == 0:
        raise TooDeep
    if isinstance(item, pikepdf.Array):
        if len(item) > LONGEST_ARRAY:
            raise TooMany
        children = list(item)
    elif isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        yield item
        children = [value for _, value in item.items()]
    else:
        return
    for child in children:
        # an indirect child is an object of the document and comes in its own turn
        if isinstance(child, pikepdf.Object) and not child.is_indirect:
            yield from _dictionaries(child, depth - 1)


def _active_in(dictionary: pikepdf.Object) -> str | None:
    keys = set(dictionary.keys())
    if "/URI" in keys and str(dictionary["/URI"]).strip().lower().startswith("javascript:"):
        return "/URI"
    if found := keys & ACTIVE_KEYS:
        return min(found)
    for key, forbidden in (("/S", ACTIVE_ACTIONS), ("/Type", ACTIVE_TYPES), ("/Subtype", ACTIVE_TYPES)):
        value = dictionary.get(key)
        if isinstance(value, pikepdf.Name) and str(value) in forbidden:
            return str(value)
    if "/OpenAction" in keys and _acts_alone(dictionary["/OpenAction"]):
        return "/OpenAction"
    if "/AA" in keys and isinstance(dictionary["/AA"], pikepdf.Dictionary):
        actions = [value for _, value in dictionary["/AA"].items()]
        if any(_acts_alone(action) for action in actions):
            return "/AA"
    return None


def _acts_alone(action: object) -> bool:
    return isinstance(action, pikepdf.Dictionary) and str(action.get("/S")) not in HARMLESS_AUTOMATIC_ACTIONS
