"""Which table a scheme's id means: the body's confirmed one, its draft, or the shipped file as draft."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from django.db import Error, connection

from certbody.body import queries
from certbody.scheme.load import shipped, shipped_ids
from certbody.scheme.model import Scheme, UnknownSchemeError, UnknownVersionError

Answer = TypeVar("Answer")

SHIPPED_STATUS = "draft"
_LONGEST_NAME = 40


def resolve(scheme_id: str, version: str | None = None) -> tuple[Scheme, str]:
    """The table of a scheme and its status; with a version exactly that one.

    Works without a database: then only the shipped files are known. Raises `UnknownSchemeError` and
    `UnknownVersionError`.
    """
    if not _is_name(scheme_id):
        raise UnknownSchemeError(scheme_id)
    if version is not None and not _is_name(version):
        raise UnknownVersionError(version)
    found = _stored(scheme_id, version) or _shipped(scheme_id, version)
    if found is not None:
        return found
    if version is not None and scheme_id in known_ids():
        raise UnknownVersionError(version)
    raise UnknownSchemeError(scheme_id)


def known_ids() -> list[str]:
    """The schemes that `resolve` finds without a version: not those whose tables are all retired."""
    known = _ask_the_body(queries.known_schemes, otherwise=shipped_ids())
    return [scheme_id for scheme_id in known if scheme_id in shipped_ids() or _stored(scheme_id, None)]


def _is_name(text: str) -> bool:
    return 0 < len(text) <= _LONGEST_NAME and text.isprintable()


def _shipped(scheme_id: str, version: str | None) -> tuple[Scheme, str] | None:
    if scheme_id not in shipped_ids():
        return None
    scheme = shipped(scheme_id)
    return (scheme, SHIPPED_STATUS) if version in {None, scheme.version} else None


def _stored(scheme_id: str, version: str | None) -> tuple[Scheme, str] | None:
    return _ask_the_body(lambda: queries.stored_scheme(scheme_id, version), otherwise=None)


def _ask_the_body(question: Callable[[], Answer], *, otherwise: Answer) -> Answer:
    """The body's answer, or `otherwise` without a body: no database, or one that was never migrated."""
    if _is_without_file():
        return otherwise
    try:
        return question()
    except Error:
        return otherwise


def _is_without_file() -> bool:
    """SQLite would leave an empty file behind where a question was asked of none."""
    name = str(connection.settings_dict["NAME"])
    return connection.vendor == "sqlite" and connection.connection is None and not Path(name).exists()
