"""Settings of the body: a default with a source, then a history that only grows."""

from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from certbody import clock, workflow
from certbody.accounts.models import User
from certbody.accounts.roles import Role
from certbody.body import integrity, queries, services
from certbody.body.models import BodySetting
from certbody.body.settings_catalogue import ENTRIES, Entry, Kind, default_of, entry, setting, settings_of
from certbody.body.settings_catalogue.checks import check_number_template, check_person_days
from certbody.scheme.load import shipped
from certbody.trail.models import Event
from certbody.trail.services import append
from tests.road.people import make_user

pytestmark = pytest.mark.django_db


def change(actor: User, key: str, value: object, valid_from: date | None = None) -> BodySetting:
    return services.change_setting(
        key=key, value=value, source="decision 7", actor=actor, valid_from=valid_from
    )


@pytest.mark.parametrize("known", ENTRIES, ids=lambda known: known.key)
def test_every_setting_has_a_default_that_survives_storage_and_its_own_checks(known: Entry) -> None:
    value = default_of(known)
    assert known.to_python(known.to_json(value)) == value
    assert str(known.label)
    assert str(known.source)
    for check in known.checks:
        check(value)
    if known.kind is Kind.CHOICE:
        assert value in known.choices
    if known.kind in {Kind.WHOLE, Kind.NUMBER}:
        assert known.least <= value <= known.most


def test_no_two_settings_share_a_key() -> None:
    keys = [known.key for known in ENTRIES]
    assert len(keys) == len(set(keys))


def test_periods_and_fees_begin_with_those_of_the_shipped_scheme() -> None:
    scheme = shipped("gbt27922-2011")
    assert setting("validity_years") == scheme.parameters["validity_years"] == 3
    assert setting("nc_close_days") == 30
    assert setting("fee_per_person_day") == scheme.fees.per_person_day == Decimal(3000)
    assert setting("person_days") == scheme.person_days.rows
    assert (setting("quorum"), setting("sales_barred_from_decision")) == (3, True)


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        setting("quorums")


def test_a_change_holds_from_its_first_day_and_leaves_the_days_before(head: User) -> None:
    today = clock.today()
    change(head, "quorum", 5, today + timedelta(days=10))
    assert setting("quorum") == 3
    assert setting("quorum", today + timedelta(days=9)) == 3
    assert setting("quorum", today + timedelta(days=10)) == 5
    change(head, "quorum", 4)
    assert setting("quorum") == 4
    assert setting("quorum", today - timedelta(days=1)) == 3
    assert setting("quorum", today + timedelta(days=10)) == 5


def test_of_two_changes_on_one_day_the_later_one_holds(head: User, quality: User) -> None:
    change(head, "quorum", 4)
    change(quality, "quorum", 6)
    assert setting("quorum") == 6
    assert [row.value for row in queries.history_of("quorum")] == [6, 4]


def test_numbers_stay_exact(head: User) -> None:
    change(head, "fee_per_person_day", Decimal("2999.99"))
    assert setting("fee_per_person_day") == Decimal("2999.99")
    assert BodySetting.objects.get().value == "2999.99"


def test_a_change_is_recorded_by_the_hashes_of_the_old_and_the_new_value(head: User) -> None:
    row = change(head, "quorum", 5)
    event = Event.objects.get()
    assert (event.name, event.object_id, event.actor_person) == ("setting.changed", str(row.pk), head.person)
    assert event.data == {
        "key": "quorum",
        "before_sha256": sha256(b"3").hexdigest(),
        "after_sha256": sha256(b"5").hexdigest(),
        "valid_from": clock.today().isoformat(),
    }


def test_the_trail_keeps_no_address_and_no_sentence_of_a_setting(head: User) -> None:
    for key, value in (("body_email", "wang@example.org"), ("body_phone", "0755-7654321")):
        change(head, key, value)
        assert value not in str(list(Event.objects.values_list("data", flat=True)))


def test_a_setting_that_is_not_what_the_trail_recorded_is_named(head: User) -> None:
    change(head, "quorum", 5)
    assert list(integrity.settings_of_the_body()) == []
    row = BodySetting.objects.create(key="quorum", value=7, source="test", set_by=head.person)
    append(
        name="setting.changed",
        obj=row,
        case=None,
        user=head,
        data={"after_sha256": services.fingerprint_of(5)},
    )
    assert list(integrity.settings_of_the_body()) == [f"body_bodysetting {row.pk}: quorum was changed"]


def test_no_setting_changes_for_a_day_that_is_past(head: User) -> None:
    with pytest.raises(workflow.NotReady, match="today or later"):
        change(head, "quorum", 5, clock.today() - timedelta(days=1))


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.HEAD, Role.QUALITY}])
def test_only_the_head_and_the_quality_manager_change_settings(role: Role) -> None:
    with pytest.raises(workflow.NotAllowed):
        change(make_user(role), "quorum", 5)
    assert not BodySetting.objects.exists()


def test_an_administrator_changes_no_setting_even_as_head() -> None:
    with pytest.raises(workflow.NotAllowed, match="administrator"):
        change(make_user(Role.ADMINISTRATOR, Role.HEAD), "quorum", 5)


def test_the_history_cannot_be_rewritten(head: User) -> None:
    row = change(head, "quorum", 5)
    refused = "append-only|permission denied"
    with pytest.raises(DatabaseError, match=refused), transaction.atomic():
        BodySetting.objects.filter(pk=row.pk).update(value=1)
    with (
        pytest.raises(DatabaseError, match=refused),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM body_bodysetting WHERE id = {row.pk}")


def test_several_settings_cost_one_query(head: User, django_assert_num_queries) -> None:
    change(head, "quorum", 5)
    with django_assert_num_queries(1):
        assert settings_of(["quorum", "majority", "body_name"])["quorum"] == 5
    with django_assert_num_queries(1):
        queries.settings_by_group()


@pytest.mark.parametrize(
    "template",
    [
        "",
        "{cb_code}SC{seq:05}",
        "{seq}",
        "{yy}{seq}{seq}",
        "{yy}{seq:05} R",
        "{yy}{seq.__class__}",
        "{yy}{seq}{0}",
        "ex{yy}{seq}",
        "{yy}{seq:>{cycle}}",
    ],
)
def test_a_number_template_is_no_program_and_has_no_blank(template: str) -> None:
    with pytest.raises(ValidationError):
        check_number_template(template)


@pytest.mark.parametrize("template", ["{cb_code}{yy}SC{seq:05}R{cycle}", "A{yy}{seq}", "{yy}SC{seq:06}"])
def test_a_number_template_of_letters_digits_and_placeholders_is_taken(template: str, head: User) -> None:
    change(head, "number_template", template)
    assert setting("number_template") == template


def test_a_person_day_table_has_no_gap_and_closes_in_every_row() -> None:
    rows = entry("person_days").to_json(setting("person_days"))

    def table(*changed: tuple[int, int, str]) -> object:
        copy = [list(row) for row in rows]
        for line, column, value in changed:
            copy[line][column] = value
        return entry("person_days").to_python(copy)

    check_person_days(table())
    for fault in ((0, 0, "2"), (1, 0, "12"), (2, 1, "20"), (3, 2, "9")):
        with pytest.raises(ValidationError):
            check_person_days(table(fault))
