"""The reviewer decides from one screen: facts, the recorded checklist and the documents stand side by side."""

import re

import pytest

from applications.catalogue.review_items import items_of
from applications.catalogue.sections import desk_url
from certbody.web.templatetags.steps import MOST_MISSING
from tests.applications.conftest import signed_in
from tests.road.applications import review_all, submitted_application

pytestmark = pytest.mark.django_db


def test_facts_checklist_and_documents_are_three_panes_that_the_keyboard_reaches(client_user, reviewer):
    page = signed_in(reviewer).get(desk_url(submitted_application(client_user))).text
    panes = re.findall(
        r'<(?:section|aside)[^>]*class="cb-review-pane[^"]*" tabindex="0" aria-label="([^"]+)"', page
    )
    assert panes == ["Facts", "Application review", "Documents"]
    facts, work, papers = page.split('class="cb-review-pane')[1:]
    assert 'id="answers-organisation" open' in facts
    assert 'id="checklist"' in work
    assert 'id="decision"' in work
    assert "cb-judge-document" in papers


def test_of_much_that_is_missing_the_number_and_the_first_are_said_with_a_way_to_each(client_user, reviewer):
    application = submitted_application(client_user)
    items = items_of(application)
    page = signed_in(reviewer).get(desk_url(application)).text
    decision = page.split('id="decision"')[1]
    said, folded = decision.split("Show all that is missing")
    count = int(re.search(r"(\d+) things are missing", said)[1])
    assert count >= len(items) > MOST_MISSING
    assert said.count(f'href="{desk_url(application)}#item-') == 1
    assert folded.split("</details>")[0].count(f'href="{desk_url(application)}#item-') == len(items)


def test_what_little_is_missing_stands_there_in_full(client_user, reviewer):
    application = submitted_application(client_user)
    review_all(application, reviewer)
    last = items_of(application)[-1]
    application.review_items.filter(key=last.key).delete()
    decision = signed_in(reviewer).get(desk_url(application)).text.split('id="decision"')[1]
    assert "things are missing" not in decision
    assert f'href="{desk_url(application)}#item-{last.key}"' in decision
