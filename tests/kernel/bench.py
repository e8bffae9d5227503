"""A small aggregate for the engine's tests: scoring tables with steps of their own."""

from collections.abc import Iterable
from hashlib import sha256
from itertools import count

from django.contrib.auth.models import AnonymousUser  # noqa: F401  # loads the user model before the engine

from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body.models import ScoringTable
from certbody.body.states import ScoringTableState
from certbody.permissions import Rule, has_role
from certbody.workflow import Facts, Missing, Step
from tests.road.people import make_person

_numbers = count(1)


def make_table() -> ScoringTable:
    version = f"bench {next(_numbers)}"
    return ScoringTable.objects.create(
        scheme="bench",
        version=version,
        content="{}",
        content_hash=sha256(version.encode()).hexdigest(),
        created_by=make_person(),
    )


def note(table: ScoringTable, *, actor: User | None, remark: str = "retired") -> Facts:
    table.remark = remark
    table.save(update_fields=["remark"])
    return {"remark": remark}


def fail_halfway(table: ScoringTable, *, actor: User | None) -> Facts:
    note(table, actor=actor)
    raise RuntimeError("the effect broke")


def needs_remark(table: ScoringTable, actor: User | None) -> Iterable[Missing]:
    if table.remark == "incomplete":
        yield Missing("The remark is incomplete.", "/somewhere/")


def step(**changes: object) -> Step:
    facts: dict[str, object] = {
        "name": "retire",
        "event": "bench.retired",
        "sources": (ScoringTableState.DRAFT,),
        "target": ScoringTableState.RETIRED,
        "label": "Retire",
        "recorded": "Retired",
        "allowed": quality,
        "guard": needs_remark,
        "effect": note,
    }
    return Step(**(facts | changes))  # type: ignore[arg-type]


quality: Rule = has_role(Role.QUALITY)
