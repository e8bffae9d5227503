"""Who may take which step, for every step of every table: `steps.toml` says it, the rules must agree (house rule 8).

The columns are one holder of each role without a part in the case, the case's own client, another client, the people
whom the case appointed, and the system. State and guards do not matter here: `test_item_10_order` looks at them.
"""

import pytest

from certbody import workflow
from certbody.accounts.models import RoleAssignment, User
from certbody.accounts.roles import Role
from tests.matrix.cast import Cast
from tests.matrix.steps import ROWS, who
from tests.matrix.things import objects_of
from tests.matrix.whole_road import issued_certificate


def test_the_matrix_has_a_row_for_every_step_and_no_other() -> None:
    known = {(table.aggregate, step.name) for table in workflow.tables() for step in table.steps}
    assert {(aggregate, name) for aggregate, steps in ROWS.items() for name in steps} == known


def test_the_matrix_names_only_people_that_exist() -> None:
    people = {"system", "client", "other_client", "lead", "team_auditor", "seat", *Role.values}
    assert {name for steps in ROWS.values() for row in steps.values() for name in who(row)} <= people


def test_nobody_is_allowed_everywhere_and_no_step_is_open_to_nobody() -> None:
    rows = [who(row) for steps in ROWS.values() for row in steps.values()]
    assert all(rows)
    assert set.intersection(*rows) == set()


def test_inspector_complaints_and_administrator_take_no_step() -> None:
    idle = {Role.INSPECTOR, Role.COMPLAINTS, Role.ADMINISTRATOR}
    assert [name for steps in ROWS.values() for name, row in steps.items() if who(row) & idle] == []


def test_finance_takes_the_steps_of_money_and_no_other() -> None:
    aggregates = {
        aggregate for aggregate, steps in ROWS.items() for row in steps.values() if Role.FINANCE in who(row)
    }
    assert aggregates == {"invoice"}


@pytest.mark.django_db
def test_every_step_admits_exactly_the_people_of_its_row() -> None:
    cast = Cast()
    objects = objects_of(issued_certificate())
    differences = {}
    for table in workflow.tables():
        people = cast.around(objects[table.aggregate])
        for step in table.steps:
            allowed = {name for name, user in people.items() if step.allowed(user, objects[table.aggregate])}
            if allowed != who(ROWS.get(table.aggregate, {}).get(step.name, "")):
                differences[f"{table.aggregate}.{step.name}"] = " ".join(sorted(allowed))
    assert differences == {}


@pytest.mark.django_db
def test_item_12_no_role_lets_an_evaluator_review_vote_sign_or_decide_later() -> None:
    certificate = issued_certificate()
    lead = Cast().around(certificate)["lead"]
    assert lead is not None
    for role in set(Role) - set(lead.roles):
        RoleAssignment.objects.create(person=lead.person, role=role)
    lead = User.objects.get(pk=lead.pk)
    objects = objects_of(certificate)
    barred = {
        f"{table.aggregate}.{step.name}"
        for table in workflow.tables()
        for step in table.steps
        if who(ROWS[table.aggregate][step.name]) & set(Role.values)
        and not step.allowed(lead, objects[table.aggregate])
    }
    of_the_decision = {
        "report.release",
        "report.return",
        "decision.sign",
        "decision.return",
        "certificate.suspend",
        "certificate.restore",
        "certificate.withdraw",
    }
    of_money = {f"invoice.{name}" for name, row in ROWS["invoice"].items() if Role.FINANCE in who(row)}
    assert {name for name in barred if not name.startswith("scoring_table")} == of_the_decision | of_money
    assert not workflow.table("panel").step("vote").allowed(lead, objects["panel"])
