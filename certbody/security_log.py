"""The security log: what commits nothing and still has to be known, one JSON line an event, in a file of its own."""

from typing import Any, Literal

import structlog
from django.db import models

from certbody.accounts.models import User
from certbody.trail.origin import current_origin

Result = Literal["ok", "refused", "failed"]
_log = structlog.get_logger("security")


def note(
    event: str, *, user: User | None, result: Result, obj: models.Model | None = None, **facts: Any
) -> None:
    """Write one line: who (account, roles), from which address, on what, with which result; the log adds the UTC time.

    `facts` are ids, codes and names of fields: no secret, no identity-document number, nothing that was typed.
    """
    origin = current_origin()
    line = {
        "user": user.pk if user else None,
        "roles": sorted(user.roles) if user else [],
        "address": origin.address if origin else None,
        "result": result,
        **({"object_type": obj._meta.label_lower, "object_id": str(obj.pk)} if obj is not None else {}),
        **facts,
    }
    (_log.info if result == "ok" else _log.warning)(event, **line)
