"""Two people in a page that saves each field by itself, also while typing: both keep their work (item 34)."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from django.test import Client

from applications.models import Application
from tests.kernel.threads import at_once
from tests.road.applications import complete_application
from tests.road.people import make_user
from tests.web.editors import (
    Desk,
    answers_to_questions,
    colleague,
    exclusions_of_an_application,
    section_of_an_application,
    site_of_an_application,
    value_of,
)
from tests.web.filled_forms import FilledForm, form_with, forms_of

pytestmark = pytest.mark.django_db

SAVED_BY_FIELD = (
    section_of_an_application,
    site_of_an_application,
    exclusions_of_an_application,
    answers_to_questions,
)


def other_field_of(desk: Desk, form: FilledForm) -> str:
    """A text of the same page that the other person works on."""
    fields = [name for name in form.values if name.startswith(("answer_", "clause_")) and name != desk.name]
    return fields[0] if fields else {"scope": "scope_en", "address": "activity_en"}[desk.name]


def autosave(desk: Desk, browser: Client, form: FilledForm, text: str, **more: str) -> Any:
    """Save while typing; the open page takes from the answer what it has seen."""
    given = {**form.values, desk.name: text, **more}
    answer = browser.post(desk.page, given, headers={"X-Autosave": "1"})
    form.values |= next(one.values for one in forms_of(f"<form>{answer.text}</form>"))
    return answer


def open_again(desk: Desk) -> dict[str, str]:
    return desk.open(desk.second)[1].values


@pytest.mark.parametrize("is_autosave", [True, False])
@pytest.mark.parametrize("prepare", SAVED_BY_FIELD)
def test_two_people_in_different_fields_of_a_page_both_keep_their_work(
    prepare: Callable[[], Desk], is_autosave: bool
) -> None:
    desk = prepare()
    theirs, their_form = desk.open(desk.first)
    mine, my_form = desk.open(desk.second)
    older, other = my_form.values[desk.name], other_field_of(desk, my_form)
    assert desk.send(theirs, their_form, desk.theirs).status_code == 302
    for text in ("Mine", "Mine, longer"):
        if is_autosave:
            assert autosave(desk, mine, my_form, older, **{other: text}).status_code == 200
        else:
            assert desk.send(mine, my_form, older, **{other: text}).status_code == 302
            mine, my_form = desk.open(desk.second)
            older = my_form.values[desk.name]
    stored = open_again(desk)
    assert (stored[desk.name], stored[other]) == (desk.theirs, "Mine, longer")
    if is_autosave:  # my page still shows the older text: typing over it is a conflict
        assert autosave(desk, mine, my_form, desk.mine, **{other: "Mine, longer"}).status_code == 409


@pytest.mark.parametrize("prepare", SAVED_BY_FIELD)
def test_a_page_never_conflicts_with_what_it_saved_itself(prepare: Callable[[], Desk]) -> None:
    desk = prepare()
    browser, form = desk.open(desk.first)
    for text in ("一", "一二"):
        assert autosave(desk, browser, form, text).status_code == 200
        assert desk.stored() == text
    assert desk.send(browser, form, "一二三").status_code == 302
    assert desk.stored() == "一二三"


@pytest.mark.parametrize("prepare", SAVED_BY_FIELD)
def test_what_is_contested_while_typing_waits_for_a_decision(prepare: Callable[[], Desk]) -> None:
    desk = prepare()
    theirs, their_form = desk.open(desk.first)
    mine, my_form = desk.open(desk.second)
    older, other = my_form.values.copy(), other_field_of(desk, my_form)
    assert desk.send(theirs, their_form, desk.theirs, **{other: "Theirs"}).status_code == 302
    for text in (desk.mine, desk.mine + "。"):  # typing on is no decision, whatever the page's script does
        refused = autosave(desk, mine, my_form, text)
        assert refused.status_code == 409
        assert "since you opened the page" in refused.text
        assert desk.theirs in refused.text
        assert text in refused.text
        assert desk.stored() == desk.theirs

    # the press sends what the open page shows: my text, and the older one of the field that I left alone
    assert desk.send(mine, my_form, desk.mine, **{other: older[other]}).status_code == 302
    stored = open_again(desk)
    assert (stored[desk.name], stored[other]) == (desk.mine, "Theirs")


@pytest.mark.parametrize("memory", ["{}", '{"__class__": 1}'])
def test_a_memory_that_does_not_name_what_was_typed_is_no_reason_to_drop_it(memory: str) -> None:
    desk = section_of_an_application()
    browser, form = desk.open(desk.first)
    older = desk.stored()
    answer = desk.send(browser, form, desk.mine, seen=memory)
    assert answer.status_code == 409
    assert desk.mine in answer.text
    assert desk.stored() == older


def heads(page: str) -> Callable[[], Desk]:
    """The headcounts of an organisation (40, of them 6) or of its head office."""

    def prepare() -> Desk:
        client = make_user()
        row = complete_application(client)
        address = f"/portal/applications/{row.case.reference}/{page}/"
        if page == "sites":
            row = row.sites.get()
            address += f"{row.pk}/"
        name = "service_management_headcount"
        return Desk(client, colleague(client), address, name, partial(value_of, row, name))

    return prepare


@pytest.mark.parametrize("page", ["organisation", "sites"])
def test_a_headcount_and_its_part_are_judged_by_what_is_stored(page: str) -> None:
    desk = heads(page)()
    theirs, their_form = desk.open(desk.first)
    mine, my_form = desk.open(desk.second)
    whole, part = (int(my_form.values[name]) for name in ("headcount", desk.name))
    assert desk.send(theirs, their_form, str(part), headcount=str(whole - 1)).status_code == 302
    assert desk.send(mine, my_form, str(part - 1)).status_code == 302  # both still fit together
    assert open_again(desk).items() >= {"headcount": str(whole - 1), desk.name: str(part - 1)}.items()

    theirs, their_form = desk.open(desk.first)
    mine, my_form = desk.open(desk.second)
    assert desk.send(theirs, their_form, str(part - 1), headcount=str(part)).status_code == 302
    refused = desk.send(mine, my_form, str(part + 1))  # fits the headcount of my page, not the stored one
    assert refused.status_code == 409
    assert desk.stored() == str(part - 1)
    shown = next(form for form in forms_of(refused.text) if "headcount" in form.values)
    assert (shown.values["headcount"], shown.values[desk.name]) == (str(whole - 1), str(part + 1))
    assert mine.post(desk.page, shown.values).status_code == 302
    assert open_again(desk).items() >= {"headcount": str(whole - 1), desk.name: str(part + 1)}.items()


def test_a_page_with_a_fault_has_seen_the_rest_that_it_saved() -> None:
    desk = heads("organisation")()
    browser, form = desk.open(desk.first)
    answer = desk.send(browser, form, "many", headcount="50")
    assert answer.status_code == 422
    form = next(one for one in forms_of(answer.text) if "headcount" in one.values)
    assert desk.send(browser, form, "7", headcount="60").status_code == 302
    assert desk.stored() == "7"


def test_both_answers_to_a_yes_or_no_question_are_shown_in_words() -> None:
    desk = section_of_an_application()
    desk.page, desk.name = desk.page.replace("/scope/", "/prerequisites/"), "person_in_charge"
    Application.objects.update(no_serious_fault=None)
    theirs, their_form = desk.open(desk.first)
    mine, my_form = desk.open(desk.second)
    desk.send(theirs, their_form, "陈晨", no_serious_fault="false")
    refused = desk.send(mine, my_form, "陈晨", no_serious_fault="true")
    assert refused.status_code == 409
    shown = re.sub(r"<[^>]+>|\s+", " ", refused.text)
    assert re.search(
        r"Stored now: +There was at least one\. .*Yours, not saved yet: +There were none\. ", shown
    )


def test_a_page_that_did_not_show_a_clause_never_takes_its_exclusion_back() -> None:
    """Only whoever trades in intangible goods may leave 5.2.1.1 out."""
    desk = replace(exclusions_of_an_application(), name="clause_5_2_1_1")
    application = Application.objects.get()
    mine = Client()
    mine.force_login(desk.second)
    my_form = form_with(mine, desk.page, "seen")
    assert desk.name not in my_form.values
    Application.objects.update(goods="intangible")
    theirs, their_form = desk.open(desk.first)
    assert desk.send(theirs, their_form, desk.theirs).status_code == 302
    assert mine.post(desk.page, my_form.values).status_code == 302
    assert application.exclusions.get(clause="5.2.1.1").reason == desk.theirs


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_saves_of_different_fields_at_the_same_moment_are_both_kept() -> None:
    desk = section_of_an_application()
    (theirs, their_form), (mine, my_form) = (desk.open(user) for user in (desk.first, desk.second))
    answers = at_once(
        [
            partial(desk.send, theirs, their_form, desk.theirs),
            partial(desk.send, mine, my_form, my_form.values[desk.name], scope_en="Mine"),
        ]
    )
    assert [answer.status_code for answer in answers] == [302, 302]
    stored = open_again(desk)
    assert (stored["scope"], stored["scope_en"]) == (desk.theirs, "Mine")
