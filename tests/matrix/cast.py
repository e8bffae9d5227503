"""Everybody who could try something on one case, by the names that the tables of the matrix use."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from audits.models import TeamMember
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.cases.models import Case
from certbody.permissions import case_of
from certificates.models import Seat
from tests.road.people import make_organisation, make_user

# the places that an appointment gives on one case, beside the client and the roles
OF_THE_CASE = ("client", "lead", "team_auditor", "seat")


@dataclass
class Cast:
    """Holders of exactly one role each, with no part in any case; another client; and whoever a case appointed."""

    roles: dict[str, User] = field(default_factory=lambda: {role.value: make_user(role) for role in Role})
    other_client: User = field(default_factory=make_user)

    def __post_init__(self) -> None:
        make_organisation(self.other_client)

    def around(self, obj: Any) -> dict[str, User | None]:
        """Name → user; `system` is nobody. A place that nobody has in this case is left out."""
        case = case_of(obj)
        people: dict[str, User | None] = {"system": None, "other_client": self.other_client, **self.roles}
        if case is not None:
            people |= dict(self._of_the_case(case))
        elif (organisation := getattr(obj, "organisation_id", None)) is not None:
            people |= dict(_client_of(organisation))
        return people

    def _of_the_case(self, case: Case) -> Iterator[tuple[str, User]]:
        yield from _client_of(case.organisation_id)
        if case.pk is None:
            return
        for member in TeamMember.objects.filter(audit__case=case, ended_at=None).select_related("person"):
            yield "lead" if member.role == "lead" else f"team_{member.role}", member.person.users.get()
        if seat := Seat.objects.filter(panel__case=case, recused_at=None).order_by("-pk").first():
            yield "seat", seat.person.users.get()


def _client_of(organisation: int) -> Iterator[tuple[str, User]]:
    if client := User.objects.filter(person__memberships__organisation_id=organisation).first():
        yield "client", client
