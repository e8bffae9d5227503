"""A small aggregate with pages: its steps are taken through the one view of every step."""

import uuid
from collections.abc import Iterable

import pytest
from django import forms
from django.test import Client

from certbody import workflow
from certbody.accounts.models import User
from certbody.body.models import ScoringTable
from certbody.body.queries import visible_to
from certbody.body.states import ScoringTableState
from certbody.permissions import system_only
from certbody.web import steps
from certbody.web.forms import StepForm
from tests.kernel.bench import note, quality, step

HOME = "/bench/done/"


class RemarkForm(StepForm):
    remark = forms.CharField(min_length=3, max_length=200)


def not_twice(table: ScoringTable, _actor: User | None) -> Iterable[workflow.Missing]:
    if table.remark == "incomplete":
        yield workflow.Missing("The remark is incomplete.", "/somewhere/")
        yield workflow.Missing("Nobody has looked.")


STEPS = (
    step(name="begin", event="bench.begun", sources=(), target=ScoringTableState.DRAFT),
    step(name="note", event="bench.noted", target=None, effect=note, hint="The remark is kept."),
    step(guard=not_twice),
    step(name="tidy", event="bench.tidied", surface="system", allowed=quality | system_only),
)


def open_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the aggregate and its forms in place for one test."""
    table = workflow.Table(
        aggregate="bench",
        title="bench",
        model=ScoringTable,
        states=ScoringTableState,
        steps=STEPS,
        visible_to=visible_to,
        page=lambda _table, _user: HOME,
    )
    monkeypatch.setitem(workflow._tables, "bench", table)
    for event in ("bench.noted", "bench.retired"):
        monkeypatch.setitem(steps._pages, event, steps.StepPage(RemarkForm))


def address(table: ScoringTable, name: str) -> str:
    return f"/steps/bench/{table.pk}/{name}/"


def signed_in(user: User, **options: bool) -> Client:
    client = Client(**options)  # type: ignore[arg-type]
    client.force_login(user)
    return client


def submission(**changes: str) -> dict[str, str]:
    """What a browser sends with the form."""
    return {"submission": str(uuid.uuid4()), "remark": "as agreed", **changes}
