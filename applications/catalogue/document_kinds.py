"""The kinds of documents that applications hold, in the language of the page."""

from django.utils.translation import get_language

from applications.catalogue.kinds import REQUEST_DOCUMENTS
from certbody.body.settings_catalogue import SCHEME_OF_THE_DEFAULTS
from certbody.scheme.load import shipped


def choices() -> list[tuple[str, str]]:
    """Every kind of a request and of the scheme with its name, in the order of the checklist."""
    language = get_language() or "en"
    kinds = (*REQUEST_DOCUMENTS, *shipped(SCHEME_OF_THE_DEFAULTS).documents)
    return [(kind.key, kind.name.in_language(language)) for kind in kinds]


def kind_label(key: str) -> str:
    """The name of a kind; one that the scheme no longer has keeps its key."""
    return dict(choices()).get(key, key)
