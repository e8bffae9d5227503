"""A scoring table is begun, changed and confirmed by two persons, and an administrator touches none of it."""

from fractions import Fraction

import pytest
from django.db import IntegrityError, connection, transaction

from certbody import clock, workflow
from certbody.accounts.models import RoleAssignment, User
from certbody.accounts.roles import Role
from certbody.body import queries, transitions
from certbody.body.models import ScoringTable
from certbody.body.states import ScoringTableState
from certbody.cases.models import Case
from certbody.desk.models import Task
from certbody.scheme.faults import SchemeFaults
from certbody.scheme.load import load, shipped
from certbody.scheme.model import UnknownVersionError
from certbody.trail.models import Event
from certbody.trail.verify import chain
from tests.road.people import make_organisation, make_user

pytestmark = pytest.mark.django_db

SCHEME = "gbt27922-2011"


def begin(actor: User, **data: str) -> ScoringTable:
    return workflow.perform(transitions.BEGIN, ScoringTable(scheme=SCHEME), actor=actor, **data)


def confirmed(head: User, quality: User) -> ScoringTable:
    table = begin(head)
    workflow.perform(transitions.CONFIRM_AS_HEAD, table, actor=head, checked_against="licence 1")
    return workflow.perform(transitions.CONFIRM_AS_QUALITY, table, actor=quality, checked_against="licence 1")


def swapped(table: ScoringTable) -> dict[str, str]:
    """Points of two clauses of one item, exchanged: every sum stays closed."""
    scheme = queries.scheme_in(table)
    item = next(
        item for item in scheme.level2 if len({clause.points for clause in scheme.clauses_of(item.id)}) > 1
    )
    one, *others = scheme.clauses_of(item.id)
    other = next(clause for clause in others if clause.points != one.points)
    return {one.id: str(other.points), other.id: str(one.points)}


def names() -> list[str]:
    return list(Event.objects.order_by("sequence").values_list("name", flat=True))


def test_a_draft_begins_with_the_table_of_the_software(head: User) -> None:
    table = begin(head, remark="for demonstration")
    assert (table.state, table.version, table.remark) == (
        "draft",
        shipped(SCHEME).version,
        "for demonstration",
    )
    assert table.content_hash == shipped(SCHEME).hash
    assert queries.stored_scheme(SCHEME) == (shipped(SCHEME), "draft")
    assert queries.confirmed_scheme(SCHEME) is None
    assert set(Task.objects.filter(closed_at=None).values_list("role", flat=True)) == {"head", "quality"}


def test_the_second_confirmation_puts_the_table_in_force(head: User, quality: User) -> None:
    table = begin(head)
    workflow.perform(transitions.CONFIRM_AS_HEAD, table, actor=head, checked_against="own copy, licence 123")
    assert queries.confirmed_scheme(SCHEME) is None
    table = workflow.perform(transitions.CONFIRM_AS_QUALITY, table, actor=quality)
    assert table.state == ScoringTableState.CONFIRMED
    assert (table.head_confirmed_by, table.quality_confirmed_by) == (head.person, quality.person)
    assert table.confirmed_at is not None
    assert table.head_checked_against == "own copy, licence 123"
    assert queries.confirmed_scheme(SCHEME) == (shipped(SCHEME), table)
    assert names() == [
        f"scoring_table.{event}"
        for event in ("begun", "confirmed_by_head", "confirmed_by_quality", "confirmed")
    ]
    assert not Task.objects.filter(closed_at=None).exists()
    assert list(chain()) == []


def test_one_person_with_both_roles_confirms_only_once() -> None:
    both = make_user(Role.HEAD, Role.QUALITY)
    table = begin(both)
    workflow.perform(transitions.CONFIRM_AS_HEAD, table, actor=both)
    with pytest.raises(workflow.NotAllowed, match="another person"):
        workflow.perform(transitions.CONFIRM_AS_QUALITY, table, actor=both)
    with (
        pytest.raises(IntegrityError, match=r"scoring_table_confirmed_by_two_persons|CHECK constraint"),
        transaction.atomic(),
    ):
        ScoringTable.objects.filter(pk=table.pk).update(quality_confirmed_by=both.person)


def test_a_second_account_of_the_same_person_does_not_help(head: User) -> None:
    second = User.objects.create_user("second@example.org", person=head.person)
    RoleAssignment.objects.create(person=head.person, role=Role.QUALITY)
    table = begin(head)
    workflow.perform(transitions.CONFIRM_AS_HEAD, table, actor=head)
    with pytest.raises(workflow.NotAllowed, match="another person"):
        workflow.perform(transitions.CONFIRM_AS_QUALITY, table, actor=second)


