"""Home and case pages are made of panels that apps register for a place."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from certbody.accounts.models import User
from certbody.cases.models import Case


@dataclass(frozen=True)
class Panel:
    title: str | Promise
    template: str
    context: dict[str, Any] = field(default_factory=dict)


Maker = Callable[..., Panel | None]
_places: dict[str, list[tuple[int, Maker]]] = {}


def register(place: str, maker: Maker, *, order: int = 50) -> None:
    """Register a maker for `desk_home`, `portal_home`, `desk_case` or `portal_case`."""
    known = _places.setdefault(place, [])
    if maker not in [entry for _order, entry in known]:
        known.append((order, maker))


def panels_for(place: str, user: User, case: Case | None = None) -> list[Panel]:
    made = [
        maker(user, case=case) for _order, maker in sorted(_places.get(place, []), key=lambda entry: entry[0])
    ]
    return [panel for panel in made if panel is not None]
