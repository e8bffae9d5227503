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
    """Register a maker for `desk_home`, `portal_home`, `desk_case`, `portal_case` or `desk_organisation`.

    A maker for a case gets it as `case`, one for an organisation gets that as `organisation`.
    """
    known = _places.setdefault(place, [])
    if maker not in [entry for _order, entry in known]:
        known.append((order, maker))


def panels_for(place: str, user: User, case: Case | None = None, **about: Any) -> list[Panel]:
    makers = sorted(_places.get(place, []), key=lambda entry: entry[0])
    made = [maker(user, case=case, **about) for _order, maker in makers]
    return [panel for panel in made if panel is not None]