@pytest.mark.parametrize("roles", [(Role.ADMINISTRATOR,), (Role.ADMINISTRATOR, Role.HEAD, Role.QUALITY)])
def test_an_administrator_touches_no_scoring_table(
    head: User, quality: User, roles: tuple[Role, ...]
) -> None:
    administrator = make_user(*roles)
    draft = begin(head)
    steps = [
        (transitions.BEGIN, ScoringTable(scheme=SCHEME), {}),
        (transitions.EDIT_POINTS, draft, {"points": swapped(draft)}),
        (transitions.IMPORT, draft, {"content": shipped(SCHEME).canonical}),
        (transitions.CONFIRM_AS_HEAD, draft, {}),
        (transitions.CONFIRM_AS_QUALITY, draft, {}),
        (transitions.CONFIRM, draft, {}),
        (transitions.DISCARD, draft, {}),
        (transitions.RETIRE, confirmed(head, quality), {}),
    ]
    assert {step for step, _table, _data in steps} == set(transitions.SCORING_TABLE.steps)
    before = names()
    for step, table, data in steps:
        with pytest.raises(workflow.NotAllowed):
            workflow.perform(step, table, actor=administrator, **data)
    assert names() == before


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.HEAD, Role.QUALITY}])
def test_nobody_else_begins_or_confirms_a_table(head: User, role: Role) -> None:
    user, draft = make_user(role), begin(head)
    for step in (
        transitions.EDIT_POINTS,
        transitions.CONFIRM_AS_HEAD,
        transitions.CONFIRM_AS_QUALITY,
        transitions.DISCARD,
    ):
        with pytest.raises(workflow.NotAllowed):
            workflow.perform(step, draft, actor=user)


def test_the_head_does_not_confirm_for_the_quality_manager(head: User, quality: User) -> None:
    table = begin(head)
    with pytest.raises(workflow.NotAllowed):
        workflow.perform(transitions.CONFIRM_AS_QUALITY, table, actor=head)
    with pytest.raises(workflow.NotAllowed):
        workflow.perform(transitions.CONFIRM_AS_HEAD, table, actor=quality)


def test_a_confirmation_is_given_once_for_one_content(head: User, quality: User) -> None:
    table = begin(head)
    workflow.perform(transitions.CONFIRM_AS_HEAD, table, actor=head)
    with pytest.raises(workflow.NotReady) as refused:
        workflow.perform(transitions.CONFIRM_AS_HEAD, table, actor=make_user(Role.HEAD))
    assert "already" in str(refused.value.missing[0].sentence)
    with pytest.raises(workflow.WrongState, match="changed"):
        workflow.perform(transitions.CONFIRM_AS_QUALITY, table, actor=quality, content_hash="0" * 64)


def test_entered_points_void_the_confirmations_and_get_a_version_of_their_own(
    head: User, quality: User
) -> None:
    table = begin(head)
    workflow.perform(transitions.CONFIRM_AS_HEAD, table, actor=head)
    points = swapped(table)
    table = workflow.perform(transitions.EDIT_POINTS, table, actor=quality, points=points)
    assert table.head_confirmed_by is None
    assert table.version != shipped(SCHEME).version
    scheme = queries.scheme_in(table)
    assert scheme.version == table.version
    assert {clause: scheme.clause(clause).points for clause in points} == {
        clause: Fraction(value) for clause, value in points.items()
    }
    changed = {row.clause.id for row in queries.changed_clauses(queries.tree_of(scheme))}
    assert changed == set(points)
    assert Event.objects.get(name="scoring_table.points_edited").data["points"].keys() == set(points)


def test_points_that_do_not_close_a_group_are_refused(head: User) -> None:
    table = begin(head)
    clause = shipped(SCHEME).clauses[0]
    with pytest.raises(SchemeFaults, match=r"5\.1"):
        workflow.perform(
            transitions.EDIT_POINTS, table, actor=head, points={clause.id: str(clause.points + 1)}
        )
    table.refresh_from_db()
    assert table.content_hash == shipped(SCHEME).hash


def test_two_who_edit_the_same_draft_do_not_overwrite_each_other(head: User, quality: User) -> None:
    table = begin(head)
    seen = table.content_hash
    workflow.perform(transitions.EDIT_POINTS, table, actor=head, points=swapped(table), content_hash=seen)
    with pytest.raises(workflow.WrongState, match="Somebody has changed"):
        workflow.perform(
            transitions.EDIT_POINTS, table, actor=quality, points=swapped(table), content_hash=seen
        )


