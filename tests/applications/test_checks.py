import pytest

from applications.checks import contracts
from applications.models import Contract
from tests.certificates.tampering import past_the_triggers
from tests.road.applications import accepted_contract

pytestmark = pytest.mark.django_db


@pytest.fixture
def contract(client_user, reviewer, officer):
    return accepted_contract(client_user, reviewer, officer)


def test_an_accepted_contract_has_no_fault(contract):
    assert list(contracts()) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"total": 1}, "total is not the sum of its lines"),
        ({"person_days": 2}, "person-days are not those of its lines"),
        ({"pdf_sha256": "0" * 64}, "is not the document"),
        ({"accepted_sha256": "0" * 64}, "what was accepted is none of its documents"),
    ],
)
def test_a_row_changed_behind_the_steps_is_named(contract, change, fault):
    with past_the_triggers():
        Contract.objects.filter(pk=contract.pk).update(**change)
    assert list(contracts()) == [line for line in contracts() if fault in line] != []
    assert contract.number in next(contracts())


@pytest.mark.django_db(transaction=True)
def test_a_changed_line_is_named(contract):
    with past_the_triggers():
        contract.lines.filter(key="annual").update(amount=1)
    assert "total is not the sum of its lines" in next(contracts())
