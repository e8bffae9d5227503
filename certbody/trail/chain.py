"""The arithmetic of the chain: plain functions over the columns of an event."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

GENESIS = "0" * 64


def canonical(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, no floats (points and money travel as strings)."""
    return json.dumps(
        _plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
    raise TypeError(f"the trail keeps no {type(value).__name__}: {value!r}")


def plain(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts as the trail stores them."""
    stored: dict[str, Any] = _plain(value)
    return stored


def digest(columns: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON of an event's columns, the hash before it included."""
    return hashlib.sha256(canonical(columns).encode()).hexdigest()
