"""The approved fields of the body, as one setting holds them: `SC03 批发和零售业服务; SC05 …`."""

import re

_ENTRY = re.compile(r"(?P<code>[A-Z]{1,4}[0-9]{2,6})\s+(?P<name>\S.*)")
_SEPARATOR = re.compile(r"[;；\n]")


def read_fields(text: str) -> dict[str, str]:
    """Name by code, in the order of the setting. Raises ValueError for an entry without code or name."""
    found = {}
    for part in filter(None, (part.strip() for part in _SEPARATOR.split(text))):
        entry = _ENTRY.fullmatch(part)
        if entry is None:
            raise ValueError(part)
        found[entry["code"]] = entry["name"]
    return found
