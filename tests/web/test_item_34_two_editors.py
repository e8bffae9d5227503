"""Two people have the same page open and both save: the second sees both values, and nothing is lost (item 34)."""

from collections.abc import Callable
from functools import partial

import pytest

from certbody.web import edits
from tests.kernel.threads import at_once
from tests.web.editors import DESKS, Desk, data_of_the_organisation, section_of_an_application, typed
from tests.web.filled_forms import forms_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("prepare", DESKS)
def test_the_second_editor_sees_both_values_and_decides(prepare: Callable[[], Desk]) -> None:
    desk = prepare()
    theirs, their_form = desk.open(desk.first)
    mine, my_form = desk.open(desk.second)
    assert desk.send(theirs, their_form, desk.theirs, **typed(their_form)).status_code == 302
    before = desk.stored()

    refused = desk.send(mine, my_form, desk.mine, **typed(my_form))
    assert refused.status_code == 409
    assert "since you opened the page" in refused.text
    assert "Stored by somebody else meanwhile" in refused.text
    assert desk.theirs in refused.text
    assert desk.mine in refused.text
    assert desk.stored() == before

    shown = next(form for form in forms_of(refused.text) if desk.mine in form.values.get(desk.name, ""))
    shown.action = shown.action or refused.wsgi_request.path
    assert desk.send(mine, shown, desk.mine, **typed(shown)).status_code == 302
    assert desk.mine in desk.stored()


def test_a_field_that_the_second_editor_left_alone_shows_the_newer_text() -> None:
    desk = data_of_the_organisation()
    theirs, their_form = desk.open(desk.first)
    mine, my_form = desk.open(desk.second)
    desk.send(theirs, their_form, desk.theirs)
    refused = desk.send(mine, my_form, my_form.values["contact_name"], contact_email="new@example.org")
    assert refused.status_code == 409
    assert "You had not changed it" in refused.text
    shown = next(form for form in forms_of(refused.text) if "contact_name" in form.values)
    assert (shown.values["contact_name"], shown.values["contact_email"]) == (desk.theirs, "new@example.org")


def test_the_same_change_by_both_is_no_conflict() -> None:
    desk = data_of_the_organisation()
    theirs, their_form = desk.open(desk.first)
    mine, my_form = desk.open(desk.second)
    assert desk.send(theirs, their_form, desk.theirs).status_code == 302
    assert desk.send(mine, my_form, desk.theirs).status_code == 302


def save_blindly(form: edits.EditedForm, _obj: object) -> None:
    """What the twin does instead of looking."""
    if isinstance(form, edits.FieldwiseForm):
        form._to_save = form.valid_values()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_protected", [True, False])
@pytest.mark.parametrize(
    ("prepare", "form_class"),
    [
        (data_of_the_organisation, edits.EditedForm),
        (section_of_an_application, edits.FieldwiseForm),
    ],
)
def test_two_saves_at_the_same_moment_and_the_twin_without_the_lock(
    prepare: Callable[[], Desk],
    form_class: type[edits.EditedForm],
    is_protected: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One is saved and one is told. Without the look under the lock both are “saved” and one text is lost."""
    if not is_protected:
        monkeypatch.setattr(form_class, "refuse_if_changed", save_blindly)
    desk = prepare()
    opened = [desk.open(user) for user in (desk.first, desk.second)]
    answers = at_once(
        [
            partial(desk.send, browser, form, text)
            for (browser, form), text in zip(opened, (desk.theirs, desk.mine), strict=True)
        ]
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == ([302, 409] if is_protected else [302, 302])
