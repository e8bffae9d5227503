"""Whoever may not take a step is told so and nothing else: no form, no stored value, one line in the log (item 9)."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from certbody import workflow
from tests.matrix.cast import Cast
from tests.matrix.steps import ROWS, who
from tests.matrix.things import objects_of
from tests.matrix.whole_road import issued_certificate

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(
        connection.vendor == "postgresql", reason="who may take a step does not depend on the database"
    ),
]

FORGED = {"seen": json.dumps(dict.fromkeys(("verdict", "note", "summary", "stage1_on", "adjustment"), "0"))}


def main_of(text: str) -> str:
    return text.partition("<main")[2].partition("</main>")[0]


def test_item_9_who_may_not_take_a_step_sees_neither_its_form_nor_what_is_stored(
    caplog: pytest.LogCaptureFixture,
) -> None:
    cast, tried = Cast(), 0
    objects = objects_of(issued_certificate())
    faults: list[str] = []
    for table in workflow.tables():
        obj = objects[table.aggregate]
        for name, user in cast.around(obj).items():
            if user is None or not table.visible_to(user).filter(pk=obj.pk).exists():
                continue
            browser = Client()
            browser.force_login(user)
            for step in table.steps:
                if (
                    step.surface == "system"
                    or not step.sources
                    or name in who(ROWS[table.aggregate][step.name])
                ):
                    continue
                caplog.clear()
                answer = browser.post(f"/steps/{table.aggregate}/{obj.pk}/{step.name}/", FORGED)
                if answer.status_code == 404:
                    continue
                tried += 1
                lines: list[Any] = [record.msg for record in caplog.records if record.name == "security"]
                refused = [line for line in lines if line["event"] == "step refused"]
                where = f"{name}: {step.event}"
                faults += [f"{where} answered {answer.status_code}"] * (answer.status_code != 403)
                faults += [f"{where} shows a form"] * ("<form" in main_of(answer.text))
                faults += [f"{where} wrote {len(refused)} lines"] * (len(refused) != 1)
    assert faults == []
    assert tried > 300


@pytest.mark.parametrize("seen", ["[" * 50_000, "{", "7", '{"remark": 1}'])
def test_a_forged_memory_of_the_page_is_no_fault_of_ours(seen: str) -> None:
    cast = Cast()
    audit = objects_of(issued_certificate())["audit"]
    browser = Client()
    browser.force_login(cast.roles["planner"])
    assert browser.post(f"/steps/audit/{audit.pk}/plan/", {"seen": seen}).status_code == 409