def test_a_file_takes_the_place_of_the_draft(head: User) -> None:
    table = begin(head)
    content = shipped(SCHEME).canonical.replace('"version":"1"', '"version":"own 7"')
    table = workflow.perform(transitions.IMPORT, table, actor=head, content=content)
    assert (table.version, table.content_hash) == ("own 7", load(content).hash)
    with pytest.raises(workflow.NotReady, match="another scheme"):
        workflow.perform(
            transitions.IMPORT, table, actor=head, content=content.replace(SCHEME, "gbt27922-2030")
        )


def test_a_new_table_in_force_retires_the_older_and_cases_keep_theirs(head: User, quality: User) -> None:
    first = confirmed(head, quality)
    case = Case(organisation=make_organisation(), scheme=SCHEME, reference="2026-0001")
    assert queries.scheme_of(case) == shipped(SCHEME)
    case.scheme_version, case.scheme_hash = first.version, first.content_hash
    second = begin(quality)
    assert second.version != first.version
    second = workflow.perform(transitions.EDIT_POINTS, second, actor=quality, points=swapped(second))
    workflow.perform(transitions.CONFIRM_AS_HEAD, second, actor=head)
    second = workflow.perform(transitions.CONFIRM_AS_QUALITY, second, actor=quality)
    first.refresh_from_db()
    assert (first.state, second.state) == ("retired", "confirmed")
    assert queries.scheme_of(case).hash == first.content_hash
    assert queries.scheme_of(Case(scheme=SCHEME)).hash == second.content_hash
    assert queries.stored_scheme(SCHEME, first.version) == (shipped(SCHEME), "retired")
    assert names()[-2:] == ["scoring_table.retired", "scoring_table.confirmed"]


def test_a_case_whose_pinned_table_is_gone_is_scored_by_no_other(head: User, quality: User) -> None:
    confirmed(head, quality)
    case = Case(scheme=SCHEME, scheme_version="1", scheme_hash="0" * 64)
    with pytest.raises(UnknownVersionError):
        queries.scheme_of(case)


def test_before_any_table_the_shipped_one_is_shown(head: User) -> None:
    assert queries.scheme_of(Case(scheme=SCHEME)) == shipped(SCHEME)
    assert queries.stored_scheme(SCHEME) is None
    assert queries.stored_scheme("unknown") is None


def test_the_head_retires_and_an_editor_discards(head: User, quality: User) -> None:
    table = workflow.perform(transitions.RETIRE, confirmed(head, quality), actor=head)
    assert table.state == "retired"
    assert queries.confirmed_scheme(SCHEME) is None
    draft = workflow.perform(transitions.DISCARD, begin(quality), actor=quality)
    assert draft.state == "retired"
    with pytest.raises(workflow.WrongState):
        workflow.perform(transitions.CONFIRM_AS_HEAD, draft, actor=head)


def test_the_database_refuses_to_change_or_delete_a_confirmed_table(head: User, quality: User) -> None:
    table = confirmed(head, quality)
    for change in ({"content": "{}"}, {"content_hash": "0" * 64}, {"version": "2"}, {"state": "draft"}):
        with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
            ScoringTable.objects.filter(pk=table.pk).update(**change)
    with (
        pytest.raises(IntegrityError, match="never deleted"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM body_scoringtable WHERE id = {table.pk}")


def test_a_draft_that_was_changed_past_the_product_is_noticed(head: User) -> None:
    table = begin(head)
    ScoringTable.objects.filter(pk=table.pk).update(
        content=table.content.replace('"version":"1"', '"version":"9"')
    )
    with pytest.raises(queries.ChangedTableError):
        queries.stored_scheme(SCHEME)


def test_the_newest_draft_and_the_confirmed_table_are_told_apart(head: User, quality: User) -> None:
    older = begin(head)
    newer = begin(quality)
    assert queries.stored_scheme(SCHEME)[0].version == newer.version
    workflow.perform(transitions.CONFIRM_AS_HEAD, older, actor=head)
    workflow.perform(transitions.CONFIRM_AS_QUALITY, older, actor=quality)
    assert queries.stored_scheme(SCHEME) == (queries.scheme_in(older), "confirmed")


def test_a_confirmation_notes_the_day_of_the_body(head: User, quality: User) -> None:
    with clock.at(clock.today().replace(year=2024)):
        table = confirmed(head=make_user(Role.HEAD), quality=make_user(Role.QUALITY))
    assert table.confirmed_at.year == 2024
