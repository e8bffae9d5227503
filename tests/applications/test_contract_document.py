"""The contract as a document: an assessor finds each duty of ISO/IEC 17065 4.1.2.2 in it."""

import re
from decimal import Decimal

import pytest
from django.utils import translation

from applications.catalogue.clauses import CLAUSES, TEMPLATE_VERSION, index_of_clauses
from applications.jobs import print_contract
from applications.transitions import AMEND, OFFER, REVISE
from certbody import clock
from certbody.files.storage import read
from certbody.outbox.models import Job
from certbody.pdf.read import text_of
from certbody.workflow import perform
from tests.road.applications import accepted_contract

# What the agreement has to make the client do (ISO/IEC 17065:2012, 4.1.2.2); item c) names three arrangements.
DUTIES = tuple(
    f"4.1.2.2 {item}"
    for item in ("a)", "b)", "c) 1)", "c) 2)", "c) 3)", "d)", "e)", "f)", "g)", "h)", "i)", "j)", "k)")
)


def test_every_duty_of_the_client_has_its_paragraph():
    index = {row.clause: row.paragraphs for row in index_of_clauses()}
    assert [duty for duty in DUTIES if duty not in index] == []
    assert len(DUTIES) == 13
    for clause in ("4.1.3", "4.2.6", "4.5.1", "7.9", "7.11", "7.13"):
        assert index[clause], clause


def test_the_index_names_exactly_the_paragraphs_that_serve_a_clause():
    for row in index_of_clauses():
        serving = [number for number, clause in enumerate(CLAUSES, 1) if row.clause in clause.serves]
        assert list(row.paragraphs) == serving


def test_the_index_stands_in_the_order_of_the_standard():
    clauses = [row.clause for row in index_of_clauses()]
    assert clauses.index("4.1.2.2 a)") < clauses.index("4.1.2.2 k)") < clauses.index("4.1.3")
    assert clauses.index("7.9") < clauses.index("7.10.1") < clauses.index("7.13")


@pytest.mark.parametrize("language", ["zh-hans", "zh-hant"])
def test_every_paragraph_stands_in_chinese_too(language):
    with translation.override(language):
        texts = [f"{clause.title} {clause.text}" for clause in CLAUSES]
    assert [text for text in texts if not re.search(r"[\u4e00-\u9fff]", text)] == []


@pytest.mark.django_db
def test_an_amendment_is_printed_with_terms_index_and_what_changes(client_user, reviewer, officer):
    first = accepted_contract(client_user, reviewer, officer)
    perform(AMEND, first, actor=officer, wish="client", reason="按新的收费表签订")
    longer = {"adjustment": Decimal("0.5"), "code": "complexity", "reason": "两类商品"}
    later = perform(REVISE, first.amendments.get(), actor=officer, **longer)
    later = perform(OFFER, later, actor=officer)
    assert later.template_version == TEMPLATE_VERSION
    print_contract(Job.objects.get(kind="contract.pdf", object_id=str(later.pk)))
    later.refresh_from_db()
    text = re.sub(r"\s+", "", text_of(read(later.pdf)))
    assert f"版本{TEMPLATE_VERSION}" in text
    assert f"version{TEMPLATE_VERSION}" in text
    for duty in DUTIES:
        assert text.count(duty.replace(" ", "")) >= 4, duty  # paragraph and index, in both languages
    for sentence in (
        "按新的收费表签订",
        first.number,
        f"{first.total:,.2f}",
        f"{later.total:,.2f}",
        "Trainingandconsultingarenopartofthisoffer",
        "培训和咨询不是本报价的组成部分",
        "客户暗访",
        f"thefeetableof{clock.today():%Y-%m-%d}",
    ):
        assert sentence in text, sentence
